"""Where messages stand in their stream, as text that sorts in order whatever the clocks do.

A stream counts its messages and never goes back, but the bus's clock may be set back; so the count decides. Only
a stream that was made anew counts from the start again: then the moment it was made decides.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from shared.runtime.logs import log
from shared.runtime.messages.delivery import current

_AFTER_DATES: Final = "s"
"""Earlier versions began with the moment of the message: what begins with a letter sorts after those."""
_PAUSE_SECONDS: Final = 1.0


class Positions:
    """The positions of one stream's messages; the connection exists only once the service runs."""

    def __init__(self, js: Callable[[], JetStreamContext], stream: str) -> None:
        """Take the connection from `js` when it is needed."""
        self._js = js
        self._stream = stream
        self._made: str | None = None

    async def open(self) -> None:
        """Return when it is known when the stream was made."""
        while self._made is None:
            try:
                made = (await self._js().stream_info(self._stream)).created
            except (NatsError, TimeoutError) as error:
                log("warning", "bus.waiting", error=repr(error))
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                assert made is not None
                self._made = made.astimezone(UTC).isoformat(timespec="microseconds")

    def __call__(self) -> str:
        """Return the position of the message being worked on; raises `LookupError` outside of any."""
        delivery = current.get()
        if delivery is None or self._made is None:
            raise LookupError("no message is being worked on")
        return f"{_AFTER_DATES}{self._made}|{delivery.sequence:020d}"
