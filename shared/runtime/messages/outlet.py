"""Publishing: every event once, acknowledged by the bus, offered again while the bus is away."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from nats.errors import Error as NatsError
from nats.errors import MaxPayloadError
from nats.js.errors import APIError

from shared.contracts.dropped import DroppedObject
from shared.contracts.events import DeadLetter, Event
from shared.contracts.outsiders import for_outsiders
from shared.contracts.ports import Clock
from shared.errors import Unavailable
from shared.monitoring import measuring
from shared.runtime.logs import log
from shared.runtime.messages.delivery import current
from shared.runtime.streams import envelope, topology

PUBLISH_SECONDS = 3
"""How long one attempt waits; a leader that fell silent answers no more, its successor knows the id."""
_AT_ONCE = 32
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 0.5
_LEAVE_AFTER = 2
"""Attempts in a row that nobody confirms; that nobody leads the stream is an answer, and comes at once."""
_ELECTED_WITHIN = 10.0
"""Seconds after which a stream without a leader is no election any more: here, it has none."""
_IN_PROCESS = 10158
"""What a leader without its peers says of a message that it has, and cannot get confirmed."""


class Send(Protocol):
    """Publish one message to a stream and wait for the bus to confirm it."""

    async def __call__(
        self, subject: str, body: bytes, headers: dict[str, str], stream: str
    ) -> None:
        """Return when it is stored; raises what the client library raises."""
        ...


class BodyStore(Protocol):
    """Keeps bodies that are too large to travel inline."""

    async def put(self, body: bytes) -> str:
        """Keep a body and return its reference."""
        ...


class Outlet:
    """Publishes the events of one service."""

    def __init__(
        self,
        service: str,
        *,
        send: Send,
        clock: Clock,
        inline_bytes: int,
        patience: float,
        masks: bool = True,
    ) -> None:
        """Publish as `service`; bodies above `inline_bytes` go to the claim store.

        With `masks`, events for outsiders are stripped of personal data here, where all pass.
        """
        self._service = service
        self._send = send
        self._clock = clock
        self._inline_bytes = inline_bytes
        self._patience = patience
        self._masks = masks
        self.claims: BodyStore | None = None
        self.leave: Callable[[], Awaitable[None]] | None = None
        """Changes to another server, if there is one."""

    async def publish_all(self, events: Sequence[Event]) -> None:
        """Publish events; the last one only when all others are safe."""
        *before, last = events
        for start in range(0, len(before), _AT_ONCE):
            await asyncio.gather(*map(self.publish, before[start : start + _AT_ONCE]))
        await self.publish(last)

    async def publish(self, event: Event | DeadLetter, *, again: str | None = None) -> None:
        """Return when the bus has stored the event; raises `Unavailable` when patience ends.

        `again` names the occasion on which a document is worked on once more; where nothing is said
        it is that of the message being worked on. It becomes part of the message id, of this event and
        of all that follow from it.
        """
        if self._masks:
            event = for_outsiders(event)
        body = event.model_dump_json(exclude_defaults=True).encode()
        headers = envelope.headers(event, source=self._service, now=self._clock.now())
        delivery = current.get()
        again = again or (delivery.again if delivery is not None else None)
        if again is not None:
            headers = envelope.repeated(headers, event, again)
        if delivery is not None and delivery.span_id is not None:
            if isinstance(delivery.event, DroppedObject):
                # only who has read it knows what document it is
                delivery.noted_trace = headers[envelope.TRACE].split("-")[1]
            headers = envelope.traced(headers, delivery.trace_id, delivery.span_id)
        subject = envelope.subject(event)
        stream = topology.stream_of(subject)
        if len(body) > self._inline_bytes:
            if self.claims is None:
                raise Unavailable("the claim store is not open yet")
            headers[envelope.DATA_REFERENCE] = await self.claims.put(body)
            body = _stub(event)
        await self._offer(subject, body, headers, stream)

    async def _offer(self, subject: str, body: bytes, headers: dict[str, str], stream: str) -> None:
        """Send until stored: the message id makes a second copy harmless."""
        now = asyncio.get_running_loop().time
        began = now()
        deadline = began + self._patience
        pause, unanswered = _FIRST_PAUSE, 0
        while True:
            try:
                await self._send(subject, body, headers, stream)
            except MaxPayloadError as error:
                # no bus will ever take it: a defect with bounded attempts, not an outage
                raise ValueError(f"{subject}: headers and body are too large") from error
            except (NatsError, TimeoutError) as error:
                if now() + pause > deadline:
                    raise Unavailable(f"the bus does not store {subject}: {error!r}") from error
                what = f"{type(error).__name__}: {error}"
                measuring.count("gouji_publish_retries_total")
                log("warning", "publish.retried", subject=subject, error=what)
                unanswered = unanswered + 1 if _is_unconfirmed(error) else 0
            else:
                return
            lasting = now() - began > _ELECTED_WITHIN
            if self.leave is not None and (lasting or unanswered >= _LEAVE_AFTER):
                unanswered = 0
                await self.leave()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _is_unconfirmed(error: Exception) -> bool:
    if isinstance(error, APIError):
        return error.err_code == _IN_PROCESS
    return isinstance(error, TimeoutError)


def _stub(event: Event | DeadLetter) -> bytes:
    """Return the body beside a reference: enough to know what it is about."""
    return event.model_dump_json(include={"document_id", "file", "received_at"}).encode()
