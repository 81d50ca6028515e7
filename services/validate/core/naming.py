"""Names of tables, rows and columns for messages, taken from the form's own labels."""

import re
from functools import cache
from typing import NamedTuple

from services.validate.core.corrected import CORRECTED
from shared import forms
from shared.report.record import Cell, Edition, Number

TABLES_ZH = {
    "active_disclosure": "表二（主动公开）",
    "applications": "表三（申请办理）",
    "review_litigation": "表四（复议诉讼）",
}
TABLES_EN = {
    "active_disclosure": "table two (active disclosure)",
    "applications": "table three (applications)",
    "review_litigation": "table four (review and litigation)",
}
STATES_ZH = {"blank": "空白", "mark": "符号", "unreadable": "无法辨认", "absent": "缺失"}

_GLOSS = re.compile(r"（[^（）]{5,}）")
_OUTCOME_GROUPS = {
    "denied": "不予公开",
    "unavailable": "无法提供",
    "not_processed": "不予处理",
    "other_processing": "其他处理",
}


class Name(NamedTuple):
    """One thing in both languages."""

    zh: str
    en: str


def split(address: str) -> tuple[str, str, str]:
    """Return table, row and column of a cell address."""
    table, _, rest = address.partition(".")
    row, _, column = rest.rpartition("@")
    return table, row, column


@cache
def row_name(edition: Edition, table: str, row: str) -> Name:
    """Return the printed label of a row, without the glosses in brackets."""
    for block in forms.table(edition, table).blocks:
        for entry in block.rows:
            if entry.id == row:
                return Name(_GLOSS.sub("", entry.label), _words(row))
    return Name(row, _words(row))


@cache
def column_name(edition: Edition, table: str, row: str, column: str) -> Name:
    """Return the printed label of the column of a row."""
    for block in forms.table(edition, table).blocks:
        if any(r.id == row for r in block.rows) or not row:
            for entry in block.columns:
                if entry.id == column:
                    return Name(entry.label, _words(column))
    return Name(column, _words(column))


@cache
def cell_name(edition: Edition, address: str) -> Name:
    """Return `row · column` of a cell."""
    table, row, column = split(address)
    row_zh, row_en = row_name(edition, table, row)
    column_zh, column_en = column_name(edition, table, row, column)
    return Name(f"{row_zh}·{column_zh}", f"{row_en} · {column_en}")


def table_name(table: str) -> Name:
    """Return what a table is called in messages."""
    return Name(TABLES_ZH[table], TABLES_EN[table])


def _words(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")


def text_of(cell: Cell) -> str | None:
    """Return the text that a cell's value was read from; None where a reviewer said what it is."""
    return None if CORRECTED in cell.notes else cell.raw


def printed(cell: Cell) -> str:
    """Return a cell's text as found, or the word for its state; of a corrected cell both readings."""
    text = text_of(cell)
    if text:
        return text
    meant = STATES_ZH.get(cell.state, str(cell.value))
    return f"{meant}（更正前 {cell.raw}）" if cell.raw else meant


def number(value: Number) -> str:
    """Return a number as people write it."""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    return str(value)


def listed(names: list[str], limit: int = 8, joint: str = "、") -> str:
    """Return names joined by 、 or another sign, the rest as a count."""
    if len(names) <= limit:
        return joint.join(names)
    return joint.join(names[:limit]) + f" 等{len(names)}处"


def listed_en(names: list[str], limit: int = 8) -> str:
    """Return names joined by commas, the rest as a count."""
    if len(names) <= limit:
        return ", ".join(names)
    return ", ".join(names[:limit]) + f" and {len(names) - limit} more"
