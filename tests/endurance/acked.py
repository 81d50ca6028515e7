"""A publisher that counts: what was acknowledged must be there afterwards, once and in order.

It publishes the way services do (same connection options, same patience, same message id for every
attempt) and notes when each acknowledgement came, so that gaps can be told.
"""

import asyncio
import threading
import time
from itertools import pairwise
from typing import Final

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import NotFoundError

from services.commands.reaching.following import connected
from shared.errors import Unavailable
from shared.runtime.clock import SystemClock
from shared.runtime.connections.moving import Mover
from shared.runtime.messages.outlet import PUBLISH_SECONDS, Outlet
from tests.support.bus import way_in

STREAM: Final = "TRIAL"
_SUBJECT: Final = "trial.counted"
_PAUSE: Final = 0.02
_PATIENCE: Final = 600.0


class Publisher(threading.Thread):
    """Publishes 0, 1, 2, … until stopped."""

    def __init__(self, url: str) -> None:
        """Nothing is connected yet."""
        super().__init__(daemon=True)
        self._url = url
        self._stop_it = threading.Event()
        self._client: Client | None = None
        self.acked: list[float] = []
        self.ready = threading.Event()

    @property
    def server(self) -> str | None:
        """Return the address of the server it talks to just now."""
        url = self._client.connected_url if self._client is not None else None
        return url.hostname if url is not None else None

    def run(self) -> None:
        """Publish."""
        asyncio.run(self._publish())

    def stop(self) -> None:
        """End after the number that is under way."""
        self._stop_it.set()
        self.join()

    def longest_gap(self, since: float, until: float) -> float:
        """Return the longest time without an acknowledgement between two moments, in seconds."""
        inside = [moment for moment in self.acked if since <= moment <= until]
        moments = [since, *inside, until]
        return max(b - a for a, b in pairwise(moments))

    async def _publish(self) -> None:
        async with connected(way_in(self._url)) as client:
            self._client = client
            js = client.jetstream()
            await _make_stream(js)

            async def send(subject: str, body: bytes, headers: dict[str, str], stream: str) -> None:
                await js.publish(subject, body, PUBLISH_SECONDS, stream, headers)

            outlet = Outlet(
                "trial", send=send, clock=SystemClock(), inline_bytes=1 << 20, patience=_PATIENCE
            )
            outlet.leave = Mover(client, way_in(self._url).servers)
            while not self._stop_it.is_set():
                number = str(len(self.acked))
                await outlet._offer(_SUBJECT, number.encode(), {"Nats-Msg-Id": number}, STREAM)
                self.acked.append(time.monotonic())
                self.ready.set()
                await asyncio.sleep(_PAUSE)


async def _make_stream(js: JetStreamContext) -> None:
    config = StreamConfig(
        name=STREAM, subjects=[_SUBJECT], storage=StorageType.FILE, num_replicas=3,
        duplicate_window=3600, max_bytes=64 << 20, allow_direct=True,
    )  # fmt: skip
    while True:
        try:
            await js.add_stream(config)
        except (NatsError, TimeoutError):
            await asyncio.sleep(1)
        else:
            return


def stored(url: str) -> list[int]:
    """Return the numbers that the stream holds, in its order."""
    return asyncio.run(_stored(url))


async def _stored(url: str) -> list[int]:
    client = await nats.connect(url.split(","))
    try:
        js, found, sequence = client.jetstream(), [], 1
        while True:
            try:
                message = await js.get_msg(STREAM, sequence, _SUBJECT, next=True)
            except NotFoundError:
                return found
            found.append(int(message.data or b"-1"))
            sequence = (message.seq or 0) + 1
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the numbers cannot be read: {error!r}") from error
    finally:
        await client.close()
