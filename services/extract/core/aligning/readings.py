"""What one cell's text says: a number, a mark, nothing, or something unreadable.

The hard cases are those of the real reports: `U` for 0, `+14`, `--253`, `11750 万元`, `63.2`,
full-width digits, thousands separators.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from shared.report.characters import is_space
from shared.report.record import LARGEST_READ, CellState, Number

_WIDTH = {0xFF01 + i: chr(0x21 + i) for i in range(94)}
_WIDTH.update({ord(k): v for k, v in {"，": ",", "−": "-", "—": "-", "–": "-", "―": "-",
                                      "﹣": "-", "、": ",", "．": ".", "。": "."}.items()})  # fmt: skip
_BLANKS = re.compile(r"\s+")
_NUMBER = re.compile(
    r"^(?:￥|¥|人民币)?(?P<sign>[+-]{0,2})(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<fraction>\.\d+)?"
    r"(?P<unit>亿元|万元|元|件|项|个|条|宗|次|份|%)?$"
)
_LONGEST = len(str(LARGEST_READ - 1))
_SIGN_MARKS = ("/", "//", "\\", "-", "--", "---", "*", "**", "…", "N/A", "n/a", "NA")
_WORD_MARKS = ("无", "暂无", "空", "无数据", "无此项", "不适用", "不涉及")
_MARKS = frozenset((*_SIGN_MARKS, *_WORD_MARKS))
_LOOK_ALIKES = {
    "U": "0", "O": "0", "o": "0", "〇": "0", "○": "0", "Ｏ": "0", "D": "0", "Q": "0", "u": "0",
    "C": "0", "c": "0", "°": "0", "口": "0", "l": "1", "I": "1", "i": "1", "|": "1", "!": "1", "丨": "1", "L": "1",
    "Z": "2", "z": "2", "S": "5", "s": "5", "B": "8", "g": "9", "q": "9", "b": "6",
}  # fmt: skip
_SPLIT_DIGITS = re.compile(r"^\d+(?:\s+\d+)+$")
_RUN_TOGETHER = re.compile(r"0\d+$")
_MONEY_UNITS = frozenset(("元", "万元", "亿元"))
_ZERO_WORDS = frozenset(("零", "〇"))
_TRAILING_NUMBER = re.compile(r"^(?P<text>.*[一-鿿）)])\s*(?P<number>[+-]{0,2}\d[\d,.]*)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """One cell's text as state and value. `candidates` are other values the look leaves open."""

    state: CellState
    value: Number | None = None
    unit: str | None = None
    confidence: float = 1.0
    notes: tuple[str, ...] = ()
    candidates: tuple[Number, ...] = ()


BLANK = Reading("blank")
_ZERO = Reading("number", 0)


@lru_cache(maxsize=4096)
def read_cell(text: str) -> Reading:
    """Return what the text of one value cell says."""
    if text == "0":
        return _ZERO
    plain = "" if is_space(text) else _BLANKS.sub("", text.translate(_WIDTH))
    if not plain:
        return BLANK
    if plain in _MARKS:
        return Reading("mark")
    match = _NUMBER.match(plain)
    if match:
        is_figure = len(match["digits"].replace(",", "").lstrip("0")) <= _LONGEST
        return _number(match, text) if is_figure else Reading("unreadable", confidence=0.5)
    if plain in _ZERO_WORDS:
        return Reading("number", 0, confidence=0.9, notes=("look_alike",))
    return _look_alike(plain)


@lru_cache(maxsize=4096)
def is_value(text: str) -> bool:
    """Tell whether the text can stand in a value cell: a number, a mark or a look-alike."""
    return read_cell(text).state in ("number", "mark")


def is_plain_number(text: str) -> bool:
    """Tell whether the text is a number as printed, without any substitution."""
    reading = read_cell(text)
    return reading.state == "number" and "look_alike" not in reading.notes


def split_number(text: str) -> tuple[str, str] | None:
    """Return label part and number of a cell that holds both (`费 0`), None otherwise."""
    match = _TRAILING_NUMBER.match(text.strip())
    return (match["text"].strip(), match["number"]) if match else None


def _number(match: re.Match[str], text: str) -> Reading:
    digits = match["digits"].replace(",", "")
    value: Number = float(digits + match["fraction"]) if match["fraction"] else int(digits)
    sign = match["sign"]
    notes: list[str] = []
    if sign.startswith("-"):
        value = -value
    if sign:
        notes.append("signed")
    if len(sign) == 2:
        notes.append("double_sign")
    unit = match["unit"]
    confidence = 1.0
    if _SPLIT_DIGITS.match(text.strip()) or _RUN_TOGETHER.match(digits):
        # `1 2` may be 12 or two cells that ran together, and so may `02`
        notes.append("split_digits")
        confidence = 0.7
    return Reading("number", value, unit, confidence, tuple(notes))


def _look_alike(plain: str) -> Reading:
    if len(plain) <= 6 and all(c.isdecimal() or c in _LOOK_ALIKES for c in plain):
        value = int("".join(_LOOK_ALIKES.get(c, c) for c in plain))
        return Reading("number", value, confidence=0.7, notes=("look_alike",))
    return Reading("unreadable", confidence=0.5)


def is_money_unit(unit: str | None) -> bool:
    """Tell whether a unit measures money."""
    return unit in _MONEY_UNITS
