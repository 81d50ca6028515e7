"""The watched bucket: what feeders put into, and what ingest reads from."""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import orjson
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError, BadObjectMetaError, NotFoundError
from nats.js.object_store import ObjectStore
from nats.nuid import NUID
from pydantic import ValidationError

from shared.contracts.dropped import DroppedObject, object_key
from shared.errors import BadInput, Unavailable
from shared.runtime.clock import SystemClock
from shared.runtime.streams.envelope import AGAIN
from shared.runtime.streams.objects import (
    ChunksGone,
    Notice,
    announce,
    digest_of,
    forget_chunks,
    notice_subject,
    read_chunks,
    write_chunks,
)
from shared.runtime.streams.topology import INBOX_BUCKET, INBOX_STREAM

_LARGE = 1 << 20
_CHUNK = 256 << 10
_LONGEST_KEY = 2000
"""A key travels base64-encoded in a subject, which must fit the 4 KB control line."""
_PUT_SECONDS = 60.0
_WRONG_LAST_SEQUENCE = 10071
"""The server's error code for a message that expected another one before it."""


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
        try:
            chunks = await write_chunks(self._js, INBOX_BUCKET, nuid, data, _CHUNK)
        except (NatsError, TimeoutError):
            await self._forget(nuid)
            raise
        try:
            await self.announce(key, nuid, len(data), chunks, document_id)
        except APIError:
            # the bus said no, so nobody was told
            await self._forget(nuid)
            raise
        if there is not None:
            await forget_chunks(self._js, INBOX_BUCKET, there.nuid)

    async def _forget(self, nuid: str) -> None:
        """Let go of bytes that nobody was told of: with every try more of them would fill the bucket."""
        with suppress(NatsError, TimeoutError):
            await forget_chunks(self._js, INBOX_BUCKET, nuid)

    async def announce(self, key: str, nuid: str, size: int, chunks: int, document_id: str) -> None:
        """Publish the notice of an object, as any client of the bucket would."""
        notice = Notice(key, nuid, size, chunks, document_id)
        await announce(self._js, INBOX_BUCKET, notice, chunk=_CHUNK, now=self._clock.now())

    async def announce_again(self, key: str, again: str) -> bool:
        """Publish an object's notice once more, for the occasion `again`; False if it has changed since.

        Ingest then works on it as on a new one. Raises what the client library raises.
        """
        return await self._say_anew(key, lambda told: told, {AGAIN: again})

    async def withdraw(self, dropped: DroppedObject) -> bool:
        """Mark an object as deleted, as any client would; False if it has changed since.

        Feeders then feed its file again. Raises what the client library raises.
        """

        def withdrawn(told: bytes) -> bytes | None:
            notice = orjson.loads(told)
            if notice.get("nuid") != dropped.nuid:
                return None
            return orjson.dumps(notice | {"deleted": True, "size": 0, "chunks": 0, "digest": ""})

        return await self._say_anew(dropped.name, withdrawn, {})

    async def _say_anew(
        self, key: str, change: Callable[[bytes], bytes | None], headers: dict[str, str]
    ) -> bool:
        """Put the changed notice of an object in place of its newest; False if there is none to change."""
        subject = notice_subject(INBOX_BUCKET, key)
        try:
            notice = await self._js.get_last_msg(INBOX_STREAM, subject)
            changed = change(notice.data or b"")
            if changed is None:
                return False
            # whoever put the object anew in between is told of anyway
            expected = {"Nats-Expected-Last-Subject-Sequence": str(notice.seq)}
            sent = {"Nats-Rollup": "sub"} | expected | headers
            await self._js.publish(subject, changed, headers=sent)
        except NotFoundError:
            return False
        except APIError as error:
            if error.err_code == _WRONG_LAST_SEQUENCE:
                return False
            raise
        return True

    async def find(self, key: str) -> DroppedObject | None:
        """Return the object of a key as it is now, None if there is none or it was deleted.

        A notice that nobody can read is none: it ends as a dead letter of its own.
        """
        try:
            info = await self._store.get_info(key)
            return DroppedObject.model_validate_json(orjson.dumps(info.as_dict(), default=str))
        except (NotFoundError, BadObjectMetaError, ValidationError):
            return None

    async def read(self, dropped: DroppedObject, *, reached: int = 0) -> bytes | None:
        """Return the bytes that this notice is about, None if it is out of date.

        `reached` is where the notice stands in the stream of the bucket.
        """
        try:
            data = await read_chunks(
                self._js, INBOX_BUCKET, dropped.nuid, dropped.chunks, dropped.size, reached=reached
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


def read_notice(data: bytes) -> DroppedObject | None:
    """Return what a notice of the bucket says, None if it is none: anybody may publish there."""
    try:
        return DroppedObject.model_validate_json(data)
    except ValidationError:
        return None


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
