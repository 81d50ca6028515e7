"""What a reader asks for: query strings checked and turned into values, or refused with the reason.

Nothing of a query string is believed: unknown names, repeated ones, values of the wrong kind or
length are all answered with 400 and a sentence that says what is allowed.
"""

import base64
import binascii
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args
from urllib.parse import urlencode

from shared.report.issue import Severity
from shared.report.record import Level

FIRST_YEAR: Final = 2008
LAST_YEAR: Final = 2100
FILE_STATES: Final = ("refused", "dead", "duplicate", "expanded")
"""Terminal states of files that became no report."""
STATES: Final = ("error", "warning", "clean", "extraction", "damaged", "open")
"""What may be asked of a report: has errors, warnings, neither, uncertain readings, damage, undecided issues."""
_LONGEST: Final = 200
_LONGEST_CURSOR: Final = 900
_LONGEST_REGION: Final = 4
_STEERING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_RULE: Final = re.compile(r"[a-z0-9_]{1,64}")
_ID: Final = re.compile(r"[0-9a-f]{8,64}")
_ADDRESS: Final = re.compile(r"[a-z_]{1,40}\.[a-z0-9_.]{1,80}@[a-z0-9_]{1,40}")


class BadQuestion(Exception):
    """The question makes no sense; both sentences are for people."""

    def __init__(self, zh: str, en: str) -> None:
        """Keep what to say."""
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True)
class Reports:
    """Which reports, and from where in the list; `region` names divisions from the province down."""

    region: tuple[str, ...] = ()
    year: int | None = None
    level: str | None = None
    state: str | None = None
    rule: str | None = None
    severity: str | None = None
    agency: str | None = None
    after: str | None = None
    before: str | None = None

    def query(self, **changes: object) -> str:
        """Return a query string for the same question with some parts changed, from the list's start."""
        given: dict[str, Any] = {
            "region": "/".join(self.region), "year": self.year, "level": self.level,
            "state": self.state, "rule": self.rule, "severity": self.severity, "agency": self.agency,
        } | changes  # fmt: skip
        return urlencode({k: v for k, v in given.items() if v})

    @property
    def is_narrow(self) -> bool:
        """Tell whether anything is asked for but the whole list."""
        return bool(self.query())


@dataclass(frozen=True, slots=True)
class Files:
    """Which files that became no report."""

    state: str | None = None
    reason: str | None = None
    name: str | None = None
    after: str | None = None

    def query(self, **changes: object) -> str:
        """Return a query string for the same question with some parts changed, from the list's start."""
        given: dict[str, Any] = {
            "state": self.state, "reason": self.reason, "name": self.name,
        } | changes  # fmt: skip
        return urlencode({k: v for k, v in given.items() if v})


@dataclass(frozen=True, slots=True)
class Absent:
    """Who has not filed: for which year, within which division."""

    year: int | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What the statistics are about."""

    year: int | None = None
    province: str | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class One:
    """What of one report: a cell to look at, an older revision, a revision to compare with."""

    cell: str | None = None
    revision: str | None = None
    against: str | None = None
    page: int | None = None


def reports(given: Iterable[tuple[str, str]], rules: Collection[str]) -> Reports:
    """Return the question of the list; raises `BadQuestion`."""
    found = _named(given, ("region", "year", "level", "state", "rule", "severity", "agency",
                           "after", "before"))  # fmt: skip
    after, before = (_cursor(found.get(k), k) for k in ("after", "before"))
    if after and before:
        raise BadQuestion("after 与 before 只能用一个。", "Give after or before, not both.")
    return Reports(
        region=_region(found.get("region")),
        year=_year(found.get("year")),
        level=_one_of("level", found.get("level"), get_args(Level)),
        state=_one_of("state", found.get("state"), STATES),
        rule=_rule(found.get("rule"), rules),
        severity=_one_of("severity", found.get("severity"), get_args(Severity)),
        agency=found.get("agency"),
        after=after,
        before=before,
    )


def files(given: Iterable[tuple[str, str]], reasons: Collection[str]) -> Files:
    """Return the question of the list of files; raises `BadQuestion`."""
    found = _named(given, ("state", "reason", "name", "after"))
    return Files(
        state=_one_of("state", found.get("state"), FILE_STATES),
        reason=_one_of("reason", found.get("reason"), reasons),
        name=found.get("name"),
        after=_cursor(found.get("after"), "after"),
    )


def absent(given: Iterable[tuple[str, str]]) -> Absent:
    """Return the question of who has not filed; raises `BadQuestion`."""
    found = _named(given, ("year", "region"))
    return Absent(_year(found.get("year")), found.get("region"))


def sums(given: Iterable[tuple[str, str]], rules: Collection[str]) -> Sums:
    """Return the question of the statistics; raises `BadQuestion`."""
    found = _named(given, ("year", "province", "rule"))
    return Sums(_year(found.get("year")), found.get("province"), _rule(found.get("rule"), rules))


def one(given: Iterable[tuple[str, str]]) -> One:
    """Return what of one report is asked for; raises `BadQuestion`."""
    found = _named(given, ("cell", "revision", "against", "page", "told"))
    cell = found.get("cell")
    if cell is not None and not _ADDRESS.fullmatch(cell):
        raise BadQuestion("cell 不是格的地址。", "cell is no address of a cell.")
    for name in ("revision", "against"):
        if name in found and not _ID.fullmatch(found[name]):
            raise BadQuestion(f"{name} 不是修订编号。", f"{name} is no id of a revision.")
    page = found.get("page")
    if page is not None and not re.fullmatch(r"[1-9][0-9]{0,3}", page):
        raise BadQuestion("page 应为页码。", "page must be the number of a page.")
    return One(cell, found.get("revision"), found.get("against"), int(page) if page else None)


def is_id(text: str) -> bool:
    """Tell whether a part of a path can be an id."""
    return bool(_ID.fullmatch(text))


def cursor(*key: str) -> str:
    """Return a place in a list as text that a query string can hold."""
    return base64.urlsafe_b64encode("\x1f".join(key).encode()).decode().rstrip("=")


def place(text: str) -> tuple[str, ...]:
    """Return the key that `cursor` was made of; raises `BadQuestion`."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return tuple(data.decode().split("\x1f"))
    except (binascii.Error, ValueError):
        raise BadQuestion("翻页位置无效。", "The place in the list is not valid.") from None


def _named(given: Iterable[tuple[str, str]], known: Collection[str]) -> Mapping[str, str]:
    """Return what was given by name; empty values are left out, as forms send them."""
    found: dict[str, str] = {}
    for name, value in given:
        if name == "lang":
            continue
        if name not in known:
            raise BadQuestion(
                f"没有这个筛选条件；可用：{'、'.join(known)}。",
                f"There is no such filter; known are {', '.join(known)}.",
            )
        if name in found:
            raise BadQuestion(f"{name} 只能给一次。", f"{name} may be given only once.")
        text = value.strip()
        longest = _LONGEST_CURSOR if name in {"after", "before"} else _LONGEST
        if len(text) > longest or _STEERING.search(text):
            raise BadQuestion(
                f"{name} 过长或含控制字符。", f"{name} is too long or has control characters."
            )
        if text:
            found[name] = text
    return found


def _year(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise BadQuestion(
            f"year 应为 {FIRST_YEAR} 至 {LAST_YEAR} 的年份。",
            f"year must be a year from {FIRST_YEAR} to {LAST_YEAR}.",
        )
    return int(text)


def _one_of(name: str, text: str | None, known: Collection[str]) -> str | None:
    if text is not None and text not in known:
        raise BadQuestion(
            f"{name} 应为 {'、'.join(known)} 之一。", f"{name} must be one of {', '.join(known)}."
        )
    return text


def _rule(text: str | None, rules: Collection[str]) -> str | None:
    if text is not None and (not _RULE.fullmatch(text) or text not in rules):
        raise BadQuestion("没有这条规则。", "There is no such rule.")
    return text


def _region(text: str | None) -> tuple[str, ...]:
    parts = tuple(text.split("/")) if text else ()
    if len(parts) > _LONGEST_REGION:
        raise BadQuestion("region 至多四级。", "region has four levels at most.")
    return parts


def _cursor(text: str | None, name: str) -> str | None:
    if text is None:
        return None
    found = place(text)
    if any(_STEERING.search(part) for part in found):
        raise BadQuestion(f"{name} 无效。", f"{name} is not valid.")
    return text
