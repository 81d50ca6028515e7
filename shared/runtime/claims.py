"""The claim-check store: bodies too large to travel inline, kept in a bucket under their hash."""

import asyncio
import zlib
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ObjectInfo
from nats.js.errors import NotFoundError
from nats.js.object_store import ObjectStore
from nats.nuid import NUID

from shared.errors import Unavailable
from shared.runtime.objects import ChunksGone, digest_of, notice_of, read_chunks, write_chunks
from shared.runtime.topology import CLAIMS_BUCKET, bucket_stream

_PREFIX: Final = f"nats-object://{CLAIMS_BUCKET}/"
_CHUNK = 512 << 10
_SECONDS = 60.0


class ClaimLost(Exception):
    """A body that a message refers to is not there any more: no waiting brings it back."""


class Claims:
    """Large bodies by reference; the same body is kept once."""

    def __init__(self, js: JetStreamContext) -> None:
        """Use this connection; the provisioner owns the bucket itself."""
        self._js = js
        self._ids = NUID()
        self._store = ObjectStore(name=CLAIMS_BUCKET, stream=bucket_stream(CLAIMS_BUCKET), js=js)

    async def put(self, body: bytes) -> str:
        """Keep a body (compressed) and return its reference."""
        digest, packed = await asyncio.to_thread(_pack, body)
        try:
            async with asyncio.timeout(_SECONDS):
                if not await self._holds(digest):
                    await self._keep(digest, packed)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the claim store does not answer: {error!r}") from error
        return _PREFIX + digest

    async def get(self, reference: str) -> bytes:
        """Return the body of a reference; raises `ClaimLost` where it is gone, `Unavailable` when silent."""
        digest = reference.removeprefix(_PREFIX)
        try:
            async with asyncio.timeout(_SECONDS):
                info = await self._store.get_info(digest)
        except NotFoundError as error:
            raise ClaimLost(digest) from error
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the claim store does not answer: {error!r}") from error
        try:
            packed = await self._read(info)
        except ChunksGone as error:
            raise ClaimLost(digest) from error
        return await asyncio.to_thread(zlib.decompress, packed)

    async def _keep(self, digest: str, packed: bytes) -> None:
        nuid = self._ids.next().decode()
        chunks = await write_chunks(self._js, CLAIMS_BUCKET, nuid, packed, _CHUNK)
        about = len(packed), chunks, digest_of(packed)
        subject, notice = notice_of(CLAIMS_BUCKET, digest, nuid, about)
        await self._js.publish(subject, notice, headers={"Nats-Rollup": "sub"})

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


def _pack(body: bytes) -> tuple[str, bytes]:
    return digest_of(body), zlib.compress(body, 1)
