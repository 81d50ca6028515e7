"""Made-up acts of reviewers for tests: small, complete, the same every time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.contracts.reviews import AgenciesListed, CellCorrected, IssueDecided, ListedAgency
from tests.services.sink import made

MAY = datetime(2022, 5, 4, 9, 30, tzinfo=UTC)
ADDRESS = "applications.received_new@total"


def _act(n: int, minutes: int, **changes: Any) -> dict[str, Any]:
    values = {
        "document_id": made.document(n),
        "file": f"{n}.txt",
        "received_at": made.JANUARY + timedelta(hours=n),
        "by": "李审",
        "at": MAY + timedelta(minutes=minutes),
    }
    return values | changes


def decided(n: int, verdict: str, minutes: int = 0, **changes: Any) -> IssueDecided:
    """Return a decision on the first issue of `made.validated(n)`."""
    event = made.validated(n)
    values = {"issue_id": event.issues[0].id, "report_id": event.report_id, "verdict": verdict}
    return IssueDecided(**_act(n, minutes, **(values | changes)))


def corrected(n: int, value: float | None = 7, minutes: int = 0, **changes: Any) -> CellCorrected:
    values = {
        "report_id": made.validated(n).report_id, "address": ADDRESS, "value": value,
        "state": "blank" if value is None else "number", "was_state": "number", "was_value": 5,
    }  # fmt: skip
    return CellCorrected(**_act(n, minutes, **(values | changes)))


def listed(*series: str, minutes: int = 0, **changes: Any) -> AgenciesListed:
    """Return a list of bodies named after their series."""
    parent = changes.pop("parent", None)
    agencies = tuple(ListedAgency(series=s, agency=s, region="某市", parent=parent) for s in series)
    return AgenciesListed(**_act(0, minutes, **({"name": "名单", "agencies": agencies} | changes)))
