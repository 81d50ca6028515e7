"""Objects of a NATS bucket, read chunk by chunk.

The client library's own `get` waits for ever when chunks are gone, copies quadratically, and makes
a consumer per object; asking for the chunks one after another does none of this.
"""

import asyncio
import base64
from hashlib import sha256

import orjson
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.errors import Unavailable
from shared.runtime.topology import bucket_stream

_CHUNK_SECONDS = 10.0


class ChunksGone(Exception):
    """Chunks of an object are not there (any more)."""


async def read_chunks(
    js: JetStreamContext, bucket: str, nuid: str, chunks: int, size: int
) -> bytes:
    """Return the bytes of one object; raises `ChunksGone` or `Unavailable`."""
    stream, subject = bucket_stream(bucket), f"$O.{bucket}.C.{nuid}"
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


async def write_chunks(
    js: JetStreamContext, bucket: str, nuid: str, data: bytes, chunk: int
) -> int:
    """Store the bytes of an object where nobody sees them before its notice; return how many chunks.

    After a failure nobody takes them away: a notice that got no answer may be out all the same, and
    must never speak of bytes that are gone, as it would after the client library's own `put`.
    """
    starts = range(0, len(data), chunk)
    for start in starts:
        await js.publish(f"$O.{bucket}.C.{nuid}", data[start : start + chunk])
    return len(starts)


def notice_of(
    bucket: str, key: str, nuid: str, data: tuple[int, int, str], **more: object
) -> tuple[str, bytes]:
    """Return subject and body of an object's notice; `data` are its size, chunks and sha256."""
    size, chunks, sha256_hex = data
    encoded = base64.urlsafe_b64encode(key.encode()).decode()
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256_hex)).decode()
    told = {
        "name": key,
        "bucket": bucket,
        "nuid": nuid,
        "size": size,
        "chunks": chunks,
        "digest": f"SHA-256={digest}",
    }
    return f"$O.{bucket}.M.{encoded}", orjson.dumps(told | more)


def digest_of(data: bytes) -> str:
    """Return the sha256 in hexadecimal."""
    return sha256(data).hexdigest()
