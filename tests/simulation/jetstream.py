"""JetStream in memory: streams, durable pull consumers, and what was measured of their behaviour when things go wrong.

Kept are: the window of message ids, full streams that refuse (503), roll-ups, redelivery after the ack wait, delayed naks, acks
that a crash of the server forgets, and no more. Stored messages survive a crash: the streams are synced.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random

from shared.runtime.streams import topology

Headers = dict[str, str]


@lru_cache(maxsize=65536)
def matches(pattern: str, subject: str) -> bool:
    wanted, given = pattern.split("."), subject.split(".")
    for place, token in enumerate(wanted):
        if token == ">":
            return len(given) > place
        if place >= len(given) or token not in ("*", given[place]):
            return False
    return len(wanted) == len(given)


@dataclass(slots=True)
class Stored:
    """One message of a stream; `at` is the server's own clock in seconds since 1970."""

    sequence: int
    subject: str
    headers: Headers
    data: bytes
    at: float

    @property
    def size(self) -> int:
        return len(self.data) + len(self.subject) + 300


@dataclass(slots=True)
class Stream:
    """One stream; `ever` keeps what was purged too, for the judges of the run."""

    name: str
    subjects: tuple[str, ...]
    limit: int = 1 << 40
    messages: dict[int, Stored] = field(default_factory=dict)
    ever: list[Stored] = field(default_factory=list)
    last: int = 0
    size: int = 0
    ids: dict[str, tuple[int, float]] = field(default_factory=dict)
    mute: bool = False
    """Whether the disk under it is full for good: publishes are not even answered."""

    @property
    def first(self) -> int:
        return next(iter(self.messages), self.last + 1)

    def drop(self, sequence: int) -> bool:
        message = self.messages.pop(sequence, None)
        if message is None:
            return False
        self.size -= message.size
        return True


class Crash(Exception):
    """The server is down."""


@dataclass(slots=True)
class _Held:
    """A message that somebody works on, or that waits as somebody asked."""

    deadline: float
    asked: bool = False


class Durable:
    """One durable pull consumer."""

    def __init__(self, server: "Server", consumer: topology.Consumer) -> None:
        self.name = consumer.name
        self.consumer = consumer
        self.stream = server.streams[consumer.stream]
        self._server = server
        self.position = 1
        self.reached = 0
        self.held: dict[int, _Held] = {}
        self.again: dict[int, None] = {}
        self.counts: dict[int, int] = {}
        self.acked: deque[tuple[float, int, int]] = deque(maxlen=256)
        self.pulls: deque[asyncio.Future[tuple[Stored, int]]] = deque()

    @property
    def floor(self) -> int:
        """Everything up to here is done; stands still while nothing is asked for."""
        open_ones = (*self.held, *self.again)
        return min(open_ones) - 1 if open_ones else self.reached

    @property
    def is_idle(self) -> bool:
        return not self.held and not self.again and self._next_new() is None

    def pull(self) -> "asyncio.Future[tuple[Stored, int]]":
        """Ask for one message and how often it was delivered."""
        future = asyncio.get_running_loop().create_future()
        self.pulls.append(future)
        asyncio.get_running_loop().call_soon(self.pump)
        return future

    def pump(self) -> None:
        """Give what is there to whoever waits."""
        while self.pulls and not self._server.down:
            if self.pulls[0].done():
                self.pulls.popleft()
                continue
            message = self._next()
            if message is None:
                return
            count = self.counts[message.sequence] = self.counts.get(message.sequence, 0) + 1
            self.hold(message.sequence)
            self.pulls.popleft().set_result((message, count))

    def hold(self, sequence: int) -> None:
        loop = asyncio.get_running_loop()
        wait = self._server.ack_wait
        self.held[sequence] = _Held(loop.time() + wait)
        loop.call_later(wait, self._look_after, sequence)

    def settle(self, sequence: int, verb: bytes, delay: float) -> None:
        """Take an ack, nak, term or sign of life; one that comes too late still counts, as on the real server."""
        loop = asyncio.get_running_loop()
        if verb == b"+WPI":
            if sequence in self.held:
                self.held[sequence].deadline = loop.time() + self._server.ack_wait
            return
        if verb == b"-NAK":
            if self.held.pop(sequence, None) is not None:
                if delay:
                    self.held[sequence] = _Held(loop.time() + delay, asked=True)
                    loop.call_later(delay, self._look_after, sequence)
                else:
                    self._redeliver(sequence)
            return
        if self.held.pop(sequence, None) is not None or self.again.pop(sequence, 0) is None:
            self.acked.append((loop.time(), sequence, self.counts.pop(sequence, 1)))

    def redeliver_now(self, rng: Random) -> bool:
        """Deliver something a second time while it is being worked on."""
        if not self.held:
            return False
        sequence = rng.choice(sorted(self.held))
        del self.held[sequence]
        self._server.on_silence(self, sequence)
        self._redeliver(sequence)
        return True

    def forget(self, rng: Random, since: float) -> int:
        """Lose the acks after a moment, as a killed server does, and now and then how often it delivered."""
        lost = 0
        for at, sequence, count in self.acked:
            if at < since or rng.random() < 0.3 or sequence not in self.stream.messages:
                continue
            lost += 1
            self._server.on_silence(self, sequence)
            if rng.random() < 0.5:
                self.counts[sequence] = count
            else:
                self._server.on_forgotten(self, sequence)
            self.again[sequence] = None
        self.acked.clear()
        for sequence in tuple(self.held):
            self.held.pop(sequence)
            self.again[sequence] = None
            self._server.on_silence(self, sequence)
            if rng.random() < 0.2:
                self.counts.pop(sequence, None)
                self._server.on_forgotten(self, sequence)
        return lost

    def _next(self) -> Stored | None:
        while self.again:
            sequence = next(iter(self.again))
            del self.again[sequence]
            message = self.stream.messages.get(sequence)
            if message is not None:
                return message
            self.counts.pop(sequence, None)
        if len(self.held) >= topology.MAX_ACK_PENDING:
            return None
        message = self._next_new()
        if message is not None:
            self.position = message.sequence + 1
            self.reached = max(self.reached, message.sequence)
        return message

    def _next_new(self) -> Stored | None:
        messages, last = self.stream.messages, self.stream.last
        while self.position <= last:
            message = messages.get(self.position)
            if message is not None and any(
                matches(f, message.subject) for f in self.consumer.filters
            ):
                return message
            self.position += 1
        return None

    def _look_after(self, sequence: int) -> None:
        held = self.held.get(sequence)
        if held is None:
            return
        loop = asyncio.get_running_loop()
        left = held.deadline - loop.time()
        if left > 1e-6:
            loop.call_later(left, self._look_after, sequence)
            return
        if not held.asked:
            self._server.on_silence(self, sequence)
        del self.held[sequence]
        self._redeliver(sequence)

    def _redeliver(self, sequence: int) -> None:
        if sequence in self.stream.messages:
            self.again[sequence] = None
            self.pump()


class Server:
    """One nats-server with JetStream. `clock` is its wall clock, in seconds since 1970."""

    def __init__(self, clock: Callable[[], float], *, ack_wait: float) -> None:
        self.clock = clock
        self.ack_wait = ack_wait
        self.down = False
        self.streams = {s.name: Stream(s.name, s.subjects) for s in topology.STREAMS}
        self.durables: dict[str, Durable] = {}
        for consumer in topology.CONSUMERS:
            self.provide(consumer)
        self.on_stored: Callable[[Stream, Stored], None] = lambda *_: None
        self.on_silence: Callable[[Durable, int], None] = lambda *_: None
        self.on_forgotten: Callable[[Durable, int], None] = lambda *_: None
        self.on_settled: Callable[[Durable, int, bytes], None] = lambda *_: None

    def provide(self, consumer: topology.Consumer) -> None:
        self.durables.setdefault(consumer.name, Durable(self, consumer))

    def stream_of(self, subject: str) -> Stream | None:
        return self.streams.get(_stream_name(subject))

    def store(
        self, stream: Stream, subject: str, headers: Headers, data: bytes
    ) -> tuple[int, bool]:
        """Store a message; return its sequence and whether it was there already. Raises `OverflowError` when full."""
        now = asyncio.get_running_loop().time()
        known = headers.get("Nats-Msg-Id")
        if known is not None and known in stream.ids:
            sequence, at = stream.ids[known]
            if now - at < topology.WINDOW.total_seconds():
                return sequence, True
        counting = "Nats-Incr" in headers
        if counting:
            data = _added(stream, subject, int(headers["Nats-Incr"]))
        message = Stored(stream.last + 1, subject, headers, data, self.clock())
        if stream.size + message.size > stream.limit:
            raise OverflowError
        if counting or headers.get("Nats-Rollup") == "sub":
            for old in [m.sequence for m in stream.messages.values() if m.subject == subject]:
                stream.drop(old)
        stream.last = message.sequence
        stream.messages[message.sequence] = message
        stream.ever.append(message)
        stream.size += message.size
        if known is not None:
            stream.ids[known] = (message.sequence, now)
        self.on_stored(stream, message)
        for durable in self.durables.values():
            if durable.stream is stream and durable.pulls:
                durable.pump()
        return message.sequence, False

    def settle(self, consumer: str, sequence: int, verb: bytes, delay: float) -> None:
        durable = self.durables[consumer]
        self.on_settled(durable, sequence, verb)
        durable.settle(sequence, verb, delay)

    def crash(self, rng: Random, lag: float) -> int:
        """Go down; return how many acks that were in are forgotten."""
        self.down = True
        since = asyncio.get_running_loop().time() - lag
        return sum(durable.forget(rng, since) for durable in self.durables.values())

    def restart(self) -> None:
        self.down = False
        for durable in self.durables.values():
            durable.pump()


def _added(stream: Stream, subject: str, more: int) -> bytes:
    """Return the body of a counter that grows: streams of counters keep one message a subject."""
    newest = next((m for m in stream.messages.values() if m.subject == subject), None)
    before = int(json.loads(newest.data)["val"]) if newest is not None else 0
    return json.dumps({"val": str(before + more)}).encode()


@lru_cache(maxsize=65536)
def _stream_name(subject: str) -> str | None:
    for stream in topology.STREAMS:
        if any(matches(pattern, subject) for pattern in stream.subjects):
            return stream.name
    return None
