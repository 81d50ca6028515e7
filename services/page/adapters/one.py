"""Everything about one report: its reading, findings, revisions, neighbours, what people decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from services.page.adapters import reports
from services.page.adapters.shelf import Shelf
from shared.database.reading import Row, listed, moment
from shared.report.issue import Issue
from shared.report.neutral import Decision
from shared.report.record import Record
from shared.report.rows import decision_of_row, issue_of_row
from shared.report.stored import read_record

_REVISIONS: Final = """
    SELECT v.id, v.document_id, v.file, v.received_at, v.engine_version, v.rulebook_version,
           v.judged_at, v.corrections, v.errors, v.warnings, v.infos, v.title, v.published_on
    FROM revisions v WHERE v.report_id = :report ORDER BY v.precedence DESC LIMIT 50
"""
_ISSUES: Final = "SELECT * FROM issues WHERE revision_id = :revision ORDER BY position"
_COMPARED: Final = "SELECT * FROM compared_issues WHERE report_id = :report ORDER BY position"
_COMPARISON: Final = (
    "SELECT beside, copied_from, rulebook_version FROM comparisons WHERE report_id = :report"
)
_NEIGHBOURS: Final = """
    SELECT id AS report_id, agency, year, scope FROM reports WHERE id IN :ids ORDER BY year, agency, id
"""
_DECISIONS: Final = """
    SELECT id, issue_id, verdict, "by", at, note FROM decisions
    WHERE report_id = :report ORDER BY at DESC, id LIMIT 500
"""
_STANDING: Final = """
    SELECT issue_id, verdict, "by", at, note FROM current_decisions WHERE issue_id IN :issues
"""
_CORRECTIONS: Final = """
    SELECT id, address, state, value, unit, was_state, was_value, "by", at, note
    FROM corrections WHERE document_id = :document ORDER BY at DESC, id LIMIT 500
"""
_ISSUE: Final = """
    SELECT i.issue_id, i.report_id FROM current_issues i
    WHERE i.report_id = :report AND i.issue_id = :issue
"""
_JSON: Final = ("addresses", "evidence", "repairs")
_SHOWN_NEIGHBOURS: Final = 60


@dataclass(frozen=True, slots=True)
class Whole:
    """One report with all that is known of it; `shown` is the revision that is looked at."""

    row: Row
    shown: Row
    record: Record
    issues: tuple[Issue, ...]
    across: frozenset[str]
    """Ids of the issues found beside other reports."""
    revisions: tuple[Row, ...]
    neighbours: tuple[Row, ...]
    copied_from: str | None
    standing: Mapping[str, Decision]
    decisions: tuple[Row, ...]
    corrections: tuple[Row, ...]

    @property
    def is_current(self) -> bool:
        """Tell whether the revision that is looked at is the one that stands."""
        return bool(self.shown["id"] == self.row["revision_id"])


def whole(shelf: Shelf, report_id: str, revision: str | None = None) -> Whole | None:
    """Return a report as it stands, or as an older revision has it; None if there is no such thing."""
    row = reports.row_of(shelf, report_id)
    if row is None:
        return None
    revisions = tuple(shelf.rows(_REVISIONS, report=report_id))
    wanted = revision or row["revision_id"]
    shown = next((v for v in revisions if v["id"] == wanted), None)
    record = None if shown is None else record_of(shelf, wanted)
    if shown is None or record is None:
        return None
    own = tuple(map(_issue, shelf.rows(_ISSUES, revision=wanted)))
    is_current = wanted == row["revision_id"]
    beside = tuple(map(_issue, shelf.rows(_COMPARED, report=report_id))) if is_current else ()
    comparison = next(iter(shelf.rows(_COMPARISON, report=report_id)), None)
    return Whole(
        row,
        shown,
        record,
        own + beside,
        frozenset(issue.id for issue in beside),
        revisions,
        _neighbours(shelf, comparison),
        comparison["copied_from"] if comparison else None,
        _standing(shelf, own + beside),
        tuple(shelf.rows(_DECISIONS, report=report_id)),
        tuple(shelf.rows(_CORRECTIONS, document=shown["document_id"])),
    )


def record_of(shelf: Shelf, revision: str) -> Record | None:
    """Return the record of a revision; None if there is none."""
    rows = shelf.rows("SELECT record FROM revisions WHERE id = :revision", revision=revision)
    return read_record(bytes(rows[0]["record"])) if rows else None


def has_issue(shelf: Shelf, report_id: str, issue_id: str) -> bool:
    """Tell whether a report has such a finding now."""
    return bool(shelf.rows(_ISSUE, report=report_id, issue=issue_id))


def is_decided(shelf: Shelf, decision_id: str) -> bool:
    """Tell whether a decision is in the database."""
    return bool(shelf.rows("SELECT id FROM decisions WHERE id = :id", id=decision_id))


def document(shelf: Shelf, document_id: str) -> Row | None:
    """Return a document's row; None if there is no such document."""
    return next(
        iter(
            shelf.rows("SELECT id, file, received_at FROM documents WHERE id = :id", id=document_id)
        ),
        None,
    )


def _issue(row: Row) -> Issue:
    return issue_of_row({**row, **{name: listed(row[name]) for name in _JSON}})


def _neighbours(shelf: Shelf, comparison: Row | None) -> tuple[Row, ...]:
    ids = listed(comparison["beside"])[:_SHOWN_NEIGHBOURS] if comparison else []
    return tuple(shelf.rows(_NEIGHBOURS, ids=ids)) if ids else ()


def _standing(shelf: Shelf, issues: tuple[Issue, ...]) -> dict[str, Decision]:
    ids = [issue.id for issue in issues]
    if not ids:
        return {}
    rows = shelf.rows(_STANDING, issues=ids)
    return {row["issue_id"]: decision_of_row({**row, "at": moment(row["at"])}) for row in rows}
