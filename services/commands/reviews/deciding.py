"""The event of a decision, the same whether it was typed or clicked."""

from datetime import datetime

from services.commands.reaching.reading import Row, moment
from shared.contracts.reviews import IssueDecided, Verdict


def decided(row: Row, verdict: Verdict, *, by: str, at: datetime, note: str | None) -> IssueDecided:
    """Return the event of a decision on an issue; `row` is what `find_issues` returned."""
    return IssueDecided(
        document_id=row["document_id"],
        file=row["file"],
        received_at=moment(row["received_at"]),
        issue_id=row["issue_id"],
        report_id=row["report_id"],
        verdict=verdict,
        by=by,
        at=at,
        note=note,
    )
