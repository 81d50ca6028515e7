"""Objects of a NATS bucket, read and written chunk by chunk.

The client library's own `get` waits for ever when chunks are gone, copies quadratically, and makes
a consumer per object; asking for the chunks one after another does none of this. Its own `put`
deletes the chunks when the bus does not confirm the notice, which may be out all the same.
"""

import asyncio
import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import orjson
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from shared.errors import Unavailable
from shared.runtime.streams.looking import look
from shared.runtime.streams.topology import bucket_stream

_CHUNK_SECONDS = 20.0
_ROLL_UP = {"Nats-Rollup": "sub"}


class ChunksGone(Exception):
    """Chunks of an object are not there (any more)."""


async def read_chunks(
    js: JetStreamContext, bucket: str, nuid: str, chunks: int, size: int, *, reached: int = 0
) -> bytes:
    """Return the bytes of one object; raises `ChunksGone` or `Unavailable`.

    `reached` is where the object's notice stands in the stream: its chunks stand before it.
    """
    stream, subject = bucket_stream(bucket), _chunk_subject(bucket, nuid)
    parts: list[bytes] = []
    total, sequence = 0, 1
    for _ in range(chunks):
        try:
            async with asyncio.timeout(_CHUNK_SECONDS):
                found = await look(js, stream, sequence, subject, reached=reached)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bucket {bucket} does not answer: {error!r}") from error
        if found is None:
            raise ChunksGone(nuid)
        data = found.data or b""
        total += len(data)
        if total > size:
            raise ChunksGone(nuid)
        parts.append(data)
        sequence = (found.seq or 0) + 1
    if total != size:
        raise ChunksGone(nuid)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def write_chunks(
    js: JetStreamContext, bucket: str, nuid: str, data: bytes, chunk: int
) -> int:
    """Store the bytes of an object where nobody sees them before its notice; return how many chunks.

    After a failure nobody takes them away: a notice that got no answer may be out all the same, and
    must never speak of bytes that are gone, as it would after the client library's own `put`.
    """
    starts = range(0, len(data), chunk)
    for start in starts:
        await js.publish(_chunk_subject(bucket, nuid), data[start : start + chunk])
    return len(starts)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a bucket says of an object: its name, where its bytes are, and their sha256 in hexadecimal."""

    key: str
    nuid: str
    size: int
    chunks: int
    digest: str


async def announce(
    js: JetStreamContext, bucket: str, notice: Notice, *, chunk: int, now: datetime
) -> None:
    """Publish the notice of an object, as any client of the bucket would.

    After a failure nobody knows whether the notice is out: the chunks it may speak of must stay.
    """
    hashed = base64.urlsafe_b64encode(bytes.fromhex(notice.digest)).decode()
    body = {
        "name": notice.key,
        "bucket": bucket,
        "nuid": notice.nuid,
        "size": notice.size,
        "chunks": notice.chunks,
        "mtime": now.isoformat(),
        "digest": f"SHA-256={hashed}",
        "options": {"max_chunk_size": chunk},
    }
    subject = notice_subject(bucket, notice.key)
    await js.publish(subject, orjson.dumps(body), headers=_ROLL_UP)


async def forget_chunks(js: JetStreamContext, bucket: str, nuid: str) -> None:
    """Let go of an object's bytes: an empty message takes their place.

    Purging would need a right that reaches the whole bucket.
    """
    await js.publish(_chunk_subject(bucket, nuid), b"", headers=_ROLL_UP)


def notice_subject(bucket: str, key: str) -> str:
    """Return where a bucket tells of the object with this name."""
    return f"$O.{bucket}.M.{base64.urlsafe_b64encode(key.encode()).decode()}"


def _chunk_subject(bucket: str, nuid: str) -> str:
    return f"$O.{bucket}.C.{nuid}"


def digest_of(data: bytes) -> str:
    """Return the sha256 in hexadecimal."""
    return sha256(data).hexdigest()
