"""What a reviewer's value means for a cell of the form, and which cell was meant."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args

from rapidfuzz import fuzz, process

from services.commands.reviews.reviewing import Mistaken
from services.commands.talking.labels import printed
from services.commands.talking.wording import table
from services.sink.core.lines import plain_number
from shared import forms
from shared.forms.model import Column
from shared.language import Language, language, spoken, worded
from shared.report.money import YUAN_OF_UNIT
from shared.report.record import CellState, Edition, Number

STATES: Final = {
    "number": ("数字", "number"),
    "blank": ("空白", "blank"),
    "mark": ("符号", "mark"),
    "unreadable": ("读不清", "unreadable"),
    "absent": ("文件里没有", "absent"),
}
"""What each state of a cell is called."""

_NUMBER: Final = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,9})?")
_WORDS: Final[dict[str, CellState]] = {s: s for s in get_args(CellState) if s != "number"}
_NEAR: Final = 6
_HALF_WIDTH: Final = {0xFF01 + n: chr(0x21 + n) for n in range(94)}
"""Digits and signs as a Chinese keyboard types them: ８, ，, ．"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a cell: its state, and value and unit of a number."""

    state: CellState
    value: Number | None = None
    unit: str | None = None

    def __str__(self) -> str:
        return self.told(language())

    def told(self, language: Language) -> str:
        """Return the reading for people, in the language wanted."""
        if self.state != "number":
            return worded(language, *STATES[self.state], " ")
        return f"{self.value}{f' {self.unit}' if self.unit else ''}"


def stored_reading(cell: Mapping[str, Any]) -> Reading:
    """Return what a row of the table `cells` holds."""
    value = None if cell["value"] is None else plain_number(cell["value"])
    return Reading(cell["state"], value, cell["unit"])


def meant_reading(address: str, text: str, unit: str | None, now: Reading) -> Reading:
    """Return the reading that a person typed; a number keeps the unit of the cell if none is given.

    Raises `Mistaken` for what is neither a number nor a state, or does not suit the column.
    """
    typed = text.translate(_HALF_WIDTH).strip()
    state = _WORDS.get(typed)
    if state is not None:
        if unit is not None:
            raise Mistaken(spoken("只有数字才有单位", "only a number has a unit"))
        return Reading(state)
    plain = typed.replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise Mistaken(
            f"{text!r} "
            + spoken(
                "应为数字（至多 15 位），或 blank 空白、mark 符号、unreadable 读不清、absent 文件里没有",
                "must be a number (15 digits at most), or blank, mark, unreadable, absent",
            )
        )
    value: Number = float(plain) if "." in plain else int(plain)
    column = column_of(address)
    if column is None or column.kind == "count":
        _check_count(value, unit, signed=column is not None and column.signed)
        return Reading("number", value)
    if unit is not None and unit not in YUAN_OF_UNIT:
        raise Mistaken(f"{spoken('单位', 'unit', ' ')}: {'、'.join(YUAN_OF_UNIT)}")
    return Reading("number", value, unit or now.unit or column.unit)


def _check_count(value: Number, unit: str | None, *, signed: bool) -> None:
    if unit is not None:
        raise Mistaken(spoken("此格是件数，没有单位", "this cell is a count and has no unit"))
    if not isinstance(value, int) or (value < 0 and not signed):
        raise Mistaken(
            spoken(
                f"此格应为非负整数，不是 {value}",
                f"this cell holds whole numbers from 0, not {value}",
            )
        )


@cache
def column_of(address: str) -> Column | None:
    """Return the column of the form that an address lies in; None where no form has it."""
    for form in reversed(forms.editions()):
        for part in form.tables:
            for block in part.blocks:
                for column in block.columns:
                    if any(part.address(row.id, column.id) == address for row in block.rows):
                        return column
    return None


def unknown_cell(wanted: str, declared: Iterable[str], edition: Edition | None) -> Mistaken:
    """Return what to say about an address that the document does not declare: which are near."""
    found = process.extract(wanted, list(declared), scorer=fuzz.WRatio, limit=_NEAR)
    head = f"{spoken('此文件没有格', 'this document has no cell')} {wanted!r}"
    lines = table([(address, printed(address, edition)) for address, *_ in found])
    near = spoken("相近的", "near ones", " ")
    return Mistaken("\n".join([f"{head}; {near}:", *(f"    {x}" for x in lines)]))
