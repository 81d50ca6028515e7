"""A service must not end because a cluster elects, nor stay with a server that serves nobody."""

import asyncio
from types import SimpleNamespace

import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js.errors import NotFoundError

from shared.runtime.connections import moving
from shared.runtime.streams import topology, watch
from shared.runtime.streams.watch import Watch

GONE, SILENT, FINE = NotFoundError(), NatsTimeoutError(), None


class Bus:
    """A broker whose consumers answer as told, in turn; the last answer goes for ever."""

    def __init__(self, *answers: Exception | None) -> None:
        self._answers = list(answers)
        self.needs = SimpleNamespace(consumers=[topology.EXTRACT])
        self.refusals = SimpleNamespace(denied_lately=lambda: False)
        self.access = None
        self.config = SimpleNamespace(connection_state=SimpleNamespace(stream=self))
        self.moves = 0

    async def consumer_info(self, *_: str) -> None:
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if answer is not None:
            raise answer

    async def connect(self) -> "Bus":
        return self

    async def force_reconnect(self) -> None:
        self.moves += 1


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (watch, moving):
        monkeypatch.setattr(module, "_EVERY", 0.01)
        monkeypatch.setattr(module, "_AGAIN", 0.01)


async def watched(bus: Bus, monkeypatch: pytest.MonkeyPatch, *, elsewhere: bool) -> int:
    """Watch for a while; return how often the process would have ended."""
    ends = []

    async def served(*_: object) -> bool:
        return elsewhere

    monkeypatch.setattr(watch, "served_elsewhere", served)
    looking = Watch(bus, health_file=None, makes_room=False, end=lambda: ends.append(1))
    looking.start()
    await asyncio.sleep(0.3)
    looking.stop()
    return len(ends)


async def test_a_consumer_that_a_new_leader_does_not_know_yet_ends_nothing(monkeypatch):
    assert await watched(Bus(FINE, GONE, FINE, GONE, SILENT, GONE, FINE), monkeypatch,
                         elsewhere=False) == 0  # fmt: skip


async def test_a_consumer_that_is_gone_ends_the_process(monkeypatch):
    assert await watched(Bus(FINE, GONE), monkeypatch, elsewhere=False) > 0


async def test_a_cluster_without_quorum_ends_and_moves_nobody(monkeypatch):
    bus = Bus(SILENT)

    assert await watched(bus, monkeypatch, elsewhere=False) == 0
    assert bus.moves == 0


async def test_a_server_that_serves_nobody_is_left_for_one_that_does(monkeypatch):
    bus = Bus(SILENT, SILENT, FINE)

    assert await watched(bus, monkeypatch, elsewhere=True) == 0
    assert bus.moves == 1


async def test_a_connection_that_moving_does_not_heal_ends_the_process(monkeypatch):
    assert await watched(Bus(SILENT), monkeypatch, elsewhere=True) > 0
