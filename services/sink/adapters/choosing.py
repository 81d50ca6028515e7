"""What a selection means in the database: conditions on the view `current_reports`."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Date,
    Integer,
    column,
    func,
    literal,
    or_,
    select,
    table,
)

from services.sink.core.selection import Selection, code_prefix
from services.sink.core.tabular import columns_of
from shared.database.base import Instant
from shared.database.comparisons import ComparedIssueRow
from shared.database.tables import IssueRow

_TYPES: Final[dict[str, Any]] = {
    "whole": Integer(),
    "truth": Boolean(),
    "day": Date(),
    "moment": Instant,
}
_PLACES: Final = ("province", "city", "county", "township")

REPORTS: Final = table(
    "current_reports",
    *(
        column(c.name, _TYPES.get(c.kind))
        for c in columns_of("reports")
        if not c.name.startswith("cells_") and "@" not in c.name
    ),
)
"""The view, column by column."""


def conditions(wanted: Selection) -> list[ColumnElement[bool]]:
    """Return what must hold of a row of `current_reports` that is meant; nothing for everything."""
    found: list[ColumnElement[bool]] = []
    if wanted.years is not None:
        found.append(REPORTS.c.year.between(*wanted.years))
    if wanted.levels:
        found.append(REPORTS.c.level.in_(wanted.levels))
    if wanted.agencies:
        names = (REPORTS.c.agency, REPORTS.c.agency_as_printed)
        found.append(
            or_(*(n.contains(part, autoescape=True) for part in wanted.agencies for n in names))
        )
    if wanted.regions:
        found.append(or_(*map(_inside, wanted.regions)))
    if wanted.asks_for_findings:
        found.append(_with_findings(wanted))
    return found


def _inside(region: str) -> ColumnElement[bool]:
    """Return what holds of every report in the tree below a region."""
    prefix = code_prefix(region)
    if prefix is not None:
        return REPORTS.c.region_code.startswith(prefix, autoescape=True)
    parts = [REPORTS.c[name] for name in _PLACES]
    path: ColumnElement[str] = literal("")
    for part in parts:
        path = path.concat(func.coalesce(part, ""))
    return or_(*(p.startswith(region, autoescape=True) for p in (*parts, path)))


def _with_findings(wanted: Selection) -> ColumnElement[bool]:
    own, beside = IssueRow.__table__, ComparedIssueRow.__table__

    def meant(issues: type[IssueRow | ComparedIssueRow]) -> list[ColumnElement[bool]]:
        columns = issues.__table__.c
        found: list[ColumnElement[bool]] = []
        if wanted.rules:
            found.append(columns.rule.in_(wanted.rules))
        if wanted.severities:
            found.append(columns.severity.in_(wanted.severities))
        return found

    return or_(
        REPORTS.c.revision_id.in_(select(own.c.revision_id).where(*meant(IssueRow))),
        REPORTS.c.report_id.in_(select(beside.c.report_id).where(*meant(ComparedIssueRow))),
    )


def count(connection: Connection, wanted: Selection) -> int:
    """Return how many reports are meant."""
    query = select(func.count()).select_from(REPORTS).where(*conditions(wanted))
    return connection.scalar(query) or 0


def without_reports(connection: Connection, regions: Sequence[str]) -> list[str]:
    """Return those regions in which no report lies."""
    return [r for r in regions if not count(connection, Selection(regions=(r,)))]


def provinces(connection: Connection) -> list[str]:
    """Return the names of the provinces that have reports."""
    query = select(REPORTS.c.province).where(REPORTS.c.province.is_not(None)).distinct()
    return sorted(connection.scalars(query))


def without_findings(connection: Connection, rules: Sequence[str]) -> list[str]:
    """Return those rules that no finding in the database names."""
    known: set[str] = set()
    for issues in (IssueRow.__table__, ComparedIssueRow.__table__):
        query = select(issues.c.rule).where(issues.c.rule.in_(rules)).distinct()
        known.update(connection.scalars(query))
    return [r for r in rules if r not in known]
