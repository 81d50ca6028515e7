"""Files as careless programs drop them, and a folder whose watcher fails."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Final

from tests.endurance.ledger import Ledger
from tests.endurance.line import Line
from tests.endurance.load import Drop, expected_of
from tests.endurance.process_faults import Instant
from tests.support.processes import GOUJI

_PIECES: Final = 12


class Careless:
    """Drops files in the ways of careless programs, each in a thread of its own, by turns."""

    def __init__(self, ledger: Ledger, rng: Random, *, seconds: float) -> None:
        """A slow writer takes so many seconds for one file."""
        self._ledger = ledger
        self._rng = rng
        self._seconds = seconds
        self._turn = 0
        self._threads: list[threading.Thread] = []

    def __call__(self, line: Line, drop: Drop) -> None:
        """Drop one file, in the next of all the ways."""
        ways = (self._slowly, self._with_pauses, self._replaced, self._deleted, self._whole)
        way = ways[self._turn % len(ways)]
        self._turn += 1
        thread = threading.Thread(target=way, args=(line, drop), daemon=True)
        thread.start()
        self._threads.append(thread)

    def join(self) -> None:
        """Wait for the slowest writer."""
        for thread in self._threads:
            thread.join()

    def _whole(self, line: Line, drop: Drop) -> None:
        line.drop(drop.name, drop.data)

    def _slowly(self, line: Line, drop: Drop) -> None:
        """Write in pieces and keep the file open all the time."""
        size = len(drop.data) // _PIECES + 1
        with (line.inbox / drop.name).open("wb") as file:
            for start in range(0, len(drop.data), size):
                file.write(drop.data[start : start + size])
                file.flush()
                time.sleep(self._seconds / _PIECES)

    def _with_pauses(self, line: Line, drop: Drop) -> None:
        """Open, append and close for every piece, as a resumed copy does.

        Nothing tells a first piece from a file that is finished: that one may be read, and is replaced
        by what comes after. On a busy machine a pause may be so long that a later one is read too.
        """
        size = len(drop.data) // _PIECES + 1
        starts = range(0, len(drop.data), size)
        for piece in (drop.data[:start] for start in starts[1:]):
            self._optional(replace(drop, data=piece, expected=expected_of(piece, drop.name)))
        for start in starts:
            with (line.inbox / drop.name).open("ab") as file:
                file.write(drop.data[start : start + size])
            time.sleep(min(0.1, self._seconds / _PIECES))

    def _replaced(self, line: Line, drop: Drop) -> None:
        """Drop a first version, and the true one over it at any moment after."""
        first = drop.data + b"\n" * (1 + self._rng.randrange(50))
        self._optional(replace(drop, data=first, expected=expected_of(first, drop.name)))
        line.drop(drop.name, first)
        time.sleep(self._rng.uniform(0, 0.3))
        line.drop(drop.name, drop.data)

    def _deleted(self, line: Line, drop: Drop) -> None:
        """Drop a file and delete it while it may be being read; then drop it for good."""
        line.drop(drop.name, drop.data)
        time.sleep(self._rng.uniform(0, 0.3))
        (line.inbox / drop.name).unlink()
        time.sleep(self._rng.uniform(0, 0.3))
        line.drop(drop.name, drop.data)

    def _optional(self, drop: Drop) -> None:
        """Note what may be read and need not be."""
        self._ledger.accept(replace(drop, expected=replace(drop.expected, optional=True)))


@dataclass(frozen=True, slots=True)
class FolderSwapped(Instant):
    """The folder is renamed away and another takes its place: what is watched is no longer there."""

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "watched folder swapped"

    def inject(self, line: Line, rng: Random) -> bool:
        """Swap it; what lay in the old one is moved over, as an administrator would."""
        aside = line.inbox.with_name(f".old-{rng.randrange(1 << 30)}")
        line.inbox.rename(aside)
        line.inbox.mkdir()
        for path in aside.iterdir():
            path.replace(line.inbox / path.name)
        return True


def feed_without_watcher(inbox: Path) -> Sequence[str]:
    """Return the feeder in a user namespace whose kernel gives it no inotify."""
    script = 'echo 0 >/proc/sys/user/max_inotify_instances && exec "$0" "$@"'
    return ["unshare", "-Ur", "sh", "-c", script, str(GOUJI), "feed", "--inbox", str(inbox)]
