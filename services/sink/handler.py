"""Verdicts, refusals, aliases and dead letters go into the database."""

from collections.abc import Sequence
from typing import Protocol

from shared.contracts.events import (
    DeadLetter,
    Event,
    ReportDuplicate,
    ReportExpanded,
    ReportRecorded,
    ReportRefused,
    ReportValidated,
)
from shared.contracts.ports import Work


class Store(Protocol):
    """The database: every call is one transaction, and doing it twice changes nothing."""

    def record(self, event: ReportValidated) -> None:
        """Keep a judged report."""
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


async def handle(
    event: ReportValidated | ReportRefused | ReportDuplicate | ReportExpanded,
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
    await work.wait(store.record, event)
    return (
        ReportRecorded(
            document_id=event.document_id,
            file=event.file,
            received_at=event.received_at,
            report_id=event.report_id,
            revision_id=event.revision_id,
            agency=event.record.identity.agency,
            year=event.record.identity.year,
            counts=event.counts,
            region=event.record.identity.region,
            agency_level=event.record.identity.level,
        ),
    )


async def handle_dead(letter: DeadLetter, *, store: Store, work: Work) -> Sequence[Event]:
    """Keep a dead letter, so that its file is visible as dead; not one that a webhook refused."""
    if not letter.ends_its_file:
        return ()
    await work.wait(store.bury, letter)
    return ()
