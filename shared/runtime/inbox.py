"""The watched bucket: what feeders put into, and what ingest reads from."""

import asyncio
import os
from typing import NamedTuple

import orjson
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError
from nats.js.object_store import ObjectStore
from nats.nuid import NUID

from shared.contracts.dropped import DroppedObject, object_key
from shared.errors import BadInput, Unavailable
from shared.runtime import objects
from shared.runtime.clock import SystemClock
from shared.runtime.objects import ChunksGone, digest_of, read_chunks
from shared.runtime.topology import INBOX_BUCKET, INBOX_STREAM

_LARGE = 1 << 20
_CHUNK = 256 << 10
_LONGEST_KEY = 2000
"""A key travels base64-encoded in a subject, which must fit the 4 KB control line."""
_PUT_SECONDS = 60.0


class Put(NamedTuple):
    """What a feeder did: the document's hash, its key, and whether it was new to the bucket."""

    document_id: str
    key: str
    new: bool


class Inbox:
    """The bucket `inbox` over a JetStream context; bytes in, bytes out."""

    def __init__(self, js: JetStreamContext) -> None:
        """Use this connection; the provisioner owns the bucket itself."""
        self._js = js
        self._ids, self._clock = NUID(), SystemClock()
        self._store = ObjectStore(name=INBOX_BUCKET, stream=INBOX_STREAM, js=js)

    async def put(self, data: bytes, file: str) -> Put:
        """Put a file under its hash and name; the same file there already is left alone."""
        document_id = digest_of(data)
        key = object_key(document_id, _short(printable_name(file)))
        try:
            async with asyncio.timeout(_PUT_SECONDS):
                there = await self.find(key)
                if there is not None and there.sha256 == document_id:
                    return Put(document_id, key, new=False)
                await self._replace(there, key, data, document_id)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bucket does not take the file: {error!r}") from error
        return Put(document_id, key, new=True)

    async def _replace(
        self, there: DroppedObject | None, key: str, data: bytes, document_id: str
    ) -> None:
        """Store the bytes where nobody sees them, announce them, and let go of earlier ones.

        After a failure nobody knows whether the notice is out: bytes it may speak of stay.
        """
        nuid = self._ids.next().decode()
        chunks = await objects.write_chunks(self._js, INBOX_BUCKET, nuid, data, _CHUNK)
        await self.announce(key, nuid, len(data), chunks, document_id)
        if there is not None:
            await objects.forget_chunks(self._js, INBOX_BUCKET, there.nuid)

    async def announce(self, key: str, nuid: str, size: int, chunks: int, document_id: str) -> None:
        """Publish the notice of an object, as any client of the bucket would."""
        notice = {
            "nuid": nuid,
            "size": size,
            "chunks": chunks,
            "mtime": self._clock.now().isoformat(),
            "digest": objects.bucket_digest(document_id),
            "options": {"max_chunk_size": _CHUNK},
        }
        await objects.announce(self._js, INBOX_BUCKET, key, notice)

    async def find(self, key: str) -> DroppedObject | None:
        """Return the object of a key as it is now, None if there is none or it was deleted."""
        try:
            info = await self._store.get_info(key)
        except NotFoundError:
            return None
        return DroppedObject.model_validate_json(orjson.dumps(info.as_dict(), default=str))

    async def read(self, dropped: DroppedObject) -> bytes | None:
        """Return the bytes that this notice is about, None if it is out of date."""
        try:
            data = await read_chunks(
                self._js, INBOX_BUCKET, dropped.nuid, dropped.chunks, dropped.size
            )
        except ChunksGone:
            await self._refuse_if_newest(dropped)
            return None
        if dropped.sha256 is not None:
            found = digest_of(data) if len(data) <= _LARGE else await _digest_aside(data)
            if found != dropped.sha256:
                raise _missing()
        return data

    async def _refuse_if_newest(self, dropped: DroppedObject) -> None:
        try:
            now = await self.find(dropped.name)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bucket does not answer: {error!r}") from error
        if now is not None and now.nuid == dropped.nuid:
            raise _missing()

    async def keys(self) -> list[DroppedObject]:
        """Return all objects in the bucket."""
        try:
            return [
                DroppedObject.model_validate_json(orjson.dumps(info.as_dict(), default=str))
                for info in await self._store.list()
            ]
        except NotFoundError:
            return []
        except (APIError, NatsError, TimeoutError) as error:
            raise Unavailable(f"the bucket does not answer: {error!r}") from error


async def _digest_aside(data: bytes) -> str:
    return await asyncio.to_thread(digest_of, data)


def printable_name(name: str) -> str:
    """Return a file name as text, whatever bytes the file system holds."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace")


def _short(name: str) -> str:
    raw = name.encode()
    return name if len(raw) <= _LONGEST_KEY else raw[-_LONGEST_KEY:].decode(errors="ignore")


def _missing() -> BadInput:
    return BadInput(
        "missing_bytes",
        "投递桶中的文件内容缺失或损坏，请重新投递。",
        "The bytes of this file are missing or damaged in the bucket; drop it again.",
    )
