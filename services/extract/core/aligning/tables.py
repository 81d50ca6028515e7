"""The three tables of a document as cells of the form, with everything that did not fit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from services.extract.core.aligning.cells import (
    SURELY_EMPTY,
    absent_cells,
    cells_of_row,
    place_rows,
    printed_cell,
)
from services.extract.core.aligning.columns import Placement
from services.extract.core.aligning.editions import detect_editions
from services.extract.core.aligning.findings import Reading, table_findings
from services.extract.core.aligning.labels import is_title_piece, label_key
from services.extract.core.aligning.lines import Line, read_lines
from services.extract.core.aligning.lost_columns import restore_lost_columns
from services.extract.core.aligning.lost_rows import beside_lost_rows, doubted
from services.extract.core.aligning.rows import Declared, RowAlignment, align_rows, declared_rows
from services.extract.core.aligning.streams import restack
from services.extract.core.aligning.table_four import TABLE as TABLE_FOUR
from services.extract.core.aligning.table_four import TableFour, find_table_four
from services.extract.core.trust.arbitration import arbitrate
from services.extract.core.trust.recognised import weigh
from shared import forms
from shared.report.document import Document, Observation
from shared.report.record import Cell, Edition, Leftover

_ORDER = forms.TABLE_IDS
_TITLED: dict[bool, tuple[float, tuple[str, ...]]] = {True: (1.0, ()), False: (0.78, ("position",))}


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables of a document say.

    `rows_found` counts declared rows that were matched (table four counts its groups).
    """

    templates: dict[str, Edition]
    cells: tuple[Cell, ...]
    leftovers: tuple[Leftover, ...]
    observations: tuple[Observation, ...]
    damaged: bool
    arbitrated: tuple[str, ...]
    rows_found: int


def read_tables(document: Document, *, sections: frozenset[int] = frozenset()) -> Tables:
    """Return the cells of all tables found; `sections` are the headings that were found."""
    lines = restack(read_lines(document))
    four = find_table_four(lines)
    body = [x for x in lines if four is None or x.index < four.first]
    behind = [x for x in lines if four is not None and x.index > four.last]
    editions = detect_editions(body)
    ordered = tuple((t, editions[t]) for t in _ORDER if t in editions)
    declared = declared_rows(ordered)
    alignment = align_rows(body, declared)
    placements = place_rows(alignment.matches, body)
    if "applications" in editions:
        restore_lost_columns(alignment.matches, placements, editions["applications"])
    found = {m.declared.table for m in alignment.matches}
    templates: dict[str, Edition] = {t: e for t, e in ordered if t in found or _has_header(body, t)}
    torn = beside_lost_rows(alignment.matches, placements, declared)
    cells = _cells(alignment, placements, templates, body, torn)
    if four is not None:
        templates[TABLE_FOUR] = templates.get("applications", "2021")
        cells.update(_cells_of_four(four, templates[TABLE_FOUR]))
    cells, arbitrated = arbitrate(cells, templates)
    if document.recognised:
        cells = weigh(cells, templates, frozenset(document.recognised))
    reading = Reading(
        lines=body, alignment=alignment, placements=placements, declared=declared, four=four,
        templates=templates, cells=cells, sections=sections,
    )  # fmt: skip
    damaged = reading.is_damaged
    if damaged:
        cells = {a: _doubt_blank(c) for a, c in cells.items()}
        reading = replace(reading, cells=cells)
    return Tables(
        templates=templates,
        cells=tuple(cells.values()),
        leftovers=_leftovers(alignment, placements, four, behind, body),
        observations=table_findings(reading),
        damaged=damaged,
        arbitrated=arbitrated,
        rows_found=len(alignment.matches) + (four.groups_found if four else 0),
    )


@cache
def _header_keys(table_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of the column titles and of the captions."""
    form = forms.table("2021", table_id)
    titles = frozenset(label_key(c.label) for b in form.blocks for c in b.columns)
    return titles, frozenset(label_key(b.caption) for b in form.blocks if b.caption)


def _has_header(lines: Sequence[Line], table_id: str) -> bool:
    titles, captions = _header_keys(table_id)
    return any(len(x.titles & titles) >= 3 or set(x.keys) & captions for x in lines)


def _cells(
    alignment: RowAlignment,
    placements: dict[int, tuple[Placement, ...]],
    templates: dict[str, Edition],
    lines: Sequence[Line],
    torn: frozenset[int],
) -> dict[str, Cell]:
    read: dict[str, Cell] = {}
    for number, match in enumerate(alignment.matches):
        edition = templates[match.declared.table]
        for cell in cells_of_row(match, placements[number], edition):
            read[cell.address] = doubted(cell) if number in torn else cell
    _take_header_unit(read, lines)
    cells: dict[str, Cell] = {}
    for table_id in _ORDER:
        if table_id in templates:
            for address in forms.table(templates[table_id], table_id).addresses:
                cells[address] = read.get(address) or Cell(address, "absent")
    return cells


def _take_header_unit(read: dict[str, Cell], lines: Sequence[Line]) -> None:
    """Give the amount the unit printed in its column title (采购总金额（万元）), unless it has one.

    The note says which unit the title prints, so that another one in the cell can be called out.
    """
    address = "active_disclosure.procurement@amount"
    cell = read.get(address)
    if cell is None or cell.state != "number":
        return
    for text in (t for x in lines for t in x.texts):
        if label_key(text).startswith("采购总金额"):
            unit = next((u for u in ("亿元", "万元", "元") if u in text), None)
            if unit is not None:
                notes = (*cell.notes, f"header_unit:{unit}")
                read[address] = replace(cell, unit=cell.unit or unit, notes=notes)
                return


def _cells_of_four(four: TableFour, edition: Edition) -> dict[str, Cell]:
    table = forms.table(edition, TABLE_FOUR)
    block = table.blocks[0]
    columns = [(r.id, c) for r in block.rows for c in block.columns]
    cells: dict[str, Cell] = {}
    for (row, column), slot in zip(columns, four.slots, strict=True):
        address = table.address(row, column.id)
        cells[address] = (
            _absent_from_four(address, four)
            if slot is None
            else printed_cell(address, column, slot, *_TITLED[four.titled])
        )
    return cells


def _absent_from_four(address: str, four: TableFour) -> Cell:
    """Return an absent cell; where numbers of the table fit no group it may be among them."""
    if four.unplaced:
        return Cell(address, "absent", confidence=0.7, notes=("column_lost",))
    return absent_cells([address])[0]


def _doubt_blank(cell: Cell) -> Cell:
    """In a damaged reading an empty place is no proof that the cell was left blank.

    Of a recognised cell its own confidence says whether there is ink in it.
    """
    if cell.state != "blank" or ("recognised" in cell.notes and cell.confidence >= SURELY_EMPTY):
        return cell
    notes = (*cell.notes, "empty_in_damaged_source")
    return replace(
        cell, state="absent", raw=None, confidence=min(cell.confidence, 0.7), notes=notes
    )


def _leftovers(
    alignment: RowAlignment,
    placements: dict[int, tuple[Placement, ...]],
    four: TableFour | None,
    behind: Sequence[Line],
    body: Sequence[Line],
) -> tuple[Leftover, ...]:
    table_of = {x.fragment: m.declared.table for m in alignment.matches for x in m.lines}
    found: list[Leftover] = []
    for line in alignment.unplaced:
        table = table_of.get(line.fragment)
        if line.role == "label" and all(is_title_piece(k) for k in line.keys):
            continue
        if table is not None or line.role == "data":
            reason = "row fits no declared row" if line.role == "data" else "label without values"
            found.append(Leftover(line.printed, line.line, table, reason))
    for number, match in enumerate(alignment.matches):
        for placement in placements[number]:
            found += [
                Leftover(c.text, c.line, match.declared.table,
                         f"value beyond the columns of row {match.declared.row}")
                for c in placement.extra
            ]  # fmt: skip
    if four is not None:
        found += [
            Leftover(x.printed, x.line, TABLE_FOUR, "numbers fit no group of table four")
            for x in four.unplaced
        ]
    last = body[-1].fragment if body else -1
    found += [
        Leftover(x.printed, x.line, None, "row after the last declared table")
        for x in behind
        if x.role == "data" and x.fragment == last
    ]
    return tuple(found)


__all__ = ["Declared", "Tables", "read_tables"]
