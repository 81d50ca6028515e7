"""Publishing: every event once, acknowledged by the bus, offered again while the bus is away."""

import asyncio
import time
from collections.abc import Sequence
from typing import Protocol

from nats.errors import Error as NatsError

from shared.contracts.events import DeadLetter, Event
from shared.contracts.ports import Clock
from shared.errors import Unavailable
from shared.runtime import envelope, topology
from shared.runtime.delivery import current
from shared.runtime.logs import log

PUBLISH_SECONDS = 10
_AT_ONCE = 32
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


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
        self, service: str, *, send: Send, clock: Clock, inline_bytes: int, patience: float
    ) -> None:
        """Publish as `service`; bodies above `inline_bytes` go to the claim store."""
        self._service = service
        self._send = send
        self._clock = clock
        self._inline_bytes = inline_bytes
        self._patience = patience
        self.claims: BodyStore | None = None

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
        body = event.model_dump_json(exclude_defaults=True).encode()
        headers = envelope.headers(event, source=self._service, now=self._clock.now())
        delivery = current.get()
        again = again or (delivery.again if delivery is not None else None)
        if again is not None:
            headers = envelope.repeated(headers, event, again)
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
        deadline = time.monotonic() + self._patience
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._send(subject, body, headers, stream)
            except (NatsError, TimeoutError) as error:
                if time.monotonic() + pause > deadline:
                    raise Unavailable(f"the bus does not store {subject}: {error!r}") from error
                log("warning", "publish.retried", subject=subject, error=repr(error))
            else:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _stub(event: Event | DeadLetter) -> bytes:
    """Return the body beside a reference: enough to know what it is about."""
    return event.model_dump_json(include={"document_id", "file", "received_at"}).encode()
