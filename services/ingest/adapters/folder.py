"""Feeds a folder into the bucket: every file in it, once per content, never half written.

The watcher only wakes the feeder; the scan is the truth. A file is taken when it lay unchanged over
two looks, or when it arrived whole (renamed or copied into place), and never while a program has it
open for writing. A writer that closes the file between its pieces is told by growth alone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import watchfiles

from services.ingest.adapters import source
from services.ingest.adapters.feeder import Bucket, Fed, Feeder, Pace, Seen
from services.ingest.adapters.source import Signature, Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSettings(Pace):
    """How the folder is looked at, in seconds and bytes.

    A file must lie unchanged for `settle`; for `settle_closed` where the kernel tells that nobody
    has it open for writing; for `settle_grown` once it was seen growing.
    """

    settle: float = 0.3
    settle_closed: float = 0.1
    settle_grown: float = 1.0


class FolderFeeder(Feeder[Signature]):
    """Feeds one folder into one bucket until it is cancelled."""

    def __init__(
        self,
        folder: Path,
        bucket: Bucket,
        settings: FolderSettings | None = None,
        on_fed: Callable[[Fed], None] = lambda _: None,
    ) -> None:
        """Nothing is read yet. `on_fed` is called once for every file and content."""
        self._settings = settings or FolderSettings()
        super().__init__(bucket, self._settings, on_fed)
        self._folder = folder

    async def run(self) -> None:
        """Look, feed, wait; for ever. Cancel the task to end it."""
        source.ignore_lease_breaks()
        watcher = asyncio.create_task(self._watch())
        try:
            await super().run()
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)

    async def _entries(self) -> dict[str, Signature] | None:
        return await asyncio.to_thread(self._scan)

    def _scan(self) -> dict[str, Signature] | None:
        try:
            return dict(source.files(self._folder, self._note))
        except OSError as error:
            self._note("", f"folder_unreadable: {error.strerror}")
            return None

    async def _take(self, name: str, signature: Signature) -> Taken | None:
        return await asyncio.to_thread(
            source.take, self._folder / name, signature, self._settings.max_bytes
        )

    def _grew(self, seen: Seen[Signature], signature: Signature) -> bool:
        """Tell whether somebody adds to a file: one that was taken between two pieces too."""
        before = seen.signature
        if before.inode != signature.inode or before.size == 0:
            return False
        return seen.state == "resting" or signature.size > before.size

    def _ready_at(self, seen: Seen[Signature]) -> float:
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

    async def _watch(self) -> None:
        """Wake the feeder on changes; without a working watcher the rescan goes on alone."""
        while True:
            try:
                async for _ in watchfiles.awatch(
                    self._folder, debounce=60, step=10, rust_timeout=60_000, watch_filter=None
                ):
                    self.wake.set()
            except (OSError, RuntimeError) as error:
                self._note("", f"not_watched: {error}")
            await asyncio.sleep(self._settings.rescan)
