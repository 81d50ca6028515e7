"""Faults of the bus: killed and back, down for a while, events doubled, delayed and shuffled."""

import asyncio
import threading
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

import nats

from shared.runtime.streams import topology
from tests.endurance.line import BROKER, Line
from tests.endurance.loose import Loose
from tests.endurance.process_faults import Instant
from tests.support.processes import wait_for

AGAIN: Final = "Gouji-Again"
"""Header of an event that this module published once more."""
_ECHOED: Final = "gouji.v1.report.>"


@dataclass(slots=True)
class KillBroker(Instant):
    """SIGKILL of nats-server; whoever looks after the line starts it again on the same store.

    `slowest` is the longest time from its death until it answered again.
    """

    slowest: float = 0.0

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "SIGKILL nats-server"

    def inject(self, line: Line, rng: Random) -> bool:
        """Kill it, and see it back."""
        before = line.process(BROKER)
        if before is None or not line.kill(BROKER):
            return False
        began = time.monotonic()

        def back() -> bool:
            now = line.process(BROKER)
            return now is not None and now.pid != before.pid

        wait_for("nats-server is back", back)
        self.slowest = max(self.slowest, time.monotonic() - began)
        return True


@dataclass(frozen=True, slots=True)
class BrokerDown:
    """nats-server is killed and stays away until the fault ends; for a `Loose` line."""

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "nats-server away"

    def inject(self, line: Line, rng: Random) -> bool:
        """Take it away."""
        assert isinstance(line, Loose)
        line.hold(BROKER)
        return line.kill(BROKER)

    def end(self, line: Line) -> None:
        """Bring it back."""
        assert isinstance(line, Loose)
        line.let_go(BROKER)


@dataclass(slots=True)
class Echo:
    """Every event of the REPORTS stream again, one to four times, each after a drawn delay.

    The copies have ids of their own, so that the bus does not know them for copies; `count` is how
    many there were.
    """

    longest_delay: float = 3.0
    count: int = 0
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "events doubled, delayed and shuffled"

    def inject(self, line: Line, rng: Random) -> bool:
        """Begin to listen and to repeat."""
        self._ending.clear()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._echo(line.nats_url, rng)), daemon=True
        )
        self._thread.start()
        return True

    def end(self, line: Line) -> None:
        """Stop, once every copy is out."""
        self._ending.set()
        assert self._thread is not None
        self._thread.join()

    async def _echo(self, url: str, rng: Random) -> None:
        client = await nats.connect(url, max_reconnect_attempts=-1)
        js = client.jetstream()
        tasks: set[asyncio.Task[None]] = set()

        async def again(message: Any, delay: float, number: int) -> None:
            await asyncio.sleep(delay)
            mark = f"again-{number}"
            headers = {**(message.headers or {}), "Nats-Msg-Id": mark, AGAIN: mark}
            await js.publish(message.subject, message.data, timeout=10, headers=headers)

        async def hear(message: Any) -> None:
            if AGAIN in (message.headers or {}):
                return
            for _ in range(rng.choice((1, 1, 4))):
                self.count += 1
                delay = rng.uniform(0, self.longest_delay)
                task = asyncio.create_task(again(message, delay, self.count))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

        heard = await client.subscribe(_ECHOED, cb=hear)
        while not self._ending.is_set():
            await asyncio.sleep(0.1)
        await heard.unsubscribe()
        await asyncio.gather(*tasks)
        await client.close()


def repeat(url: str, times: int, seed: int) -> int:
    """Publish every event of REPORTS `times` times more, all shuffled; return how many that were."""
    return asyncio.run(_repeat(url, times, Random(f"repeat {seed} {times}")))


async def _repeat(url: str, times: int, rng: Random) -> int:
    client = await nats.connect(url)
    js = client.jetstream()
    found: list[Any] = []
    number = 1
    while True:
        try:
            message = await js.get_msg(topology.REPORTS, number, _ECHOED, direct=True, next=True)
        except nats.js.errors.NotFoundError:
            break
        number = (message.seq or number) + 1
        if AGAIN not in (message.headers or {}):
            found.append(message)
    again = found * times
    rng.shuffle(again)
    for place, message in enumerate(again):
        mark = f"repeat-{times}-{place}"
        headers = {**(message.headers or {}), "Nats-Msg-Id": mark, AGAIN: mark}
        await js.publish(message.subject, message.data, headers=headers)
    await client.close()
    return len(again)


async def _forget(url: str, seconds: float) -> None:
    client = await nats.connect(url)
    js = client.jetstream()
    for stream in (topology.INBOX_STREAM, topology.REPORTS, topology.ISSUES):
        config = (await js.stream_info(stream)).config
        await js.update_stream(config.evolve(duplicate_window=seconds))
    await client.close()


def forget_ids(url: str, seconds: float = 1.0) -> None:
    """Let the bus forget the ids of messages after so many seconds, in place of a day."""
    asyncio.run(_forget(url, seconds))


async def _clear(url: str) -> int:
    client = await nats.connect(url)
    js = client.jetstream()
    before = (await js.stream_info(topology.INBOX_STREAM)).state.messages
    await js.purge_stream(topology.INBOX_STREAM)
    await client.close()
    return before


def empty_the_bucket(url: str) -> int:
    """Take every object out of the watched bucket, as its age does after a month."""
    return asyncio.run(_clear(url))
