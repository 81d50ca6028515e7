"""Table four: fifteen numbers in one printed row, without any label of their own.

The hard case: the three header rows lose their spans and the review part loses its five values
(report 000), so that ten zeros must not slide to the left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from services.extract.core.aligning.labels import label_key, similarity
from services.extract.core.aligning.lines import Line
from services.extract.core.aligning.readings import is_value, read_cell
from services.extract.core.aligning.spans import is_shown, own_cells, under
from shared import forms
from shared.report.document import GridCell

TABLE = "review_litigation"
_ALIKE = 0.7
_HEADER_DEBRIS = 4


@dataclass(frozen=True, slots=True)
class TableFour:
    """The printed cell of each of the fifteen, None where the document shows none.

    `first` and `last` bound the lines that belong to the table; `unplaced` are rows of it whose
    numbers cannot be assigned; `groups_found` counts the groups of five that can.
    `titled` is False when only the count of fifteen tells the table.
    """

    slots: tuple[GridCell | None, ...]
    first: int
    last: int
    unplaced: tuple[Line, ...] = ()
    groups_found: int = 3
    titled: bool = True


@cache
def _words() -> tuple[frozenset[str], frozenset[str], tuple[tuple[str, ...], ...]]:
    """Return telling title keys, all keys of the table, and the label keys of its three groups."""
    table = forms.table("2021", TABLE)
    block = table.blocks[0]
    total = block.columns[-1].id
    telling = {label_key(c.label) for c in block.columns if c.id != total}
    groups = tuple(tuple(label_key(x) for x in r.labels) for r in block.rows)
    telling |= {k for group in groups[1:] for k in group}
    every = telling | {label_key(f) for f in table.furniture} | {k for g in groups for k in g}
    return frozenset(telling), frozenset(every | {label_key("总计")}), groups


def find_table_four(lines: Sequence[Line]) -> TableFour | None:
    """Return table four, or None when neither titles nor a row of fifteen numbers show it."""
    first = _first_title(lines)
    if first is None:
        return _untitled(lines)
    members = _members(lines, first)
    data = [x for x in members if _has_values(x)] or [x for x in members if _is_blank_row(x)][:1]
    last = members[-1].index
    slots, unplaced = _place(data, members) if data else ((None,) * 15, ())
    found = sum(any(s is not None for s in slots[g : g + 5]) for g in (0, 5, 10))
    return TableFour(slots, lines[first].index, last, unplaced, found)


def _untitled(lines: Sequence[Line]) -> TableFour | None:
    """Take the last row when it is fifteen numbers without any label: no other row has so many."""
    last = next((x for x in reversed(lines) if x.role == "data"), None)
    if last is None or last.keys:
        return None
    shown = tuple(c for c in last.cells if c.text)
    if len(shown) != 15:
        return None
    return TableFour(shown, last.index, last.index, titled=False)


def _first_title(lines: Sequence[Line]) -> int | None:
    telling, _, _ = _words()
    for i, line in enumerate(lines):
        if not telling.isdisjoint(line.keys):
            return i
    return next(
        (
            i
            for i, line in enumerate(lines)
            if sum(similarity(k, tuple(telling)) >= _ALIKE for k in line.keys if len(k) > 2) >= 2
        ),
        None,
    )


def _members(lines: Sequence[Line], first: int) -> list[Line]:
    """Return the lines from the first title to the end of the table."""
    _, every, _ = _words()
    members: list[Line] = []
    shown = 0
    for line in lines[first:]:
        if shown >= 15:
            break
        shown += sum(map(is_shown, _values(line))) if line.role == "data" else 0
        foreign = [
            k
            for k in line.keys
            if k not in every and len(k) > _HEADER_DEBRIS and similarity(k, tuple(every)) < _ALIKE
        ]
        if foreign and (line.role == "data" or len(foreign) == len(line.keys)):
            break
        members.append(line)
    return members or [lines[first]]


def _has_values(line: Line) -> bool:
    """Tell whether a row shows numbers or marks; titles beyond recognition are none."""
    return line.role == "data" and any(is_value(c.text) for c in _values(line) if c.text)


def _is_blank_row(line: Line) -> bool:
    return line.role == "empty" and len(own_cells(line.cells)) >= 15


def _values(line: Line) -> tuple[GridCell, ...]:
    """Return the cells that may hold values: all of them in a row without labels."""
    return own_cells(line.cells if not line.keys else line.cells[line.value_start :])


def _place(
    data: Sequence[Line], members: Sequence[Line]
) -> tuple[tuple[GridCell | None, ...], tuple[Line, ...]]:
    labelled = _labelled_groups(data)
    if labelled is not None:
        return labelled, ()
    cells = [c for x in data for c in _values(x)]
    shown = [c for c in cells if is_shown(c)]
    fifteen = 15 in (len(shown), len(cells)) and not _numbers_broken(data, shown)
    titled = _under_titles(data[0], members) if len(data) == 1 else None
    if titled is not None and (not fifteen or any(c.columns > 1 for c in cells)):
        return titled, ()
    if fifteen:
        return tuple(shown if len(shown) == 15 else cells), ()
    if len(cells) > 15 and len(data) == 1 and len(shown) < 15:
        return _window(cells), ()
    one = next((x for x in data if sum(1 for c in _values(x) if c.text) == 15), None)
    if one is not None:
        others = tuple(x for x in data if x is not one)
        return tuple(c for c in _values(one) if c.text), others
    return (None,) * 15, tuple(data)


def _numbers_broken(data: Sequence[Line], shown: Sequence[GridCell]) -> bool:
    """Tell whether the digits of single numbers were wrapped over several rows of many cells.

    One wrong sum may be the agency's; two or three wrong ones in a row of pieces are ours.
    """
    if len(data) < 2 or len(shown) != 15 or max(len(_values(x)) for x in data) < 5:
        return False
    return _sums_kept(shown) < 2


def _labelled_groups(data: Sequence[Line]) -> tuple[GridCell | None, ...] | None:
    """Read the table turned by a quarter: each group in a row of its own with its label."""
    _, _, groups = _words()
    slots: list[GridCell | None] = [None] * 15
    found = 0
    for line in data:
        values = [c for c in _values(line) if c.text]
        group = next(
            (g for g, labels in enumerate(groups) if any(k in labels for k in line.keys)), None
        )
        if group is None or len(values) != 5 or len(data) > 3:
            return None
        slots[group * 5 : group * 5 + 5] = values
        found += 1
    return tuple(slots) if found else None


def _under_titles(line: Line, members: Sequence[Line]) -> tuple[GridCell, ...] | None:
    """Return the cells under the fifteen printed titles, None when a value stands elsewhere."""
    head = [x for x in members if x.index < line.index]
    titles = _title_columns(head)
    if len(titles) != 15:
        return None
    ghosts = {c.column for x in head for c in x.cells if c.covered}.difference(titles)
    slots = under(tuple(titles), line.cells, frozenset(ghosts))
    if slots is None:
        return None
    known = {*titles, *ghosts}
    return slots if all(c.column in known for c in _values(line) if is_shown(c)) else None


def _title_columns(head: Sequence[Line]) -> list[int]:
    """Return the grid columns of the fifteen titles; where they cannot be read, of their cells."""
    leaf = {label_key(c.label) for c in forms.table("2021", TABLE).blocks[0].columns}
    read = sorted({c.column for x in head for c in x.cells if label_key(c.text) in leaf})
    if len(read) == 15 or not any(c.covered for x in head for c in x.cells):
        return read
    return sorted({c.column for x in head for c in x.cells if c.text and not c.covered})


def _window(cells: Sequence[GridCell]) -> tuple[GridCell | None, ...]:
    """Choose the fifteen neighbouring cells where the sums come out."""
    shown = [c for c in cells if is_shown(c)]
    windows = [cells[s : s + 15] for s in range(len(cells) - 14)]
    holding = [w for w in windows if all(c in w for c in shown)]
    if not holding:
        return (None,) * 15
    best: Sequence[GridCell] = max(holding, key=_sums_kept)
    return tuple(best)


def _sums_kept(window: Sequence[GridCell]) -> int:
    kept = 0
    for g in (0, 5, 10):
        numbers = [read_cell(c.text).value if c.text else None for c in window[g : g + 5]]
        if numbers[4] is not None:
            kept += sum(n or 0 for n in numbers[:4]) == numbers[4]
    return kept
