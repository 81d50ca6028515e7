"""Who may begin new work while the bus fills up."""

import asyncio

import pytest

from shared.runtime.messages import room as module
from shared.runtime.messages.room import MARKS, Room
from shared.runtime.streams.relief import _FULL
from shared.runtime.streams.topology import REPORTS


class Stream:
    """A stream of a hundred bytes."""

    def __init__(self, used):
        self.used = used
        self.asked = 0

    async def ask(self):
        self.asked += 1
        return self.used, 100


@pytest.fixture(autouse=True)
def lines(monkeypatch):
    said = []
    monkeypatch.setattr(module, "log", lambda _, name, **__: said.append(name))
    return said


async def test_early_stages_stop_before_later_ones():
    async def goes_on(service):
        return [n for n in range(101) if await Room(service, Stream(n).ask).is_there()][-1]

    last = [await goes_on(s) for s in ("ingest", "normalize", "extract", "validate", "sink")]

    assert last == sorted(set(last))
    assert last[-2] < 100
    assert last[-1] == 100


def test_relief_begins_before_the_first_stage_stops():
    # or a line at rest would stay stopped for ever
    assert _FULL[REPORTS] < min(MARKS.values())


async def test_it_asks_again_as_soon_as_much_was_published():
    stream = Stream(10)
    room = Room("extract", stream.ask)
    for _ in range(50):
        assert await room.is_there()
    asked_while_nothing_was_published = stream.asked

    stream.used = 85
    room.spend(2)

    assert asked_while_nothing_was_published == 1
    assert not await room.is_there()


async def test_it_says_once_that_the_bus_is_full_and_once_that_it_is_not(lines, monkeypatch):
    monkeypatch.setattr(module, "_ASK_SECONDS", 0.0)
    stream = Stream(95)
    room = Room("validate", stream.ask)
    for _ in range(5):
        assert not await room.is_there()
    stream.used = 5
    for _ in range(5):
        assert await room.is_there()

    assert lines == ["bus.full", "bus.has_room"]


async def test_a_stop_is_not_held_up_by_a_full_bus():
    room = Room("ingest", Stream(100).ask)
    room.close()

    assert not await room.wait()


async def test_who_waits_goes_on_as_soon_as_there_is_room(monkeypatch):
    monkeypatch.setattr(module, "_ASK_SECONDS", 0.0)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.01)
    stream = Stream(100)
    waiting = asyncio.create_task(Room("ingest", stream.ask).wait())
    await asyncio.sleep(0.05)
    assert not waiting.done()

    stream.used = 1

    assert await asyncio.wait_for(waiting, 5)
