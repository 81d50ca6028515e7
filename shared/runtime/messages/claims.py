"""The claim-check store: bodies too large to travel inline, kept in a bucket under their hash."""

import asyncio
import re
import zlib
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ObjectInfo
from nats.js.errors import BadObjectMetaError, NotFoundError
from nats.js.object_store import ObjectStore
from nats.nuid import NUID

from shared.errors import Unavailable
from shared.runtime.clock import SystemClock
from shared.runtime.streams.objects import (
    ChunksGone,
    Notice,
    announce,
    digest_of,
    read_chunks,
    write_chunks,
)
from shared.runtime.streams.topology import CLAIMS_BUCKET, bucket_stream

_PREFIX: Final = f"nats-object://{CLAIMS_BUCKET}/"
_REFERENCE: Final = re.compile(re.escape(_PREFIX) + "([0-9a-f]{64})")
_NUID: Final = re.compile("[0-9A-Za-z]{1,64}")
LARGEST_BODY: Final = 192 << 20
"""Bytes of a body once unpacked: the largest document that a reader may return, written as JSON."""
_CHUNK = 512 << 10
_SECONDS = 60.0


class ClaimGone(Exception):
    """A body is not in the store any more: no outage, and no attempt brings it back by itself."""


class NoClaim(Exception):
    """A reference is none of ours, or what it names is not what was kept: a stranger made it."""


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
                    await self._write(digest, packed)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the claim store does not answer: {error!r}") from error
        return _PREFIX + digest

    async def get(self, reference: str) -> bytes:
        """Return the body of a reference; raises `NoClaim`, `ClaimGone` or `Unavailable`."""
        match = _REFERENCE.fullmatch(reference)
        if match is None:
            raise NoClaim("the reference names no body of the claim store")
        digest = match[1]
        try:
            async with asyncio.timeout(_SECONDS):
                info = await self._store.get_info(digest)
        except NotFoundError as error:
            raise ClaimGone(digest) from error
        except BadObjectMetaError as error:
            raise NoClaim("what the reference names is spoilt") from error
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the claim store does not answer: {error!r}") from error
        if (info.size or 0) > LARGEST_BODY or not _NUID.fullmatch(info.nuid or ""):
            raise NoClaim("what the reference names is no body of an event")
        try:
            packed = await self._read(info)
        except ChunksGone as error:
            raise ClaimGone(digest) from error
        return await asyncio.to_thread(_unpack, digest, packed)

    async def _write(self, digest: str, packed: bytes) -> None:
        nuid = self._ids.next().decode()
        chunks = await write_chunks(self._js, CLAIMS_BUCKET, nuid, packed, _CHUNK)
        notice = Notice(digest, nuid, len(packed), chunks, digest_of(packed))
        await announce(self._js, CLAIMS_BUCKET, notice, chunk=_CHUNK, now=self._clock.now())

    async def _holds(self, digest: str) -> bool:
        """Tell whether a body is there whole: a notice alone, as an interrupted client may leave it, is not."""
        try:
            await self._read(await self._store.get_info(digest))
        except (NotFoundError, ChunksGone):
            return False
        return True

    async def _read(self, info: ObjectInfo) -> bytes:
        return await read_chunks(
            self._js, CLAIMS_BUCKET, info.nuid or "", info.chunks or 0, info.size or 0
        )


def _unpack(digest: str, packed: bytes) -> bytes:
    """Return the body, if it is the one that was kept: neither spoilt, nor another, nor a bomb."""
    unpacking = zlib.decompressobj()
    try:
        body = unpacking.decompress(packed, LARGEST_BODY)
    except zlib.error as error:
        raise NoClaim("what the reference names is spoilt") from error
    if not unpacking.eof or digest_of(body) != digest:
        raise NoClaim("what the reference names is another body, or endless")
    return body


def _pack(body: bytes) -> tuple[str, bytes]:
    return digest_of(body), zlib.compress(body, 1)
