"""Waiting for the bus at start, and noticing later when a service has silently lost it.

Two silent deaths of the client are known: a consumer deleted under a running service, and a
reconnect that was refused once and is never tried again. Both end the process; whoever supervises
it starts a new one.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.errors import Unavailable
from shared.monitoring.checks import OK
from shared.runtime.connections.moving import ASK_SECONDS, MOVE_AFTER, move, served_elsewhere
from shared.runtime.logs import log
from shared.runtime.readiness import Readiness
from shared.runtime.settings import Settings
from shared.runtime.streams import relief, topology
from shared.runtime.streams.broker import ServiceBroker

_EVERY: Final = 5.0
_AGAIN: Final = 1.0
_FIRST_WORD: Final = 1.0
_NEXT_WORD: Final = 30.0
_ZOMBIE_AFTER: Final = 6
"""Failed rounds in a row after which the process ends, if a fresh connection is served all the same."""
_GONE_AFTER: Final = 2
"""Looks in a row that must miss a consumer: a leader just elected may not know it yet."""


async def open_topology(broker: ServiceBroker, settings: Settings) -> None:
    """Return when the bus is there with all streams and consumers; say so while waiting.

    Who does not provision looks at the consumers that are its own: it may have no right to more.
    """
    telling = asyncio.create_task(_tell_waiting(broker.access.shown))
    try:
        await broker.connect()
        js = broker.config.connection_state.stream
        while True:
            try:
                if not settings.provision:
                    absent = await topology.absent(js, _ours(broker))
                else:
                    absent = await topology.missing(js)
                if not absent:
                    return
                if settings.provision:
                    await topology.provision(
                        js,
                        total_bytes=settings.bus_bytes,
                        ack_wait=settings.ack_wait,
                        replicas=settings.replicas,
                    )
                    log("info", "bus.provisioned", created=absent)
                    continue
                log("warning", "bus.waiting", absent=absent)
            except (NatsError, TimeoutError, Unavailable) as error:
                log("warning", "bus.waiting", error=str(error))
            await asyncio.sleep(_FIRST_WORD)
    finally:
        telling.cancel()


def _ours(broker: ServiceBroker) -> list[topology.Consumer]:
    """Return the consumers that somebody else makes before us; those of webhooks wait elsewhere."""
    return [c for c in broker.needs.consumers if not c.outside]


async def _tell_waiting(url: str) -> None:
    await asyncio.sleep(_FIRST_WORD)
    while True:
        log("warning", "bus.waiting", url=url)
        await asyncio.sleep(_NEXT_WORD)


class Watch:
    """Looks at the service's consumers every few seconds and keeps the health file fresh."""

    def __init__(
        self,
        broker: ServiceBroker,
        *,
        health_file: Path | None,
        makes_room: bool,
        end: Callable[[], None],
        readiness: Readiness | None = None,
    ) -> None:
        """Watch the broker's consumers; `end` ends the process, one service also makes room on the bus.

        What is found of them, and of the stores, is kept in `readiness`.
        """
        self._broker = broker
        self._health_file = health_file
        self._makes_room = makes_room
        self._end = end
        self._readiness = readiness or Readiness({})
        self._asked, self._gone = "", 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin watching."""
        self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """End watching."""
        self._readiness.stopping()
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        silent, was_well = 0, False
        while True:
            silent = 0 if await self._answers() else silent + 1
            denied = self._broker.refusals.denied_lately()
            bus = "silent" if silent else "denied" if denied else OK
            well = await self._readiness.look(bus)
            was_well = was_well or well
            if well and self._health_file is not None:
                with suppress(OSError):
                    self._health_file.touch()
            if silent and silent % MOVE_AFTER == 0:
                await self._compare(silent)
            if self._makes_room and silent == 0:
                await self._make_room()
            soon = silent == 1 or self._gone or not was_well
            await asyncio.sleep(_AGAIN if soon else _EVERY)

    async def _compare(self, silent: int) -> None:
        """Move to another server, at last end the process, if others are served and we are not."""
        if not await served_elsewhere(self._broker.access, self._ask):
            return
        if silent >= _ZOMBIE_AFTER:
            self._end()
        await move(await self._broker.connect())

    async def _make_room(self) -> None:
        try:
            await relief.relieve(self._broker.config.connection_state.stream)
        except (NatsError, TimeoutError, Unavailable) as error:
            log("warning", "bus.waiting", error=str(error))

    async def _answers(self) -> bool:
        """Tell whether every consumer answers; a consumer that is gone ends the process."""
        js = self._broker.config.connection_state.stream
        try:
            async with asyncio.timeout(ASK_SECONDS):
                await self._ask(js)
        except NotFoundError:
            self._gone += 1
            if self._gone >= _GONE_AFTER:
                log("error", "service.consumer_lost", consumer=self._asked)
                self._end()
            return False
        except (NatsError, TimeoutError):
            self._gone = 0
            return False
        self._gone = 0
        return True

    async def _ask(self, js: JetStreamContext) -> None:
        """Ask for every consumer; raises `NotFoundError` for one that is gone."""
        for consumer in self._broker.needs.consumers:
            self._asked = consumer.name
            await js.consumer_info(consumer.stream, consumer.name)
