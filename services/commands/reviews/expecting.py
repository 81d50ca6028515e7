"""Who should have filed for a year and has not: from the lists, and from last year's reports."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal, cast

from rapidfuzz import fuzz

from services.commands.reaching.reading import Reader, Row
from services.commands.reviews.agency_bodies import codes_of
from services.commands.reviews.reviewing import Mistaken
from services.extract.core.gazetteer import lookup
from services.validate.core.dates import deadline_of
from shared.language import spoken
from shared.report.record import AgencyKind, Identity, Level, Region, Scope
from shared.report.series import core_name, place_of, series_id

_ALIKE: Final = 50.0
_SUCCESSORS: Final = 3

_LISTED: Final = """
    SELECT series, agency, region_code, region, level, kind, scope, since, until FROM agencies
    ORDER BY list_name, series
"""
_FILED: Final = """
    SELECT series, agency, province, city, county, township, region_code, level, kind, scope
    FROM current_reports WHERE year = :year AND agency IS NOT NULL ORDER BY report_id
"""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that is expected to report, and why: it stands on a list, or it filed last year."""

    series: str
    agency: str
    region: Region
    level: Level | None
    kind: AgencyKind | None
    scope: Scope
    expected: Literal["listed", "filed_before"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A body without a report for the year: until when it was due, and whether only local notices say so.

    `successors` are bodies of the same place that filed for the first time: maybe the same under a new name.
    """

    body: Body
    due: date
    soft: bool
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Situation:
    """Who is missing, and who need not have filed yet."""

    year: int
    missing: tuple[Missing, ...]
    not_due: tuple[Missing, ...]


class UnknownRegion(Mistaken):
    """No division or several are called so; `named` quotes what was typed and which there are."""

    def __init__(self, named: str) -> None:
        """Keep what was typed."""
        super().__init__(f"{spoken('不知是哪个地区', 'which division is', ' ')} {named}")
        self.named = named


def situation(reader: Reader, year: int, region: str | None, today: date) -> Situation:
    """Return who has not filed for a fiscal year as of a day, within a division if one is named.

    A body whose list says that it ended before the year is not expected, whoever filed before.
    """
    prefix = "" if region is None else region_prefix(region)
    filed = {body.series: body for body in _filed(reader, year)}
    before = {body.series: body for body in _filed(reader, year - 1)}
    expected = _expected(reader.rows(_LISTED), before, year)
    newcomers = [body for series, body in filed.items() if series not in before]
    lacking = [
        _missing(body, year, newcomers)
        for body in expected.values()
        if body.series not in filed and (body.region.code or "").startswith(prefix)
    ]
    lacking.sort(key=lambda m: (m.body.region.code or "", m.body.agency, m.body.series))
    return Situation(
        year,
        missing=tuple(m for m in lacking if today > m.due),
        not_due=tuple(m for m in lacking if today <= m.due),
    )


def region_prefix(region: str) -> str:
    """Return the digits that all codes within a division begin with; raises `UnknownRegion`."""
    code = region if region.isdigit() else None
    codes = [code.ljust(6, "0")[:6]] if code else codes_of(region)
    known = [c for c in codes if c in lookup.names()]
    if len(known) != 1:
        among = "、".join(lookup.full_name(c) for c in known[:4])
        raise UnknownRegion(f"{region!r}? {among}")
    digits = known[0]
    return digits[:2] if digits.endswith("0000") else digits.removesuffix("00")


def _expected(listed: Iterable[Row], before: Mapping[str, Body], year: int) -> dict[str, Body]:
    rows = list(listed)
    valid = [row for row in rows if _holds(row, year)]
    ended = {row["series"] for row in rows} - {row["series"] for row in valid}
    expected = {s: body for s, body in before.items() if s not in ended}
    return expected | {row["series"]: _listed(row) for row in valid}


def _holds(row: Row, year: int) -> bool:
    since, until = row["since"], row["until"]
    return (since is None or since <= year) and (until is None or year <= until)


def _filed(reader: Reader, year: int) -> Iterable[Body]:
    for row in reader.rows(_FILED, year=year):
        region = Region(
            row["province"], row["city"], row["county"], row["township"], row["region_code"]
        )
        yield _body(row, row["series"], region, "filed_before")


def _listed(row: Row) -> Body:
    code = row["region_code"]
    known = lookup.region_of(code) if code in lookup.names() else Region(code=code)
    return _body(row, row["series"], known, "listed")


def _body(
    row: Row, series: str | None, region: Region, expected: Literal["listed", "filed_before"]
) -> Body:
    known = cast("dict[str, Any]", {name: row[name] for name in ("level", "kind", "scope")})
    # a name that several places share has no series of its own; here its region is known all the same
    own = series or series_id(row["agency"], region, row["kind"], row["scope"])
    return Body(own, row["agency"], region, expected=expected, **known)


def _missing(body: Body, year: int, newcomers: Iterable[Body]) -> Missing:
    who = Identity(
        agency=body.agency, region=body.region, level=body.level, kind=body.kind, scope=body.scope
    )
    found = deadline_of(who, year)
    # a body of which nothing is known is asked for no earlier than the latest of all
    due, soft = (found.day, found.soft) if found else (date(year + 1, 3, 31), True)
    return Missing(body, due, soft, _successors(body, newcomers))


def _successors(body: Body, newcomers: Iterable[Body]) -> tuple[str, ...]:
    """Return the first-time filers of the same place and kind whose names are alike."""
    name = core_name(body.agency, body.region)
    alike = {
        other.agency: fuzz.ratio(name, core_name(other.agency, other.region))
        for other in newcomers
        if place_of(other.region) is not None
        and place_of(other.region) == place_of(body.region)
        and (other.region.township, other.kind, other.scope)
        == (body.region.township, body.kind, body.scope)
    }
    near = sorted((-likeness, agency) for agency, likeness in alike.items() if likeness >= _ALIKE)
    return tuple(agency for _, agency in near[:_SUCCESSORS])
