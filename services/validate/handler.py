"""A record becomes a judgement: one event per issue, then the verdict."""

from collections import Counter
from collections.abc import Sequence

from services.validate.core.judging import judge
from services.validate.core.rulebook import Rulebook
from shared.contracts.events import (
    Counts,
    Event,
    ReportExtracted,
    ReportValidated,
    ValidationFailed,
)
from shared.contracts.ports import Work
from shared.report.identity import ENGINE_VERSION, report_id, revision_id
from shared.report.issue import Issue, Judgement


async def handle(
    event: ReportExtracted, *, work: Work, rulebook: Rulebook | None = None
) -> Sequence[Event]:
    """Judge the record; the verdict comes last, when all its failures are published."""
    record = event.record
    size = sum(len(section.text) for section in record.sections)
    judgement: Judgement = await work.compute(size, judge, record, rulebook)
    identity = record.identity
    region = identity.region
    report = report_id(
        identity.agency, region.full_name, identity.year, identity.scope, event.document_id
    )
    revision = revision_id(event.document_id)
    failures = [
        ValidationFailed(
            document_id=event.document_id,
            file=event.file,
            received_at=event.received_at,
            report_id=report,
            revision_id=revision,
            agency=identity.agency,
            region=region,
            agency_level=identity.level,
            agency_kind=identity.kind,
            year=identity.year,
            title=identity.title,
            issue=issue,
        )
        for issue in judgement.issues
    ]
    verdict = ReportValidated(
        document_id=event.document_id,
        file=event.file,
        received_at=event.received_at,
        report_id=report,
        revision_id=revision,
        record=record,
        issues=judgement.issues,
        checks=judgement.checks,
        rulebook_version=judgement.rulebook_version,
        engine_version=ENGINE_VERSION,
        counts=count(judgement.issues),
    )
    return (*failures, verdict)


def count(issues: Sequence[Issue]) -> Counts:
    """Return how many issues there are of each severity and origin."""
    found = Counter[str](issue.severity for issue in issues)
    found.update(issue.origin for issue in issues)
    return Counts(**found)
