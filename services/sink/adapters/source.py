"""One moment of the database, read for an export: lines, rows, and what filters mean in it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, select, text

from services.sink.adapters.choosing import REPORTS, conditions
from services.sink.core.lines import decision_of_row
from services.sink.core.selection import Selection
from services.sink.core.tabular import Rows, cell_rows, issue_rows, report_row
from shared.database.base import Instant
from shared.database.comparisons import ComparedIssueRow
from shared.database.engine import snapshot_engine
from shared.database.outages import unavailable_when_silent
from shared.database.tables import CellRow, IssueRow
from shared.report.neutral import Decision
from shared.report.personal import masked, masked_values

BATCH: Final = 100
"""Reports held in memory at once."""

_AT_ONCE = 1000
"""Values in one list of a query."""
_DECISIONS = (
    text(
        'SELECT issue_id, verdict, "by", at, note FROM current_decisions WHERE issue_id IN :issues'
    )
    .bindparams(bindparam("issues", expanding=True))
    .columns(at=Instant)
)


@contextmanager
def reading(database_url: str) -> Iterator[Connection]:
    """Open one snapshot for reading: what is written meanwhile does not show. Raises `Unavailable`."""
    engine = snapshot_engine(database_url)
    try:
        with unavailable_when_silent(), engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def rows(
    connection: Connection, kind: Rows, wanted: Selection, *, shows_personal: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield flat rows of the current reports that are meant, by file name, a few reports at a time.

    Issues are only those asked for. Personal data is masked unless `shows_personal`; the figure of a cell is none.
    """
    for batch in report_batches(connection, wanted):
        known = [row["revision_id"] for row in batch]
        cells = cells_of(connection, known) if kind != "issues" else {}
        issues = _issue_parts(connection, batch, wanted) if kind == "issues" else {}
        for found in batch:
            report = found if shows_personal else masked_values(found)
            parts = cells.get(report["revision_id"], [])
            if kind == "reports":
                yield report_row(report, parts)
            elif kind == "cells":
                yield from cell_rows(report, parts if shows_personal else map_masked(parts))
            else:
                own = issues.get(report["revision_id"], [])
                yield from issue_rows(report, own if shows_personal else masked_values(own))


def report_batches(connection: Connection, wanted: Selection) -> Iterator[list[dict[str, Any]]]:
    """Yield rows of `current_reports` that are meant, by file name, `BATCH` at a time."""
    query = select(REPORTS).where(*conditions(wanted))
    result = connection.execute(
        query.order_by(REPORTS.c.file, REPORTS.c.revision_id),
        execution_options={"yield_per": BATCH},
    )
    for batch in result.mappings().partitions(BATCH):
        yield [{**row, "received_at": _moment(row["received_at"])} for row in batch]


def cells_of(connection: Connection, revisions: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the cells of some revisions in form order."""
    cells = CellRow.__table__
    query = select(cells).where(cells.c.revision_id.in_(revisions)).order_by(cells.c.position)
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        found[row["revision_id"]].append(dict(row))
    return found


def map_masked(cells: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return cells with personal data masked in what is no figure."""
    return [
        cell
        if cell["state"] == "number" or not cell["raw"]
        else {**cell, "raw": masked(cell["raw"])}
        for cell in cells
    ]


def decisions_on(connection: Connection, issues: Sequence[str]) -> dict[str, Decision]:
    """Return the decision that stands on each of some issues."""
    found: dict[str, Decision] = {}
    for start in range(0, len(issues), _AT_ONCE):
        rows = connection.execute(_DECISIONS, {"issues": issues[start : start + _AT_ONCE]})
        found |= {row["issue_id"]: decision_of_row(row) for row in rows.mappings()}
    return found


def issue_rows_of(
    connection: Connection, revisions: Sequence[str]
) -> Iterator[tuple[RowMapping, bool]]:
    """Yield the stored issues of some revisions, each with whether it was found beside other reports.

    Those found beside others belong to the current revision of their report and come last.
    """
    own, beside = IssueRow.__table__, ComparedIssueRow.__table__
    alone = select(own).where(own.c.revision_id.in_(revisions)).order_by(own.c.position)
    across = (
        select(beside, REPORTS.c.revision_id)
        .join(REPORTS, REPORTS.c.report_id == beside.c.report_id)
        .where(REPORTS.c.revision_id.in_(revisions))
        .order_by(beside.c.position)
    )
    for query, is_across in ((alone, False), (across, True)):
        for row in connection.execute(query).mappings():
            yield row, is_across


def _issue_parts(
    connection: Connection, batch: Sequence[dict[str, Any]], wanted: Selection
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, across in issue_rows_of(connection, [r["revision_id"] for r in batch]):
        if wanted.means(row["rule"], row["severity"]):
            found[row["revision_id"]].append({**row, "issue_id": row["id"], "across": int(across)})
    ids = [part["id"] for parts in found.values() for part in parts]
    decided = decisions_on(connection, ids)
    for part in (part for parts in found.values() for part in parts):
        decision = decided.get(part["id"])
        part["verdict"] = decision["verdict"] if decision else None
        part["decided_by"] = decision["by"] if decision else None
        part["decided_at"] = _moment(decision["at"]) if decision else None
        part["decision_note"] = decision["note"] if decision else None
    return found


def _moment(value: datetime | str) -> datetime:
    """Return a moment in UTC, whichever database it comes from."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(UTC)
