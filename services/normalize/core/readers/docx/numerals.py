"""Numbers of automatic lists in the number formats of Word (ECMA-376 part 1, 17.18.59)."""

from collections.abc import Callable
from typing import Final

_DIGITS: Final = "〇一二三四五六七八九"
_LEGAL: Final = "零壹贰叁肆伍陆柒捌玖"
_LEGAL_OLD: Final = "零壹貳參肆伍陸柒捌玖"
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN: Final = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LARGEST: Final = 9999


def numeral(number: int, form: str) -> str:
    """Return `number` as Word prints it in the number format `form`; unknown ones in digits."""
    if not 0 <= number <= _LARGEST:
        return str(number)
    write = _FORMS.get(form)
    return str(number) if write is None else write(number)


def _counting(
    digits: str, units: str, *, bare_ten: bool, zero: str, hundreds: bool = True
) -> Callable[[int], str]:
    """Write by place: 二十一, 一百零二; `bare_ten` prints ten without a one before it."""

    def write(number: int) -> str:
        if number == 0:
            return zero
        if number > 99 and not hundreds:
            return "".join(digits[int(d)] for d in str(number))
        text = ""
        skipped = False
        for place, unit in ((1000, units[2]), (100, units[1]), (10, units[0]), (1, "")):
            digit = number // place % 10
            if not digit:
                skipped = bool(text)
                continue
            text += (zero if skipped and zero != "〇" else "") + digits[digit] + unit
            skipped = False
        return text[1:] if bare_ten and 10 <= number < 20 else text

    return write


def _positional(digits: str) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(d)] for d in str(number))


def _cycle(signs: str) -> Callable[[int], str]:
    return lambda number: signs[(number - 1) % len(signs)] if number else "0"


def _sexagenary(number: int) -> str:
    return _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12]


def _enclosed(*runs: tuple[int, int, int]) -> Callable[[int], str]:
    """Write one sign per number: runs of (first number, last number, code of the first)."""

    def write(number: int) -> str:
        for first, last, code in runs:
            if first <= number <= last:
                return chr(code + number - first)
        return str(number)

    return write


def _roman(number: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _letters(number: int) -> str:
    """Write a to z, aa to zz: the letter again for every further round."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number else "0"


_CIRCLED = _enclosed((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1), (0, 0, 0x24EA))
_WIDE = _positional("０１２３４５６７８９")
_SIMPLE = _counting(_DIGITS, "十百千", bare_ten=True, zero="〇", hundreds=False)
_THOUSAND = _counting(_DIGITS, "十百千", bare_ten=True, zero="零")
_FORMS: Final[dict[str, Callable[[int], str]]] = {
    "none": lambda _: "",
    "bullet": lambda _: "",
    "decimalZero": lambda number: f"{number:02d}",
    "numberInDash": lambda number: f"- {number} -",
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerRoman": _roman,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerLetter": _letters,
    "chineseCounting": _SIMPLE,
    "taiwaneseCounting": _SIMPLE,
    "chineseCountingThousand": _THOUSAND,
    "taiwaneseCountingThousand": _THOUSAND,
    "japaneseCounting": _counting(_DIGITS, "十百千", bare_ten=True, zero="〇"),
    "koreanCounting": _THOUSAND,
    "ideographDigital": _positional(_DIGITS),
    "taiwaneseDigital": _positional("○一二三四五六七八九"),
    "japaneseDigitalTenThousand": _positional(_DIGITS),
    "chineseLegalSimplified": _counting(_LEGAL, "拾佰仟", bare_ten=False, zero="零"),
    "ideographLegalTraditional": _counting(_LEGAL_OLD, "拾佰仟", bare_ten=False, zero="零"),
    "japaneseLegal": _counting("零壱弐参四伍六七八九", "拾百千", bare_ten=False, zero="零"),
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
    "decimalFullWidth": _WIDE,
    "decimalFullWidth2": _WIDE,
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": _enclosed((1, 20, 0x2474)),
    "decimalEnclosedFullstop": _enclosed((1, 20, 0x2488)),
    "ideographEnclosedCircle": _enclosed((1, 10, 0x3280)),
}
