"""Validate and sink in one process with a shuffled bus between them: any order, doubled, interrupted.

The handlers and the database are the real ones; only delivery is made up. Everything is decided by a seed.
"""

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from random import Random
from typing import Any

from services.sink.adapters.database import Database
from services.sink.handler import handle as keep
from services.validate.adapters.shelf import DatabaseShelf
from services.validate.core.judging import judge
from services.validate.core.rulebook import Rulebook
from services.validate.core.telling import failures, verdict
from services.validate.handler import handle_again, handle_beside
from shared.contracts.events import (
    Event,
    RecheckRequested,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportRecorded,
    ReportRefused,
    ReportValidated,
)
from shared.report.identity import revision_id
from shared.report.record import Record
from tests.support.bus import MOMENT

_KEPT = (ReportValidated, ReportCompared, ReportRefused, ReportDuplicate, ReportExpanded)


class InTurn:
    """Runs work at once, in this very thread."""

    async def compute(self, size, call, *args):  # noqa: ARG002
        return call(*args)

    async def wait(self, call, *args):
        return call(*args)


class Arrived:
    """How a record's file arrived."""

    def __init__(self, record: Record, moment=MOMENT) -> None:
        self.document_id = record.document_id
        self.file = record.file
        self.received_at = moment


class LittleLine:
    """Delivers events in an order of its own until nothing is left; `told` is what was published."""

    def __init__(self, url: str, *, seed: int = 0, doubled: float = 0.0) -> None:
        self.url = url
        self.rng = Random(seed)
        self.doubled = doubled
        self.rulebook: Rulebook | None = None
        self.told: dict[str, Event] = {}
        self._waiting: list[tuple[int, Event]] = []
        self._published = 0
        self.start()

    def start(self) -> None:
        """Start both services, as after a restart: nothing is remembered but the database."""
        self.database: Any = Database(self.url)
        self.database.migrate()
        self.shelf: Any = DatabaseShelf(self.url)

    def stop(self) -> None:
        self.database.close()
        self.shelf.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def judge(self, *records: Record, moment=MOMENT) -> None:
        """Let validate judge these records for the first time, in this order."""
        for record in records:
            arrived = Arrived(record, moment)
            judgement = judge(record, self.rulebook)
            revision = revision_id(record.document_id)
            self.publish(failures(arrived, record, revision, judgement.issues))
            self.publish([verdict(arrived, record, revision, judgement)])

    def publish(self, events: Iterable[Event]) -> None:
        for event in events:
            if event.message_id() in self.told:
                continue
            self.told[event.message_id()] = event
            self._published += 1
            self._waiting.append((self._published, event))
            if self.rng.random() < self.doubled:
                self._waiting.append((self._published, event))

    def run(self, *, at_most: int | None = None) -> int:
        """Deliver what is waiting, in any order; return how many deliveries it took."""
        return asyncio.run(self._run(at_most))

    async def _run(self, at_most: int | None) -> int:
        done = 0
        while self._waiting and (at_most is None or done < at_most):
            place = self.rng.randrange(len(self._waiting))
            number, event = self._waiting.pop(place)
            self.publish(await self._handle(number, event))
            done += 1
        return done

    async def _handle(self, number: int, event: Event) -> Sequence[Event]:
        work = InTurn()
        if isinstance(event, _KEPT):
            return await keep(event, store=self.database, work=work)
        if isinstance(event, ReportRecorded):
            return await handle_beside(
                event, shelf=self.shelf, work=work, position=partial(format, number, "020d"),
                rulebook=self.rulebook,
            )  # fmt: skip
        if isinstance(event, RecheckRequested):
            return await handle_again(event, shelf=self.shelf, work=work, rulebook=self.rulebook)
        return ()

    def of_type(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.told.values() if isinstance(event, kind)]
