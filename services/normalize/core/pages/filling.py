"""Characters are dropped into the cells of a frame; what runs over a rule stays in one piece."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.normalize.core.composing import Grid, Slot
from services.normalize.core.pages.lattice import Frame, FrameCell
from services.normalize.core.pages.lines import Line, line_of, rows_of
from services.normalize.core.pages.page import Glyph

_ADJACENT = 0.12
"""Share of the type size up to which the gap within one number or word goes."""
_AT_RULE = 0.2
"""Share of the width of a character by which it may run over a rule that ends its text."""
_DIGITS = frozenset("0123456789,.")


@dataclass(frozen=True, slots=True)
class FilledCell:
    """One cell of a frame and the printed lines in it."""

    cell: FrameCell
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """The lines of the cell, parted by line feeds; a number broken for want of room is whole."""
        text = ""
        room = self.cell.x1 - self.cell.x0
        for before, line in zip((None, *self.lines), self.lines, strict=False):
            if before is None:
                text = line.text
            elif _is_broken_number(before, line, room):
                text += line.text
            else:
                text += f"\n{line.text}"
        return text


def filled(frame: Frame, glyphs: Sequence[Glyph]) -> list[FilledCell]:
    """Return the cells of the frame with the characters that belong to each."""
    finder = _Finder(frame)
    held: dict[int, list[Glyph]] = {}
    for run in runs_of(glyphs):
        for cell, part in finder.parted(run):
            held.setdefault(cell, []).extend(part)
    return [
        FilledCell(cell, tuple(line_of(row) for row in rows_of(held.get(i, ()))))
        for i, cell in enumerate(frame.cells)
    ]


def grid_of(cells: Iterable[FilledCell], page: int) -> Grid:
    """Return the cells as a grid for the neutral document."""
    return Grid(
        tuple(
            Slot(
                c.text, c.cell.row, c.cell.column, c.cell.rows, c.cell.columns, page,
                c.cell[4:], min((x.confidence for x in c.lines), default=1.0),
            )
            for c in cells
        )
    )  # fmt: skip


def _is_broken_number(before: Line, line: Line, room: float) -> bool:
    """Tell whether a number goes on because its first line left no room for another digit."""
    return (
        _DIGITS.issuperset(before.text)
        and _DIGITS.issuperset(line.text)
        and len(before.text) > 1
        and room - (before.x1 - before.x0) < (before.x1 - before.x0) / len(before.text)
    )


def runs_of(glyphs: Iterable[Glyph]) -> Iterable[list[Glyph]]:
    """Yield characters that were drawn one after another without a gap."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run and not _goes_on(run[-1], glyph):
            yield run
            run = []
        run.append(glyph)
    if run:
        yield run


def _goes_on(last: Glyph, glyph: Glyph) -> bool:
    size = last.y1 - last.y0
    return abs(glyph.x0 - last.x1) <= _ADJACENT * size and abs(glyph.y1 - last.y1) <= 0.3 * size


class _Finder:
    """Finds the cell at a point of a frame."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        width = len(frame.xs) - 1
        self.width = width
        self.owner = [-1] * (width * (len(frame.ys) - 1))
        for i, cell in enumerate(frame.cells):
            for row in range(cell.row, cell.row + cell.rows):
                for column in range(cell.column, cell.column + cell.columns):
                    self.owner[row * width + column] = i

    def at(self, x: float, y: float) -> int:
        """Return the number of the cell at a point, the nearest one for a point outside."""
        xs, ys = self.frame.xs, self.frame.ys
        column = min(max(bisect_right(xs, x) - 1, 0), self.width - 1)
        row = min(max(bisect_right(ys, y) - 1, 0), len(ys) - 2)
        return self.owner[row * self.width + column]

    def parted(self, run: Sequence[Glyph]) -> Iterable[tuple[int, Sequence[Glyph]]]:
        """Yield the cells that a run of characters belongs to, with its part in each.

        A run is parted at a rule only where a character ends; a rule through a character is
        overflow, and so is one within what was drawn in one go.
        """
        middle = (run[0].y0 + run[0].y1) / 2
        last = run[-1]
        first = self.at((run[0].x0 + run[0].x1) / 2, middle)
        if len(run) == 1 or first == self.at((last.x0 + last.x1) / 2, middle):
            yield first, run
            return
        start = 0
        for i in range(1, len(run)):
            if self._ends_cell(run[i - 1], run[i], middle):
                yield self._home(run[start:i], middle), run[start:i]
                start = i
        yield self._home(run[start:], middle), run[start:]

    def _ends_cell(self, before: Glyph, after: Glyph, middle: float) -> bool:
        if before.piece and before.piece == after.piece:
            return False
        cell = self.at((before.x0 + before.x1) / 2, middle)
        if cell == self.at((after.x0 + after.x1) / 2, middle):
            return False
        rule = self.frame.cells[cell].x1
        slack = _AT_RULE * (before.x1 - before.x0)
        return before.x1 <= rule + slack and after.x0 >= rule - slack

    def _home(self, run: Sequence[Glyph], middle: float) -> int:
        return self.at((run[0].x0 + run[-1].x1) / 2, middle)
