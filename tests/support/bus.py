"""Talking to a private bus the way an outsider would: with nothing but a plain NATS client."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import nats
import orjson
from faststream import FastStream
from nats.js import JetStreamContext

from shared.contracts.events import Event, ReportReceived
from shared.runtime.connections.connecting import OPERATOR, Access, access_of
from shared.runtime.settings import Settings
from shared.runtime.streams import envelope, topology

MOMENT = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)


def way_in(url: str) -> Access:
    """Return the way into an open bus, for whoever types a command."""
    return access_of(Settings(nats_url=url), OPERATOR)


def settings_for(url: str, **fields: Any) -> Settings:
    """Settings with short waits, so that tests of waiting are short."""
    quick = {
        "retry_first": "100ms",
        "retry_longest": "500ms",
        "ack_wait": "2s",
        "log_format": "json",
    }
    return Settings(nats_url=url, **(quick | fields))


def received(file: str, document_id: str | None = None) -> ReportReceived:
    digest = document_id or sha256(file.encode()).hexdigest()
    return ReportReceived(
        document_id=digest, file=file, received_at=MOMENT, media_type="text/plain", size=1
    )


async def publish(js: JetStreamContext, event: Event) -> None:
    headers = envelope.headers(event, source="test", now=MOMENT)
    body = event.model_dump_json(exclude_defaults=True).encode()
    await js.publish(envelope.subject(event), body, headers=headers)


@asynccontextmanager
async def client(url: str) -> AsyncIterator[JetStreamContext]:
    """A provisioned bus, empty but for what the test puts there."""
    connection = await nats.connect(url)
    try:
        yield connection.jetstream()
    finally:
        await connection.close()


async def fresh(js: JetStreamContext) -> None:
    """Delete everything and provision anew."""
    for stream in await js.streams_info():
        await js.delete_stream(stream.config.name)
    await topology.provision(js, total_bytes=1 << 30, ack_wait=settings_for("x").ack_wait)


@asynccontextmanager
async def running(app: FastStream) -> AsyncIterator[FastStream]:
    """The app in this very loop."""
    task = asyncio.create_task(app.run())
    try:
        yield app
    finally:
        app.exit()
        await task


async def messages(js: JetStreamContext, subject: str) -> list[Any]:
    """Everything a stream holds under a subject, as raw messages in order."""
    stream = topology.stream_of(subject)
    found: list[Any] = []
    sequence = 1
    while True:
        try:
            message = await js.get_msg(stream, sequence, subject, direct=True, next=True)
        except nats.js.errors.NotFoundError:
            return found
        found.append(message)
        sequence = message.seq + 1


async def bodies(js: JetStreamContext, subject: str) -> list[dict[str, Any]]:
    return [orjson.loads(message.data) for message in await messages(js, subject)]


async def settled(js: JetStreamContext, consumer: topology.Consumer, within: float = 10.0) -> None:
    """Return when the consumer has nothing waiting and nothing under way."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        info = await js.consumer_info(consumer.stream, consumer.name)
        if info.num_pending == 0 and info.num_ack_pending == 0:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{consumer.name} did not settle within {within} s")
