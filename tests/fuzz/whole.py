"""The stages by hand: events of a document, a record, a judgement, as the services make them."""

from datetime import UTC, datetime

from services.extract.core.extraction import extract
from services.pipeline import report_of
from services.sink.core import rows
from services.validate.core.judging import judge
from services.validate.core.telling import failures, verdict
from shared.contracts.events import Event, ReportExtracted, ReportNormalized, ReportValidated
from shared.report.document import Document
from shared.report.identity import revision_id
from shared.report.neutral import neutral_report
from shared.report.record import Record

NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
ID = "0" * 64


def normalized(document: Document) -> ReportNormalized:
    """Return the event of a document."""
    return ReportNormalized(document_id=ID, file="a.txt", received_at=NOW, document=document)


def extracted(record: Record) -> ReportExtracted:
    """Return the event of a record."""
    return ReportExtracted(
        document_id=record.document_id, file=record.file, received_at=NOW, record=record
    )


def record_of(document: Document, file: str = "a.txt") -> Record:
    """Return the record of a document; raises `BadInput` as the stage does."""
    return extract(document, document_id=ID, file=file)


def judged(record: Record) -> tuple[ReportValidated, tuple[Event, ...], dict[str, object]]:
    """Return the verdict on a record, its failures, and its neutral line."""
    event, found = extracted(record), judge(record)
    revision = revision_id(record.document_id)
    told = tuple(failures(event, record, revision, found.issues))
    concluded = verdict(event, record, revision, found)
    rows.recorded(concluded)
    line = neutral_report(record, found.issues, report_id=report_of(record), revision=revision)
    return concluded, told, line
