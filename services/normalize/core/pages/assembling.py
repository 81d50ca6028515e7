"""Pages of characters and rules become paragraphs and grids in reading order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from services.normalize.core.composing import Block, Grid, Text
from services.normalize.core.pages.cut_labels import with_whole_labels
from services.normalize.core.pages.filling import filled, grid_of, runs_of
from services.normalize.core.pages.flowing import Margins, Placed, margins_of, paragraphs_of
from services.normalize.core.pages.lattice import Frame, lattice
from services.normalize.core.pages.lines import Line, rows_of
from services.normalize.core.pages.margins import marginal_lines
from services.normalize.core.pages.page import Glyph, Page
from services.normalize.core.pages.printed import PrintedRow, parted
from services.normalize.core.pages.ruleless import Region, regions
from services.normalize.core.pages.side_columns import Column, columns_apart

_TOLERANCE = 0.3
"""Share of the type size up to which strokes are one rule: no row is that low."""
_USUAL_SIZE = 10.5
_ENOUGH, _TOO_LARGE = 30, 2.0
"""Characters that show the usual size in a table, and how much larger a watermark is."""
_INSIDE = 0.2
"""Share of the width of one word or number that must lie in a frame."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page, its characters sorted into frames, printed rows outside of them, side columns."""

    page: Page
    frames: tuple[tuple[Frame, tuple[Glyph, ...]], ...]
    rows: tuple[PrintedRow, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class _Split:
    """Which printed rows of a page are marginal, and which make up tables without a frame."""

    marginal: set[int]
    tables: tuple[Region, ...]

    def running(self, rows: Sequence[PrintedRow]) -> Iterable[Line]:
        """Yield the lines of running text."""
        taken = self.marginal.union(*(range(t.start, t.stop) for t in self.tables))
        return (x for i, row in enumerate(rows) if i not in taken for x in row.stretches())


def blocks_of(pages: Sequence[Page]) -> tuple[Block, ...]:
    """Return the paragraphs and grids of all pages in reading order.

    Paragraphs go on over page ends; running heads and page numbers are set aside. Every frame is
    a grid of its own: a table cut by a page end comes as its fragments.
    """
    sheets = [_sorted_out(page) for page in pages]
    aside = marginal_lines(pages, [[r.line for r in s.rows] for s in sheets])
    splits = [
        _Split(m, tuple(regions(s.rows, m, s.page.rulings, s.page.number)))
        for s, m in zip(sheets, aside, strict=True)
    ]
    flow = _Flow(_margins(sheets, splits))
    for sheet, split in zip(sheets, splits, strict=True):
        flow.take(sheet, split)
    flow.settle()
    return tuple(with_whole_labels(flow.found))


class _Flow:
    """Puts blocks in order; running text is held back until a table or another width ends it."""

    def __init__(self, margins: dict[int, Margins]) -> None:
        self.margins = margins
        self.found: list[Block] = []
        self.lines: list[Placed] = []
        self.held: list[Text] = []
        self.width = 0

    def settle(self) -> None:
        """Make paragraphs of the lines held back; what stands aside follows them."""
        if self.lines:
            self.found += paragraphs_of(self.lines, self.margins[self.width])
        self.found += self.held
        self.lines, self.held = [], []

    def take(self, sheet: _Sheet, split: _Split) -> None:
        """Take over one page."""
        page = sheet.page
        if round(page.width) != self.width:
            self.settle()
            self.width = round(page.width)
        self.held += [Text(t, page=page.number, aside=True) for t in page.aside]
        for item in _in_order(sheet, split):
            if isinstance(item, Line):
                if self.margins[self.width].beside(item):
                    # what stands beside the text must not cut its paragraphs
                    self.held.append(_text(item, page.number))
                else:
                    self.lines.append(Placed(item, page.number))
            elif isinstance(item, Text):
                self.held.append(item)
            elif isinstance(item, Column):
                self._take_column(item, page.number)
            else:
                self.settle()
                self.found.append(item)

    def _take_column(self, column: Column, number: int) -> None:
        if column.aside:
            self.held += [_text(x, number, aside=True) for x in column.lines]
            return
        self.settle()
        placed = [Placed(x, number) for x in column.lines]
        self.found += paragraphs_of(placed, margins_of(column.lines))


def _sorted_out(page: Page) -> _Sheet:
    """Drop every character of a page into the frame it lies in, or into the running text."""
    sizes = [g.y1 - g.y0 for g in page.glyphs]
    tolerance = _TOLERANCE * (median(sizes) if sizes else _USUAL_SIZE)
    frames = _tables(lattice(page.rulings, tolerance=tolerance))
    inside: list[list[Glyph]] = [[] for _ in frames]
    outside: list[Glyph] = []
    for run in runs_of(page.glyphs) if frames else (page.glyphs,):
        for held, frame in zip(inside, frames, strict=True):
            # a number that runs over the edge of its table is in it all the same
            if _share_inside(frame, run) >= _INSIDE:
                held.extend(run)
                break
        else:
            outside.extend(run)
    shown: list[tuple[Frame, tuple[Glyph, ...]]] = []
    for frame, held in zip(frames, inside, strict=True):
        own, large = _without_watermark(held)
        if large:
            page = replace(page, aside=(*page.aside, "".join(g.text for g in large)))
        if own:
            shown.append((frame, tuple(own)))
    printed = [parted(row) for row in rows_of(outside)]
    rows, columns = columns_apart(printed, [f.box for f, _ in shown], page.width)
    return _Sheet(page, tuple(shown), tuple(rows), tuple(columns))


def _without_watermark(glyphs: list[Glyph]) -> tuple[list[Glyph], list[Glyph]]:
    """Part the characters of a table from those that are far too large to be in its cells."""
    if len(glyphs) < _ENOUGH:
        return glyphs, []
    limit = _TOO_LARGE * median(g.y1 - g.y0 for g in glyphs)
    large = [g for g in glyphs if g.y1 - g.y0 > limit]
    return ([g for g in glyphs if g.y1 - g.y0 <= limit], large) if large else (glyphs, [])


def _share_inside(frame: Frame, run: Sequence[Glyph]) -> float:
    left, top, right, bottom = frame.box
    first, last = run[0], run[-1]
    if not top <= (first.y0 + first.y1) / 2 <= bottom:
        return 0.0
    shared = min(last.x1, right) - max(first.x0, left)
    return shared / max(last.x1 - first.x0, 0.1)


def _tables(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames that are tables: of several cells, and not around another frame."""
    several = [f for f in frames if len(f.cells) > 1]
    return [f for f in several if not any(o is not f and _encloses(f, o) for o in several)]


def _encloses(outer: Frame, inner: Frame) -> bool:
    left, top, right, bottom = inner.box
    return outer.holds(left, top) and outer.holds(right, bottom)


def _margins(sheets: Sequence[_Sheet], splits: Sequence[_Split]) -> dict[int, Margins]:
    """Return the margins of the running text for every width of page."""
    by_width: dict[int, list[Line]] = {}
    for sheet, split in zip(sheets, splits, strict=True):
        by_width.setdefault(round(sheet.page.width), []).extend(split.running(sheet.rows))
    return {width: margins_of(body) for width, body in by_width.items() if body}


def _text(line: Line, page: int, *, aside: bool = False) -> Text:
    box = (line.x0, line.y0, line.x1, line.y1)
    return Text(line.text, page=page, bbox=box, confidence=line.confidence, aside=aside)


def _in_order(sheet: _Sheet, split: _Split) -> list[Line | Text | Grid | Column]:
    """Return the lines, grids and side columns of a page from top to bottom."""
    number = sheet.page.number
    starts = {t.start: t for t in split.tables}
    inside = {i for t in split.tables for i in range(t.start, t.stop)}
    items: list[tuple[float, int, Line | Text | Grid | Column]] = []
    for i, row in enumerate(sheet.rows):
        line = row.line
        if i in starts:
            items.append((line.y0, i, starts[i].grid))
        elif i in split.marginal:
            items += [(line.y0, i, _text(chunk, number, aside=True)) for chunk in row.chunks]
        elif i not in inside:
            items += [(line.y0, i, x) for x in row.stretches()]
    for i, (frame, glyphs) in enumerate(sheet.frames, len(items)):
        items.append((frame.ys[0], i, grid_of(filled(frame, glyphs), number)))
    items += [(c.top, len(items) + i, c) for i, c in enumerate(sheet.columns)]
    return [item for _, _, item in sorted(items, key=lambda x: x[:2])]
