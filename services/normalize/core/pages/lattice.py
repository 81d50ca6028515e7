"""Ruling lines become the frames of tables: cells with spans, whatever way the lines were drawn.

Producers draw one rule as a line, a thin rectangle, a row of dashes or cell by cell, so pieces are
first put together. Lines that touch make up one frame. Between two neighbouring fields of its
grid there is a wall or not; fields without a wall between them are one printed cell.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from services.normalize.core.pages.page import Ruling

_WALL = 0.6
"""Share of the side of a field that a line must cover to be a wall."""
_MOST_LINES = 6_000
_MOST_FIELDS = 100_000
"""Beyond these it is a drawing or an attack, no table: the characters are read as text."""


class FrameCell(NamedTuple):
    """One printed cell: first row and column (from 0), spans, and its box in units of the page."""

    row: int
    column: int
    rows: int
    columns: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one table: its cells in reading order, and the edges of columns and rows."""

    cells: tuple[FrameCell, ...]
    xs: tuple[float, ...]
    ys: tuple[float, ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the frame."""
        return self.xs[0], self.ys[0], self.xs[-1], self.ys[-1]

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point lies inside the frame."""
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]


class _Line(NamedTuple):
    """A whole rule: its fixed coordinate, and where it starts and stops on the other axis."""

    at: float
    start: float
    stop: float


def lattice(rulings: Sequence[Ruling], *, tolerance: float) -> tuple[Frame, ...]:
    """Return the frames that ruling lines make, top to bottom.

    `tolerance` is the distance at which two strokes still are one line or touch, in units of the
    page: some 3 points. A box of a single cell is a frame too.
    """
    level: set[_Line] = set()
    upright: set[_Line] = set()
    for x0, y0, x1, y1 in rulings:
        if abs(x1 - x0) >= abs(y1 - y0):
            level.add(_Line((y0 + y1) / 2, min(x0, x1), max(x0, x1)))
        else:
            upright.add(_Line((x0 + x1) / 2, min(y0, y1), max(y0, y1)))
    across, down = _whole_lines(level, tolerance), _whole_lines(upright, tolerance)
    if len(across) + len(down) > _MOST_LINES:
        return ()
    frames = [
        frame
        for rows, columns in _touching(across, down, tolerance)
        if (frame := _frame(rows, columns, tolerance)) is not None
    ]
    return tuple(sorted(frames, key=lambda f: (f.ys[0], f.xs[0])))


def _whole_lines(pieces: Iterable[_Line], tolerance: float) -> list[_Line]:
    """Put together the pieces of every line: strokes side by side, dashes one after another."""
    found: list[_Line] = []
    bundle: list[_Line] = []
    for piece in sorted(pieces):
        if bundle and (
            piece.at - bundle[-1].at > tolerance or piece.at - bundle[0].at > 2 * tolerance
        ):
            found += _along(bundle, tolerance)
            bundle = []
        bundle.append(piece)
    return found + _along(bundle, tolerance)


def _along(bundle: Sequence[_Line], tolerance: float) -> list[_Line]:
    """Return the lines of one bundle of parallel strokes, parted where nothing is drawn."""
    if not bundle:
        return []
    found: list[_Line] = []
    ordered = sorted(bundle, key=lambda p: p.start)
    part, reach = [ordered[0]], ordered[0].stop
    for piece in ordered[1:]:
        if piece.start - reach > 2 * tolerance:
            found.append(_one(part, reach))
            part = []
            reach = piece.stop
        part.append(piece)
        reach = max(reach, piece.stop)
    return [*found, _one(part, reach)]


def _one(part: Sequence[_Line], reach: float) -> _Line:
    middle = (min(p.at for p in part) + max(p.at for p in part)) / 2
    return _Line(middle, part[0].start, reach)


def _touching(
    across: Sequence[_Line], down: Sequence[_Line], tolerance: float
) -> Iterable[tuple[list[_Line], list[_Line]]]:
    """Yield the groups of lines that hang together."""
    owner = list(range(len(across) + len(down)))
    ordered = sorted(range(len(across)), key=lambda i: across[i].at)
    heights = [across[i].at for i in ordered]
    for number, line in enumerate(down, len(across)):
        first = bisect_left(heights, line.start - tolerance)
        last = bisect_right(heights, line.stop + tolerance)
        for i in ordered[first:last]:
            if across[i].start - tolerance <= line.at <= across[i].stop + tolerance:
                _join(owner, i, number)
    groups: dict[int, tuple[list[_Line], list[_Line]]] = {}
    for i, line in enumerate((*across, *down)):
        side = 0 if i < len(across) else 1
        groups.setdefault(_root(owner, i), ([], []))[side].append(line)
    yield from groups.values()


def _root(owner: list[int], i: int) -> int:
    while owner[i] != i:
        owner[i] = owner[owner[i]]
        i = owner[i]
    return i


def _join(owner: list[int], a: int, b: int) -> None:
    owner[_root(owner, a)] = _root(owner, b)


def _frame(across: Sequence[_Line], down: Sequence[_Line], tolerance: float) -> Frame | None:
    """Return the frame of lines that hang together, None when they enclose nothing.

    Outer sides may be open (no left and right rule, a page end without a rule): the lines of the
    other direction show how far the table reaches.
    """
    if len(across) + len(down) < 3 or not across or not down:
        return None
    columns = _Edges(down, [e for h in across for e in (h.start, h.stop)], tolerance)
    rows = _Edges(across, [e for v in down for e in (v.start, v.stop)], tolerance)
    fields = columns.count * rows.count
    if not 0 < fields <= _MOST_FIELDS:
        return None
    owner = _merged_fields(rows, columns)
    cells = [c for r in _regions(owner, columns.count) for c in _rectangles(r)]
    return _numbered(cells, rows.at, columns.at)


@dataclass(slots=True)
class _Edges:
    """The lines of one direction: their places, and which of them cover which stretch."""

    lines: Sequence[_Line]
    reach: Sequence[float]
    tolerance: float
    at: list[float] = field(init=False)
    by_edge: list[list[_Line]] = field(init=False)

    def __post_init__(self) -> None:
        bundles: list[list[float]] = []
        for place in sorted(line.at for line in self.lines):
            if bundles and place - bundles[-1][-1] <= self.tolerance:
                bundles[-1].append(place)
            else:
                bundles.append([place])
        self.at = [(b[0] + b[-1]) / 2 for b in bundles]
        self.by_edge = [[] for _ in self.at]
        for line in self.lines:
            nearest = min(range(len(self.at)), key=lambda i: abs(self.at[i] - line.at))
            self.by_edge[nearest].append(line)
        slack = 2 * self.tolerance
        if min(self.reach) < self.at[0] - slack:
            self.at.insert(0, min(self.reach))
            self.by_edge.insert(0, [])
        if max(self.reach) > self.at[-1] + slack:
            self.at.append(max(self.reach))
            self.by_edge.append([])

    @property
    def count(self) -> int:
        """Number of rows or columns between the edges."""
        return len(self.at) - 1

    def is_wall(self, edge: int, start: float, stop: float) -> bool:
        """Tell whether the lines of an edge close the stretch from `start` to `stop`."""
        covered = sum(
            max(0.0, min(line.stop, stop) - max(line.start, start)) for line in self.by_edge[edge]
        )
        return covered >= _WALL * (stop - start)


def _merged_fields(rows: _Edges, columns: _Edges) -> list[int]:
    """Return for every field of the grid the field that stands for its cell."""
    width = columns.count
    owner = list(range(rows.count * width))
    for row, (top, bottom) in enumerate(pairwise(rows.at)):
        for column, (left, right) in enumerate(pairwise(columns.at)):
            here = row * width + column
            if column and not columns.is_wall(column, top, bottom):
                _join(owner, here - 1, here)
            if row and not rows.is_wall(row, left, right):
                _join(owner, here - width, here)
    return owner


def _regions(owner: list[int], width: int) -> Iterable[set[tuple[int, int]]]:
    found: dict[int, set[tuple[int, int]]] = {}
    for i in range(len(owner)):
        found.setdefault(_root(owner, i), set()).add(divmod(i, width))
    return found.values()


def _rectangles(region: set[tuple[int, int]]) -> Iterable[tuple[int, int, int, int]]:
    """Part a region into rectangles (row, column, rows, columns); a whole one stays whole."""
    left = set(region)
    while left:
        row, column = min(left)
        columns = 1
        while (row, column + columns) in left:
            columns += 1
        rows = 1
        while all((row + rows, column + c) in left for c in range(columns)):
            rows += 1
        left.difference_update((row + r, column + c) for r in range(rows) for c in range(columns))
        yield row, column, rows, columns


def _numbered(
    cells: Sequence[tuple[int, int, int, int]], ys: Sequence[float], xs: Sequence[float]
) -> Frame:
    """Count rows and columns by the edges that cells really have (an underline makes no row)."""
    used_rows = sorted({r for row, _, rows, _ in cells for r in (row, row + rows)})
    used_columns = sorted(
        {c for _, column, _, columns in cells for c in (column, column + columns)}
    )
    rank_row = {r: i for i, r in enumerate(used_rows)}
    rank_column = {c: i for i, c in enumerate(used_columns)}
    made = [
        FrameCell(
            rank_row[row],
            rank_column[column],
            rank_row[row + rows] - rank_row[row],
            rank_column[column + columns] - rank_column[column],
            xs[column],
            ys[row],
            xs[column + columns],
            ys[row + rows],
        )
        for row, column, rows, columns in cells
    ]
    return Frame(
        tuple(sorted(made)),
        tuple(xs[c] for c in used_columns),
        tuple(ys[r] for r in used_rows),
    )
