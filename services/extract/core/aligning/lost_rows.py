"""Rows of the form that are missing between printed rows: two rows may have been fused.

Torn markup loses the edge between two rows or half of each, and what is left of the one then
stands under the label of the other, number for number, with nothing in the row to show it. Only
the row that is missing beside it tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.extract.core.aligning.columns import Placement
from services.extract.core.aligning.readings import read_cell
from services.extract.core.aligning.rows import Declared, RowMatch
from shared.report.record import Cell

DOUBTED = 0.75
_WITH_SUM = 7
_FEW = 3
"""Of more missing rows in a run, a page is gone: pages end between rows."""


def beside_lost_rows(
    matches: Sequence[RowMatch],
    placements: Mapping[int, tuple[Placement, ...]],
    declared: Sequence[Declared],
) -> frozenset[int]:
    """Return the numbers of the matches that may hold values of a missing row next to them.

    Beside a run of many missing rows only those whose own numbers do not add up.
    """
    number_of = {(m.declared.table, m.declared.row): n for n, m in enumerate(matches)}
    found = [number_of.get((d.table, d.row)) for d in declared]
    doubted: set[int] = set()
    start = 0
    while start < len(found):
        end = start
        while end < len(found) and found[end] is None:
            end += 1
        for beside, lost in ((start - 1, start), (end, end - 1)):
            if start == end or not 0 <= beside < len(found):
                continue
            number = found[beside]
            if number is None or declared[beside].table != declared[lost].table:
                continue
            if end - start <= _FEW or not _adds_up(placements[number]):
                doubted.add(number)
        start = end + 1
    return frozenset(doubted)


def _adds_up(placements: Sequence[Placement]) -> bool:
    """Tell whether the last number is the sum of those before; shorter rows have no sum to break."""
    if len(placements) != 1 or len(placements[0].slots) < _WITH_SUM:
        return True
    *parts, last = [read_cell(s.text).value if s else None for s in placements[0].slots]
    return last is not None and sum(p or 0 for p in parts) == last


def doubted(cell: Cell) -> Cell:
    """Return the cell as one that may belong to another row."""
    return replace(
        cell, confidence=min(cell.confidence, DOUBTED), notes=(*cell.notes, "beside_lost_row")
    )
