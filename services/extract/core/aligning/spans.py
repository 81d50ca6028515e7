"""Merged cells and walls: which printed cell a grid shows under a column, and which it does not.

The hard cases: grid columns that nobody sees because every cell spans them, one number in a cell over
two columns, and from scans a wall that was not seen (`12 3` in one cell) or one that is none.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from services.extract.core.aligning.readings import read_cell
from shared.report.document import GridCell

Columns = tuple[int, ...]
UNSURE_WALL = 0.6
"""Confidence of a number that was put together or taken apart at a wall."""


def is_shown(cell: GridCell) -> bool:
    """Tell whether something is printed in the cell, be it that recognition could not read it."""
    return bool(cell.text) or cell.unread


def own_cells(cells: Iterable[GridCell]) -> tuple[GridCell, ...]:
    """Return the cells that begin in this row: those not covered by a merged neighbour."""
    return tuple([c for c in cells if not c.covered])


def ghost_columns(rows: Iterable[Sequence[GridCell]]) -> frozenset[int]:
    """Return the grid columns that most rows only span: they hold no column of the form."""
    begun: Counter[int] = Counter()
    covered: Counter[int] = Counter()
    for row in rows:
        for cell in row:
            (covered if cell.covered else begun)[cell.column] += 1
    return frozenset(c for c, n in covered.items() if n > 2 * begun[c])


def under(
    columns: Columns, cells: Sequence[GridCell], ghosts: frozenset[int] = frozenset()
) -> tuple[GridCell, ...] | None:
    """Return the cell of the row under each column, None when the row is not that long.

    A cell over two columns that shows one number a column is parted; the parts of a number with a
    wall inside (where all other rows have none) are joined. Both keep a low confidence.
    """
    by_column = {c.column: c for c in cells}
    if any(c not in by_column for c in columns):
        return None
    slots = [by_column[c] for c in columns]
    if not ghosts and all(c.columns == 1 for c in slots):
        return tuple(slots)
    for i, column in enumerate(columns):
        slot = slots[i]
        following = columns[i + 1 :]
        end = following[0] if following else column + slot.columns + 1
        if ghosts and end > column + 1:
            inside = (by_column.get(c) for c in range(column + 1, end) if c in ghosts)
            pieces = [c for c in inside if c is not None and is_shown(c)]
            if pieces:
                slots[i] = _joined(slot, pieces)
        if slot.columns == 1 or slot.covered:
            continue
        reach = 1 + sum([c < column + slot.columns for c in following])
        if reach > 1:
            slots[i : i + reach] = _parted(slot, slots[i : i + reach])
    return tuple(slots)


def _joined(first: GridCell, pieces: Sequence[GridCell]) -> GridCell:
    shown = [c for c in (first, *pieces) if is_shown(c)]
    if len(shown) == 1:
        return replace(
            shown[0], column=first.column, confidence=min(shown[0].confidence, UNSURE_WALL)
        )
    text = "".join(c.text for c in shown)
    return replace(
        first,
        text=text,
        raw=" | ".join(c.text for c in shown),
        unread=any(c.unread for c in shown),
        confidence=min(UNSURE_WALL, *(c.confidence for c in shown)),
        alternatives=tuple((c.text, UNSURE_WALL / 2) for c in shown if c.text),
    )


def _parted(cell: GridCell, over: Sequence[GridCell]) -> list[GridCell]:
    """Part one printed cell over several columns when it shows as many numbers as columns."""
    words = cell.text.split()
    confidence = min(cell.confidence, UNSURE_WALL)
    if len(words) == len(over) and all(read_cell(w).state in ("number", "mark") for w in words):
        return [
            replace(cell, text=w, column=c.column, columns=1, raw=cell.text,
                    confidence=confidence, alternatives=())
            for w, c in zip(words, over, strict=True)
        ]  # fmt: skip
    return [replace(cell, confidence=confidence), *over[1:]]


def without_repeats(zone: tuple[GridCell, ...], repeats: frozenset[int]) -> tuple[GridCell, ...]:
    """Leave out cells that print a spanning cell once more under its repeated title."""
    if not repeats or not zone:
        return zone
    told = [False, *(a.text == b.text for a, b in pairwise(zone))]
    return tuple(
        [c for c, same in zip(zone, told, strict=True) if not (same and c.column in repeats)]
    )
