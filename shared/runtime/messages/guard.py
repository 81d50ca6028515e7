"""What one service knows of the messages in its hands, and the ends it can give them.

`shared.runtime.messages.settling` says which end each message gets. Too many dead letters in a row stop the
service: then it is what is broken.
"""

import asyncio
from collections.abc import Callable

from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared.contracts.events import DeadLetter, Event, ReportRefused, Stage
from shared.contracts.ports import Clock
from shared.errors import BadInput, Undeliverable
from shared.runtime.logs import log
from shared.runtime.messages.claims import ClaimGone
from shared.runtime.messages.delivery import Delivery
from shared.runtime.messages.outlet import Outlet
from shared.runtime.messages.retries import Harmless, Patience, RetryNotes
from shared.runtime.messages.room import Room
from shared.runtime.streams import topology


class Unreadable(Exception):
    """A message is not what its subject promises; no attempt can change that."""


_NOT_OURS = (Undeliverable.__name__, Unreadable.__name__, ClaimGone.__name__)
"""Ends that say nothing against the service: an outside door, a message that strangers made."""


class Guard:
    """The state of one service, for all its messages."""

    def __init__(
        self,
        service: Stage,
        *,
        patience: Patience,
        outlet: Outlet,
        clock: Clock,
        stop: Callable[[], None],
    ) -> None:
        """Guard one service; `stop` ends the process when dead letters pile up."""
        self.service = service
        self.patience = patience
        self.outlet = outlet
        self.clock = clock
        self.notes: RetryNotes | None = None
        self.room: Room | None = None
        self._stop = stop
        self._dead_in_a_row = 0
        self._harmless = Harmless()
        self._in_flight: dict[int, Msg] = {}
        self._suspect: Msg | None = None
        self._heart: asyncio.Task[None] | None = None

    @property
    def in_process(self) -> int:
        """How many messages this process has in hand."""
        return len(self._in_flight)

    def hold(self, msg: Msg) -> None:
        """Keep a message ours with heartbeats until `release`."""
        self._in_flight[id(msg)] = msg
        if self._heart is None or self._heart.done():
            self._heart = asyncio.create_task(self._beat())

    def release(self, msg: Msg) -> None:
        """End the heartbeats of a message."""
        self._in_flight.pop(id(msg), None)
        if self._suspect is msg:
            self._suspect = None

    def suspect(self, msg: Msg) -> bool:
        """Make a message the one suspect under way until `release`; False if there is one already."""
        if self._suspect is not None:
            return False
        self._suspect = msg
        return True

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self.patience.heartbeat)
            for msg in tuple(self._in_flight.values()):
                try:
                    await msg.in_progress()
                except NatsError:
                    break

    async def own_attempts(self, delivery: Delivery) -> int:
        """Return how often the message was tried, without the times it was handed back in order."""
        if self.notes is None or delivery.attempt <= 1:
            return delivery.attempt
        noted = await self.notes.count(delivery.consumer, delivery.stream, delivery.sequence)
        return delivery.attempt - noted

    async def hand_back(self, msg: Msg, delivery: Delivery, delay: float) -> None:
        """Return a message to the bus through no fault of its own."""
        if self.notes is not None:
            await self.notes.add(delivery.consumer, delivery.stream, delivery.sequence)
        await msg.nak(delay=delay)

    async def refuse(self, delivery: Delivery, error: BadInput) -> None:
        """Publish that the file can never become a record."""
        event = delivery.event
        assert isinstance(event, Event)
        await self.outlet.publish(
            ReportRefused(
                document_id=event.document_id,
                file=event.file,
                received_at=event.received_at,
                stage=self.service,
                reason=error.reason,
                detail_zh=error.detail_zh,
                detail_en=error.detail_en,
            )
        )

    async def bury(
        self, msg: Msg, delivery: Delivery, *, reason: str, error_class: str, attempts: int
    ) -> None:
        """Publish a dead letter, then end the message; a dead letter itself just ends.

        What an outside door did not take, and what is no message of ours at all, is no sign that this
        service is broken: else anybody who may publish could stop the line.
        """
        if delivery.stream != topology.DEAD:
            await self.outlet.publish(
                DeadLetter(
                    service=self.service,
                    document_id=delivery.document_id,
                    file=delivery.file,
                    reason=reason[:2000],
                    error_class=error_class,
                    attempts=attempts,
                    origin_subject=delivery.subject,
                    origin_stream=delivery.stream,
                    origin_sequence=delivery.sequence,
                    payload=msg.data.decode(errors="replace"),
                    failed_at=self.clock.now(),
                    replay=f"gouji replay {delivery.stream} {delivery.sequence}",
                    consumer=delivery.consumer,
                    headers=dict(msg.headers or {}),
                )
            )
        await msg.term()
        if error_class in _NOT_OURS:
            return
        self._dead_in_a_row += 1
        if self._dead_in_a_row >= self.patience.dead_letter_limit:
            await msg._client.flush()  # noqa: SLF001 - a message has no public way to its client
            log("error", "service.stopped_by_dead_letter_limit", dead=self._dead_in_a_row)
            self._stop()

    def succeeded(self, delivery: Delivery) -> None:
        """Forget earlier dead letters: the service works; and remember what it came through."""
        self._dead_in_a_row = 0
        self._harmless.add(delivery.consumer, delivery.sequence)

    def is_harmless(self, delivery: Delivery) -> bool:
        """Tell whether this process came through this message before."""
        return self._harmless.knows(delivery.consumer, delivery.sequence)
