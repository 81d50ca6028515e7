"""Tables without a frame: rows by height, columns by where the figures stand.

Only lines between running text and headings are looked at, and only where labels of the form or
rows of figures prove a table. A label that wraps stays on rows of its own; the aligner knows how
to put them together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from services.normalize.core.composing import Grid, Slot
from services.normalize.core.pages.lines import Line, line_of
from services.normalize.core.pages.page import Glyph, Ruling
from services.normalize.core.vocabulary import (
    is_running_text,
    is_section_heading,
    is_value,
    label_kind,
)

_APART, _FIGURES_APART, _TITLES_APART, _FIGURE_APART = 0.7, 0.25, 0.25, 0.12
"""Gaps in type sizes: between two cells; two cells of figures; two titles in columns of their own;
a label and a figure in its column."""
_COLUMN_APART = 4.0
"""Gap between columns of a page that have nothing to do with each other, in type sizes."""
_DIGITS = frozenset("0123456789,.")
_MANY_FIGURES, _LONGEST_LINE, _TAIL = 4, 34, 20
_NEXT_LINE, _TITLE_PITCH = 1.7, 1.4
"""Distances of a wrapped line from the one before, in type sizes."""

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
            if _gap(joined[-1][-1], part[0]) > _COLUMN_APART:
                joined.append([])
            joined[-1] += part
        return [self.line] if len(joined) == 1 else [line_of(p) for p in joined]


@dataclass(frozen=True, slots=True)
class Region:
    """Lines `start` to `stop` of a page that make up a table."""

    start: int
    stop: int
    grid: Grid


def parted(row: Row) -> PrintedRow:
    """Return a row of characters, in order, with its chunks."""
    parts: list[Row] = [[row[0]]]
    for last, glyph in pairwise(row):
        figures = glyph.text.isdigit() and last.text.isdigit()
        if _gap(last, glyph) > (_FIGURES_APART if figures else _APART):
            parts.append([])
        parts[-1].append(glyph)
    line = line_of(row)
    chunks = (line,) if len(parts) == 1 else tuple(line_of(p) for p in parts)
    return PrintedRow(line, chunks, tuple(parts))


def _gap(last: Glyph, glyph: Glyph) -> float:
    """Return the gap between two characters in type sizes."""
    return (glyph.x0 - last.x1) / max(glyph.y1 - glyph.y0, last.y1 - last.y0, 0.1)


def regions(
    rows: Sequence[PrintedRow], marginal: set[int], rulings: Sequence[Ruling], page: int
) -> Iterator[Region]:
    """Yield the tables among the printed rows of a page."""
    start = 0
    for i in range(len(rows) + 1):
        if _stays_inside(rows, marginal, i):
            continue
        found = _trimmed(rows, start, i)
        if found is not None:
            yield Region(*found, _grid(rows[found[0] : found[1]], rulings, page))
        start = i + 1


def _stays_inside(rows: Sequence[PrintedRow], marginal: set[int], i: int) -> bool:
    if i == len(rows) or i in marginal:
        return False
    return not _parts_tables(rows[i]) or _is_beside_figures(rows, i)


def _parts_tables(row: PrintedRow) -> bool:
    """Tell whether a line can only stand outside of a table."""
    text = row.line.text
    if row.figures and row.labels:
        return False
    if is_section_heading(text):
        return True
    if len(row.chunks) > 1 or label_kind(text) is not None:
        return False
    return len(text) > _LONGEST_LINE or is_running_text(text)


def _is_beside_figures(rows: Sequence[PrintedRow], i: int) -> bool:
    """Tell whether a row of figures stands less than a line away: then this is part of its label."""
    line = rows[i].line
    return any(
        rows[j].figures and abs(rows[j].line.y0 - line.y0) < 0.8 * line.size
        for j in (i - 1, i + 1)
        if 0 <= j < len(rows)
    )


def _trimmed(rows: Sequence[PrintedRow], start: int, stop: int) -> tuple[int, int] | None:
    """Return the lines from the first to the last that show a table, None when none prove it."""
    shown = [i for i in range(start, stop) if _shows_table(rows[i])]
    proven = any(
        len(rows[i].figures) >= _MANY_FIGURES or (rows[i].figures and _is_labelled(rows[i]))
        for i in shown
    )
    if not proven:
        return None
    first, last = shown[0], shown[-1] + 1
    while first > start and _is_next(rows[first - 1].line, rows[first].line):
        first -= 1
    while last < stop and _is_next(rows[last - 1].line, rows[last].line):
        last += 1
    return first, last


def _is_next(line: Line, following: Line) -> bool:
    near = following.y1 - line.y1 <= _NEXT_LINE * following.size
    return near and len(line.text) <= _TAIL and len(following.text) <= _TAIL


def _shows_table(row: PrintedRow) -> bool:
    if len(row.figures) >= 2 or (row.figures and row.labels):
        return True
    return any(label_kind(c.text) is not None for c in row.chunks)


def _is_labelled(row: PrintedRow) -> bool:
    return any(label_kind(c.text) == "row" for c in row.labels)


def _grid(rows: Sequence[PrintedRow], rulings: Sequence[Ruling], page: int) -> Grid:
    """Return the grid of a table whose parts (table two has several) have columns of their own."""
    slots: list[Slot] = []
    start = count = 0
    for i in range(1, len(rows) + 1):
        if i < len(rows) and not (_is_title(rows[i]) and any(r.figures for r in rows[start:i])):
            continue
        part = _Builder(rows[start:i], rulings, page).slots()
        slots += [replace(s, row=s.row + count) for s in part]
        count += 1 + max((s.row for s in part), default=-1)
        start = i
    return Grid(tuple(slots))


def _is_title(row: PrintedRow) -> bool:
    """Tell whether a line holds nothing but titles of the form."""
    return not row.figures and all(
        label_kind(c.text) in ("caption", "opening", "head") for c in row.chunks
    )


class _Builder:
    """Makes the cells of the printed rows of one part of a table."""

    def __init__(self, rows: Sequence[PrintedRow], rulings: Sequence[Ruling], page: int) -> None:
        self.rows, self.rulings, self.page = rows, rulings, page
        self.columns = _columns(rows)
        self.label_edge = 0.0
        self.edges = [(a[1] + b[0]) / 2 for a, b in pairwise(self.columns)]
        if self.columns:
            first = self.columns[0][0]
            self.edges.insert(0, first - (self.edges[0] - first if self.edges else 0.0))
            self.rows = [self._refined(r) for r in rows]
            reach = (x.x1 for r in self.rows if r.figures for x in r.labels if x.x1 < first)
            self.label_edge = max([self.edges[0], *reach])
        self.width = max((len(self._labels(r)[0]) for r in self.rows), default=0)

    def slots(self) -> list[Slot]:
        """Return the cells of all rows."""
        slots: list[Slot] = []
        titles: dict[int, tuple[int, Line]] = {}
        for number, band in enumerate(self._rejoined(self._bands())):
            cells = self._cells(band)
            if any(r.figures for r in band):
                titles.clear()
            for column, lines in sorted(cells.items()):
                above = titles.get(column)
                if lines and above is not None and self._continues(above[1], lines[0], column):
                    slots[above[0]] = _with_line(slots[above[0]], lines[0])
                    titles[column] = (above[0], lines[0])
                    continue
                slots.append(self._slot(number, column, lines))
                if lines and column >= self.width:
                    titles[column] = (len(slots) - 1, lines[0])
        return slots

    def _rejoined(self, bands: Sequence[tuple[PrintedRow, ...]]) -> list[tuple[PrintedRow, ...]]:
        """Put what wrapped back into its row: half a line above it, half a line below."""
        found: list[tuple[PrintedRow, ...]] = []
        for i, band in enumerate(bands):
            if 0 < i < len(bands) - 1 and self._wraps_around(bands[i - 1], band, bands[i + 1]):
                found[-1] = (*bands[i - 1], *band, *bands[i + 1])
            elif not (i > 1 and found and band[0] in found[-1]):
                found.append(band)
        return found

    def _wraps_around(
        self, above: Sequence[PrintedRow], band: Sequence[PrintedRow], below: Sequence[PrintedRow]
    ) -> bool:
        """Tell whether parts of a row stand half a line above and half a line below the rest.

        Its figures wrapped, or its label, or both.
        """
        if len(above) + len(band) + len(below) != 3:
            return False
        upper, row, lower = above[0], band[0], below[0]
        size = row.line.size
        near = max(row.line.y0 - upper.line.y0, lower.line.y0 - row.line.y0) < 0.8 * size
        middle = (upper.line.y0 + lower.line.y0) / 2 - row.line.y0
        if not near or abs(middle) > 0.15 * size or not row.figures:
            return False
        wrapped = {self._nearest(x) for x in upper.figures}
        if wrapped != {self._nearest(x) for x in lower.figures}:
            return False
        if wrapped & {self._nearest(x) for x in row.figures}:
            return False
        if row.labels or not (upper.labels and lower.labels):
            return not upper.labels and not lower.labels
        first, second = upper.labels[-1], lower.labels[-1]
        return min(first.x1, second.x1) > max(first.x0, second.x0)

    def _slot(self, number: int, column: int, lines: Sequence[Line]) -> Slot:
        box = _box(lines) if lines else None
        confidence = min((x.confidence for x in lines), default=1.0)
        digits = all(set(x.text) <= _DIGITS for x in lines)
        text = ("" if digits else "\n").join(x.text for x in lines)
        return Slot(text, number, column, page=self.page, bbox=box, confidence=confidence)

    def _cells(self, band: Sequence[PrintedRow]) -> dict[int, list[Line]]:
        """Return the lines of each cell of one row; a row of the table has its empty cells too."""
        cells: dict[int, list[Line]] = {}
        for row in band:
            before, titles = self._labels(row)
            for i, line in enumerate(before):
                cells.setdefault(i, []).append(line)
            for line in (*titles, *row.figures):
                cells.setdefault(self.width + self._nearest(line), []).append(line)
        shown = sum(len(r.figures) for r in band)
        if shown > 1 or (not shown and any(_is_labelled(r) for r in band)):
            # a lone figure may span all columns
            for i in range(self.width, self.width + len(self.columns)):
                cells.setdefault(i, [])
        return cells

    def _labels(self, row: PrintedRow) -> tuple[Sequence[Line], Sequence[Line]]:
        """Return the labels before the columns of figures, and the titles that stand in them."""
        if not self.columns:
            return row.labels, ()
        before = [x for x in row.labels if (x.x0 + x.x1) / 2 <= self.label_edge]
        return before, [x for x in row.labels if x not in before]

    def _refined(self, row: PrintedRow) -> PrintedRow:
        """Part what stands close together in neighbouring columns, now that those are known."""
        parts = tuple(p for part in row.parts for p in self._at_edges(part))
        if len(parts) == len(row.parts):
            return row
        return PrintedRow(row.line, tuple(line_of(p) for p in parts), parts)

    def _at_edges(self, part: Row) -> Iterator[Row]:
        start = 0
        for i, (last, glyph) in enumerate(pairwise(part), 1):
            if self._parts_cells(last, glyph):
                yield part[start:i]
                start = i
        yield part[start:]

    def _parts_cells(self, last: Glyph, glyph: Glyph) -> bool:
        """Tell whether a small gap lies between titles of two columns, or label and figure."""
        gap = _gap(last, glyph)
        slack = 0.5 * (glyph.y1 - glyph.y0)
        if glyph.text.isdigit() and not last.text.isdigit() and gap > _FIGURE_APART:
            return any(a - slack / 2 <= glyph.x0 < b for a, b in self.columns)
        return gap > _TITLES_APART and any(
            last.x1 - slack < e < glyph.x0 + slack for e in self.edges
        )

    def _nearest(self, line: Line) -> int:
        middle = (line.x0 + line.x1) / 2
        return min(range(len(self.columns)), key=lambda i: abs(sum(self.columns[i]) / 2 - middle))

    def _continues(self, above: Line, line: Line, column: int) -> bool:
        """Tell whether a title in a column wraps into the next line."""
        if line.y1 - above.y1 > _TITLE_PITCH * line.size or is_value(line.text):
            return False
        i = column - self.width
        left = self.edges[i]
        right = self.edges[i + 1] if i + 1 < len(self.edges) else 2 * self.columns[i][1] - left
        slack = 0.5 * line.size
        return all(left - slack < x.x0 and x.x1 < right + slack for x in (above, line))

    def _bands(self) -> list[tuple[PrintedRow, ...]]:
        """Return the lines of each row: those between two rules when only one has figures."""
        left, right = min(r.line.x0 for r in self.rows), max(r.line.x1 for r in self.rows)
        top, bottom = self.rows[0].line.y0, self.rows[-1].line.y1
        size = self.rows[0].line.size
        edges = {
            round(r.y0) for r in self.rulings
            if abs(r.y1 - r.y0) < 1 and top - size < r.y0 < bottom + size
            and min(r.x1, right) - max(r.x0, left) > 0.6 * (right - left)
        }  # fmt: skip
        if len(edges) < 2 + max(2, sum(bool(r.figures) for r in self.rows)):
            # a few rules above and below part no rows
            return [(row,) for row in self.rows]
        bands: dict[int, list[PrintedRow]] = {}
        for row in self.rows:
            middle = (row.line.y0 + row.line.y1) / 2
            bands.setdefault(sum(e < middle for e in edges), []).append(row)
        found: list[tuple[PrintedRow, ...]] = []
        for key in sorted(bands):
            band = bands[key]
            whole = sum(bool(r.figures) for r in band) == 1
            found += [tuple(band)] if whole else [(row,) for row in band]
        return found


def _columns(rows: Sequence[PrintedRow]) -> list[tuple[float, float]]:
    """Return from where to where the figures of each column reach."""
    found: list[tuple[float, float]] = []
    for left, right in sorted((c.x0, c.x1) for r in rows for c in r.figures):
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _with_line(slot: Slot, line: Line) -> Slot:
    box = (line.x0, line.y0, line.x1, line.y1)
    if slot.bbox is not None:
        box = (
            min(slot.bbox[0], line.x0), min(slot.bbox[1], line.y0),
            max(slot.bbox[2], line.x1), max(slot.bbox[3], line.y1),
        )  # fmt: skip
    return Slot(
        f"{slot.text}\n{line.text}", slot.row, slot.column, page=slot.page, bbox=box,
        confidence=min(slot.confidence, line.confidence),
    )  # fmt: skip


def _box(lines: Sequence[Line]) -> tuple[float, float, float, float]:
    return (
        min(x.x0 for x in lines), min(x.y0 for x in lines),
        max(x.x1 for x in lines), max(x.y1 for x in lines),
    )  # fmt: skip
