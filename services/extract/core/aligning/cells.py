"""From placed rows to the cells of the record: state, value, unit, raw text, place, confidence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from services.extract.core.aligning.columns import Placement, place_row
from services.extract.core.aligning.ground import NOWHERE, grounds
from services.extract.core.aligning.lines import Line
from services.extract.core.aligning.readings import is_money_unit, read_cell
from services.extract.core.aligning.rows import RowMatch
from services.extract.core.aligning.spans import UNSURE_WALL, is_shown
from shared import forms
from shared.forms import Column
from shared.report.document import GridCell, Place
from shared.report.record import Cell, Edition, Number

_BY_POSITION = 0.78
_UNCERTAIN_PLACE = 0.6
_LOST_COLUMN = 0.75
_COVERED, _UNREAD = 0.7, 0.3
SURELY_EMPTY = 0.9
"""Recognition must be that sure that nothing is printed before a cell counts as left blank."""
_POSSIBLE = 0.02
"""Confidence from which another reading of recognition keeps a cell open."""


def place_rows(
    matches: Sequence[RowMatch], lines: Sequence[Line]
) -> dict[int, tuple[Placement, ...]]:
    """Return for every match (by its number) the placement of each of its rows with values.

    `lines` are all lines of the tables, titles included.
    """
    ground = grounds(matches, lines)
    placed: dict[int, tuple[Placement, ...]] = {}
    for number, match in enumerate(matches):
        declared = match.declared
        total_last = declared.table == "applications"
        rows = match.lines
        if len(rows) > 1:
            rows = tuple(x for x in rows if x.role == "data") or rows[:1]
        joined = _joined_values(rows, declared.width)
        if joined is not None:
            placed[number] = (Placement(joined),)
            continue
        placements: list[Placement] = []
        for row in rows:
            key = (row.fragment, declared.table, declared.block)
            under = ground.get(key, NOWHERE)
            placements.append(place_row(row, declared, under, total_last=total_last))
        placed[number] = tuple(placements)
    return _doubt_tall_cells(matches, placed)


def _doubt_tall_cells(
    matches: Sequence[RowMatch], placed: dict[int, tuple[Placement, ...]]
) -> dict[int, tuple[Placement, ...]]:
    """Lower the confidence of a value whose cell lies over that of the row below, too."""
    by_number = {n: matches[n].lines[0].index for n in placed if len(matches[n].lines) == 1}
    covered = {
        (index, slot.column)
        for n, index in by_number.items()
        for p in placed[n]
        for slot in p.slots
        if slot is not None and slot.covered
    }
    if not covered:
        return placed
    for n, index in by_number.items():
        placed[n] = tuple(_doubted(p, index, covered) for p in placed[n])
    return placed


def _doubted(placement: Placement, index: int, covered: set[tuple[int, int]]) -> Placement:
    slots = tuple(
        replace(s, confidence=min(s.confidence, UNSURE_WALL))
        if s is not None and any((index + k, s.column) in covered for k in range(1, s.rows))
        else s
        for s in placement.slots
    )
    return replace(placement, slots=slots)


def _joined_values(rows: Sequence[Line], width: int) -> tuple[GridCell, ...] | None:
    """Return the values of a row that was broken over two lines, None when it was not."""
    if len(rows) < 2:
        return None
    values = [[c for c in x.cells[x.value_start :] if is_shown(c)] for x in rows]
    together = [c for row in values for c in row]
    broken = all(len(row) < width for row in values)
    return tuple(together) if broken and len(together) == width else None


def cells_of_row(match: RowMatch, placements: Sequence[Placement], edition: Edition) -> list[Cell]:
    """Return the cells of one matched row in column order."""
    declared = match.declared
    columns = _addressed_columns(edition, declared.table, declared.block, declared.row)
    versions = [_cells_of(columns, p, *_of_match(match)) for p in placements]
    if len(versions) == 1:
        return versions[0]
    return [_merge(readings) for readings in zip(*versions, strict=True)]


@cache
def _addressed_columns(
    edition: Edition, table_id: str, block: int, row: str
) -> tuple[tuple[str, Column], ...]:
    table = forms.table(edition, table_id)
    return tuple((table.address(row, c.id), c) for c in table.blocks[block].columns)


def _of_match(match: RowMatch) -> tuple[float, tuple[str, ...]]:
    if match.matched == "position":
        return _BY_POSITION, ("position",)
    if match.matched == "similar" and match.likeness < 0.85:
        return 0.9, ("similar_label",)
    return 1.0, ()


def _cells_of(
    columns: tuple[tuple[str, Column], ...],
    placement: Placement,
    confidence: float,
    notes: tuple[str, ...],
) -> list[Cell]:
    doubt = min(confidence, 0.7)
    lost = ("column_lost",) if placement.lost else ()
    if placement.lost:
        confidence, notes = min(confidence, _LOST_COLUMN), (*notes, "column_lost")
    if not placement.certain:
        confidence, notes = min(confidence, _UNCERTAIN_PLACE), (*notes, "uncertain_place")
    elif placement.by_equation and not placement.lost:
        confidence, notes = min(confidence, 0.9), (*notes, "by_equation")
    return [
        Cell(address, "absent", confidence=doubt, notes=lost)
        if slot is None
        else printed_cell(address, column, slot, confidence, notes)
        for (address, column), slot in zip(columns, placement.slots, strict=True)
    ]


def printed_cell(
    address: str,
    column: Column,
    slot: GridCell,
    confidence: float = 1.0,
    notes: tuple[str, ...] = (),
) -> Cell:
    """Return the cell that a printed grid cell stands for."""
    place = Place(slot.line, slot.page, None, slot.column + 1, slot.bbox)
    confidence = min(confidence, slot.confidence)
    if slot.covered:
        return Cell(address, "absent", None, None, None, place, min(confidence, _COVERED),
                    (*notes, "covered"))  # fmt: skip
    if slot.unread and not slot.text:
        return Cell(address, "unreadable", None, None, "", place, min(confidence, _UNREAD),
                    (*notes, "unread"), candidates=_others(slot, None))  # fmt: skip
    if not slot.text and slot.confidence < SURELY_EMPTY:
        return Cell(address, "absent", None, None, None, place, min(confidence, _COVERED),
                    (*notes, "unsure_blank"), candidates=_others(slot, None))  # fmt: skip
    reading = read_cell(slot.text)
    unit = reading.unit
    if unit is not None and not is_money_unit(unit):
        unit = None
    if unit is None and column.kind == "money" and reading.state == "number":
        unit = column.unit
    return Cell(
        address,
        reading.state,
        reading.value,
        unit,
        slot.text if slot.raw is None else slot.raw,
        place,
        min(confidence, reading.confidence),
        notes + reading.notes if reading.notes else notes,
        candidates=_others(slot, reading.value) if slot.alternatives else reading.candidates,
    )


def _others(slot: GridCell, value: Number | None) -> tuple[Number, ...]:
    """Return the other numbers that recognition holds possible, the likeliest first."""
    others = [
        number
        for text, confidence in slot.alternatives
        if confidence >= _POSSIBLE and (number := read_cell(text).value) is not None
    ]
    return tuple(dict.fromkeys(n for n in others if n != value))


def _merge(readings: Sequence[Cell]) -> Cell:
    """Join the readings of one cell from several printed rows that make up one declared row."""
    shown = [c for c in readings if c.state == "number"]
    if not shown:
        return readings[0]
    plain = [c for c in shown if "look_alike" not in c.notes] or shown
    values = {c.value for c in plain}
    notes = tuple(dict.fromkeys((*plain[0].notes, "merged_rows")))
    raw = " / ".join(dict.fromkeys(c.raw or "" for c in shown))
    if len(values) == 1:
        confidence = 0.9 if len(plain) > 1 else 0.85
        return replace(plain[0], notes=notes, raw=raw, confidence=confidence)
    return replace(
        plain[0],
        state="unreadable",
        value=None,
        raw=raw,
        notes=notes,
        confidence=0.5,
        candidates=tuple(c.value for c in plain if c.value is not None),
    )


def absent_cells(addresses: Iterable[str]) -> list[Cell]:
    """Return cells for what the document does not show."""
    return [Cell(a, "absent") for a in addresses]
