"""Bars as numbers for an inline picture: where each begins and how long it is.

Every chart has its table beside it: the picture says nothing that the table does not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 640
LABEL: Final = 210
NUMBER: Final = 70
BAR: Final = 18
GAP: Final = 8
_LONGEST_LABEL: Final = 17


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a bar, in units of the picture; `kind` names its colour."""

    kind: str
    x: float
    width: float
    value: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its label, cut to fit, its parts, and their sum."""

    label: str
    y: int
    parts: tuple[Part, ...]
    total: float

    @property
    def end(self) -> float:
        """Where the bar ends."""
        return max((p.x + p.width for p in self.parts), default=float(LABEL))


@dataclass(frozen=True, slots=True)
class Chart:
    """Horizontal bars, one below the other."""

    bars: tuple[Bar, ...]
    kinds: tuple[str, ...]

    @property
    def height(self) -> int:
        """Height of the picture in its own units."""
        return len(self.bars) * (BAR + GAP) + GAP


def chart(rows: Iterable[tuple[str, Sequence[float]]], kinds: Sequence[str]) -> Chart:
    """Return bars of (label, one value for each kind); the longest fills the width."""
    found = [(label, [max(0.0, float(v)) for v in values]) for label, values in rows]
    longest = max((sum(values) for _, values in found), default=0.0)
    scale = (WIDTH - LABEL - NUMBER) / longest if longest else 0.0
    bars = []
    for n, (label, values) in enumerate(found):
        x, parts = float(LABEL), []
        for kind, value in zip(kinds, values, strict=True):
            if value:
                parts.append(Part(kind, round(x, 2), round(value * scale, 2), value))
                x += value * scale
        bars.append(Bar(_short(label), GAP + n * (BAR + GAP), tuple(parts), sum(values)))
    return Chart(tuple(bars), tuple(kinds))


def _short(label: str) -> str:
    """Return a label that fits; a Chinese character is as wide as two letters."""
    width = 0
    kept: list[str] = []
    for sign in label:
        width += 1 if sign.isascii() else 2
        if width > 2 * _LONGEST_LABEL - 6:
            return "".join(kept) + "…"
        kept.append(sign)
    return label
