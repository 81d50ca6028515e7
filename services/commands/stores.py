"""The three stores of a line for backup and restore: which bus, which database, which archive."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from services.commands import workplace
from services.commands.following import connected
from shared.runtime.embedded import NatsServer


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the three stores are; `nats` is the folder of a private bus that does not run just now."""

    database_url: str
    archive: Path
    nats_url: str | None = None
    nats: Path | None = None


def stores_of(data: Path, database: str | None, archive: Path | None) -> Stores:
    """Return the stores of the line that runs in `data`, of the environment, or of a stopped `up`."""
    line = workplace.find(data, database)
    folder = archive or data / "archive"
    if workplace.is_running(data) or "GOUJI_NATS_URL" in os.environ:
        return Stores(line.database_url, folder, nats_url=line.nats_url)
    return Stores(line.database_url, folder, nats=data / "nats")


@asynccontextmanager
async def bus_of(stores: Stores) -> AsyncIterator[tuple[Client, str]]:
    """Hold a connection to the bus, with its URL; the private one of a stopped `up` is started for as long."""
    if stores.nats_url is not None:
        async with connected(stores.nats_url) as client:
            yield client, stores.nats_url
        return
    assert stores.nats is not None
    server = NatsServer(stores.nats)
    with server:
        async with connected(server.url) as client:
            yield client, server.url


@contextmanager
def held_if_private(stores: Stores, data: Path) -> Iterator[None]:
    """Hold the data folder of a stopped `up`, so that none starts meanwhile."""
    if stores.nats is None:
        yield
        return
    with workplace.held(data):
        yield
