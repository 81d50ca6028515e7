"""Tables without a frame: rows by height, columns by where the figures stand.

Only lines between running text and headings are looked at, and only where labels of the form or
rows of figures prove a table. A label that wraps stays on rows of its own; the aligner knows how
to put them together.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.normalize.core.composing import Grid, Slot
from services.normalize.core.pages.page import Ruling
from services.normalize.core.pages.printed import PrintedRow
from services.normalize.core.pages.ruleless_cells import Builder, is_labelled
from services.normalize.core.vocabulary import is_running_text, is_section_heading, label_kind

_MANY_FIGURES, _LONGEST_LINE, _TAIL = 4, 34, 20
_NEXT_LINE = 1.7
"""Distance of a wrapped line from the one before, in type sizes."""


@dataclass(frozen=True, slots=True)
class Region:
    """Lines `start` to `stop` of a page that make up a table."""

    start: int
    stop: int
    grid: Grid


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
    return not _parts_tables(rows[i]) or _is_beside_figures(rows, i) or _is_among_figures(rows, i)


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


def _is_among_figures(rows: Sequence[PrintedRow], i: int) -> bool:
    """Tell whether rows of figures stand a line above and a line below.

    Then this is the label of a group in the middle of its rows, whatever it looks like.
    """
    line = rows[i].line
    near = [
        (row.line.y0 - line.y0) / line.size
        for row in rows[max(0, i - 3) : i + 4]
        if row.figures and line.size < 1.2 * row.line.size
    ]
    return any(-_NEXT_LINE < x < 0 for x in near) and any(0 < x < _NEXT_LINE for x in near)


def _trimmed(rows: Sequence[PrintedRow], start: int, stop: int) -> tuple[int, int] | None:
    """Return the lines from the first to the last that show a table, None when none prove it."""
    shown = [i for i in range(start, stop) if _shows_table(rows[i])]
    proven = any(
        len(rows[i].figures) >= _MANY_FIGURES or (rows[i].figures and is_labelled(rows[i]))
        for i in shown
    )
    if not proven:
        return None
    first, last = shown[0], shown[-1] + 1
    while first > start and _is_next(rows[first - 1], rows[first]):
        first -= 1
    while last < stop and _is_next(rows[last - 1], rows[last]):
        last += 1
    return first, last


def _is_next(row: PrintedRow, following: PrintedRow) -> bool:
    """Tell whether two rows stand close together, and hold no more than labels and figures."""
    near = following.line.y1 - row.line.y1 <= _NEXT_LINE * following.line.size
    return near and all(sum(len(x.text) for x in r.labels) <= _TAIL for r in (row, following))


def _shows_table(row: PrintedRow) -> bool:
    if len(row.figures) >= 2 or (row.figures and row.labels):
        return True
    return any(label_kind(c.text) is not None for c in row.chunks)


def _grid(rows: Sequence[PrintedRow], rulings: Sequence[Ruling], page: int) -> Grid:
    """Return the grid of a table whose parts (table two has several) have columns of their own."""
    slots: list[Slot] = []
    start = count = 0
    for i in range(1, len(rows) + 1):
        if i < len(rows) and not (_is_title(rows[i]) and any(r.figures for r in rows[start:i])):
            continue
        part = Builder(rows[start:i], rulings, page).slots()
        slots += [replace(s, row=s.row + count) for s in part]
        count += 1 + max((s.row for s in part), default=-1)
        start = i
    return Grid(tuple(slots))


def _is_title(row: PrintedRow) -> bool:
    """Tell whether a line holds nothing but titles of the form."""
    return not row.figures and all(
        label_kind(c.text) in ("caption", "opening", "head") for c in row.chunks
    )
