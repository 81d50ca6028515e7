"""Asks the bus, as an outsider would: what was told of every document, and is anything under way."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import nats
from nats.js import JetStreamContext

from services.commands.reaching.following import follow
from services.commands.running.lags import Lag, lags_of
from services.commands.running.tracking import DEAD_LETTERS, FATEFUL
from shared.errors import Unavailable
from shared.runtime.streams import topology

_QUIET_LOOKS = 5
_LOOK_SECONDS = 0.2


async def _ends(url: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    async with _bus(url) as js:
        for stream, subjects in ((topology.REPORTS, FATEFUL), (topology.DEAD, (DEAD_LETTERS,))):
            async for told in follow(js, stream, subjects, live=False):
                state = "dead" if stream == topology.DEAD else told.subject.rpartition(".")[2]
                found[str(told.body.get("document_id"))].add(state)
    return found


def ends_told(url: str) -> dict[str, set[str]]:
    """Return the terminal states that subscribers were told, by document id."""
    return asyncio.run(_ends(url))


async def _letters(url: str) -> list[dict[str, Any]]:
    async with _bus(url) as js:
        return [told.body async for told in follow(js, topology.DEAD, (DEAD_LETTERS,), live=False)]


def letters(url: str) -> list[dict[str, Any]]:
    """Return all dead letters, with what they were about."""
    return asyncio.run(_letters(url))


async def _settle(url: str, within: float) -> list[Lag]:
    loop = asyncio.get_running_loop()
    deadline, quiet = loop.time() + within, 0
    busy: list[Lag] = []
    async with _bus(url) as js:
        while quiet < _QUIET_LOOKS and loop.time() < deadline:
            try:
                busy = [lag for lag in await lags_of(js) if lag.waiting or lag.in_work]
            except Unavailable:
                quiet = 0
                continue
            quiet = 0 if busy else quiet + 1
            await asyncio.sleep(_LOOK_SECONDS)
    return busy


def settle(url: str, within: float) -> list[Lag]:
    """Wait until no consumer has anything waiting or under way; return those that still have."""
    return asyncio.run(_settle(url, within))


@asynccontextmanager
async def _bus(url: str) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(url.split(","), max_reconnect_attempts=-1)
    try:
        yield client.jetstream()
    finally:
        await client.close()
