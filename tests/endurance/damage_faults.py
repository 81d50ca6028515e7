"""Bits that flip and ends that are missing in the files of the bus, found at the next start."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from tests.endurance.line import Line
from tests.endurance.supervised import Supervised
from tests.support.processes import wait_for

KINDS: Final = (
    ("REPORTS", "msgs/*.blk", "flip"),
    ("OBJ_inbox", "msgs/*.blk", "flip"),
    ("REPORTS", "meta.inf", "flip"),
    ("REPORTS", "msgs/*.blk", "cut"),
    ("REPORTS", "obs/sink/o.dat", "cut"),
    ("REPORTS", "msgs/index.db", "flip"),
    ("ISSUES", "msgs/*.blk", "flip"),
    ("OBJ_inbox", "meta.sum", "cut"),
    ("REPORTS", "obs/extract/meta.inf", "flip"),
    ("OBJ_inbox", "msgs/*.blk", "cut"),
)
"""Stream, file inside its folder, and what is done to it."""


_LAST_WORDS: Final = 20_000
"""Bytes of a log."""
_WORKS_WITHIN: Final = 30.0
"""Seconds in which a line that was started again reads a file, if there are any, on a busy machine."""


@dataclass(slots=True)
class Damage:
    """All of `gouji up` dies at once, a file of its bus is damaged, and it is started again.

    It dies only when it has come to work since the last time: where a line dies again and again before it reads a
    file, those in hand run out of attempts, as they must.
    """

    kinds: tuple[tuple[str, str, str], ...] = KINDS
    name: str = "damaged file of the bus"
    _next: int = 0
    _started: str = ""

    def inject(self, line: Line, rng: Random) -> bool:
        """Kill, damage, start."""
        assert isinstance(line, Supervised)
        stream, pattern, how = self.kinds[self._next % len(self.kinds)]
        self._next += 1
        with contextlib.suppress(AssertionError):
            wait_for("a file that was read", lambda: _has_read(line, self._started), _WORKS_WITHIN)
        line.crash()
        found = sorted((line.folder / "data/nats/jetstream/$G/streams" / stream).glob(pattern))
        struck = bool(found)
        if struck:
            damage(found[-1], how, rng)
            self.name = f"{stream}/{pattern} {'a bit flipped' if how == 'flip' else 'cut short'}"
        self._started = datetime.now(UTC).isoformat()  # noqa: TID251 - the logs tell the real time
        line.start()
        return struck

    def end(self, line: Line) -> None:
        """There is nothing to take away."""


def _has_read(line: Line, since: str) -> bool:
    """Tell whether a file was read in a process of its own, which takes longest to come."""
    return any(
        told.get("outcome") == "normalized"
        and str(told["timestamp"]) > since
        and not str(told.get("file")).endswith(".txt")
        for told in line.logged("normalize", last_bytes=_LAST_WORDS)
    )


def damage(path: Path, how: str, rng: Random) -> None:
    """Flip one bit somewhere, or cut a file short."""
    data = bytearray(path.read_bytes())
    if not data:
        return
    place = rng.randrange(len(data))
    if how == "flip":
        data[place] ^= 1 << rng.randrange(8)
    else:
        del data[place:]
    path.write_bytes(data)
