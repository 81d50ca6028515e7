"""Verdicts, refusals, aliases and dead letters go into the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.sink.core.changes import Change, events
from services.sink.core.reviews import Concerned
from shared.contracts.events import (
    DeadLetter,
    Event,
    RecheckCause,
    RecheckRequested,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportRecorded,
    ReportRefused,
    ReportValidated,
)
from shared.contracts.ports import Work
from shared.contracts.reviews import AgenciesListed, CellCorrected, IssueDecided


class Store(Protocol):
    """The database: every call is one transaction, and doing it twice changes nothing."""

    def record(self, event: ReportValidated) -> Change | None:
        """Keep a judged report; return what changed against its judgement before."""
        ...

    def compare(self, event: ReportCompared) -> Change | None:
        """Keep a report's judgement beside its neighbours; return what changed."""
        ...

    def refuse(self, event: ReportRefused) -> None:
        """Keep a refusal."""
        ...

    def alias(self, event: ReportDuplicate) -> None:
        """Keep a further name of a document."""
        ...

    def expand(self, event: ReportExpanded) -> None:
        """Keep what an archive held."""
        ...

    def bury(self, letter: DeadLetter) -> None:
        """Keep a dead letter."""
        ...


class ReviewStore(Protocol):
    """What people decided: every call is one transaction, and doing it twice changes nothing."""

    def decide(self, event: IssueDecided) -> None:
        """Keep a decision."""
        ...

    def correct(self, event: CellCorrected) -> None:
        """Keep a corrected cell."""
        ...

    def list_agencies(self, event: AgenciesListed) -> Sequence[Concerned]:
        """Keep a list; return the roll-ups that must be judged again."""
        ...


async def handle(
    event: ReportValidated | ReportCompared | ReportRefused | ReportDuplicate | ReportExpanded,
    *,
    store: Store,
    work: Work,
) -> Sequence[Event]:
    """Keep the event; only a judged report is announced as recorded."""
    if isinstance(event, ReportRefused):
        await work.wait(store.refuse, event)
        return ()
    if isinstance(event, ReportDuplicate):
        await work.wait(store.alias, event)
        return ()
    if isinstance(event, ReportExpanded):
        await work.wait(store.expand, event)
        return ()
    if isinstance(event, ReportCompared):
        change = await work.wait(store.compare, event)
        return () if change is None else events(change, event)
    change = await work.wait(store.record, event)
    told = () if change is None else events(change, event)
    return (*told, _recorded(event))


def _recorded(event: ReportValidated) -> ReportRecorded:
    return ReportRecorded(
        document_id=event.document_id,
        file=event.file,
        received_at=event.received_at,
        report_id=event.report_id,
        revision_id=event.revision_id,
        agency=event.record.identity.agency,
        year=event.record.identity.year,
        counts=event.counts,
        rulebook_version=event.rulebook_version,
        judged_at=event.judged_at,
        region=event.record.identity.region,
        agency_level=event.record.identity.level,
    )


async def handle_dead(letter: DeadLetter, *, store: Store, work: Work) -> Sequence[Event]:
    """Keep a dead letter, so that its file is visible as dead; not one that a webhook refused."""
    if not letter.ends_its_file:
        return ()
    await work.wait(store.bury, letter)
    return ()


async def handle_review(
    event: IssueDecided | CellCorrected | AgenciesListed, *, store: ReviewStore, work: Work
) -> Sequence[Event]:
    """Keep what was decided; ask for a new judgement where it may change one."""
    if isinstance(event, IssueDecided):
        await work.wait(store.decide, event)
        return ()
    if isinstance(event, CellCorrected):
        await work.wait(store.correct, event)
        corrected = Concerned(event.document_id, event.file, event.received_at)
        return (_recheck(corrected, "correction", event.at),)
    concerned = await work.wait(store.list_agencies, event)
    return tuple(_recheck(report, "rulebook", event.at) for report in concerned)


def _recheck(report: Concerned, cause: RecheckCause, requested_at: datetime) -> RecheckRequested:
    return RecheckRequested(**report._asdict(), cause=cause, requested_at=requested_at)
