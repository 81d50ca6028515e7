"""Objects of a NATS bucket, read chunk by chunk.

The client library's own `get` waits for ever when chunks are gone, copies quadratically, and makes
a consumer per object; asking for the chunks one after another does none of this.
"""

import asyncio
from hashlib import sha256

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


def digest_of(data: bytes) -> str:
    """Return the sha256 in hexadecimal."""
    return sha256(data).hexdigest()
