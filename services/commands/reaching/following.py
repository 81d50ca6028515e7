"""Reads a stream as it grows, from any point of its past, and survives restarts of the bus."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime.connections.connecting import Access, connect
from shared.runtime.connections.refusals import denied_by, refusal_of

_WAIT_SECONDS = 5.0
_FORGOTTEN_AFTER_SECONDS = 120.0
_PAUSE_SECONDS = 0.5
_LOOK_SECONDS = 1.0
_BEHIND = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it stood in its stream: subject, sequence, decoded body and headers."""

    subject: str
    sequence: int
    body: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def connected(access: Access) -> AsyncIterator[Client]:
    """Hold a connection for a command; raises `Unavailable` when nobody answers or lets us in."""
    heard: list[Exception] = []

    async def hear(error: Exception) -> None:
        """Keep what goes wrong at first; the command itself tells what it could not do, but for a denial."""
        heard.append(error)
        denied = denied_by(error)
        if denied is not None:
            what = spoken("总线不许", "the bus does not allow")
            print(f"{what}: {denied[0]} {denied[1]}", file=sys.stderr)

    try:
        # the first attempt must tell at once; only an established connection is kept for ever
        probe = await connect(
            access,
            connect_timeout=3,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            error_cb=hear,
        )
        await probe.close()
        client = await connect(
            access, max_reconnect_attempts=-1, reconnect_time_wait=1, error_cb=hear
        )
    except (NatsError, OSError, TimeoutError) as error:
        refusal = next(filter(None, map(refusal_of, [*heard, error])), None)
        if refusal is not None:
            told = f"{spoken('总线不接受', 'the bus does not let us in')}: {refusal}"
        else:
            told = spoken("没有总线应答", "no bus answers there")
        raise Unavailable(f"{access.shown} {told}") from error
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


async def hearing(client: Client, subjects: Sequence[str]) -> AsyncIterator[Told | None]:
    """Yield None once the bus listens to us, then every event as it is published; ends when the bus is away.

    Needs no right but to hear these subjects. What happens while nobody is connected is not heard.
    """
    heard: asyncio.Queue[Msg] = asyncio.Queue(_BEHIND)

    async def hear(message: Msg) -> None:
        await heard.put(message)

    try:
        for subject in subjects:
            await client.subscribe(subject, cb=hear)
        await client.flush()
    except (NatsError, TimeoutError, OSError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error
    yield None
    while client.is_connected:
        try:
            message = await asyncio.wait_for(heard.get(), _LOOK_SECONDS)
        except TimeoutError:
            continue
        yield Told(message.subject, 0, _decoded(message.data), message.headers or {})


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
