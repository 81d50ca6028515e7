"""A record becomes a judgement: of itself, of itself once more, and beside its neighbours."""

from collections.abc import Callable, Sequence

from services.validate.core.across.judging import compare
from services.validate.core.corrected import corrected, corrected_revision_id
from services.validate.core.judging import judge
from services.validate.core.rulebook import Rulebook
from services.validate.core.stored import Shelf, position_after
from services.validate.core.telling import Again, comparison, failures, verdict
from shared.contracts.events import Event, RecheckRequested, ReportExtracted, ReportRecorded
from shared.contracts.ports import Work
from shared.report.identity import revision_id
from shared.report.issue import Judgement
from shared.report.record import Record


async def handle(
    event: ReportExtracted, *, work: Work, rulebook: Rulebook | None = None
) -> Sequence[Event]:
    """Judge the record; the verdict comes last, when all its failures are published."""
    record = event.record
    judgement = await _judged(record, work, rulebook)
    revision = revision_id(event.document_id)
    return (
        *failures(event, record, revision, judgement.issues),
        verdict(event, record, revision, judgement),
    )


async def handle_again(
    event: RecheckRequested, *, shelf: Shelf, work: Work, rulebook: Rulebook | None = None
) -> Sequence[Event]:
    """Judge the stored reading of a document again, with all corrections; the file is not read."""
    reading = await work.wait(shelf.reading, event.document_id)
    if reading is None:
        return ()
    record = corrected(reading.record, reading.corrections)
    judgement = await _judged(record, work, rulebook)
    revision = corrected_revision_id(event.document_id, reading.corrections, reading.engine_version)
    again = Again(
        reading.engine_version, event.requested_at, tuple(c.id for c in reading.corrections)
    )
    return (verdict(reading, record, revision, judgement, again),)


async def handle_beside(
    event: ReportRecorded,
    *,
    shelf: Shelf,
    work: Work,
    position: Callable[[], str],
    rulebook: Rulebook | None = None,
) -> Sequence[Event]:
    """Compare a recorded report with its neighbours, and those again that it is a neighbour of.

    Whichever of two neighbours is recorded later finds the other on file, so the order in which
    reports arrive does not matter; the position of the event says which comparison saw more.
    """
    told: list[Event] = []
    concerned = list(await work.wait(shelf.concerned, event.report_id))
    for report_id in concerned:
        found = await work.wait(shelf.relatives, report_id)
        if found is None or found.is_alone:
            continue
        size = sum(len(section.text) for section in found.family.record.sections)
        compared = await work.compute(size, compare, found.family, rulebook)
        if found.has_only_texts and not compared.copies:
            # whoever came first was not asked either: what is on file must not tell who it was
            continue
        place = position_after(position(), found.compared_at)
        told.append(comparison(found, compared, place, event.judged_at))
        if report_id == event.report_id:
            # whoever shares its text must know it too
            others = [other for other in compared.copies if other not in concerned]
            concerned += await work.wait(shelf.compared_with, report_id, others) if others else ()
    return told


async def _judged(record: Record, work: Work, rulebook: Rulebook | None) -> Judgement:
    size = sum(len(section.text) for section in record.sections)
    return await work.compute(size, judge, record, rulebook)
