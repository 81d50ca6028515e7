"""The one middleware that owns acknowledgement, heartbeats, delayed retries and dead letters.

A message is acknowledged when its results are stored on the bus, never before. What is `BadInput`
ends as a ReportRefused; what is `Unavailable` is handed back and retried for as long as it takes;
a defect gets bounded attempts and ends as a dead letter, and so does a message that ends the
process each time. Too many dead letters in a row stop the service: then it is what is broken.
What is `Undeliverable` gets bounded attempts too, but counts against nobody here; nor does what is
`Unreadable`, which gets none.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any

import anyio
from faststream import BaseMiddleware, ContextRepo
from faststream.exceptions import SkipMessage
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared.contracts.events import DeadLetter, Event, ReportRefused, Stage
from shared.contracts.ports import Clock
from shared.errors import BadInput, Unavailable, Undeliverable
from shared.runtime import topology
from shared.runtime.claims import ClaimGone
from shared.runtime.delivery import Delivery, current, delivery_of, place_of, report
from shared.runtime.logs import log
from shared.runtime.outlet import Outlet
from shared.runtime.retries import Harmless, Patience, RetryNotes
from shared.runtime.room import Room

_ACK_PREFIX = "$JS.ACK."
_TRUSTED = 2
"""Attempts that may end without a word before a message is suspected of ending the process."""
_AWAY = (Unavailable, NatsError, TimeoutError, ConnectionError)


class Unreadable(Exception):
    """A message is not what its subject promises; no attempt can change that."""


_NOT_OURS = (Undeliverable.__name__, Unreadable.__name__, ClaimGone.__name__)
"""Ends that say nothing against the service: an outside door, a message that strangers made."""


class Guard:
    """The policy and state of one service; `watch` makes a middleware per message."""

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

    def watch(self, msg: Any, /, *, context: ContextRepo) -> "GuardMiddleware":
        """Make the middleware of one message, for FastStream."""
        return GuardMiddleware(self, msg, context=context)

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


class GuardMiddleware(BaseMiddleware[Any, Any]):
    """Settles one message."""

    def __init__(self, guard: Guard, msg: Any, /, *, context: ContextRepo) -> None:
        """Watch one message: None when publishing, without an ack subject in broker tests."""
        super().__init__(msg, context=context)
        self._guard = guard
        self._delivery: Delivery | None = None

    async def on_receive(self) -> None:
        """Take the message, unless it came too often without an end."""
        msg = self.msg
        if msg is None or not msg.reply.startswith(_ACK_PREFIX):
            return
        delivery = self._delivery = delivery_of(msg)
        self._guard.hold(msg)
        current.set(delivery)
        await self._pass_by_if_foreign(msg, delivery)
        await self._wait_for_room(msg, delivery)
        if delivery.attempt <= _TRUSTED or self._guard.is_harmless(delivery):
            return
        try:
            await self._admit(delivery)
        except _AWAY as error:
            delivery.outcome = "retried"
            report(delivery, "warning", error_class=type(error).__name__)
            await self._let_go(delivery)
            raise SkipMessage from error
        finally:
            if delivery.outcome != "done":
                self._guard.release(msg)

    async def _pass_by_if_foreign(self, msg: Msg, delivery: Delivery) -> None:
        """Let a message go that this consumer never asked for.

        A stream that lost messages to a damaged file counts their numbers again; what a consumer had in
        hand is then another message. Whoever it is for gets it all the same.
        """
        if topology.is_for(delivery.consumer, delivery.subject):
            return
        self._guard.release(msg)
        await msg.ack()
        delivery.outcome = "not_ours"
        report(delivery, "warning")
        raise SkipMessage

    async def _wait_for_room(self, msg: Msg, delivery: Delivery) -> None:
        """Hold the message untouched while its result would find no room on the bus.

        Waiting here and not at the publishing: work is not done twice, and a stop is not held up.
        """
        room = self._guard.room
        try:
            if room is None or await room.wait():
                return
            await self._guard.hand_back(msg, delivery, 0)
        except _AWAY:
            # the bus is silent: what is done with the message will tell
            return
        self._guard.release(msg)
        delivery.outcome = "handed_back"
        report(delivery, "info")
        raise SkipMessage

    async def _admit(self, delivery: Delivery) -> None:
        """Let a message in that came several times; bury it when that was too often.

        One whose attempts ended without a word may be what ended the process, and whoever was in it with
        it looks the same. Only one of them at a time is let in: so the guilty one dies alone.
        """
        guard, msg = self._guard, self.msg
        attempts = await guard.own_attempts(delivery) - 1
        if attempts >= guard.patience.max_attempts:
            await guard.bury(
                msg,
                delivery,
                reason="every attempt ended without a result: the process ended or hung",
                error_class="Abandoned",
                attempts=attempts,
            )
            delivery.outcome = "dead"
            report(delivery, "error", error_class="Abandoned")
            raise SkipMessage
        if attempts >= _TRUSTED and not guard.suspect(msg):
            await guard.hand_back(msg, delivery, guard.patience.delay(attempts))
            delivery.outcome = "handed_back"
            report(delivery, "info")
            raise SkipMessage

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,  # noqa: ARG002 - FastStream's signature
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,  # noqa: ARG002
    ) -> bool:
        """Acknowledge, refuse, hand back or bury; every path but a cancellation ends here."""
        delivery = self._delivery
        if delivery is None:
            return False
        # without the shield nothing can be sent while the service is being stopped
        with anyio.CancelScope(shield=True):
            try:
                await self._settle(delivery, exc_val)
            except _AWAY as error:
                delivery.outcome = "retried"
                report(delivery, "warning", error_class=type(error).__name__, detail=str(error))
                await self._let_go(delivery)
            finally:
                self._guard.release(self.msg)
        return not isinstance(exc_val, asyncio.CancelledError)

    async def _let_go(self, delivery: Delivery) -> None:
        """Hand back what could not be settled: an outage must not use up the attempts of a message.

        Where not even that reaches the bus, the message comes again after the ack wait.
        """
        guard = self._guard
        with suppress(*_AWAY):
            await guard.hand_back(self.msg, delivery, guard.patience.delay(delivery.attempt))

    async def _settle(self, delivery: Delivery, error: BaseException | None) -> None:
        guard = self._guard
        if error is None:
            await self.msg.ack()
            guard.succeeded(delivery)
            report(delivery, "info")
        elif isinstance(error, BadInput) and isinstance(delivery.event, Event):
            await guard.refuse(delivery, error)
            await self.msg.ack()
            guard.succeeded(delivery)
            delivery.outcome = "refused"
            report(delivery, "warning", reason=error.reason)
        elif isinstance(error, Undeliverable):
            await self._settle_undeliverable(delivery, error)
        elif isinstance(error, asyncio.CancelledError):
            await guard.hand_back(self.msg, delivery, 0)
            delivery.outcome = "handed_back"
            report(delivery, "info")
        elif isinstance(error, _AWAY):
            delay = guard.patience.delay(delivery.attempt)
            await guard.hand_back(self.msg, delivery, delay)
            delivery.outcome = "retried"
            report(delivery, "warning", error_class=type(error).__name__, detail=str(error),
                    retry_in=round(delay, 2))  # fmt: skip
        else:
            await self._settle_defect(delivery, error)

    async def _settle_defect(self, delivery: Delivery, error: BaseException) -> None:
        guard = self._guard
        attempts = await guard.own_attempts(delivery)
        where = place_of(error)
        name = type(error).__name__
        if isinstance(error, Unreadable) or attempts >= guard.patience.max_attempts:
            reason = f"{name}: {error} (at {where})"
            await guard.bury(self.msg, delivery, reason=reason, error_class=name, attempts=attempts)
            delivery.outcome = "dead"
            report(delivery, "error", error_class=name, where=where)
        else:
            delay = guard.patience.delay(attempts)
            await self.msg.nak(delay=delay)
            delivery.outcome = "retried"
            report(delivery, "warning", error_class=name, where=where, retry_in=round(delay, 2))

    async def _settle_undeliverable(self, delivery: Delivery, error: Undeliverable) -> None:
        guard = self._guard
        attempts = await guard.own_attempts(delivery)
        name, detail = type(error).__name__, str(error)
        if error.final or attempts >= guard.patience.max_attempts:
            await guard.bury(self.msg, delivery, reason=detail, error_class=name, attempts=attempts)
            delivery.outcome = "dead"
            report(delivery, "error", error_class=name, detail=detail)
        else:
            asked = min(error.retry_after or 0.0, guard.patience.longest)
            delay = max(guard.patience.delay(attempts), asked)
            await self.msg.nak(delay=delay)
            delivery.outcome = "retried"
            report(delivery, "warning", error_class=name, detail=detail, retry_in=round(delay, 2))
