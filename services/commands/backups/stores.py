"""The three stores of a line for backup and restore: which bus, which database, which archive."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from services.commands.reaching import workplace
from services.commands.reaching.following import connected
from services.commands.running.rights import HOME
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime.connections.connecting import OPERATOR, Access
from shared.runtime.connections.embedded import NatsServer


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the three stores are; `nats` is the folder of a private bus that does not run just now."""

    database_url: str
    archive: Path
    bus: Access | None = None
    nats: Path | None = None


def stores_of(data: Path, database: str | None, archive: Path | None) -> Stores:
    """Return the stores of the line that runs in `data`, of the environment, or of a stopped `up`."""
    line = workplace.find(data, database)
    folder = archive or data / "archive"
    if workplace.is_running(data) or "GOUJI_NATS_URL" in os.environ:
        return Stores(line.database_url, folder, bus=line.bus)
    if (data / "nats" / "jetstream" / HOME).exists():
        raise Unavailable(
            spoken(
                "这条线的总线上了锁，须在它运行时进行",
                "the bus of this line is locked: do it while it runs",
            )
        )
    return Stores(line.database_url, folder, nats=data / "nats")


@asynccontextmanager
async def bus_of(stores: Stores) -> AsyncIterator[tuple[Client, Access]]:
    """Hold a connection to the bus, with the way in; the private one of a stopped `up` is started for as long."""
    if stores.bus is not None:
        async with connected(stores.bus) as client:
            yield client, stores.bus
        return
    assert stores.nats is not None
    server = NatsServer(stores.nats)
    with server:
        access = Access((server.url,), inbox=f"_INBOX_{OPERATOR}")
        async with connected(access) as client:
            yield client, access


@contextmanager
def held_if_private(stores: Stores, data: Path) -> Iterator[None]:
    """Hold the data folder of a stopped `up`, so that none starts meanwhile."""
    if stores.nats is None:
        yield
        return
    with workplace.held(data):
        yield
