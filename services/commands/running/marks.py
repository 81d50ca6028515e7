"""How far every stream of the private bus had come, so that a damaged store is noticed.

One flipped bit in a stream's file makes the server forget all that follows it, without a word, and count on from
there. So the positions are written down beside the store while it runs, and compared when it starts.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.streams import topology


@dataclass(frozen=True, slots=True)
class Loss:
    """A stream that is shorter than it was: how many messages are missing at its end."""

    stream: str
    missing: int


class Marks:
    """The last position of every stream, in a small file; whole or absent, and never in the way."""

    def __init__(self, store: Path) -> None:
        """Keep the marks in a file in the folder of the server's store."""
        self._path = store / "positions.json"
        self._written: dict[str, int] = {}

    def losses(self, now: dict[str, int]) -> list[Loss]:
        """Compare with what was written down last; a stream that is not there any more lost everything."""
        try:
            before = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [
            Loss(stream, before[stream] - now.get(stream, 0))
            for stream in sorted(before)
            if stream not in topology.RETIRED and now.get(stream, 0) < before[stream]
        ]

    def forget(self) -> None:
        """Take what is there now for whole: the store was put in another's place on purpose."""
        self._path.unlink(missing_ok=True)

    def write(self, now: dict[str, int]) -> None:
        """Write down the positions, where they changed; a full disk is no reason to stop."""
        if now == self._written:
            return
        aside = self._path.with_name(f".{self._path.name}")
        with suppress(OSError):
            aside.write_text(json.dumps(now), encoding="utf-8")
            aside.replace(self._path)
            self._written = dict(now)
