"""Leaving a server that answers pings but no longer serves, such as a node parted from its peers."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from shared.errors import GoujiError
from shared.runtime.connections.connecting import Access, connect
from shared.runtime.logs import log

ASK_SECONDS: Final = 3.0
MOVE_AFTER: Final = 2
"""Questions in a row without an answer after which other servers are asked the same."""
_EVERY: Final = 5.0
_AGAIN: Final = 1.0

Probe = Callable[[JetStreamContext], Awaitable[object]]
"""A question that only a working bus answers; what it raises of NATS counts as no answer."""


async def answers(js: JetStreamContext, probe: Probe) -> bool:
    """Tell whether the bus answers a question in time."""
    try:
        async with asyncio.timeout(ASK_SECONDS):
            await probe(js)
    except (NatsError, TimeoutError):
        return False
    return True


async def served_elsewhere(access: Access, probe: Probe) -> bool:
    """Tell whether a fresh connection to some server of the bus gets an answer."""
    return any(await asyncio.gather(*(_serves(one, probe) for one in access.each())))


class Mover:
    """Moves a connection when what it publishes goes unanswered, but not again and again.

    A leader that was just parted from its peers believes in itself for ten seconds more: it answers
    every question and confirms nothing.
    """

    def __init__(self, client: Client, servers: Sequence[str]) -> None:
        """Move this connection among these servers; with only one it stays."""
        self._client = client
        self._several = len(servers) > 1
        self._moved = -math.inf

    async def __call__(self) -> None:
        """Move, unless that was just done."""
        now = time.monotonic()
        if self._several and now - self._moved > _EVERY:
            self._moved = now
            await move(self._client)


async def move(client: Client) -> None:
    """Connect to another server, of which the client knows more than one."""
    log("warning", "bus.left_silent_server")
    await client.force_reconnect()


@asynccontextmanager
async def minded(client: Client, access: Access, probe: Probe) -> AsyncIterator[None]:
    """Move the connection of a command that lasts, whenever only its own server is silent."""
    task = asyncio.create_task(_mind(client, access, probe))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _mind(client: Client, access: Access, probe: Probe) -> None:
    js, silent = client.jetstream(), 0
    while True:
        silent = 0 if await answers(js, probe) else silent + 1
        if silent and silent % MOVE_AFTER == 0 and await served_elsewhere(access, probe):
            await move(client)
        await asyncio.sleep(_AGAIN if silent == 1 else _EVERY)


async def _serves(access: Access, probe: Probe) -> bool:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            client = await connect(access, allow_reconnect=False, error_cb=_quiet)
    except (NatsError, OSError, TimeoutError, GoujiError):
        return False
    try:
        return await answers(client.jetstream(), probe)
    finally:
        await client.close()


async def _quiet(_: Exception) -> None:
    """Say nothing: that a server is away is what was asked."""
