"""What all feeders have in common: every file once per content, failures tried again, nothing forgotten.

What was fed is remembered in memory alone: after a start everything is looked at again, and the
bucket knows by the hash what it has. Sources are neither moved nor deleted.
"""

import asyncio
import contextlib
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, Protocol, TypeVar

import structlog

from services.ingest.adapters.source import Taken
from shared.runtime.streams.inbox import printable_name

log = structlog.get_logger("gouji.feeder")
_PARALLEL = 8
_LARGE = 4 << 20
"""Bytes from which a file is read alone: eight of the largest at once would take half a gigabyte."""
_PATIENCE = 3
_MOST_NOTES = 10_000
_LOOKS = 16
"""A backlog is fed within so many looks: at a hundred thousand files each takes a second of processor time."""


class Signed(Protocol):
    """What changes when a file changes; its size is part of it."""

    @property
    def size(self) -> int:
        """Bytes of the file."""
        ...


S = TypeVar("S", bound=Signed)


class Bucket(Protocol):
    """Where files go. Raises `Unavailable` when it does not answer."""

    async def put(self, data: bytes, file: str) -> str:
        """Put one file under its content hash; return the hash. A second time changes nothing."""
        ...

    async def announce(self, file: str, document_id: str, size: int) -> None:
        """Tell ingest about a file that is too large to be carried."""
        ...


@dataclass(frozen=True, slots=True)
class Fed:
    """One file that the bucket now holds (or knows to be refused)."""

    name: str
    document_id: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a source is looked at, in seconds and bytes.

    It is looked at every `rescan` when nothing wakes the feeder; what failed is tried again after
    growing delays of `retry_at_most`. A file above `max_bytes` is refused as too large.
    """

    rescan: float = 2.0
    max_bytes: int = 64 * 1024 * 1024
    retry_at_most: float = 30.0


@dataclass(slots=True)
class Seen(Generic[S]):
    """What the feeder remembers of one file: how it looked, since when, and what became of it."""

    signature: S
    since: float
    grew: bool = False
    state: Literal["resting", "fed", "failed"] = "resting"
    attempts: int = 0
    retry_at: float = 0.0
    unreadable: bool = False


def _in_turn(alone: asyncio.Lock, size: int) -> AbstractAsyncContextManager[None]:
    """Wait until no other large file is being read, if this one is large."""
    return alone if size >= _LARGE else contextlib.nullcontext()


class Feeder(ABC, Generic[S]):
    """Feeds one source into one bucket until it is cancelled."""

    batch: ClassVar[int] = 256
    """At least so many files are fed before the source is looked at again."""
    calm: ClassVar[float] = 1.0
    """At most so many seconds are rested after a look, and no longer than twice what it took."""

    def __init__(self, bucket: Bucket, pace: Pace, on_fed: Callable[[Fed], None]) -> None:
        """Nothing is read yet. `on_fed` is called once for every file and content."""
        self._bucket = bucket
        self._pace = pace
        self._on_fed = on_fed
        self._seen: dict[str, Seen[S]] = {}
        self._noted: set[str] = set()
        self.wake = asyncio.Event()
        self.looks = 0

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Names that are in the source and not in the bucket, as of the last look."""
        return tuple(name for name, seen in self._seen.items() if seen.state != "fed")

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Names that could not be read time and again; they are tried on all the same."""
        return tuple(
            name
            for name, seen in self._seen.items()
            if seen.unreadable and seen.attempts >= _PATIENCE
        )

    async def run(self) -> None:
        """Look, feed, wait; for ever. Cancel the task to end it."""
        while True:
            self.wake.clear()
            started = time.monotonic()
            more = await self.look()
            took = time.monotonic() - started
            if not more:
                await self._rest(took)

    async def look(self) -> bool:
        """Look at the source once and feed what is ready; True when more is ready already."""
        entries = await self._entries()
        if entries is None:
            return False
        self._remember(entries)
        now = time.monotonic()
        ready = sorted(
            name
            for name, seen in self._seen.items()
            if seen.state != "fed" and now >= self._ready_at(seen)
        )
        slots, alone = asyncio.Semaphore(_PARALLEL), asyncio.Lock()

        async def feed(name: str) -> None:
            async with slots, _in_turn(alone, self._seen[name].signature.size):
                await self._feed(name)

        some = ready[: max(self.batch, len(entries) // _LOOKS)]
        await asyncio.gather(*(feed(name) for name in some))
        self.looks += 1
        return len(ready) > len(some)

    @abstractmethod
    async def _entries(self) -> Mapping[str, S] | None:
        """Return every file of the source by name, None when the source cannot be read now."""

    @abstractmethod
    async def _take(self, name: str, signature: S) -> Taken | None:
        """Read a file; None when it must rest first, FileNotFoundError when it is not there as seen."""

    def _grew(self, seen: Seen[S], signature: S) -> bool:
        """Tell whether somebody is adding to a file; in most sources that is never seen."""
        del seen, signature
        return False

    def _ready_at(self, seen: Seen[S]) -> float:
        """When this file may be taken, in monotonic seconds."""
        return seen.retry_at if seen.state == "failed" else seen.since

    def _shown(self, name: str) -> str:
        """Return the name under which a file goes into the bucket."""
        return printable_name(name)

    def _remember(self, entries: Mapping[str, S]) -> None:
        now = time.monotonic()
        for name in self._seen.keys() - entries.keys():
            del self._seen[name]
        for name, signature in entries.items():
            seen = self._seen.get(name)
            if seen is None:
                self._seen[name] = Seen(signature, now)
            elif seen.signature != signature:
                self._seen[name] = Seen(signature, now, grew=self._grew(seen, signature))

    async def _feed(self, name: str) -> None:
        seen, shown = self._seen[name], self._shown(name)
        try:
            taken = await self._take(name, seen.signature)
            if taken is None:
                # somebody is writing it, or it changed under our eyes: let it rest again
                self._seen[name] = Seen(seen.signature, time.monotonic(), grew=seen.grew)
                return
            if taken.data is None:
                await self._bucket.announce(shown, taken.document_id, taken.size)
            else:
                await self._bucket.put(taken.data, shown)
        except Exception as error:  # noqa: BLE001 - one file must never stop the others
            self._retry_later(name, seen, error)
            return
        seen.state = "fed"
        log.info("feeder.file_fed", file=shown, document_id=taken.document_id, size=taken.size)
        self._on_fed(Fed(shown, taken.document_id, taken.size))

    def _retry_later(self, name: str, seen: Seen[S], error: Exception) -> None:
        if isinstance(error, FileNotFoundError):
            self._seen.pop(name, None)
            return
        seen.state = "failed"
        seen.attempts += 1
        seen.unreadable = isinstance(error, OSError)
        delay = self._delay(seen.attempts)
        seen.retry_at = time.monotonic() + delay
        log.warning(
            "feeder.file_not_fed",
            file=self._shown(name),
            error=f"{type(error).__name__}: {error}",
            attempt=seen.attempts,
            retry_in=delay,
        )

    def _delay(self, attempts: int) -> float:
        """Return the seconds until the next attempt."""
        return min(self._pace.retry_at_most, math.ldexp(0.5, min(attempts, 16)))

    async def _rest(self, took: float) -> None:
        """Wait for a change, but never longer than files in sight need and the rescan allows."""
        # a large source must not be read all the time while files pour in
        await asyncio.sleep(min(self.calm, 2 * took))
        now = time.monotonic()
        due = [self._ready_at(seen) - now for seen in self._seen.values() if seen.state != "fed"]
        pause = max(0.02, min([*due, self._pace.rescan]))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), pause)

    def _note(self, name: str, what: str) -> None:
        """Log an oddity of the source once."""
        line = f"{name}\x00{what}"
        if line not in self._noted and len(self._noted) < _MOST_NOTES:
            self._noted.add(line)
            log.warning("feeder.entry_skipped", file=printable_name(name), reason=what)
