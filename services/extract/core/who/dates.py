"""Dates and years as reports print them, damaged ones included; nothing is guessed."""

import re
from datetime import date
from typing import Literal

from shared.report.values import value

_HAN_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")}
_HAN_DIGITS.update(
    {"零": "0", "○": "0", "O": "0", "o": "0", "Ｏ": "0", "О": "0", "о": "0", "0": "0", "元": "1"}
)
_FULL_WIDTH = {0xFF10 + i: str(i) for i in range(10)}
_READ_AS = str.maketrans("OoＯОоlI", "0000011")
_ZERO_WIDTH = "\ufeff\u200b\u200c\u200d\u2060\u00ad"

YEAR = r"(?:2[0OoＯОо〇○][0-9OoＯОо〇○lI]{2}|２０[０-９]{2}|二[〇零○OoＯОо0][〇零○OoＯОо0一二三四五六七八九]{2})"
"""A year as printed in titles: 2020, 2O20, ２０２０, 二〇二〇."""

_HAN_NUMBER = r"(?:[一二三]?十[一二三四五六七八九]?|[〇一二三四五六七八九])"
_AS_DIGIT = "OoＯОоlI"
"""What recognition takes a 0 or a 1 for; beside a true digit it is one."""
_FIGURES = rf"(?:[0-9０-９][0-9０-９{_AS_DIGIT}]|[{_AS_DIGIT}][0-9]|[0-9０-９])"
_NUMBER = rf"(?:{_FIGURES}|{_HAN_NUMBER})"
_WHOLE = re.compile(
    rf"(?P<year>{YEAR})(?:年(?P<month>{_NUMBER}|元)月(?P<day>{_NUMBER})(?:[日号曰]|(?![0-9A-Za-z]))"
    rf"|(?P<mark>[-./．－—])(?P<m2>{_FIGURES})(?:(?P=mark))(?P<d2>{_FIGURES})(?=\d{{1,2}}:\d{{2}}|\D|$))"
)
_MONTH_ONLY = re.compile(rf"(?P<year>{YEAR})年(?P<month>{_NUMBER}|元)月(?![0-9一二三十])")
_LOST = re.compile(
    r"20\d{2}(?:年\d{3,4}日|\d{1,2}月\d{1,2}日|年\d{1,2}日(?!起)|年月日|\d{2,4}日)|20\d{2}年\d{0,2}月日"
)

DateKind = Literal["whole", "month_only", "lost", "impossible"]


@value
class PrintedDate:
    """A date in a text: its value where it is one, else why it is none."""

    value: date | None
    kind: DateKind
    text: str
    year: int
    start: int
    end: int


def squeeze(text: str) -> str:
    """Return the text without blanks of any width; everything else stays as printed."""
    text = "".join(text.split())
    for mark in _ZERO_WIDTH:
        if mark in text:
            text = text.replace(mark, "")
    return text


def year_of(text: str) -> int:
    """Return the number of a year matched by YEAR."""
    text = text.translate(_FULL_WIDTH).translate(_READ_AS)
    digits = "".join(_HAN_DIGITS.get(c, c) for c in text)
    return int(digits)


def _number(text: str) -> int:
    text = text.translate(_FULL_WIDTH).translate(_READ_AS)
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int(_HAN_DIGITS[ones])
    return int(_HAN_DIGITS.get(tens, "1")) * 10 + int(_HAN_DIGITS.get(ones, "0"))


def _whole(match: re.Match[str]) -> PrintedDate:
    year = year_of(match["year"])
    month, day = _number(match["month"] or match["m2"]), _number(match["day"] or match["d2"])
    try:
        value: date | None = date(year, month, day)
    except ValueError:
        value = None
    kind: DateKind = "whole" if value else "impossible"
    return PrintedDate(value, kind, match[0], year, match.start(), match.end())


def find_date(text: str, start: int = 0) -> PrintedDate | None:
    """Return the first date in squeezed `text`, whole dates before months and damaged ones."""
    if found := _WHOLE.search(text, start):
        return _whole(found)
    if found := _MONTH_ONLY.search(text, start):
        return PrintedDate(
            None, "month_only", found[0], year_of(found["year"]), found.start(), found.end()
        )
    if found := _LOST.search(text, start):
        return PrintedDate(None, "lost", found[0], int(found[0][:4]), found.start(), found.end())
    return None
