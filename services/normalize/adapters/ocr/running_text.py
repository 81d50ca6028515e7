"""Lines of text outside tables become paragraphs, in reading order with the tables.

How lines make paragraphs, and which of them are a table without rules, is the same for PDF pages: here
the lines are only given the even type size that such pages have.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from services.normalize.adapters.ocr.engine import Quad, Reading
from services.normalize.core.composing import Block, Grid, Text
from services.normalize.core.pages.assembling import blocks_of
from services.normalize.core.pages.page import Glyph, Page, Ruling

_LIKE = 0.3
"""Share by which boxes of one type size differ in height: descenders, brackets, the box's own whim."""
_OVER = 1.6
"""Height of a found box in type sizes."""
_RULELESS, _EMPTY = 0.9, 0.5
"""Most confidence of a figure looked at once, and of a blank where a lone 0 may have been missed."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of text as found and read."""

    reading: Reading
    quad: Quad

    @property
    def height(self) -> float:
        """Height of the box."""
        return float(abs(self.quad[3] - self.quad[0]).max())


def in_order(
    printed: Sequence[Printed],
    tables: Iterable[Grid],
    loose: Sequence[Ruling],
    shape: tuple[int, ...],
) -> list[Block]:
    """Return paragraphs and tables from top to bottom; `loose` are rules that frame no table."""
    height, width = shape[:2]
    usual = median(p.height for p in printed) if printed else 1.0
    glyphs = tuple(_glyph(p, usual) for p in printed)
    around = blocks_of([Page(1, float(width), float(height), glyphs, tuple(loose))])
    found = [*(_once_looked_at(b) for b in around), *tables]
    return sorted(found, key=_top)


def _glyph(printed: Printed, usual: float) -> Glyph:
    """Return the line as one piece of print whose height is its type size.

    Boxes of one type size differ in height by some pixels; those near the usual one are made equal.
    """
    size = usual if abs(printed.height - usual) <= _LIKE * usual else printed.height
    half = size / _OVER / 2
    x0, x1 = float(printed.quad[:, 0].min()), float(printed.quad[:, 0].max())
    middle = float(printed.quad[:, 1].mean())
    text = printed.reading.text.strip()
    return Glyph(text, x0, middle - half, x1, middle + half, round(printed.reading.score, 4))


def _once_looked_at(block: Block) -> Block:
    if isinstance(block, Text):
        return replace(block, page=None)
    return Grid(
        tuple(
            replace(s, page=None, confidence=min(s.confidence, _RULELESS if s.text else _EMPTY))
            for s in block.slots
        )
    )


def _top(block: Block) -> float:
    boxes = [block.bbox] if isinstance(block, Text) else [s.bbox for s in block.slots]
    return min((b[1] for b in boxes if b), default=0.0)
