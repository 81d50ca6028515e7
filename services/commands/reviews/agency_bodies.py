"""The rows of a list become bodies as their reports will name them: series, region, level, kind, scope.

Names are taken apart by the very functions that read the reports, so that a body and its reports have one series.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, get_args

from services.commands.reviews.agency_sheet import Column, Fault, SheetRow
from services.extract.core.gazetteer import lookup
from services.extract.core.who.agency import parse_agency, places_at
from services.extract.core.who.places import Evidence, Resolved, region_in, resolve
from services.extract.core.who.wording import is_body
from shared.contracts.reviews import ListedAgency
from shared.report.record import AgencyKind, Level, Region
from shared.report.series import series_id

_LEVELS: Final[dict[str, Level]] = {
    **{level: level for level in get_args(Level)},
    "国家级": "central", "中央": "central", "省级": "province", "市级": "prefecture",
    "地市级": "prefecture", "地级": "prefecture", "县级": "county", "区县级": "county",
    "县区级": "county", "乡级": "township", "乡镇级": "township",
}  # fmt: skip
_KINDS: Final[dict[str, AgencyKind]] = {
    **{kind: kind for kind in get_args(AgencyKind)},
    "政府": "government", "政府办公室": "government_office", "政府办公厅": "government_office",
    "部门": "department", "工作部门": "department", "乡镇政府": "township_government",
    "乡镇": "township_government", "街道办事处": "subdistrict_office", "街道": "subdistrict_office",
    "开发区": "development_zone", "其他": "other",
}  # fmt: skip
_CODE: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}|[0-9]{6})?")
_YEAR: Final = re.compile(r"(20[0-9]{2})(?:年度?)?")
_ALONE: Final = Evidence(None, (), "")


class _Faulty(Exception):
    """One row cannot be taken; carries what is wrong with it."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Bodies:
    """The bodies of a list, and what is wrong with the rows that became none."""

    agencies: tuple[ListedAgency, ...]
    faults: tuple[Fault, ...]


def bodies_of(rows: Iterable[SheetRow]) -> Bodies:
    """Return the body of every row; a row with a fault gives the fault instead."""
    agencies: dict[str, ListedAgency] = {}
    first: dict[str, int] = {}
    faults: list[Fault] = []
    for row in rows:
        try:
            body = _body(row)
        except _Faulty as error:
            faults.append(error.fault)
            continue
        if body.series in agencies:
            where = first[body.series]
            faults.append(
                row.fault("agency", f"不重复：同第 {where} 行", f"there once: same as row {where}")
            )
            continue
        agencies[body.series], first[body.series] = body, row.row
    return Bodies(tuple(agencies.values()), tuple(faults))


def _body(row: SheetRow) -> ListedAgency:
    if not row["agency"]:
        raise _Faulty(row.fault("agency", "机关全称", "the full name of a body"))
    code = _region_code(row)
    found = _resolved(row, code)
    region = region_in(found, "")
    kind = _kind(row, found.parsed.kind)
    scope = "roll_up" if found.parsed.kind == "government" else "own"
    series = series_id(found.agency, region, found.parsed.kind, scope)
    since, until = _years(row)
    return ListedAgency(
        series=series,
        agency=found.agency,
        region_code=region.code,
        region=region.full_name,
        level=_level(row) or found.parsed.level,
        kind=kind,
        scope=scope,
        parent=_parent(row, region, series),
        since=since,
        until=until,
    )


def _region_code(row: SheetRow) -> str | None:
    """Return the division that the row names, by code or name; None where it names none."""
    code = row["region_code"]
    if code and (not _CODE.fullmatch(code) or code[:6] not in lookup.names()):
        raise _Faulty(
            row.fault("region_code", "现行六位区划代码", "a code of a division, 6 digits")
        )
    if not row["region"]:
        return code[:6] or None
    codes = codes_of(row["region"])
    if not codes:
        raise _Faulty(
            row.fault("region", "已知的行政区划全名", "the full name of a known division")
        )
    if code and code[:6] not in codes:
        name = lookup.full_name(code[:6])
        raise _Faulty(
            row.fault("region", f"与代码 {code} 一致（{name}）", f"that of code {code}, {name}")
        )
    if not code and len(codes) > 1:
        raise _Faulty(
            row.fault("region", f"写明上级：{_choices(codes)}", "named with the one above it")
        )
    return code[:6] or codes[0]


def codes_of(name: str) -> tuple[str, ...]:
    """Return the codes that a name of a division may stand for, with all above it or alone."""
    steps, end = places_at(name, unknown=False)
    return steps[-1].codes if steps and end == len(name) else ()


def _choices(codes: tuple[str, ...]) -> str:
    return "、".join(lookup.full_name(c) for c in codes[:4] if c in lookup.names())


def _resolved(row: SheetRow, code: str | None) -> Resolved:
    """Return the body in full; the division of the row says where a name without place is."""
    name = row["agency"]
    parsed = parse_agency(name)
    if parsed.central:
        return resolve(name, _ALONE)
    if not (is_body(name) or parsed.steps or parsed.township or parsed.zone):
        raise _Faulty(row.fault("agency", "行政机关的名称", "the name of a public body"))
    if code is not None and not parsed.steps:
        name = lookup.full_name(code) + name.removeprefix(parsed.generic)
    above = lookup.full_name(code) if code is not None else ""
    found = resolve(name, Evidence(None, (), above))
    own = region_in(found, "").code
    if own is None:
        zh, en = "能确定地区：请填区划代码", "of a known place: give region_code"
        raise _Faulty(row.fault("agency", f"{zh}{_among(found)}", en))
    if code is not None and own != code:
        raise _Faulty(
            row.fault("agency", f"属于 {above}（{code}）", f"a body of {above}, not of {own}")
        )
    return found


def _among(found: Resolved) -> str:
    return f"（{'、'.join(found.candidates[:4])}）" if found.candidates else ""


def _kind(row: SheetRow, known: AgencyKind) -> AgencyKind:
    """Return the kind of the row, which may say more than the name does but nothing else."""
    if not row["kind"]:
        return known
    given = _KINDS.get(row["kind"])
    if given is None:
        raise _Faulty(row.fault("kind", "、".join(_KINDS), "one of these"))
    if given != known and (known != "other" or given == "government"):
        raise _Faulty(row.fault("kind", f"与名称一致：{known}", f"as the name says: {known}"))
    return given


def _level(row: SheetRow) -> Level | None:
    if row["level"] and row["level"] not in _LEVELS:
        raise _Faulty(row.fault("level", "、".join(_LEVELS), "one of these"))
    return _LEVELS.get(row["level"])


def _years(row: SheetRow) -> tuple[int | None, int | None]:
    since, until = _year(row, "since"), _year(row, "until")
    if since is not None and until is not None and since > until:
        raise _Faulty(
            row.fault("until", f"不早于起始年度 {since}", f"no earlier than since, {since}")
        )
    return since, until


def _year(row: SheetRow, column: Column) -> int | None:
    text = row[column]
    if not text:
        return None
    found = _YEAR.fullmatch(text)
    if found is None:
        raise _Faulty(row.fault(column, "年份，如 2021", "a year, as 2021"))
    return int(found[1])


def _parent(row: SheetRow, region: Region, series: str) -> str | None:
    """Return the series of the government whose roll-up contains the body."""
    if not row["parent"]:
        return None
    codes = _parent_codes(row["parent"])
    own = region.code or ""
    above = [c for c in codes if c == own or lookup.contains(c, own)]
    if not codes:
        raise _Faulty(
            row.fault("parent", "已知的县级以上政府", "a known government, county or above")
        )
    if len(above) != 1:
        where = region.full_name
        raise _Faulty(row.fault("parent", f"管辖 {where} 的政府", f"the government above {where}"))
    name = lookup.full_name(above[0]) + "人民政府"
    found = series_id(name, lookup.region_of(above[0]), "government", "roll_up")
    if found == series:
        raise _Faulty(row.fault("parent", "不是本机关自己", "another body than this one"))
    return found


def _parent_codes(name: str) -> tuple[str, ...]:
    """Return the codes of a government, named by its code, its place, or its own name."""
    if _CODE.fullmatch(name):
        return (name[:6],) if name[:6] in lookup.names() else ()
    parsed = parse_agency(name)
    return parsed.codes if parsed.kind == "government" and not parsed.township else ()
