"""Waiting for the bus at start, and noticing later when a service has silently lost it.

Two silent deaths of the client are known: a consumer deleted under a running service, and a
reconnect that was refused once and is never tried again. Both end the process; whoever supervises
it starts a new one.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import nats
from faststream.nats import NatsBroker
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from shared.errors import Unavailable
from shared.runtime import topology, upkeep
from shared.runtime.logs import log
from shared.runtime.servers import servers_of
from shared.runtime.settings import Settings

_EVERY: Final = 5.0
_AGAIN: Final = 1.0
_ASK: Final = 3.0
_FIRST_WORD: Final = 1.0
_NEXT_WORD: Final = 30.0
_UPKEEP_ROUNDS: Final = 6
_MOVE_AFTER: Final = 2
"""Failed rounds in a row after which a fresh connection is tried for comparison.

Where it is served and ours is not, ours moves to another server; a node that lost its peers still
answers pings, so nothing else tells.
"""
_ZOMBIE_AFTER: Final = 6
"""Failed rounds in a row after which the process ends, if a fresh connection is served."""
_GONE_AFTER: Final = 2
"""Looks in a row that must miss a consumer: a leader just elected may not know it yet."""


async def open_topology(broker: NatsBroker, settings: Settings) -> None:
    """Return when the bus is there with all streams and consumers; say so while waiting."""
    telling = asyncio.create_task(_tell_waiting(settings.nats_url))
    try:
        await broker.connect()
        js = broker.config.connection_state.stream
        while True:
            try:
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
            except (NatsError, TimeoutError, Unavailable) as error:
                log("warning", "bus.waiting", error=str(error))
            await asyncio.sleep(_FIRST_WORD)
    finally:
        telling.cancel()


async def _tell_waiting(url: str) -> None:
    await asyncio.sleep(_FIRST_WORD)
    while True:
        log("warning", "bus.waiting", url=url)
        await asyncio.sleep(_NEXT_WORD)


class Watch:
    """Looks at the service's consumers every few seconds and keeps the health file fresh."""

    def __init__(
        self,
        broker: NatsBroker,
        consumers: Sequence[topology.Consumer],
        url: str,
        *,
        health_file: Path | None,
        makes_room: bool,
        end: Callable[[], None],
    ) -> None:
        """Watch these consumers; `end` ends the process, one service also makes room on the bus."""
        self._broker = broker
        self._consumers = consumers
        self._url = url
        self._health_file = health_file
        self._makes_room = makes_room
        self._end = end
        self._gone = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin watching."""
        self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """End watching."""
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        silent, rounds = 0, 0
        while True:
            rounds += 1
            silent = 0 if await self._answers() else silent + 1
            if silent == 0 and self._health_file is not None:
                self._health_file.touch()
            if silent and silent % _MOVE_AFTER == 0:
                await self._compare(silent)
            if self._makes_room and silent == 0 and rounds % _UPKEEP_ROUNDS == 0:
                await self._make_room()
            await asyncio.sleep(_AGAIN if silent == 1 or self._gone else _EVERY)

    async def _compare(self, silent: int) -> None:
        """Move to another server, at last end the process, if others are served and we are not."""
        if not await self._others_are_served():
            return
        if silent >= _ZOMBIE_AFTER:
            self._end()
        log("warning", "bus.left_silent_server")
        await (await self._broker.connect()).force_reconnect()

    async def _make_room(self) -> None:
        try:
            await upkeep.relieve(self._broker.config.connection_state.stream)
        except (NatsError, TimeoutError, Unavailable) as error:
            log("warning", "bus.waiting", error=str(error))

    async def _answers(self) -> bool:
        """Tell whether every consumer answers; a consumer that is gone ends the process."""
        js = self._broker.config.connection_state.stream
        try:
            async with asyncio.timeout(_ASK):
                for consumer in self._consumers:
                    await js.consumer_info(consumer.stream, consumer.name)
        except NotFoundError:
            self._gone += 1
            if self._gone >= _GONE_AFTER:
                log("error", "service.consumer_lost", consumer=consumer.name)
                self._end()
            return False
        except (NatsError, TimeoutError):
            return False
        self._gone = 0
        return True

    async def _others_are_served(self) -> bool:
        """Tell whether some server serves a fresh connection where ours gets no answer."""
        return any(await asyncio.gather(*map(self._serves, servers_of(self._url))))

    async def _serves(self, server: str) -> bool:
        """Tell whether our consumers answer through one server."""
        try:
            async with asyncio.timeout(_ASK):
                client = await nats.connect(server, allow_reconnect=False)
                try:
                    js = client.jetstream()
                    for consumer in self._consumers:
                        await js.consumer_info(consumer.stream, consumer.name)
                finally:
                    await client.close()
        except (NatsError, OSError, TimeoutError):
            return False
        return True
