"""Objects of a NATS bucket, read and written chunk by chunk.

The client library's own `get` waits for ever when chunks are gone, copies quadratically, and makes
a consumer per object; its `put` purges. Asking for the chunks one after another, and publishing
them, does none of this and needs no right to do so.
"""

import asyncio
import base64
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import orjson
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.errors import Unavailable
from shared.runtime.topology import bucket_stream

_CHUNK_SECONDS = 10.0


_ROLL_UP = {"Nats-Rollup": "sub"}


async def write_chunks(js: JetStreamContext, bucket: str, nuid: str, data: bytes, size: int) -> int:
    """Store the bytes of an object where nobody sees them yet; return how many chunks they took."""
    starts = range(0, len(data), size)
    for start in starts:
        await js.publish(_chunk_subject(bucket, nuid), data[start : start + size])
    return len(starts)


async def announce(js: JetStreamContext, bucket: str, key: str, notice: Mapping[str, Any]) -> None:
    """Publish the notice of an object, as any client of the bucket would; it replaces an earlier one."""
    encoded = base64.urlsafe_b64encode(key.encode()).decode()
    body = {"name": key, "bucket": bucket, **notice}
    await js.publish(f"$O.{bucket}.M.{encoded}", orjson.dumps(body), headers=_ROLL_UP)


async def forget_chunks(js: JetStreamContext, bucket: str, nuid: str) -> None:
    """Let go of an object's bytes: an empty message takes their place.

    Purging would need a right that reaches the whole bucket.
    """
    await js.publish(_chunk_subject(bucket, nuid), b"", headers=_ROLL_UP)


def _chunk_subject(bucket: str, nuid: str) -> str:
    return f"$O.{bucket}.C.{nuid}"


class ChunksGone(Exception):
    """Chunks of an object are not there (any more)."""


async def read_chunks(
    js: JetStreamContext, bucket: str, nuid: str, chunks: int, size: int
) -> bytes:
    """Return the bytes of one object; raises `ChunksGone` or `Unavailable`."""
    stream, subject = bucket_stream(bucket), _chunk_subject(bucket, nuid)
    parts: list[bytes] = []
    total, sequence = 0, 1
    for _ in range(chunks):
        try:
            async with asyncio.timeout(_CHUNK_SECONDS):
                found = await js.get_msg(stream, sequence, subject, direct=True, next=True)
        except NotFoundError as error:
            raise ChunksGone(nuid) from error
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bucket {bucket} does not answer: {error!r}") from error
        data = found.data or b""
        total += len(data)
        if total > size:
            raise ChunksGone(nuid)
        parts.append(data)
        sequence = (found.seq or 0) + 1
    if total != size:
        raise ChunksGone(nuid)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def bucket_digest(digest: str) -> str:
    """Return a sha256 in hexadecimal as notices of objects write it."""
    return f"SHA-256={base64.urlsafe_b64encode(bytes.fromhex(digest)).decode()}"


def digest_of(data: bytes) -> str:
    """Return the sha256 in hexadecimal."""
    return sha256(data).hexdigest()
