"""Reports, cells and findings as flat rows: which columns there are, of which kind, and what is in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from services.sink.core.lines import plain_number
from shared import forms
from shared.report.record import CellState

Kind = Literal["text", "whole", "number", "truth", "day", "moment", "list"]
Rows = Literal["cells", "reports", "issues"]
Row = Mapping[str, Any]
STATES: Final[tuple[CellState, ...]] = ("number", "blank", "mark", "unreadable", "absent")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table of rows: its name and the kind of its values; any value may be missing."""

    name: str
    kind: Kind = "text"


def _columns(text: str) -> tuple[Column, ...]:
    """Read columns as `name` or `name:kind`."""
    return tuple(Column(*word.split(":")) for word in text.split())  # type: ignore[arg-type]


_WHERE: Final = (
    "report_id revision_id file agency province city county township region_code level kind "
    "year:whole scope"
)
CELL_COLUMNS: Final = _columns(
    f"{_WHERE} template address position:whole form_table form_row form_column state value:number "
    "unit yuan:number raw line:whole page:whole place_row:whole place_column:whole "
    "confidence:number notes:list derived:number"
)
"""As the view `current_cells` has them."""
ISSUE_COLUMNS: Final = _columns(
    f"{_WHERE} issue_id position:whole rule severity origin addresses:list expected observed "
    "difference:number formula message_zh message_en legal_basis suggestion verdict decided_by "
    "decided_at:moment decision_note across:whole"
)
"""As the view `current_issues` has them."""
_REPORT_COLUMNS: Final = _columns(
    "report_id revision_id document_id file agency agency_as_printed province city county township "
    "region_code level kind year:whole scope title published_on:day published_source template "
    "damaged:truth received_at:moment engine_version rulebook_version errors:whole warnings:whole "
    "infos:whole from_source:whole from_extraction:whole from_unknown:whole series place upper_place"
)
"""As the view `current_reports` has them."""


@cache
def addresses() -> tuple[str, ...]:
    """Return every cell that any edition declares: table by table, row by row, each once."""
    found: list[str] = []
    for table_id in forms.TABLE_IDS:
        rows: dict[str, list[str]] = {}
        for form in forms.editions():
            for address in form.table(table_id).addresses:
                named = rows.setdefault(address.partition("@")[0], [])
                if address not in named:
                    named.append(address)
        found += [address for named in rows.values() for address in named]
    return tuple(found)


@cache
def money_addresses() -> tuple[str, ...]:
    """Return the cells that hold money, whose unit matters."""
    money = {
        table.address(row.id, column.id)
        for form in forms.editions()
        for table in form.tables
        for block in table.blocks
        for row in block.rows
        for column in block.columns
        if column.kind == "money"
    }
    return tuple(a for a in addresses() if a in money)


@cache
def columns_of(rows: Rows) -> tuple[Column, ...]:
    """Return the columns of one kind of rows; of reports the cells come last, in form order."""
    if rows == "cells":
        return CELL_COLUMNS
    if rows == "issues":
        return ISSUE_COLUMNS
    states = tuple(Column(f"cells_{state}", "whole") for state in STATES)
    cells: list[Column] = []
    for address in addresses():
        cells.append(Column(address, "number"))
        if address in money_addresses():
            cells += [Column(f"{address}:unit"), Column(f"{address}:yuan", "number")]
    return (*_REPORT_COLUMNS, *states, *cells)


def report_row(report: Row, cells: Sequence[Row]) -> dict[str, Any]:
    """Return one report with a column for each declared cell: its figure, or None where it shows none.

    `cells_<state>` count the cells in each state, so that None is never taken for 0.
    """
    row = {column.name: report[column.name] for column in _REPORT_COLUMNS}
    row["damaged"] = bool(row["damaged"])
    counts = dict.fromkeys(STATES, 0)
    values: dict[str, Any] = {}
    for cell in cells:
        counts[cell["state"]] += 1
        values[cell["address"]] = cell
    row |= {f"cells_{state}": n for state, n in counts.items()}
    for address in addresses():
        shown = values.get(address, {})
        row[address] = plain_number(shown.get("value"))
        if address in money_addresses():
            row[f"{address}:unit"] = shown.get("unit")
            row[f"{address}:yuan"] = plain_number(shown.get("yuan"))
    return row


def cell_rows(report: Row, cells: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield one row a cell, the report's identity before it."""
    return _beside(CELL_COLUMNS, report, cells)


def issue_rows(report: Row, issues: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Yield one row a finding, the report's identity before it."""
    return _beside(ISSUE_COLUMNS, report, issues)


def _beside(
    columns: Sequence[Column], report: Row, parts: Sequence[Row]
) -> Iterator[dict[str, Any]]:
    own = [c for c in columns if c.name in report and (not parts or c.name not in parts[0])]
    head = {c.name: report[c.name] for c in own}
    for part in parts:
        merged = {**head, **part}
        yield {
            c.name: plain_number(merged[c.name]) if c.kind == "number" else merged[c.name]
            for c in columns
        }
