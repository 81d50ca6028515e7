"""Judgements become events: one for each issue of a first judgement, and the verdicts."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.validate.core.across.judging import Compared
from services.validate.core.stored import Relatives
from shared.contracts.events import (
    Counts,
    Event,
    ReportCompared,
    ReportValidated,
    ValidationFailed,
)
from shared.report.identity import ENGINE_VERSION, report_id
from shared.report.issue import Issue, Judgement
from shared.report.record import Record


class Dropped(Protocol):
    """What is known of a file, whether an event or the database says so."""

    @property
    def document_id(self) -> str:
        """The sha256 of its bytes."""
        ...

    @property
    def file(self) -> str:
        """The name under which it first arrived."""
        ...

    @property
    def received_at(self) -> datetime:
        """When it first arrived."""
        ...


def report_of(record: Record) -> str:
    """Return the id of the report that a record is a reading of."""
    who = record.identity
    return report_id(who.agency, who.region.full_name, who.year, who.scope, record.document_id)


def failures(
    dropped: Dropped,
    record: Record,
    revision_id: str,
    issues: Iterable[Issue],
) -> list[Event]:
    """Return one event for each issue of a report that is judged for the first time."""
    who = record.identity
    report = report_of(record)
    return [
        ValidationFailed(
            document_id=dropped.document_id,
            file=dropped.file,
            received_at=dropped.received_at,
            report_id=report,
            revision_id=revision_id,
            agency=who.agency,
            region=who.region,
            agency_level=who.level,
            agency_kind=who.kind,
            year=who.year,
            title=who.title,
            issue=issue,
        )
        for issue in issues
    ]


@dataclass(frozen=True, slots=True)
class Again:
    """That a stored reading is judged again: by which engine it was read, when it was asked for."""

    engine_version: str
    judged_at: datetime
    corrections: tuple[str, ...] = ()


def verdict(
    dropped: Dropped,
    record: Record,
    revision_id: str,
    judgement: Judgement,
    again: Again | None = None,
) -> ReportValidated:
    """Return the verdict on one reading of a report."""
    return ReportValidated(
        document_id=dropped.document_id,
        file=dropped.file,
        received_at=dropped.received_at,
        report_id=report_of(record),
        revision_id=revision_id,
        record=record,
        issues=judgement.issues,
        checks=judgement.checks,
        rulebook_version=judgement.rulebook_version,
        engine_version=ENGINE_VERSION if again is None else again.engine_version,
        counts=count(judgement.issues),
        judged_at=None if again is None else again.judged_at,
        corrections=() if again is None else again.corrections,
    )


def comparison(
    found: Relatives, compared: Compared, position: str, judged_at: datetime | None = None
) -> ReportCompared:
    """Return the verdict on a report beside its neighbours."""
    who = found.family.record.identity
    return ReportCompared(
        document_id=found.document_id,
        file=found.file,
        received_at=found.received_at,
        report_id=found.family.report_id,
        revision_id=found.revision_id,
        issues=compared.judgement.issues,
        checks=compared.judgement.checks,
        beside=found.beside,
        rulebook_version=compared.judgement.rulebook_version,
        position=position,
        copied_from=compared.copied_from,
        agency=who.agency,
        region=who.region,
        agency_level=who.level,
        agency_kind=who.kind,
        year=who.year,
        title=who.title,
        judged_at=judged_at,
    )


def count(issues: Iterable[Issue]) -> Counts:
    """Return how many issues there are of each severity and origin."""
    issues = tuple(issues)
    found = Counter[str](issue.severity for issue in issues)
    found.update(issue.origin for issue in issues)
    return Counts(**found)
