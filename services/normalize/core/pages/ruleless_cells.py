"""The cells of a table without a frame: columns by where the figures stand, what wraps put back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from services.normalize.core.composing import Slot
from services.normalize.core.pages.lines import Line, line_of
from services.normalize.core.pages.page import Glyph, Ruling
from services.normalize.core.pages.printed import PrintedRow, Row, gap
from services.normalize.core.pages.ruled_columns import ruled_columns
from services.normalize.core.vocabulary import is_value, label_kind

_TITLES_APART, _FIGURE_APART = 0.25, 0.12
"""Gaps in type sizes: two titles in columns of their own; a label and a figure in its column."""
_DIGITS = frozenset("0123456789,.")
_NEAR_RULE, _WHOLE = 1.0, 0.9
"""How close the rules of a row are, in type sizes; share of the columns that a rule must cover."""
_TITLE_PITCH = 1.4
"""Distance of a wrapped title from the line before, in type sizes."""
_NOT_PROVEN, _TWO_IN_ONE = 0.7, 0.5
"""Confidence that a cell nobody drew is empty, or that a figure is in its column; and where two
figures of one line share a column."""


class Builder:
    """Makes the cells of the printed rows of one part of a table."""

    def __init__(self, rows: Sequence[PrintedRow], rulings: Sequence[Ruling], page: int) -> None:
        self.rows, self.rulings, self.page = rows, rulings, page
        self.columns = ruled_columns(rows, rulings)
        self.ruled = bool(self.columns)
        self.label_edge = 0.0
        if self.ruled:
            self.edges = [left for left, _ in self.columns]
            self.label_edge = self.edges[0]
            self.rows = [self._refined(r) for r in rows]
        else:
            self._take_columns_of_figures()
        self.bands = self._rejoined(self._bands())
        self.width = max((len(self._before(b)) for b in self.bands), default=0)
        self.levels = self._levels()

    def _take_columns_of_figures(self) -> None:
        self.columns = _columns(self.rows)
        self.edges = [(a[1] + b[0]) / 2 for a, b in pairwise(self.columns)]
        if self.columns:
            first = self.columns[0][0]
            self.edges.insert(0, first - (self.edges[0] - first if self.edges else 0.0))
            self.rows = [self._refined(r) for r in self.rows]
            reach = (x.x1 for r in self.rows if r.figures for x in r.labels if x.x1 < first)
            self.label_edge = max([self.edges[0], *reach])

    def slots(self) -> list[Slot]:
        """Return the cells of all rows."""
        slots: list[Slot] = []
        titles: dict[int, tuple[int, Line]] = {}
        doubtful = self._doubtful()
        for number, band in enumerate(self.bands):
            cells = self._cells(band)
            known = self.ruled or self._is_between_rules(band)
            if any(r.figures for r in band):
                titles.clear()
            for column, lines in sorted(cells.items()):
                above = titles.get(column)
                if lines and above is not None and self._continues(above[1], lines[0], column):
                    slots[above[0]] = _with_line(slots[above[0]], lines[0])
                    titles[column] = (above[0], lines[0])
                    continue
                slots.append(self._slot(number, column, lines))
                if column >= self.width and (number in doubtful or not (lines or known)):
                    low = min(slots[-1].confidence, _NOT_PROVEN)
                    slots[-1] = replace(slots[-1], confidence=low)
                if lines and column >= self.width:
                    titles[column] = (len(slots) - 1, lines[0])
        return slots

    def _doubtful(self) -> set[int]:
        """Return the bands whose figures may stand in other columns than it seems.

        Rows of figures that wrapped have the rest of them, without a label, in the next line; and
        where no row fills all columns, the figures do not stand below each other.
        """
        found: set[int] = set()
        figures = [[x for r in band for x in r.figures] for band in self.bands]
        labels = [any(r.labels for r in band) for band in self.bands]
        for i in range(1, len(self.bands)):
            if figures[i] and figures[i - 1] and labels[i - 1] and not labels[i]:
                found |= {i - 1, i}
        full = any(len({self._nearest(x) for x in f}) == len(self.columns) for f in figures if f)
        return found if full or self.ruled else {i for i, f in enumerate(figures) if f}

    def _levels(self) -> list[float]:
        """Return the heights of the level rules that run over all columns, all pieces counted."""
        if not self.columns:
            return []
        left, right = self.columns[0][0], self.columns[-1][1]
        covered: dict[int, float] = {}
        for r in self.rulings:
            if abs(r.y1 - r.y0) < 1:
                shared = min(max(r.x0, r.x1), right) - max(min(r.x0, r.x1), left)
                covered[round(r.y0)] = covered.get(round(r.y0), 0.0) + max(0.0, shared)
        return [y for y, wide in covered.items() if wide >= _WHOLE * (right - left)]

    def _is_between_rules(self, band: Sequence[PrintedRow]) -> bool:
        """Tell whether a rule runs close above a row and one close below it."""
        top, bottom = min(r.line.y0 for r in band), max(r.line.y1 for r in band)
        reach = _NEAR_RULE * band[0].line.size
        above = any(top - reach < y <= top + 1 for y in self.levels)
        return above and any(bottom - 1 <= y < bottom + reach for y in self.levels)

    def _rejoined(self, bands: Sequence[tuple[PrintedRow, ...]]) -> list[tuple[PrintedRow, ...]]:
        """Put what wrapped back into its row: half a line above it, half a line below."""
        found: list[tuple[PrintedRow, ...]] = []
        for i, band in enumerate(bands):
            free = 0 < i < len(bands) - 1 and found[-1] == bands[i - 1]
            if free and self._wraps_around(bands[i - 1], band, bands[i + 1]):
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
        if not row.figures or not _is_half_way(upper, row.figures[0], lower):
            return False
        wrapped = {self._nearest(x) for x in upper.figures}
        if wrapped != {self._nearest(x) for x in lower.figures}:
            return False
        if wrapped & {self._nearest(x) for x in row.figures}:
            return False
        if not (upper.labels and lower.labels):
            return not upper.labels and not lower.labels
        return _is_label_around(upper.labels[-1], row, lower.labels[-1])

    def _slot(self, number: int, column: int, lines: Sequence[Line]) -> Slot:
        box = _box(lines) if lines else None
        confidence = min((x.confidence for x in lines), default=1.0)
        digits = all(set(x.text) <= _DIGITS for x in lines)
        text = ("" if digits else "\n").join(x.text for x in lines)
        if digits and any(b.y0 - a.y0 < 0.5 * a.size for a, b in pairwise(lines)):
            text, confidence = " ".join(x.text for x in lines), min(confidence, _TWO_IN_ONE)
        return Slot(text, number, column, page=self.page, bbox=box, confidence=confidence)

    def _cells(self, band: Sequence[PrintedRow]) -> dict[int, list[Line]]:
        """Return the lines of each cell of one row; a row of the table has its empty cells too."""
        cells: dict[int, list[Line]] = dict(enumerate(self._before(band)))
        for row in band:
            for line in (*self._labels(row)[1], *row.figures):
                cells.setdefault(self.width + self._nearest(line), []).append(line)
        shown = sum(len(r.figures) for r in band)
        if shown > 1 or (not shown and any(is_labelled(r) for r in band)):
            # a lone figure may span all columns
            for i in range(self.width, self.width + len(self.columns)):
                cells.setdefault(i, [])
        return cells

    def _before(self, band: Sequence[PrintedRow]) -> list[list[Line]]:
        """Return the label cells of one row; lines above each other are of one cell."""
        cells: list[list[Line]] = []
        reach = 0.0
        for line in sorted((x for r in band for x in self._labels(r)[0]), key=lambda x: x.x0):
            if not cells or line.x0 >= reach:
                cells.append([])
            cells[-1].append(line)
            reach = max(reach, line.x1)
        return [sorted(c, key=lambda x: x.y0) for c in cells]

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
        wide = gap(last, glyph)
        slack = 0.5 * (glyph.y1 - glyph.y0)
        if glyph.text.isdigit() and not last.text.isdigit() and not self.ruled:
            return wide > _FIGURE_APART and any(
                a - slack / 2 <= glyph.x0 < b for a, b in self.columns
            )
        return wide > _TITLES_APART and any(
            last.x1 - slack < e < glyph.x0 + slack for e in self.edges
        )

    def _nearest(self, line: Line) -> int:
        middle = (line.x0 + line.x1) / 2
        for i, (left, right) in enumerate(self.columns):
            if left <= middle <= right:
                return i
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


def is_labelled(row: PrintedRow) -> bool:
    """Tell whether a row begins with the label of a row of the form."""
    return any(label_kind(c.text) == "row" for c in row.labels)


def _columns(rows: Sequence[PrintedRow]) -> list[tuple[float, float]]:
    """Return from where to where the figures of each column reach."""
    found: list[tuple[float, float]] = []
    for left, right in sorted((c.x0, c.x1) for r in rows for c in r.figures):
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _is_half_way(upper: PrintedRow, figure: Line, lower: PrintedRow) -> bool:
    """Tell whether figures stand in the middle between two lines that are close together."""
    above = (upper.labels or upper.figures)[-1].y0
    below = (lower.labels or lower.figures)[-1].y0
    near = 0 < figure.y0 - above < 0.8 * figure.size
    return near and abs((above + below) / 2 - figure.y0) <= 0.15 * figure.size


def _is_label_around(first: Line, row: PrintedRow, second: Line) -> bool:
    """Tell whether two lines are the label of the row between them.

    The label of a group may stand beside, but a row has one label of its own.
    """
    if not _overlap(first, second):
        return False
    beside = not any(_overlap(x, first) or _overlap(x, second) for x in row.labels)
    return beside and (not row.labels or label_kind(first.text + second.text) == "row")


def _overlap(a: Line, b: Line) -> bool:
    return min(a.x1, b.x1) > max(a.x0, b.x0)


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
