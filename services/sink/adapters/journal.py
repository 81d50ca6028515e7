"""The log of changes: what was told before, read and written in the transaction that changes it."""

from typing import Any

from sqlalchemy import Connection, Select, select, text

from services.sink.core import changes
from services.sink.core.changes import Change, Judged
from services.sink.core.lines import issue_of_row
from shared.database.comparisons import ChangeRow, ComparedIssueRow
from shared.database.tables import IssueRow, RevisionRow
from shared.report.issue import Issue

_CURRENT = text("SELECT revision_id FROM current_reports WHERE report_id = :report_id")
_KNOWN = select(RevisionRow.id).where(RevisionRow.report_id == text(":report_id")).limit(1)


def current_revision(connection: Connection, report_id: str) -> str | None:
    """Return the revision that stands for a report, None when there is none yet."""
    named = {"report_id": report_id}
    if connection.execute(_KNOWN, named).first() is None:
        return None
    found: str | None = connection.execute(_CURRENT, named).scalar()
    return found


def issues_of(connection: Connection, revision_id: str) -> list[Issue]:
    """Return the issues of one revision, in order."""
    return _issues(connection, _of(IssueRow, IssueRow.revision_id, revision_id))


def compared_issues_of(connection: Connection, report_id: str) -> list[Issue]:
    """Return the issues of a report that its comparison found, in order."""
    return _issues(connection, _of(ComparedIssueRow, ComparedIssueRow.report_id, report_id))


def noted(connection: Connection, event: Judged) -> Change | None:
    """Return what the event changed when it was first written: it comes again until it is told."""
    named = {"judgement": changes.judgement_id(event)}
    row = connection.execute(_NOTED, named).first()
    return None if row is None else changes.of_row(row)


_NOTED = select(ChangeRow.__table__).where(ChangeRow.judgement == text(":judgement"))


def _of(row: Any, owner: Any, key: str) -> Select[Any]:
    return select(row.__table__).where(owner == key).order_by(row.position)


def _issues(connection: Connection, query: Select[Any]) -> list[Issue]:
    return [issue_of_row(row) for row in connection.execute(query).mappings()]
