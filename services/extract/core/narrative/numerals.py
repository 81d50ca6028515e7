"""Numbers as reports write them: 1,234 · １２ · 2.3万 · 一百二十三 · 廿 · 四十余 · 百分之九十五."""

import re
from typing import Final

from shared.report.record import LARGEST_READ, Number

_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SMALL: Final = {"十": 10, "百": 100, "千": 1000}
_LARGE: Final = {"万": 10_000, "亿": 100_000_000}
_TENS: Final = {"廿": "二十", "卅": "三十"}

CHINESE: Final = "零〇一二两三四五六七八九十百千万亿廿卅"
"""The characters a Chinese numeral is made of."""
ARABIC_PATTERN: Final = r"\d{1,3}(?:[,，]\d{3}){1,5}(?!\d)(?:[.．]\d+)?|\d+(?:[.．]\d+)?"
"""A number in digits of any width, with or without thousands separators."""

LONGEST: Final = 18
"""More characters than any printed count has: beyond that it is a code or junk."""

_ARABIC = re.compile(ARABIC_PATTERN)
_SCALES = re.compile(r"[十百千]?[万亿]{0,2}")


def parse_chinese(text: str) -> int | None:
    """Return the value of a Chinese numeral: positional (一百二十三) or by digit (二〇二〇)."""
    for sign, spelled in _TENS.items():
        text = text.replace(sign, spelled)
    if not 0 < len(text) <= LONGEST or any(c not in CHINESE for c in text):
        return None
    if not any(c in _SMALL or c in _LARGE for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    return _positional(text)


def _positional(text: str) -> int | None:
    total = section = digit = 0
    last_unit = 0
    for sign in text:
        if sign in _DIGITS:
            if digit and sign not in "零〇":
                return None
            digit = _DIGITS[sign]
            last_unit = 1 if sign in "零〇" else last_unit
        elif sign in _SMALL:
            section += (digit or 1) * _SMALL[sign]
            digit, last_unit = 0, _SMALL[sign]
        else:
            if sign == "亿":
                total = (total + section + digit or 1) * _LARGE[sign]
            else:
                total += (section + digit or 1) * _LARGE[sign]
            section, digit, last_unit = 0, 0, _LARGE[sign]
    # 一百二 is 120 and 三千五 3500, but 一百零二 is 102
    tail = digit * (last_unit // 10 if last_unit >= 100 else 1)
    return total + section + tail


def parse_arabic(text: str) -> Number | None:
    """Return the value of a number in digits: `1，234` -> 1234, `２.５` -> 2.5."""
    if _ARABIC.fullmatch(text) is None:
        return None
    plain = text.replace(",", "").replace("，", "").replace("．", ".")
    if len(plain) > LONGEST:
        return None
    return float(plain) if "." in plain else int(plain)


def scaled(value: Number, scale: str) -> Number:
    """Return value times 十/百/千/万/亿: (2.3, 万) -> 23000."""
    for sign in scale:
        value = value * (_SMALL.get(sign) or _LARGE.get(sign) or 1)
    return round(value) if abs(value - round(value)) < 1e-6 and scale else value


def _credible(value: Number | None) -> Number | None:
    """Return a value unless it is more than anybody counts: then it is a code or junk."""
    return None if value is None or value >= LARGEST_READ else value


def parse_numeral(text: str) -> Number | None:
    """Return the value of a numeral of either kind with its scale: `14万`, `二十五`, `1,234`."""
    if text.startswith("百分之"):
        return parse_numeral(text[3:])
    if text[:1].isdecimal():
        match = _ARABIC.match(text)
        rest = text[match.end() :] if match else text
        value = parse_arabic(match.group()) if match else None
        if value is None or _SCALES.fullmatch(rest) is None:
            return None
        return _credible(scaled(value, rest))
    whole, point, fraction = text.partition("点")
    value = parse_chinese(whole)
    if value is None or not point:
        return _credible(value)
    if not 0 < len(fraction) <= LONGEST or any(c not in _DIGITS for c in fraction):
        return None
    return float(f"{value}." + "".join(str(_DIGITS[c]) for c in fraction))
