"""Surveys archive, bucket, bus and database, and does what must be done about what was lost."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from services.ingest.adapters.ledger import Ends, Ledger
from services.ingest.core import intake
from services.ingest.core.reconciling import Held, Step, Survey, occasion, unread_id
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import Event
from shared.contracts.ports import Arrival, Clock
from shared.errors import BadInput, Unavailable
from shared.report.identity import document_id as identity_of
from shared.runtime.archive import FolderArchive, Holding
from shared.runtime.messages.outlet import Outlet
from shared.runtime.streams.flight import Flight, in_flight
from shared.runtime.streams.inbox import Inbox

_SEEN: Final = 64
"""Characters of the id of a document by its bytes; shorter ids are of uploads that nobody could read."""


class Mender:
    """Finds what was lost and mends it; several at once, or one interrupted, do no harm."""

    def __init__(
        self,
        js: JetStreamContext,
        outlet: Outlet,
        archive: FolderArchive,
        ledger: Ledger,
        clock: Clock,
    ) -> None:
        """Look at these stores; what is published goes through the outlet.

        `ends` is what the database said at the last survey.
        """
        self._js = js
        self._outlet = outlet
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._inbox = Inbox(js)
        self.ends = Ends()

    async def survey_all(self, *, check_bytes: bool) -> tuple[Survey, Flight]:
        """Ask everything of all stores; `check_bytes` reads the archive and compares every hash.

        The order matters: archive and bucket first, the database last. Whatever moves on meanwhile is
        then met further down, see `shared.runtime.streams.flight.in_flight`.
        """
        held = await asyncio.to_thread(self._held_all, check_bytes=check_bytes)
        objects = await self._inbox.keys()
        flight = await in_flight(self._js)
        ends = await asyncio.to_thread(self._ledger.ends)
        return self._survey(held, objects, flight, ends), flight

    async def survey_of(
        self, documents: Iterable[str], objects: list[DroppedObject]
    ) -> tuple[Survey, Flight]:
        """Ask about these documents and objects alone, without comparing hashes."""
        named = (o.sha256 for o in objects if o.sha256 is not None)
        wanted = {*documents, *named, *map(unread_id, objects)}
        held = await asyncio.to_thread(self._held, wanted)
        flight = await in_flight(self._js)
        ends = await asyncio.to_thread(self._ledger.ends, wanted)
        return self._survey(held, objects, flight, ends), flight

    def arrived_since(self, moment: datetime) -> set[str]:
        """Return the archived documents that first arrived at a moment or later."""
        return {
            holding.document_id
            for shard in self._archive.shards()
            for holding in self._archive.holdings(shard)
            if (arrival := self._archive.arrival(holding.document_id)) is not None
            and arrival.received_at >= moment
        }

    async def take(self, step: Step) -> bool:
        """Do one step; False where it can do nothing. Raises `Unavailable`."""
        again = occasion(self._clock.now())
        try:
            if step.action == "announce":
                return step.key is not None and await self._inbox.announce_again(step.key, again)
            if step.action == "fetch":
                return await self._fetch(step)
            if step.action == "withdraw":
                return await self._withdraw(step)
            if step.action == "name":
                return await self._name(step)
            if step.action == "read":
                return await self._read_again(step, again)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bus does not answer: {error!r}") from error
        return False

    def _survey(
        self, held: dict[str, Held], objects: list[DroppedObject], flight: Flight, ends: Ends
    ) -> Survey:
        self.ends = ends
        for document_id in ends.unread & held.keys():
            held[document_id] = replace(held[document_id], unread=True)
        return Survey(
            held,
            objects,
            ends=ends.rows,
            known=ends.names,
            refused=ends.refused,
            flying=flight.documents,
            flying_objects=flight.objects,
        )

    def _held_all(self, *, check_bytes: bool) -> dict[str, Held]:
        whole = self._archive.is_whole if check_bytes else None
        return {
            holding.document_id: self._look(holding, whole)
            for shard in self._archive.shards()
            for holding in self._archive.holdings(shard)
        }

    def _held(self, documents: Iterable[str]) -> dict[str, Held]:
        found = map(self._archive.holding, sorted(documents))
        return {h.document_id: self._look(h, None) for h in found if h.has_bytes or h.has_arrival}

    def _look(self, holding: Holding, is_whole: Callable[[str], bool] | None) -> Held:
        arrival = self._archive.arrival(holding.document_id) if holding.has_arrival else None
        return Held(
            file=arrival.file if arrival is not None else None,
            object_key=arrival.object_key if arrival is not None else "",
            present=holding.has_bytes,
            whole=holding.has_bytes and (is_whole is None or is_whole(holding.document_id)),
            unread=not holding.has_bytes and len(holding.document_id) != _SEEN,
        )

    async def _fetch(self, step: Step) -> bool:
        """Bring bytes back from the bucket into the archive, under the arrival that is known."""
        dropped = None if step.key is None else await self._inbox.find(step.key)
        try:
            data = None if dropped is None else await self._inbox.read(dropped)
        except BadInput:
            return False
        if data is None or identity_of(data) != step.document_id:
            return False
        await asyncio.to_thread(self._archive.put, data, self._arrival(step))
        return True

    def _arrival(self, step: Step) -> Arrival:
        """Return how a document arrived, by the database where the archive does not know it."""
        at = self.ends.received.get(step.document_id) or self._archive.changed(step.document_id)
        return Arrival(step.document_id, step.file, step.key or "", at)

    async def _withdraw(self, step: Step) -> bool:
        """Take back an object's notice, unless the object was put anew since."""
        dropped = None if step.key is None else await self._inbox.find(step.key)
        if dropped is None or unread_id(dropped) != step.document_id:
            return False
        return await self._inbox.withdraw(dropped)

    async def _name(self, step: Step) -> bool:
        await asyncio.to_thread(self._archive.register, self._arrival(step))
        return True

    async def _read_again(self, step: Step, again: str) -> bool:
        """Let the line read archived bytes once more; what has none any more is refused for that."""
        event = await asyncio.to_thread(self._event, step)
        await self._outlet.publish(event, again=again)
        return True

    def _event(self, step: Step) -> Event:
        first = self._archive.arrival(step.document_id) or self._arrival(step)
        try:
            return intake.received(first, self._archive.get(step.document_id))
        except BadInput as error:
            return intake.refused(first, error)
