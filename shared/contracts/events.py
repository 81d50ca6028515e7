"""Every event gouji publishes, as versioned pydantic models.

The body is plain JSON; the CloudEvents attributes travel as `ce-` headers (binary mode). Each event
is enriched: it carries what the earlier stages found. Unknown fields are ignored when reading, so a
newer publisher never breaks an older reader; fields are only ever added.
"""

from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from shared.contracts.edge import DocumentId, FileName, Moment, check_issues, check_record
from shared.errors import RefusalReason
from shared.report.document import Document
from shared.report.identity import ENGINE_VERSION
from shared.report.issue import Check, Issue, Severity
from shared.report.record import AgencyKind, Level, Record, Region

Stage = Literal["ingest", "normalize", "extract", "validate", "sink", "notify"]

SlowLane = Literal["office", "ocr"]
"""Where files wait that need slow help: the office converter, or character recognition."""


class Event(BaseModel):
    """What all events have in common.

    `document_id` is the sha256 of the file's bytes; `file` the name under which it first arrived;
    `received_at` when ingest first saw it (UTC); `source_size` its bytes.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    type: ClassVar[str]
    subject: ClassVar[str]

    document_id: DocumentId
    file: FileName
    received_at: Moment

    def message_id(self) -> str:
        """Return the deterministic id that lets the bus drop a second copy."""
        return f"{self.document_id}:{self.type}"


class ReportReceived(Event):
    """A file is archived under its hash and may be read."""

    type: ClassVar[str] = "gouji.report.received.v1"
    subject: ClassVar[str] = "gouji.v1.report.received"

    media_type: str
    size: int


class ReportDuplicate(Event):
    """The same bytes arrived again; `alias` is the further name."""

    type: ClassVar[str] = "gouji.report.duplicate.v1"
    subject: ClassVar[str] = "gouji.v1.report.duplicate"

    alias: FileName

    def message_id(self) -> str:
        """Return an id per document and alias."""
        return f"{self.document_id}:{self.type}:{self.alias}"


class _Reading(Event):
    """What an engine made of a document: another engine version makes another event."""

    def message_id(self) -> str:
        """Return an id per document and engine version."""
        return f"{self.document_id}:{self.type}:{ENGINE_VERSION}"


class ReportNormalized(_Reading):
    """The file became paragraphs and table rows with places."""

    type: ClassVar[str] = "gouji.report.normalized.v1"
    subject: ClassVar[str] = "gouji.v1.report.normalized"

    document: Document


class ReportDeferred(_Reading):
    """The file needs slow help first and waits in that lane, so that the quick ones go on."""

    type: ClassVar[str] = "gouji.report.deferred.v1"
    subject: ClassVar[str] = "gouji.v1.report.deferred"

    lane: SlowLane

    def message_id(self) -> str:
        """Return an id per document, engine version and lane."""
        return f"{super().message_id()}:{self.lane}"


class ArchiveMember(BaseModel):
    """One file out of an archive: its name (`a.zip/b.docx`) and the sha256 of its bytes."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    file: FileName
    document_id: DocumentId


class ReportExpanded(_Reading):
    """The file was an archive: its members were dropped in its stead, each with an end of its own.

    `skipped` names entries that are no documents, with the reason.
    """

    type: ClassVar[str] = "gouji.report.expanded.v1"
    subject: ClassVar[str] = "gouji.v1.report.expanded"

    members: tuple[ArchiveMember, ...]
    skipped: tuple[str, ...] = ()


class _OfARecord(_Reading):
    """What carries a record: that of its own document, never of another."""

    record: Record

    @model_validator(mode="after")
    def _record_is_sound(self) -> Self:
        check_record(self.record, self.document_id)
        return self


class ReportExtracted(_OfARecord):
    """The document became a record: identity, cells, sections, figures, leftovers."""

    type: ClassVar[str] = "gouji.report.extracted.v1"
    subject: ClassVar[str] = "gouji.v1.report.extracted"


class Counts(BaseModel):
    """How many issues of each severity and origin."""

    model_config = ConfigDict(frozen=True)

    error: int = 0
    warning: int = 0
    info: int = 0
    source: int = 0
    extraction: int = 0
    unknown: int = 0


class ReportValidated(_OfARecord):
    """The record was judged: issues and the status of every rule."""

    type: ClassVar[str] = "gouji.report.validated.v1"
    subject: ClassVar[str] = "gouji.v1.report.validated"

    report_id: str
    revision_id: str
    issues: tuple[Issue, ...]
    checks: tuple[Check, ...]
    rulebook_version: str
    engine_version: str
    counts: Counts
    judged_at: Moment | None = None
    """When a re-judgement was asked for; None for the first judgement of a reading."""
    corrections: tuple[str, ...] = ()
    """Ids of the reviewers' corrections that the record contains, in order."""

    @model_validator(mode="after")
    def _issues_are_sound(self) -> Self:
        check_issues(self.issues)
        return self

    def message_id(self) -> str:
        """Return an id per reading, rulebook and re-judgement."""
        again = f":{self.judged_at.isoformat()}" if self.judged_at else ""
        return f"{self.revision_id}:{self.type}:{self.rulebook_version}{again}"


class ReportCompared(_Reading):
    """The report was judged beside its neighbours: last year's, sister bodies', its members'.

    `issues` and `checks` are those of the rules across reports alone, all of them, so that this
    judgement replaces every earlier one. `beside` names the reports that were looked at. `position`
    sorts by the moment of the event that caused it: of two comparisons of one reading the one with
    the later position has seen all that the other saw.
    """

    type: ClassVar[str] = "gouji.report.compared.v1"
    subject: ClassVar[str] = "gouji.v1.report.compared"

    report_id: str
    revision_id: str
    issues: tuple[Issue, ...]
    checks: tuple[Check, ...]
    beside: tuple[str, ...]
    rulebook_version: str
    position: str
    copied_from: str | None = None
    """The report whose text this one shares, if there is one."""
    agency: str | None = None
    region: Region = Region()
    agency_level: Level | None = None
    agency_kind: AgencyKind | None = None
    year: int | None = None
    title: str | None = None
    judged_at: Moment | None = None
    """When the re-judgement was asked for that set this comparison in motion; None for any other cause."""

    @model_validator(mode="after")
    def _issues_are_sound(self) -> Self:
        check_issues(self.issues)
        return self

    def message_id(self) -> str:
        """Return an id per reading and cause."""
        return f"{self.revision_id}:{self.type}:{self.position}"


RecheckCause = Literal["rulebook", "correction"]


class RecheckRequested(Event):
    """The stored reading of a document shall be judged again; nothing is read anew.

    It is judged by the rulebook of the validator that takes the request, with all corrections of its
    cells. `rulebook_version` names the rulebook that was meant, for whoever counts what is left.
    """

    type: ClassVar[str] = "gouji.report.recheck.v1"
    subject: ClassVar[str] = "gouji.v1.report.recheck"

    cause: RecheckCause
    requested_at: Moment
    rulebook_version: str | None = None

    def message_id(self) -> str:
        """Return an id per document and request."""
        return f"{self.document_id}:{self.type}:{self.cause}:{self.requested_at.isoformat()}"


class ValidationFailed(Event):
    """One issue of one report, complete enough to act on without a look-up."""

    type: ClassVar[str] = "gouji.issue.v1"
    subject: ClassVar[str] = "gouji.v1.issue"

    report_id: str
    revision_id: str
    agency: str | None
    region: Region
    agency_level: Level | None
    agency_kind: AgencyKind | None
    year: int | None
    title: str | None
    issue: Issue
    judgement: str | None = None
    """The judgement that brought it up when a report was judged anew; None at its first one."""

    @model_validator(mode="after")
    def _issues_are_sound(self) -> Self:
        check_issues((self.issue,))
        return self

    def message_id(self) -> str:
        """Return an id per revision and issue, and per judgement where a report is judged anew."""
        again = f":{self.judgement}" if self.judgement else ""
        return f"{self.revision_id}:{self.issue.id}{again}"


class ReportRefused(Event):
    """The file can never become a record; the reason is from a closed list."""

    type: ClassVar[str] = "gouji.report.refused.v1"
    subject: ClassVar[str] = "gouji.v1.report.refused"

    stage: Stage
    reason: RefusalReason
    detail_zh: str
    detail_en: str


class ReportRecorded(Event):
    """The database holds the report."""

    type: ClassVar[str] = "gouji.report.recorded.v1"
    subject: ClassVar[str] = "gouji.v1.report.recorded"

    report_id: str
    revision_id: str
    agency: str | None
    year: int | None
    counts: Counts
    region: Region = Region()
    agency_level: Level | None = None
    rulebook_version: str | None = None
    judged_at: Moment | None = None

    def message_id(self) -> str:
        """Return an id per reading and judgement: what is recorded anew is told anew."""
        again = f":{self.judged_at.isoformat()}" if self.judged_at else ""
        return f"{self.revision_id}:{self.type}:{self.rulebook_version}{again}"


_AFTER_THE_END = (
    ReportRecorded.subject,
    ReportCompared.subject,
    RecheckRequested.subject,
    "gouji.v1.review.",
)
"""Subjects of messages about files that are on record already."""


class DeadLetter(BaseModel):
    """Our own failure after bounded attempts: what was being done, why it failed, how to replay.

    `payload` is the message as it was; `origin_stream` and `origin_sequence` say where it stood.
    `document_id` and `file` are None when even these could not be read from it. `consumer` is the
    durable consumer it failed for: where several get the same message, only that one gets it again. `headers` are
    those of the message: it can be put back whole when its stream has forgotten it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str] = "gouji.dead.v1"
    subject: ClassVar[str] = "gouji.v1.dead"

    service: Stage
    document_id: DocumentId | None
    file: FileName | None
    reason: str
    error_class: str
    attempts: int
    origin_subject: str
    origin_stream: str
    origin_sequence: int
    payload: str
    failed_at: Moment
    replay: str
    consumer: str | None = None
    headers: dict[str, str] = {}

    @property
    def ends_its_file(self) -> bool:
        """Whether the file is lost on the way; not if it was recorded before that."""
        return self.service != "notify" and not self.origin_subject.startswith(_AFTER_THE_END)


REPORT_EVENTS: tuple[type[Event], ...] = (
    ReportReceived,
    ReportDuplicate,
    ReportExpanded,
    ReportDeferred,
    ReportNormalized,
    ReportExtracted,
    ReportValidated,
    ReportRefused,
    ReportRecorded,
    ReportCompared,
    RecheckRequested,
)
"""Events of the REPORTS stream, in the order of the line."""


def issue_subject(severity: Severity, rule: str) -> str:
    """Return the subject of one failure event: `gouji.v1.issue.<severity>.<rule>`."""
    return f"{ValidationFailed.subject}.{severity}.{rule}"


def deferred_subject(lane: SlowLane) -> str:
    """Return the subject of the files that wait in a lane."""
    return f"{ReportDeferred.subject}.{lane}"


def dead_subject(service: Stage) -> str:
    """Return the subject of a service's dead letters."""
    return f"{DeadLetter.subject}.{service}"
