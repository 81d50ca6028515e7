"""The claim-check store: bodies too large to travel inline, kept in a bucket under their hash."""

import asyncio
import zlib
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from nats.js.object_store import ObjectStore
from nats.nuid import NUID

from shared.errors import Unavailable
from shared.runtime import objects
from shared.runtime.clock import SystemClock
from shared.runtime.objects import ChunksGone, digest_of, read_chunks
from shared.runtime.topology import CLAIMS_BUCKET, bucket_stream

_PREFIX: Final = f"nats-object://{CLAIMS_BUCKET}/"
_CHUNK = 512 << 10
_SECONDS = 60.0
_LARGEST: Final = 1 << 30
"""Bytes of a body: what unpacks to more was not put here by us."""


class Altered(Exception):
    """What is kept under a reference is not what it refers to: somebody has changed it."""


class Claims:
    """Large bodies by reference; the same body is kept once."""

    def __init__(self, js: JetStreamContext) -> None:
        """Use this connection; the provisioner owns the bucket itself."""
        self._js = js
        self._ids, self._clock = NUID(), SystemClock()
        self._store = ObjectStore(name=CLAIMS_BUCKET, stream=bucket_stream(CLAIMS_BUCKET), js=js)

    async def put(self, body: bytes) -> str:
        """Keep a body (compressed) and return its reference."""
        digest, packed = await asyncio.to_thread(_pack, body)
        try:
            async with asyncio.timeout(_SECONDS):
                if not await self._holds(digest):
                    await self._put(digest, packed)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the claim store does not answer: {error!r}") from error
        return _PREFIX + digest

    async def get(self, reference: str) -> bytes:
        """Return the body of a reference; raises `Altered` when something else stands there."""
        digest = reference.removeprefix(_PREFIX)
        try:
            async with asyncio.timeout(_SECONDS):
                info = await self._store.get_info(digest)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the claim store does not answer: {error!r}") from error
        try:
            packed = await read_chunks(
                self._js, CLAIMS_BUCKET, info.nuid, info.chunks or 0, info.size or 0
            )
        except ChunksGone as error:
            raise Unavailable(f"the claim store lacks {digest}") from error
        body = await asyncio.to_thread(_unpack, packed)
        if body is None or digest_of(body) != digest:
            raise Altered(digest)
        return body

    async def _put(self, digest: str, packed: bytes) -> None:
        nuid = self._ids.next().decode()
        chunks = await objects.write_chunks(self._js, CLAIMS_BUCKET, nuid, packed, _CHUNK)
        notice = {
            "nuid": nuid,
            "size": len(packed),
            "chunks": chunks,
            "mtime": self._clock.now().isoformat(),
            "digest": objects.bucket_digest(digest_of(packed)),
            "options": {"max_chunk_size": _CHUNK},
        }
        await objects.announce(self._js, CLAIMS_BUCKET, digest, notice)

    async def _holds(self, digest: str) -> bool:
        try:
            await self._store.get_info(digest)
        except NotFoundError:
            return False
        return True


def _pack(body: bytes) -> tuple[str, bytes]:
    return digest_of(body), zlib.compress(body, 1)


def _unpack(packed: bytes) -> bytes | None:
    """Return the body, None for what is none or unpacks without end."""
    unpacking = zlib.decompressobj()
    try:
        body = unpacking.decompress(packed, _LARGEST)
    except zlib.error:
        return None
    return body if unpacking.eof else None
