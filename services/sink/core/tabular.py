"""Reports, cells and findings as flat rows: which columns there are, of which kind, and what is in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from types import NoneType
from typing import Any, Final, Literal

from services.sink.core.lines import plain_number
from shared import forms
from shared.report.record import CellState

Kind = Literal["text", "whole", "number", "truth", "day", "moment", "list"]
Rows = Literal["cells", "reports", "issues"]
Row = Mapping[str, Any]
Block = list[Sequence[Any]]
"""Some rows column by column, in the order of `columns_of`: millions of rows are handled a column at a time."""
STATES: Final[tuple[CellState, ...]] = ("number", "blank", "mark", "unreadable", "absent")


_WHOLE: Final = frozenset((int, NoneType))


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
_CELL_HEAD: Final = _columns(f"{_WHERE} template")
CELL_PARTS: Final = _columns(
    "address position:whole form_table form_row form_column state value:number "
    "unit yuan:number raw line:whole page:whole place_row:whole place_column:whole "
    "confidence:number notes:list derived:number"
)
"""What a cell has of its own."""
CELL_COLUMNS: Final = (*_CELL_HEAD, *CELL_PARTS)
"""As the view `current_cells` has them."""
CELL_FIGURES: Final = tuple(
    c for c in CELL_PARTS if c.name in {"address", "state", "value", "unit", "yuan"}
)
"""What the row of a report takes of a cell."""
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
    return (*_REPORT_COLUMNS, *states, *_cell_columns())


@cache
def _cell_columns() -> tuple[Column, ...]:
    """Return a column for the figure of each declared cell, of money with its unit and the amount in yuan."""
    cells: list[Column] = []
    for address in addresses():
        cells.append(Column(address, "number"))
        if address in money_addresses():
            cells += [Column(f"{address}:unit"), Column(f"{address}:yuan", "number")]
    return tuple(cells)


def report_row(report: Row, cells: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Return one report with a column for each declared cell: its figure, or None where it shows none.

    Of a cell `CELL_FIGURES` are given. `cells_<state>` count the cells in each state, so that None is never taken
    for 0.
    """
    row = {column.name: report[column.name] for column in _REPORT_COLUMNS}
    row["damaged"] = bool(row["damaged"])
    counts = dict.fromkeys(STATES, 0)
    values: dict[str, Any] = {}
    for address, state, value, unit, yuan in cells:
        counts[state] += 1
        values[address] = plain_number(value)
        values[f"{address}:unit"] = unit
        values[f"{address}:yuan"] = plain_number(yuan)
    row |= {f"cells_{state}": n for state, n in counts.items()}
    row |= {column.name: values.get(column.name) for column in _cell_columns()}
    return row


def issue_row(report: Row, issue: Row) -> dict[str, Any]:
    """Return one finding, the report's identity before it."""
    merged = {**report, **issue}
    return {
        c.name: plain_number(merged[c.name]) if c.kind == "number" else merged[c.name]
        for c in ISSUE_COLUMNS
    }


def block_of(columns: Sequence[Column], rows: Sequence[Row]) -> Block:
    """Return rows laid column by column."""
    return [[row[column.name] for row in rows] for column in columns]


def cell_block(reports: Sequence[tuple[Row, Sequence[Sequence[Any]]]]) -> Block:
    """Return the cells of some reports, one row a cell; of a cell `CELL_PARTS` are given."""
    head: Block = [
        list(chain.from_iterable([report[c.name]] * len(cells) for report, cells in reports))
        for c in _CELL_HEAD
    ]
    parts = list(zip(*chain.from_iterable(cells for _, cells in reports), strict=True))
    if not parts:
        return [[] for _ in CELL_COLUMNS]
    own = zip(CELL_PARTS, parts, strict=True)
    return head + [_plain(v) if c.kind == "number" else v for c, v in own]


def _plain(values: Sequence[Any]) -> Sequence[Any]:
    return values if _WHOLE.issuperset(map(type, values)) else list(map(plain_number, values))
