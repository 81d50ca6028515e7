"""Which reports a person asks for: a value, checked before anything is read."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeVar, get_args

from shared.errors import GoujiError
from shared.language import spoken
from shared.report.issue import Severity
from shared.report.record import Level

T = TypeVar("T", bound=str)

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
_YEARS: Final = re.compile(r"(\d{4})(?:\s*[-–—~至]\s*(\d{4}))?\Z")
_CODE: Final = re.compile(r"\d{2,12}\Z")
_PAIRS: Final = 6


class Senseless(GoujiError):
    """A filter that nothing could ever pass; the message says what is allowed."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Reports are meant that pass every filter given; of several values of one filter any will do.

    `years` are the first and the last fiscal year. `regions` are prefixes of region codes or beginnings
    of names of any level, each meaning the whole tree below it. `agencies` are parts of names. `rules` and
    `severities` mean reports with such a finding, both on the same one.
    """

    years: tuple[int, int] | None = None
    regions: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()
    rules: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing was asked for in particular."""
        return self == Selection()

    @property
    def asks_for_findings(self) -> bool:
        """Whether only reports with certain findings are meant."""
        return bool(self.rules or self.severities)

    def means(self, rule: str, severity: str) -> bool:
        """Tell whether a finding is one of those asked for."""
        return (not self.rules or rule in self.rules) and (
            not self.severities or severity in self.severities
        )


def selection(
    *,
    years: str | None = None,
    regions: Iterable[str] = (),
    agencies: Iterable[str] = (),
    levels: Iterable[str] = (),
    rules: Iterable[str] = (),
    severities: Iterable[str] = (),
) -> Selection:
    """Read filters as typed; raises `Senseless`. Whether rules and regions exist is for others to say."""
    return Selection(
        _years(years) if years is not None else None,
        tuple(map(_region, regions)),
        tuple(_named("--agency", agency) for agency in agencies),
        tuple(_one_of("--level", level, get_args(Level)) for level in levels),
        tuple(_named("--rule", rule) for rule in rules),
        tuple(_one_of("--severity", severity, get_args(Severity)) for severity in severities),
    )


def code_prefix(region: str) -> str | None:
    """Return what the codes inside a region begin with (330000: 33), None for a name."""
    if not _CODE.match(region):
        return None
    code = region[:_PAIRS] if len(region) > _PAIRS and not region[_PAIRS:].strip("0") else region
    while len(code) > 2 and len(code) <= _PAIRS and code.endswith("00"):
        code = code[:-2]
    return code


def _years(text: str) -> tuple[int, int]:
    found = _YEARS.match(text.strip())
    if found is None:
        raise Senseless(
            f"--year {text!r}: "
            + spoken("应为一个年度或一段年度", "want a year or a range")
            + ": 2021, 2019-2025"
        )
    first, last = int(found[1]), int(found[2] or found[1])
    if first > last:
        raise Senseless(
            f"--year {text!r}: "
            + spoken(
                f"起始年度大于截止年度，是否指 {last}-{first}？",
                f"begins after its end; want {last}-{first}?",
            )
        )
    if first < FIRST_YEAR or last > LAST_YEAR:
        raise Senseless(
            f"--year {text!r}: "
            + spoken(
                f"超出范围，可用 {FIRST_YEAR} 至 {LAST_YEAR}",
                f"out of range, allowed {FIRST_YEAR} to {LAST_YEAR}",
            )
        )
    return first, last


def _region(text: str) -> str:
    name = _named("--region", text)
    if name.isdecimal() and not _CODE.match(name):
        raise Senseless(
            f"--region {text!r}: "
            + spoken("区划代码为 2 至 12 位数字", "a region code has 2 to 12 digits")
            + ": 33, 3301, 330106"
        )
    return name


def _named(option: str, text: str) -> str:
    if not text.strip():
        raise Senseless(f"{option}: " + spoken("不得为空", "must not be empty"))
    return text.strip()


def _one_of(option: str, text: str, allowed: tuple[T, ...]) -> T:
    for one in allowed:
        if text == one:
            return one
    raise Senseless(f"{option} {text!r}: " + spoken("可用", "allowed") + f": {', '.join(allowed)}")
