"""What most system tests start from: a real server, and streams that hold nothing yet."""

from collections.abc import AsyncIterator, Iterator

import pytest
from nats.js import JetStreamContext

from shared.runtime.connections.embedded import NatsServer
from tests.support import bus


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A bus for all tests of a module; it syncs to disk now and then only."""
    with NatsServer(tmp_path_factory.mktemp("bus"), sync="2m") as running:
        yield running


@pytest.fixture
async def js(server: NatsServer) -> AsyncIterator[JetStreamContext]:
    """A connection to the bus, whose streams are made anew for each test."""
    async with bus.client(server.url) as context:
        await bus.fresh(context)
        yield context
