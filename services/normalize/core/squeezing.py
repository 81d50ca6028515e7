"""Columns and rows of a grid that no cell needs: left by rounding and by spans that reach too far.

A word processor keeps cell edges in twentieths of a point; edges that should meet but are one unit
apart become a column of their own in what it exports. Such a ghost column is spanned by every
cell it touches and filled by none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services.normalize.core.composing import Slot


def squeeze(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """Drop each column in which no cell both begins and ends, and each row in which none begins.

    Every cell keeps at least one column and one row; order and text stay as they are.
    """
    return _without_idle_rows(_without_ghost_columns(slots))


def _without_ghost_columns(slots: Sequence[Slot]) -> list[Slot]:
    """Rebuild the columns from left to right, ending one as soon as some cell fits between edges.

    Dropping a column may make a neighbour the whole of some cell, so kept edges are chosen one by
    one: an edge is kept when a cell lies wholly between the last kept edge and it.
    """
    ends: dict[int, int] = {}
    for slot in slots:
        end = slot.column + slot.columns
        ends[end] = max(ends.get(end, slot.column), slot.column)
    kept: list[int] = []
    last = -1
    for edge in sorted(ends):
        if ends[edge] >= last:
            kept.append(edge)
            last = edge
    number = _numbers_below(kept, max(ends, default=0))
    return [
        slot
        if number[slot.column] == slot.column
        and number[slot.column + slot.columns] == slot.column + slot.columns
        else replace(
            slot,
            column=number[slot.column],
            columns=max(1, number[slot.column + slot.columns] - number[slot.column]),
        )
        for slot in slots
    ]


def _without_idle_rows(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    begun = {slot.row for slot in slots}
    last = max((s.row + s.rows for s in slots), default=0)
    if len(begun) == last:
        return tuple(slots)
    number = _numbers_below([row + 1 for row in sorted(begun)], last)
    return tuple(
        replace(s, row=number[s.row], rows=max(1, number[s.row + s.rows] - number[s.row]))
        for s in slots
    )


def _numbers_below(kept: Iterable[int], last: int) -> list[int]:
    """Return for each edge from 0 to `last` how many kept edges lie at it or before it."""
    marks = [0] * (last + 1)
    for edge in kept:
        marks[edge] = 1
    total = 0
    for index, mark in enumerate(marks):
        total += mark
        marks[index] = total
    return marks
