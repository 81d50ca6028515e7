"""The one middleware that owns acknowledgement, heartbeats, delayed retries and dead letters.

A message is acknowledged when its results are stored on the bus, never before. What is `BadInput`
ends as a ReportRefused; what is `Unavailable` is handed back and retried for as long as it takes;
a defect gets bounded attempts and ends as a dead letter, and so does a message that ends the
process each time. What is `Undeliverable` gets bounded attempts too, but counts against nobody here;
nor does what is `Unreadable`, which gets none.
"""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any

import anyio
from faststream import BaseMiddleware, ContextRepo
from faststream.exceptions import SkipMessage
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from shared.contracts.events import Event
from shared.errors import BadInput, Unavailable, Undeliverable
from shared.runtime.messages.delivery import Delivery, current, delivery_of, place_of, report
from shared.runtime.messages.guard import Guard, Unreadable
from shared.runtime.streams import topology

_ACK_PREFIX = "$JS.ACK."
_TRUSTED = 2
"""Attempts that may end without a word before a message is suspected of ending the process."""
_AWAY = (Unavailable, NatsError, TimeoutError, ConnectionError)


class Settling(BaseMiddleware[Any, Any]):
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
