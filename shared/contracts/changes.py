"""What a new judgement changed: issues that are new, gone, or told otherwise."""

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.contracts.edge import Moment, check_issues
from shared.contracts.events import Event
from shared.report.issue import Issue, Severity
from shared.report.record import AgencyKind, Level, Region

Cause = Literal["revision", "rulebook", "correction", "neighbours"]
"""revision: another document or reading of the report · rulebook: judged again by other rules ·
correction: a reviewer corrected cells · neighbours: another report arrived or changed."""


class IssueBrief(BaseModel):
    """An issue by its fingerprint, with what one sorts by."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    rule: str
    severity: Severity


class IssuesChanged(Event):
    """A report that had been judged before was judged anew: the difference between both.

    `new` are issues that it did not have, `gone` those that it has no more, `changed` those whose
    severity, origin or message are others now; `unchanged` are the fingerprints of the rest.
    `judgement` names this judgement, `judged_at` the re-judgement it belongs to, if one was asked for.
    """

    type: ClassVar[str] = "gouji.report.changed.v1"
    subject: ClassVar[str] = "gouji.v1.report.changed"

    report_id: str
    revision_id: str
    judgement: str
    cause: Cause
    agency: str | None
    region: Region
    agency_level: Level | None
    year: int | None
    rulebook_version: str
    judged_at: Moment | None = None
    new: tuple[IssueBrief, ...] = ()
    gone: tuple[IssueBrief, ...] = ()
    changed: tuple[IssueBrief, ...] = ()
    unchanged: tuple[str, ...] = ()

    def message_id(self) -> str:
        """Return an id per judgement."""
        return f"{self.judgement}:{self.type}"


class IssueGone(Event):
    """An issue that was told before holds no more, with the words it was last told in."""

    type: ClassVar[str] = "gouji.issue.gone.v1"
    subject: ClassVar[str] = "gouji.v1.gone"

    report_id: str
    revision_id: str
    judgement: str
    cause: Cause
    agency: str | None
    region: Region
    agency_level: Level | None
    agency_kind: AgencyKind | None
    year: int | None
    issue: Issue

    @model_validator(mode="after")
    def _issue_is_sound(self) -> Self:
        check_issues((self.issue,))
        return self

    def message_id(self) -> str:
        """Return an id per judgement and issue."""
        return f"{self.judgement}:{self.type}:{self.issue.id}"


def gone_subject(severity: Severity, rule: str) -> str:
    """Return the subject of an issue that is gone: `gouji.v1.gone.<severity>.<rule>`."""
    return f"{IssueGone.subject}.{severity}.{rule}"
