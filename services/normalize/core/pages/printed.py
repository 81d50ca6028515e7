"""Printed lines parted at their wide gaps: labels, and the figures at their end."""

from dataclasses import dataclass
from itertools import pairwise

from services.normalize.core.pages.lines import Line, line_of
from services.normalize.core.pages.page import Glyph
from services.normalize.core.vocabulary import is_value

_APART, _FIGURES_APART = 0.7, 0.25
"""Gaps in type sizes: between two cells; between two cells of figures."""
_COLUMN_APART = 4.0
"""Gap between columns of a page that have nothing to do with each other, in type sizes."""

Row = list[Glyph]


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """One printed line parted at its wide gaps."""

    line: Line
    chunks: tuple[Line, ...]
    parts: tuple[Row, ...]

    @property
    def figures(self) -> tuple[Line, ...]:
        """The values at the end of the row."""
        count = 0
        while count < len(self.chunks) and is_value(self.chunks[-count - 1].text):
            count += 1
        return self.chunks[len(self.chunks) - count :]

    @property
    def labels(self) -> tuple[Line, ...]:
        """What stands before the values."""
        return self.chunks[: len(self.chunks) - len(self.figures)]

    def stretches(self) -> list[Line]:
        """Return the line, or its parts where a very wide gap sets columns of the page apart."""
        if len(self.parts) == 1:
            return [self.line]
        joined: list[Row] = [list(self.parts[0])]
        for part in self.parts[1:]:
            if gap(joined[-1][-1], part[0]) > _COLUMN_APART:
                joined.append([])
            joined[-1] += part
        return [self.line] if len(joined) == 1 else [line_of(p) for p in joined]


def parted(row: Row) -> PrintedRow:
    """Return a row of characters, in order, with its chunks."""
    parts: list[Row] = [[row[0]]]
    for last, glyph in pairwise(row):
        figures = glyph.text.isdigit() and last.text.isdigit()
        if gap(last, glyph) > (_FIGURES_APART if figures else _APART):
            parts.append([])
        parts[-1].append(glyph)
    line = line_of(row)
    chunks = (line,) if len(parts) == 1 else tuple(line_of(p) for p in parts)
    return PrintedRow(line, chunks, tuple(parts))


def gap(last: Glyph, glyph: Glyph) -> float:
    """Return the gap between two characters in type sizes."""
    return (glyph.x0 - last.x1) / max(glyph.y1 - glyph.y0, last.y1 - last.y0, 0.1)
