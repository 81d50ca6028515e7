"""FastStream's broker over a connection that `connecting` opens, and what a service needs of the bus."""

import logging
from dataclasses import dataclass, field
from typing import Any

from faststream.nats import NatsBroker
from nats.aio.client import Client

from shared.runtime.connections.connecting import Access, connect
from shared.runtime.connections.refusals import Refusals
from shared.runtime.streams.topology import Consumer


@dataclass(slots=True)
class Needs:
    """All that a service does on the bus, as its `app.py` declares it; its rights follow from this."""

    consumers: list[Consumer] = field(default_factory=list)
    publishes: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    """Buckets."""
    streams: set[str] = field(default_factory=set)
    """Streams whose state it asks for: how full they are, since when they exist."""
    newest: set[str] = field(default_factory=set)
    """Subjects whose last message it reads."""


class ServiceBroker(NatsBroker):
    """The broker of one service.

    FastStream's own way of connecting ends the attempts to come back when a reconnect is refused
    once, without a word; the client library alone goes on, and so does this.
    """

    def __init__(self, access: Access, *, callbacks: dict[str, Any], **options: Any) -> None:
        """Nothing is opened, and no file read, before `connect`."""
        super().__init__(
            list(access.servers),
            logger=logging.getLogger("gouji.bus"),
            log_level=logging.DEBUG,
            apply_types=False,
            **options,
        )
        self.access = access
        self.needs = Needs()
        self.refusals = Refusals()
        self._callbacks = callbacks

    async def _connect(self) -> Client:
        client = await connect(
            self.access,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.5,
            error_cb=self.refusals.hear,
            **self._callbacks,
        )
        self.config.connect(client)
        return client
