"""Columns of text beside each other: a side column of links, an article set in two columns.

They are told from the columns of a table by what they hold: neither figures nor labels of the form,
lines at heights of their own, or sentences that fill their column.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from services.normalize.core.pages.lines import Line, line_of, lines_of, rows_of
from services.normalize.core.pages.page import Glyph
from services.normalize.core.pages.printed import PrintedRow, Row, parted
from services.normalize.core.vocabulary import is_section_heading, is_value, label_kind

_INDENT = 0.1
"""Share of the page width by which few lines of one column are indented."""
_APART, _ON_ONE_LINE, _LARGER = 0.7, 0.12, 1.3
"""In type sizes: a gap between two columns, by how much characters of one line differ in height; by how
much larger the type of another column is."""
_AT_EDGE = 3.0
_LEAST_LINES, _LEAST_BESIDE, _MANY_LINES = 5, 3, 8
"""Lines of the narrower column, lines beside it, and so many that no list of key and value has."""
_HOLE, _SAME_HEIGHT, _REST = 5.0, 0.1, 2.5
"""In type sizes: a gap that ends a column, by how much the height of neighbours in one row differs, room
at the end of a full line."""
_OF_TABLES, _SHARED, _SENTENCES = 0.1, 0.5, 0.15
"""Shares of lines: figures and labels, lines level with one beside, ends of sentences."""
_LONG = 14
_NARROW = 0.45
_MOST_COLUMNS = 3

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Column:
    """Lines that stand beside others from the height `top` on; `aside` tells links from text."""

    top: float
    lines: tuple[Line, ...]
    aside: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """One chunk of a printed row: the number of its row, its line, its characters."""

    row: int
    line: Line
    glyphs: Row


@dataclass(frozen=True, slots=True)
class _Cut:
    """Two columns side by side over some rows; `width` is that of the wider one, tables included."""

    narrow: tuple[_Part, ...]
    wide: tuple[_Part, ...]
    width: float

    @property
    def is_aside(self) -> bool:
        """Tell whether the narrower column is no text of the report but links beside it."""
        own = _width(self.narrow)
        texts = [p.line.text for p in self.narrow]
        ends = sum(t[-1] in "。；;" for t in texts)
        return (
            own <= _NARROW * (own + self.width)
            and ends <= _SENTENCES * len(texts)
            and not any(is_section_heading(t) for t in texts)
        )


def columns_apart(
    rows: Sequence[PrintedRow], frames: Sequence[Box], width: float
) -> tuple[list[PrintedRow], list[Column]]:
    """Return the rows of the main text of a page, and the columns beside it.

    `frames` are the boxes of tables on the page, `width` is its width.
    """
    left: list[PrintedRow] = list(rows)
    columns: list[Column] = []
    for _ in range(_MOST_COLUMNS):
        cut = _best_cut(left, frames, width)
        if cut is None:
            break
        left, found = _taken_out(left, cut)
        columns += found
    return left, columns


def _best_cut(rows: Sequence[PrintedRow], frames: Sequence[Box], width: float) -> _Cut | None:
    """Return the cut beside which the longest column stands, None when the page has one column."""
    starts = [c.x0 for r in rows for c in r.chunks]
    edge = min(starts, default=0.0) + _INDENT * width
    beside = [left for left, _, _, _ in frames if left > edge]
    if sum(x > edge for x in starts) < _LEAST_LINES and not beside:
        return None
    parts = [p for i, row in enumerate(rows) for p in _parts_of(i, row)]
    places = {round(x) for x in (*beside, *(p.line.x0 for p in parts)) if x > edge}
    found = [c for x in places for c in _cuts_at(x - 1.0, parts, frames)]
    return max(found, key=lambda c: (len(c.narrow), -_width(c.narrow)), default=None)


def _parts_of(number: int, row: PrintedRow) -> Iterator[_Part]:
    """Yield the pieces of a printed row; lines of two columns at nearly one height come apart."""
    lines: list[Row] = []
    for glyph in sorted((g for part in row.parts for g in part), key=_size_and_height):
        if not lines or not _on_one_line(lines[-1][-1], glyph):
            lines.append([])
        lines[-1].append(glyph)
    for line in lines:
        part: Row = []
        for glyph in sorted(line, key=lambda g: g.x0):
            if part and glyph.x0 - part[-1].x1 > _APART * _smaller(part[-1], glyph):
                yield _Part(number, line_of(part), part)
                part = []
            part.append(glyph)
        yield _Part(number, line_of(part), part)


def _size_and_height(glyph: Glyph) -> tuple[float, float]:
    return round(glyph.y1 - glyph.y0), glyph.y1


def _on_one_line(a: Glyph, b: Glyph) -> bool:
    small = _smaller(a, b)
    return b.y1 - b.y0 < _LARGER * small and abs(b.y1 - a.y1) <= _ON_ONE_LINE * small


def _smaller(a: Glyph, b: Glyph) -> float:
    return min(a.y1 - a.y0, b.y1 - b.y0)


def _cuts_at(x: float, parts: Sequence[_Part], frames: Sequence[Box]) -> Iterator[_Cut]:
    """Yield the pairs of columns that an upright line at `x` parts without crossing anything."""
    for stretch in _uncrossed(x, parts, frames):
        before = [p for p in stretch if p.line.x1 <= x + 1]
        after = [p for p in stretch if p.line.x1 > x + 1]
        for own, other in ((after, before), (before, after)):
            for narrow in _without_holes(own):
                top, bottom = narrow[0].line.y0, max(p.line.y1 for p in narrow)
                wide = [p for p in other if top <= p.line.y1 and p.line.y0 <= bottom]
                tables = [right - left for left, t, right, b in frames if b > top and t < bottom]
                if (cut := _judged(narrow, wide, max(tables, default=0.0))) is not None:
                    yield cut


def _uncrossed(x: float, parts: Sequence[_Part], frames: Sequence[Box]) -> Iterator[list[_Part]]:
    """Yield the parts between two things that cross an upright line."""
    tops = sorted(top for left, top, right, _ in frames if left + _AT_EDGE < x < right - _AT_EDGE)
    stretch: list[_Part] = []
    for part in sorted(parts, key=lambda p: p.line.y0):
        crossed = part.line.x0 < x < part.line.x1 - 1
        while tops and tops[0] < part.line.y0:
            tops.pop(0)
            crossed = True
        if crossed:
            yield stretch
            stretch = []
        if not part.line.x0 < x < part.line.x1 - 1:
            stretch.append(part)
    yield stretch


def _without_holes(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """Yield the runs of lines that follow each other closely enough to be one column."""
    run: list[_Part] = []
    for part in parts:
        if run and part.line.y0 - run[-1].line.y1 > _HOLE * part.line.size:
            yield run
            run = []
        run.append(part)
    if run:
        yield run


def _judged(narrow: Sequence[_Part], wide: Sequence[_Part], table: float) -> _Cut | None:
    """Return both as columns of text, None when they may be one table or are too few lines.

    `table` is the width of the widest table with a frame beside, 0 for none.
    """
    if len(narrow) < _LEAST_LINES or _share_of_tables(narrow) > _OF_TABLES:
        return None
    if table:
        cut = _Cut(tuple(narrow), tuple(wide), max(table, _width(wide)))
        return cut if cut.is_aside else None
    if len(wide) < _LEAST_BESIDE or _width(narrow) > _width(wide):
        return None
    if _share_of_tables(wide) > _OF_TABLES:
        return None
    level = sum(_is_level(p.line, wide) for p in narrow)
    independent = level <= _SHARED * min(len(narrow), len(wide)) and len(narrow) >= _MANY_LINES
    if not independent and not _is_prose(wide):
        return None
    return _Cut(tuple(narrow), tuple(wide), _width(wide))


def _share_of_tables(parts: Sequence[_Part]) -> float:
    texts = [p.line.text for p in parts]
    return sum(is_value(t) or label_kind(t) is not None for t in texts) / len(texts)


def _is_prose(parts: Sequence[_Part]) -> bool:
    """Tell whether several long lines fill the column."""
    right = max(p.line.x1 for p in parts)
    full = [
        p for p in parts if len(p.line.text) >= _LONG and right - p.line.x1 <= _REST * p.line.size
    ]
    return len(full) >= _LEAST_BESIDE


def _is_level(line: Line, others: Sequence[_Part]) -> bool:
    return any(abs(o.line.y1 - line.y1) <= _SAME_HEIGHT * line.size for o in others)


def _width(parts: Sequence[_Part]) -> float:
    return max((p.line.x1 for p in parts), default=0.0) - min(
        (p.line.x0 for p in parts), default=0.0
    )


def _taken_out(rows: Sequence[PrintedRow], cut: _Cut) -> tuple[list[PrintedRow], list[Column]]:
    """Return the rows without the columns that stand beside others; links alone are taken out."""
    sides: list[tuple[_Part, ...]] = [cut.narrow]
    if not cut.is_aside:
        sides = sorted((cut.narrow, cut.wide), key=lambda s: median(p.line.x0 for p in s))
    gone = {id(g) for side in sides for p in side for g in p.glyphs}
    touched = {p.row for side in sides for p in side}
    first, last = min(touched), max(touched) + 1
    rest = [
        g for r in rows[first:last] for part in r.parts for g in part if id(g) not in gone
    ]  # fmt: skip
    top = min(p.line.y0 for side in sides for p in side)
    columns = [
        Column(top, tuple(lines_of(g for p in side for g in p.glyphs)), cut.is_aside)
        for side in sides
    ]
    return [*rows[:first], *(parted(r) for r in rows_of(rest)), *rows[last:]], columns
