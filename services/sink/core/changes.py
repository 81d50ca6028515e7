"""What a new judgement of a report changed, as a value, as a row, and as the events that tell it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from services.sink.core.values import Row, clean, json_text, moment
from shared.contracts.changes import Cause, IssueBrief, IssueGone, IssuesChanged
from shared.contracts.events import Event, ReportCompared, ReportValidated, ValidationFailed
from shared.report.identity import fingerprint
from shared.report.issue import Issue

Judged = ReportValidated | ReportCompared

_ISSUES = TypeAdapter(tuple[Issue, ...])


@dataclass(frozen=True, slots=True)
class Change:
    """The difference between two judgements of one report; `judgement` names the later one."""

    judgement: str
    report_id: str
    revision_id: str
    cause: Cause
    rulebook_version: str
    judged_at: datetime | None
    new: tuple[Issue, ...]
    gone: tuple[Issue, ...]
    changed: tuple[Issue, ...]
    unchanged: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        """Tell whether everything stayed as it was."""
        return not (self.new or self.gone or self.changed)


def judgement_id(event: Judged) -> str:
    """Return the id of the judgement that an event tells."""
    return fingerprint("judgement", event.message_id())


def change(
    event: Judged, before: Iterable[Issue], cause: Cause
) -> Change:  # fmt: skip
    """Return what the event's judgement changed against the issues told before."""
    old = {issue.id: issue for issue in before}
    new = {issue.id: issue for issue in event.issues}
    kept = [i for i in new if i in old]
    return Change(
        judgement_id(event),
        event.report_id,
        event.revision_id,
        cause,
        event.rulebook_version,
        event.judged_at,
        new=tuple(issue for i, issue in new.items() if i not in old),
        gone=tuple(issue for i, issue in old.items() if i not in new),
        changed=tuple(new[i] for i in kept if _told(new[i]) != _told(old[i])),
        unchanged=tuple(i for i in kept if _told(new[i]) == _told(old[i])),
    )


def _told(issue: Issue) -> tuple[object, ...]:
    """Return what a reader of the issue sees of it; its order among the others is no change."""
    return (issue.severity, issue.origin, clean(issue.message_zh), clean(issue.message_en))


def cause_of(event: ReportValidated, before: str) -> Cause:
    """Return why a report is judged anew, given the revision that stood for it before."""
    if event.revision_id == before:
        return "rulebook"
    return "correction" if event.corrections else "revision"


def row(found: Change) -> Row:
    """Return the row of the log of changes."""
    return {
        "judgement": found.judgement,
        "report_id": found.report_id,
        "revision_id": found.revision_id,
        "cause": found.cause,
        "rulebook_version": found.rulebook_version,
        "judged_at": None if found.judged_at is None else moment(found.judged_at),
        "new": json_text(found.new),
        "gone": json_text(found.gone),
        "changed": json_text(found.changed),
        "unchanged": json_text(found.unchanged),
    }


def of_row(found: Any) -> Change:
    """Return the change that a row of the log holds; `found` gives the columns as attributes."""
    judged_at = found.judged_at
    if isinstance(judged_at, str):
        judged_at = datetime.fromisoformat(judged_at)
    return Change(
        found.judgement,
        found.report_id,
        found.revision_id,
        found.cause,
        found.rulebook_version,
        judged_at,
        new=_ISSUES.validate_python(found.new),
        gone=_ISSUES.validate_python(found.gone),
        changed=_ISSUES.validate_python(found.changed),
        unchanged=tuple(found.unchanged),
    )


def events(found: Change, event: Judged) -> Sequence[Event]:
    """Return an event for every issue that is new, told otherwise or gone, then the one that sums up.

    The issues of a new document or reading were told by validate when it judged them for the first
    time; those that come up when a report is judged anew are told here, where it is known what is new.
    """
    if isinstance(event, ReportValidated):
        who = event.record.identity
        agency, region, level, kind, year = who.agency, who.region, who.level, who.kind, who.year
        title = who.title
    else:
        agency, region, level = event.agency, event.region, event.agency_level
        kind, year, title = event.agency_kind, event.year, event.title
    about: dict[str, Any] = {
        "document_id": event.document_id,
        "file": event.file,
        "received_at": event.received_at,
        "report_id": found.report_id,
        "revision_id": found.revision_id,
        "judgement": found.judgement,
        "agency": agency,
        "region": region,
        "agency_level": level,
        "year": year,
    }
    again = () if found.cause == "revision" else (*found.new, *found.changed)
    failed = [
        ValidationFailed(**about, agency_kind=kind, title=title, issue=issue) for issue in again
    ]
    about["cause"] = found.cause
    gone = [IssueGone(**about, agency_kind=kind, issue=issue) for issue in found.gone]
    summary = IssuesChanged(
        **about,
        rulebook_version=found.rulebook_version,
        judged_at=found.judged_at,
        new=_briefs(found.new),
        gone=_briefs(found.gone),
        changed=_briefs(found.changed),
        unchanged=found.unchanged,
    )
    return (*failed, *gone, summary)


def _briefs(issues: Iterable[Issue]) -> tuple[IssueBrief, ...]:
    return tuple(IssueBrief(id=i.id, rule=i.rule, severity=i.severity) for i in issues)
