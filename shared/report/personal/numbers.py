"""Identity, card and mobile numbers: by their own checks, and by the words beside them.

GB 11643 gives the identity number: region, date of birth, a serial number, and a check character by
ISO 7064 (MOD 11-2); older ones have 15 digits without the century and the check.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Final

from shared.report.personal.words import alternatives, listed, one_of

Span = tuple[int, int]

_PLAIN: Final = str.maketrans("０１２３４５６７８９Ｘｘx", "0123456789XXX")
_DIGIT = "[0-9０-９]"
_GAP = "[ \u00a0\u3000－–-]"
_OPENS = r"(?<![0-9A-Za-z０-９Ａ-Ｚａ-ｚ])"
_CLOSES = r"(?![0-9A-Za-z０-９Ａ-Ｚａ-ｚ])"
_NUMBER = re.compile(rf"{_OPENS}{_DIGIT}(?:{_GAP}?{_DIGIT}){{10,22}}(?:{_GAP}?[XxＸｘ])?{_CLOSES}")
"""Anything that may be a number of a person, gaps between its digits included."""
_MOBILE = re.compile(
    rf"{_OPENS}(?P<abroad>(?P<sure>[+＋]?)[8８][6６](?P<parted>{_GAP}?))?"
    rf"(?P<own>[1１][3-9３-９]{_DIGIT}(?P<gap>{_GAP}?){_DIGIT}{{4}}(?P=gap){_DIGIT}{{4}}){_CLOSES}"
)
_GROUPS: Final = frozenset({(6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4), (6, 4, 2, 2, 4), (4, 4, 4, 6),
                            (4, 4, 4, 4, 2), (6, 3, 3, 3, 3), (3, 3, 8, 4)})  # fmt: skip
"""How people part the eighteen digits."""
_PROVINCES: Final = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|91")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_NEAR: Final = 16
"""Characters before a number that may say what it is."""


@cache
def _words(name: str) -> re.Pattern[str]:
    return re.compile(one_of(name))


@cache
def _code_before() -> re.Pattern[str]:
    return re.compile(rf"{one_of('codes')}[^0-9０-９，。；,;\n\t|]{{0,6}}\Z")


@cache
def _figure_before() -> re.Pattern[str]:
    words = alternatives(listed("figures"))
    return re.compile(rf"(?:{words}\s?[:：]?|[0-9０-９][.,，．])\s*\Z")


@cache
def _figure_after() -> re.Pattern[str]:
    return re.compile(rf"[.,，．][0-9０-９]|\s?(?:{one_of('units')}|[-+＋=＝≠<>≤≥×÷]\s)")


def identities(text: str) -> Iterator[Span]:
    """Yield identity numbers of citizens."""
    for match in _NUMBER.finditer(text):
        raw = match[0].translate(_PLAIN)
        plain = re.sub("[^0-9X]", "", raw)
        if len(plain) not in (15, 18):
            continue
        before = text[max(0, match.start() - _NEAR) : match.start()]
        named = bool(_words("identities").search(before))
        gapped = len(plain) != len(raw)
        if gapped and not named and not _is_parted_well(text, match, raw):
            continue
        if _code_before().search(before) and not named:
            continue
        if _is_identity(plain, named=named):
            yield match.span()


def _is_parted_well(text: str, match: re.Match[str], raw: str) -> bool:
    """Tell whether a number in groups is parted as people do; a row of figures is not."""
    groups = tuple(map(len, re.split("[^0-9X]", raw)))
    beside = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
    return groups in _GROUPS and not re.search(r"[\t|]", beside)


def _is_identity(plain: str, *, named: bool) -> bool:
    if not _PROVINCES.match(plain):
        return False
    if len(plain) == 15:
        return named and plain.isdecimal() and _is_day(f"19{plain[6:12]}")
    return _is_day(plain[6:14]) and (named or _has_check(plain))


def _is_day(text: str) -> bool:
    if not "1900" <= text[:4] <= "2099":
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return False
    return True


def _has_check(plain: str) -> bool:
    total = sum(int(d) * w for d, w in zip(plain[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == plain[17]


def cards(text: str) -> Iterator[Span]:
    """Yield numbers of bank cards, where the text says that they are: 16 to 19 digits with a check."""
    for match in _NUMBER.finditer(text):
        plain = re.sub("[^0-9X]", "", match[0].translate(_PLAIN))
        before = text[max(0, match.start() - _NEAR) : match.start()]
        if _is_card(plain) and _words("cards").search(before):
            yield match.span()


def _is_card(plain: str) -> bool:
    """Tell whether it may be a card of a private person, which begins with 62."""
    return plain.isdecimal() and 16 <= len(plain) <= 19 and plain[:2] == "62" and _luhn(plain)


def _luhn(plain: str) -> bool:
    doubled = (int(d) * (1 + n % 2) for n, d in enumerate(reversed(plain)))
    return sum(d // 10 + d % 10 for d in doubled) % 10 == 0


def mobiles(text: str) -> Iterator[Span]:
    """Yield mobile numbers: eleven digits that begin with 13 to 19, no figure and no code."""
    for match in _MOBILE.finditer(text):
        if _is_mobile(text, match):
            yield match.span("own")


def _is_mobile(text: str, match: re.Match[str]) -> bool:
    start, end = match.span()
    before = text[max(0, start - _NEAR) : start]
    if _code_before().search(before):
        return False
    if _words("calls").search(_clause(before)):
        return not re.match(r"[.．][0-9]", text[end : end + 2])
    return _is_written_as_one(match) and not (
        _BESIDE_BEFORE.search(before)
        or _BESIDE_AFTER.match(text, end)
        or _figure_before().search(before)
        or _figure_after().match(text, end)
    )


_BESIDE_BEFORE = re.compile(r"[\t|]\s{0,8}\Z|[0-9０-９][ \u00a0\u3000－–-]\Z")
_BESIDE_AFTER = re.compile(r"\s{0,4}[\t|]|[ \u00a0\u3000－–-][0-9０-９]")
"""A cell of a table, or a row of figures."""


def _is_written_as_one(match: re.Match[str]) -> bool:
    """Tell whether no word beside it is needed: three numbers with spaces between may be three cells."""
    if match["abroad"] and not (match["sure"] or match["parted"]):
        return False
    return match["gap"] in ("", "-", "－", "–")


def _clause(before: str) -> str:
    """Return what stands before in the same sentence and the same cell."""
    return re.split(r"[。；;\n\t|]", before)[-1]
