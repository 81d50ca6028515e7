"""Streams as files: the server's own snapshots, with the state of every consumer, and back again.

The server sends a snapshot in chunks and waits for a sign after some of them; a restored stream is the one
that was saved, sequence by sequence, and its consumers go on where they stood.
"""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import Header

from shared.errors import Unavailable

_NOT_FOUND: Final = 404
_CHUNK: Final = 128 << 10
_SECONDS: Final = 60.0
"""The longest silence of the server between two chunks."""


@dataclass(frozen=True, slots=True)
class Saved:
    """One stream as it was saved: the server's configuration and state, and the hash of the file."""

    name: str
    config: dict[str, Any]
    state: dict[str, Any]
    sha256: str
    size: int


async def save(client: Client, stream: str, path: Path) -> Saved | None:
    """Write a stream with its consumers into a file; None if there is no such stream.

    Raises `Unavailable` when the bus does not answer or breaks off. What is published meanwhile may be in
    it or not; a consumer's state is never older than the messages.
    """
    inbox = client.new_inbox()
    chunks: asyncio.Queue[Msg] = asyncio.Queue()
    subscription = await client.subscribe(inbox, cb=chunks.put)
    try:
        wish = {"deliver_subject": inbox, "no_consumers": False, "chunk_size": _CHUNK}
        answer = await _ask(client, f"$JS.API.STREAM.SNAPSHOT.{stream}", wish)
        if answer is None:
            return None
        digest, size = sha256(), 0
        with path.open("wb") as file:
            while chunk := await _next(client, chunks, stream):
                digest.update(chunk)
                size += len(chunk)
                await asyncio.to_thread(file.write, chunk)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the stream {stream} cannot be saved: {error!r}") from error
    finally:
        await subscription.unsubscribe()
    return Saved(stream, answer["config"], answer["state"], digest.hexdigest(), size)


async def restore(client: Client, saved: Saved, path: Path, *, replicas: int) -> None:
    """Make a stream and its consumers out of a file, in so many copies; the stream must not be there.

    Raises `Unavailable` when the bus does not answer or does not take it.
    """
    # it may go to a cluster of another size than it came from
    wish = {"config": saved.config | {"num_replicas": replicas}, "state": saved.state}
    try:
        answer = await _ask(client, f"$JS.API.STREAM.RESTORE.{saved.name}", wish)
        if answer is None:
            raise Unavailable(f"the bus does not take the stream {saved.name}")
        target = answer["deliver_subject"]
        with path.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, _CHUNK):
                sent = await client.request(target, chunk, timeout=_SECONDS)
                _demand(sent.data, saved.name)
        ended = await client.request(target, b"", timeout=_SECONDS)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the stream {saved.name} cannot be restored: {error!r}") from error
    _demand(ended.data, saved.name)


async def _next(client: Client, chunks: "asyncio.Queue[Msg]", stream: str) -> bytes:
    """Return the next chunk, b"" at the end, after telling the server that it may go on."""
    message = await asyncio.wait_for(chunks.get(), _SECONDS)
    headers = message.headers or {}
    if not message.data and headers.get(Header.STATUS, "204") not in {"204", ""}:
        raise Unavailable(f"the stream {stream} cannot be saved: {headers}")
    if message.reply:
        await client.publish(message.reply)
    return message.data


async def _ask(client: Client, subject: str, wish: dict[str, Any]) -> dict[str, Any] | None:
    """Ask the server's interface; None for a stream that is not there."""
    message = await client.request(subject, orjson.dumps(wish), timeout=_SECONDS)
    answer: dict[str, Any] = orjson.loads(message.data)
    error = answer.get("error")
    if error is None:
        return answer
    if error.get("code") == _NOT_FOUND:
        return None
    raise Unavailable(f"the bus refuses {subject}: {error.get('description')}")


def _demand(data: bytes, stream: str) -> None:
    """Raise `Unavailable` if an answer is the server's word of a failure."""
    error = orjson.loads(data).get("error") if data else None
    if error is not None:
        raise Unavailable(f"the bus does not take {stream}: {error.get('description')}")
