"""Feeds a folder into the bucket: every file in it, once per content, never half written.

The watcher only wakes the feeder; the scan is the truth. A file is taken when it lay unchanged over
two looks, or when it arrived whole (renamed or copied into place), and never while a program has it
open for writing. A writer that closes the file between its pieces is told by growth alone. Sources
are neither moved nor deleted, so everything here can be rebuilt.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import structlog
import watchfiles

from services.ingest.adapters import source
from services.ingest.adapters.source import Signature
from shared.runtime.inbox import printable_name

_log = structlog.get_logger("gouji.feeder")
_BATCH = 256
_PARALLEL = 8
_LARGE = 4 << 20
"""Bytes from which a file is read alone: eight of the largest at once would take half a gigabyte."""
_PATIENCE = 3


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


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """How the folder is looked at, in seconds and bytes.

    A file must lie unchanged for `settle`; for `settle_closed` where the kernel tells that nobody
    has it open for writing; for `settle_grown` once it was seen growing. The folder is read every
    `rescan` when nothing wakes the feeder. A file above `max_bytes` is refused as too large.
    """

    settle: float = 0.3
    settle_closed: float = 0.1
    settle_grown: float = 1.0
    rescan: float = 2.0
    max_bytes: int = 64 * 1024 * 1024
    retry_at_most: float = 30.0


@dataclass(slots=True)
class _Seen:
    """What the feeder remembers of one file: how it looked, since when, and what became of it."""

    signature: Signature
    since: float
    grew: bool = False
    state: Literal["resting", "fed", "failed"] = "resting"
    attempts: int = 0
    retry_at: float = 0.0
    unreadable: bool = False


def _in_turn(alone: asyncio.Lock, size: int) -> AbstractAsyncContextManager[None]:
    """Wait until no other large file is being read, if this one is large."""
    return alone if size >= _LARGE else nullcontext()


def _grew(seen: _Seen, signature: Signature) -> bool:
    """Tell whether somebody adds to a file: one that was taken between two pieces too."""
    before = seen.signature
    if before.inode != signature.inode or before.size == 0:
        return False
    return seen.state == "resting" or signature.size > before.size


class FolderFeeder:
    """Feeds one folder into one bucket until it is cancelled."""

    def __init__(
        self,
        folder: Path,
        bucket: Bucket,
        settings: FolderSettings | None = None,
        on_fed: Callable[[Fed], None] = lambda _: None,
    ) -> None:
        """Nothing is read yet. `on_fed` is called once for every file and content."""
        self._folder = folder
        self._bucket = bucket
        self._settings = settings or FolderSettings()
        self._on_fed = on_fed
        self._seen: dict[str, _Seen] = {}
        self._wake = asyncio.Event()
        self._noted: set[str] = set()
        self.looks = 0

    @property
    def unfinished(self) -> tuple[str, ...]:
        """Names that are in the folder and not in the bucket, as of the last look."""
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
        source.ignore_lease_breaks()
        watcher = asyncio.create_task(self._watch())
        try:
            while True:
                self._wake.clear()
                started = time.monotonic()
                more = await self.look()
                took = time.monotonic() - started
                if not more:
                    await self._rest(took)
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    async def look(self) -> bool:
        """Read the folder once and feed what is ready; True when more is ready already."""
        entries = await asyncio.to_thread(self._scan)
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

        await asyncio.gather(*(feed(name) for name in ready[:_BATCH]))
        self.looks += 1
        return len(ready) > _BATCH

    def _scan(self) -> dict[str, Signature] | None:
        try:
            return dict(source.files(self._folder, self._note))
        except OSError as error:
            self._note("", f"folder_unreadable: {error.strerror}")
            return None

    def _remember(self, entries: dict[str, Signature]) -> None:
        now = time.monotonic()
        for name in self._seen.keys() - entries.keys():
            del self._seen[name]
        for name, signature in entries.items():
            seen = self._seen.get(name)
            if seen is None:
                self._seen[name] = _Seen(signature, now)
            elif seen.signature != signature:
                self._seen[name] = _Seen(signature, now, grew=_grew(seen, signature))

    def _ready_at(self, seen: _Seen) -> float:
        """When this file may be taken, in monotonic seconds."""
        if seen.state == "failed":
            return seen.retry_at
        if seen.grew:
            return seen.since + self._settings.settle_grown
        if seen.signature.arrived_whole:
            return seen.since
        if source.writers_are_seen():
            return seen.since + self._settings.settle_closed
        return seen.since + self._settings.settle

    async def _feed(self, name: str) -> None:
        seen = self._seen[name]
        try:
            taken = await asyncio.to_thread(
                source.take, self._folder / name, seen.signature, self._settings.max_bytes
            )
            if taken is None:
                # somebody is writing it, or it changed under our eyes: let it rest again
                self._seen[name] = _Seen(seen.signature, time.monotonic(), grew=seen.grew)
                return
            shown = printable_name(name)
            if taken.data is None:
                await self._bucket.announce(shown, taken.document_id, taken.size)
            else:
                await self._bucket.put(taken.data, shown)
        except Exception as error:  # noqa: BLE001 - one file must never stop the folder
            self._retry_later(name, seen, error)
            return
        seen.state = "fed"
        _log.info("feeder.file_fed", file=shown, document_id=taken.document_id, size=taken.size)
        self._on_fed(Fed(shown, taken.document_id, taken.size))

    def _retry_later(self, name: str, seen: _Seen, error: Exception) -> None:
        if isinstance(error, FileNotFoundError):
            self._seen.pop(name, None)
            return
        seen.state = "failed"
        seen.attempts += 1
        seen.unreadable = isinstance(error, OSError)
        delay = min(self._settings.retry_at_most, 0.5 * 2**seen.attempts)
        seen.retry_at = time.monotonic() + delay
        _log.warning(
            "feeder.file_not_fed",
            file=printable_name(name),
            error=f"{type(error).__name__}: {error}",
            attempt=seen.attempts,
            retry_in=delay,
        )

    async def _rest(self, took: float) -> None:
        """Wait for a change, but never longer than files in sight need and the rescan allows."""
        # a large folder must not be read all the time while files pour in
        await asyncio.sleep(min(1.0, 2 * took))
        now = time.monotonic()
        due = [self._ready_at(seen) - now for seen in self._seen.values() if seen.state != "fed"]
        pause = max(0.02, min([*due, self._settings.rescan]))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), pause)

    async def _watch(self) -> None:
        """Wake the feeder on changes; without a working watcher the rescan goes on alone."""
        while True:
            try:
                async for _ in watchfiles.awatch(
                    self._folder, debounce=60, step=10, rust_timeout=60_000, watch_filter=None
                ):
                    self._wake.set()
            except (OSError, RuntimeError) as error:
                self._note("", f"not_watched: {error}")
            await asyncio.sleep(self._settings.rescan)

    def _note(self, name: str, what: str) -> None:
        """Log an oddity of the folder once."""
        line = f"{name}\x00{what}"
        if line not in self._noted and len(self._noted) < 10_000:
            self._noted.add(line)
            _log.warning("feeder.entry_skipped", file=printable_name(name), reason=what)
