"""Lines of text outside tables become paragraphs, in reading order with the tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

from services.normalize.adapters.ocr.engine import Quad, Reading
from services.normalize.core.composing import Block, Grid, Text
from services.normalize.core.pages.flowing import Placed, margins_of, paragraphs_of
from services.normalize.core.pages.lattice import Frame
from services.normalize.core.pages.lines import Line, lines_of
from services.normalize.core.pages.margins import marginal_lines
from services.normalize.core.pages.page import Glyph, Page

_LIKE = 0.3
"""Share by which the heights of boxes of one type size differ: with descenders, brackets, the box's own whim."""
_OVER = 1.6
"""Height of a found box in type sizes."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of text as found and read."""

    reading: Reading
    quad: Quad

    @property
    def height(self) -> float:
        """Height of the box."""
        return float(abs(self.quad[3] - self.quad[0]).max())


def paragraphs(
    printed: Sequence[Printed],
    frames: Sequence[Frame],
    grids: Sequence[Grid],
    shape: tuple[int, ...],
) -> list[Block]:
    """Return paragraphs and grids from top to bottom."""
    height, width = shape[:2]
    usual = median(p.height for p in printed) if printed else 1.0
    page = Page(1, float(width), float(height), tuple(_glyph(p, usual) for p in printed), ())
    lines = lines_of(page.glyphs)
    aside = marginal_lines([page], [lines])[0]
    body = [x for i, x in enumerate(lines) if i not in aside]
    found: list[tuple[float, Block]] = [(f.ys[0], g) for f, g in zip(frames, grids, strict=True)]
    found += [(lines[i].y0, _aside(lines[i])) for i in aside]
    if body:
        margins = margins_of(body)
        tops = sorted(f.ys[0] for f in frames)
        zones = groupby(body, key=lambda x: sum(t < x.y0 for t in tops))
        for _, zone in zones:
            texts = paragraphs_of([Placed(x, 1) for x in zone], margins)
            found += [(t.bbox[1] if t.bbox else 0.0, replace(t, page=None)) for t in texts]
    return [block for _, block in sorted(found, key=lambda f: f[0])]


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


def _aside(line: Line) -> Text:
    return Text(
        line.text, None, None, (line.x0, line.y0, line.x1, line.y1), line.confidence, aside=True
    )
