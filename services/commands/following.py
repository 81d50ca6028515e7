"""Reads a stream as it grows, from any point of its past, and survives restarts of the bus."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import nats
import orjson
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.errors import Unavailable
from shared.runtime.servers import keeping, servers_of

_WAIT_SECONDS = 5.0
_FORGOTTEN_AFTER_SECONDS = 120.0
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it stood in its stream: subject, sequence, decoded body and headers."""

    subject: str
    sequence: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Client]:
    """Hold a connection for a command; raises `Unavailable` when nothing answers at first."""

    async def quiet(_: Exception) -> None:
        """Say nothing: the command itself tells what it could not do."""

    try:
        # the first attempt must tell at once; only an established connection is kept for ever
        probe = await nats.connect(
            servers_of(url),
            connect_timeout=3,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            error_cb=quiet,
        )
        await probe.close()
        client = await nats.connect(
            servers_of(url),
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            error_cb=quiet,
            **keeping(url),
        )
    except (NatsError, OSError, TimeoutError) as error:
        raise Unavailable(f"{url} 没有总线应答 · no bus answers there") from error
    try:
        yield client
    finally:
        await client.close()


async def last_sequence(js: JetStreamContext, stream: str) -> int:
    """Return the sequence of the newest message of a stream."""
    try:
        return (await js.stream_info(stream)).state.last_seq
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the stream {stream} does not answer: {error!r}") from error


async def follow(
    js: JetStreamContext,
    stream: str,
    subjects: Sequence[str],
    *,
    after: int = 0,
    since: datetime | None = None,
    live: bool = True,
) -> AsyncIterator[Told]:
    """Yield the events after a sequence or since a moment, then, if `live`, every new one for ever.

    Nothing durable is left on the bus; after an interruption reading goes on where it stopped.
    """
    reached = after
    while True:
        config = _consumer(subjects, reached, since)
        try:
            info = await js.add_consumer(stream, config)
            if not live and not info.num_pending:
                return
            reader = await js.pull_subscribe_bind(stream=stream, consumer=info.name)
            while True:
                try:
                    (message,) = await reader.fetch(1, timeout=_WAIT_SECONDS)
                except TimeoutError:
                    await js.consumer_info(stream, info.name)
                    continue
                reached, since = message.metadata.sequence.stream, None
                pending = message.metadata.num_pending
                headers = message.headers or {}
                yield Told(message.subject, reached, _decoded(message.data), headers)
                if not live and not pending:
                    return
        except (NatsError, TimeoutError, OSError):
            # the bus restarts, or forgot a reader that slept too long
            await asyncio.sleep(_PAUSE_SECONDS)


def _consumer(subjects: Sequence[str], after: int, since: datetime | None) -> ConsumerConfig:
    """Return a reader that the bus forgets when nobody reads."""
    config = ConsumerConfig(
        filter_subjects=list(subjects),
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=after + 1,
        inactive_threshold=_FORGOTTEN_AFTER_SECONDS,
        mem_storage=True,
    )
    if since is None:
        return config
    return config.evolve(
        deliver_policy=DeliverPolicy.BY_START_TIME, opt_start_seq=None, opt_start_time=since
    )


def _decoded(data: bytes) -> dict[str, Any]:
    """Return the body of an event; anybody may publish what is no event of ours."""
    try:
        body = orjson.loads(data)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
