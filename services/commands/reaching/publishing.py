"""Publishes events from a command, as durably as a service does: confirmed, with an id of their content."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.js import JetStreamContext

from services.commands.reaching.following import connected
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import Access
from shared.runtime.messages.claims import Claims
from shared.runtime.messages.outlet import PUBLISH_SECONDS, Outlet
from shared.runtime.settings import Settings

SOURCE = "desk"
"""Who speaks when a person typed a command."""

_PATIENCE_SECONDS = 10.0


@asynccontextmanager
async def desk(bus: Access) -> AsyncIterator[tuple[Outlet, JetStreamContext]]:
    """Hold an outlet to the bus; raises `Unavailable` when none answers.

    What its `publish` returned from is stored; the same event a second time changes nothing.
    """
    async with connected(bus) as client:
        js = client.jetstream()

        async def send(subject: str, body: bytes, headers: dict[str, str], stream: str) -> None:
            await js.publish(subject, body, PUBLISH_SECONDS, stream, headers)

        outlet = Outlet(
            SOURCE,
            send=send,
            clock=SystemClock(),
            inline_bytes=Settings().inline_bytes,
            patience=_PATIENCE_SECONDS,
        )
        outlet.claims = Claims(js)
        yield outlet, js
