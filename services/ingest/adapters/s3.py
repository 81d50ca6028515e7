"""Feeds the objects of an S3 bucket into the watched bucket: every one, once per content, never half.

Listing is the truth, page by page until the end; a notice from the store only wakes the feeder. An
object is read with the ETag that was listed, so that one replaced meanwhile is not mixed up with
what it was. Nothing is written to the store or deleted there.
"""

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

import aiohttp
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from services.ingest.adapters.feeder import Bucket, Fed, Feeder, Pace, log
from services.ingest.adapters.source import Taken, left_out
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime.streams.inbox import printable_name
from shared.secrets import BadSetting

PIECE: Final = 4 << 20
"""Bytes of one request: a slow store is told from a silent one by the piece, not by the object."""
_CONNECT_SECONDS: Final = 5
_SILENT_SECONDS: Final = 30
_PIECE_SECONDS: Final = 120.0
_GONE: Final = ("NoSuchKey", "404", "PreconditionFailed", "412", "InvalidRange", "416")
"""Answers to a read that mean: not there, or not as it was listed."""
_FAILURES: Final = (
    BotoCoreError, ResponseParserError, aiohttp.ClientError, TimeoutError, OSError, ValueError,
)  # fmt: skip
_LOST_LETTER: Final = "\ufffd"
"""What stands in a listed key for bytes that are no text: it cannot be asked for."""
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")


@dataclass(frozen=True, slots=True)
class ObjectSignature:
    """What changes when an object is replaced."""

    etag: str
    size: int
    modified: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Source(Pace):
    """Where the objects are. Keys are taken from botocore's usual places: environment, files, roles."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    rescan: float = 10.0


def parse_url(url: str) -> tuple[str, str]:
    """Return bucket and prefix of `s3://bucket/prefix`; the prefix ends in a slash or is empty.

    Raises `BadSetting` for anything else.
    """
    scheme, _, rest = url.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not _BUCKET.fullmatch(bucket):
        raise BadSetting(
            f"GOUJI_S3: {url!r} "
            + spoken("不是 s3://桶/前缀", "is not of the form s3://bucket/prefix")
        )
    return bucket, f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""


class S3Feeder(Feeder[ObjectSignature]):
    """Feeds one bucket, or what is below a prefix of it, until it is cancelled."""

    batch: ClassVar[int] = 4096
    calm: ClassVar[float] = 10.0

    def __init__(
        self, source: S3Source, bucket: Bucket, on_fed: Callable[[Fed], None] = lambda _: None
    ) -> None:
        """Nothing is connected yet. `on_fed` is called once for every object and content."""
        super().__init__(bucket, source, on_fed)
        self._source = source
        self._opened = AsyncExitStack()
        self._client: Any = None
        self._failures = 0
        self._again_at = 0.0

    async def run(self) -> None:
        """Look, feed, wait; for ever. Cancel the task to end it."""
        try:
            await super().run()
        finally:
            await self._close()

    async def _entries(self) -> dict[str, ObjectSignature] | None:
        """List everything; a listing that breaks off counts for nothing, so that nothing is forgotten."""
        if self._again_at > time.monotonic():
            return None
        try:
            found = {key: signature async for key, signature in self._list()}
        except Unavailable as error:
            await self._away(error)
            return None
        if self._failures:
            self._failures = 0
            log.info("feeder.source_back", source=self._shown_source)
        return found

    async def _away(self, error: Unavailable) -> None:
        """Say why the store cannot be listed, and when that is tried again with fresh keys."""
        self._failures += 1
        delay = self._delay(self._failures)
        self._again_at = time.monotonic() + delay
        log.warning(
            "feeder.source_away",
            source=self._shown_source,
            error=str(error),
            attempt=self._failures,
            retry_in=delay,
        )
        await self._close()

    async def _list(self) -> AsyncIterator[tuple[str, ObjectSignature]]:
        async with _answering("list"):
            client = await self._open()
            pages = client.get_paginator("list_objects_v2").paginate(
                Bucket=self._source.bucket, Prefix=self._source.prefix
            )
            async for page in pages:
                for entry in page.get("Contents", ()):
                    if self._is_wanted(entry["Key"]):
                        signature = ObjectSignature(
                            entry.get("ETag", ""), entry["Size"], entry.get("LastModified")
                        )
                        yield entry["Key"], signature

    def _is_wanted(self, key: str) -> bool:
        """Leave out what only stands for a folder, and hidden or unfinished files as in a folder."""
        name = key.removeprefix(self._source.prefix)
        return not name.endswith("/") and name != "" and not any(map(left_out, name.split("/")))

    async def _take(self, name: str, signature: ObjectSignature) -> Taken | None:
        """Read an object piece by piece; above `max_bytes` it is hashed and not kept."""
        digest = hashlib.sha256()
        chunks: list[bytes] = []
        keep = signature.size <= self._source.max_bytes
        try:
            for start in range(0, max(signature.size, 1), PIECE):
                piece = await self._piece(name, signature, start)
                digest.update(piece)
                if keep:
                    chunks.append(piece)
        except FileNotFoundError:
            if _LOST_LETTER in name:
                self._note(name, "key_is_no_text")
            raise
        return Taken(digest.hexdigest(), signature.size, b"".join(chunks) if keep else None)

    async def _piece(self, name: str, signature: ObjectSignature, start: int) -> bytes:
        """Return a piece of the object as it was listed. Raises FileNotFoundError if it is another now."""
        end = min(start + PIECE, signature.size)
        asked: dict[str, Any] = {"Bucket": self._source.bucket, "Key": name}
        if signature.etag:
            asked["IfMatch"] = signature.etag
        if signature.size > PIECE:
            asked["Range"] = f"bytes={start}-{end - 1}"
        async with _answering("read"), asyncio.timeout(_PIECE_SECONDS):
            client = await self._open()
            answer = await client.get_object(**asked)
            async with answer["Body"] as body:
                if signature.etag and _bare(answer.get("ETag", "")) != _bare(signature.etag):
                    raise _changed(name)
                data = await _at_most(body, end - start + 1)
        if len(data) != end - start:
            raise _changed(name)
        return data

    def _shown(self, name: str) -> str:
        return printable_name(name.removeprefix(self._source.prefix))

    @property
    def _shown_source(self) -> str:
        return f"s3://{self._source.bucket}/{self._source.prefix}"

    async def _rest(self, took: float) -> None:
        """Wait as any feeder does, and for a store that is away as long as was said."""
        left = self._again_at - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
            return
        await super()._rest(took)

    async def _open(self) -> Any:
        """Return the connection; after a failure it is made anew, with the keys as they are then."""
        if self._client is None:
            made = get_session().create_client(
                "s3",
                endpoint_url=self._source.endpoint,
                region_name=self._source.region,
                config=AioConfig(
                    s3={"addressing_style": "path" if self._source.endpoint else "auto"},
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_SILENT_SECONDS,
                    # we try again ourselves, and say so
                    retries={"total_max_attempts": 1},
                    max_pool_connections=16,
                ),
            )
            self._client = await self._opened.enter_async_context(made)
        return self._client

    async def _close(self) -> None:
        self._client = None
        await self._opened.aclose()


@asynccontextmanager
async def _answering(what: str) -> AsyncIterator[None]:
    """Turn what the client library raises into our words, without quoting keys or answers."""
    try:
        yield
    except ClientError as error:
        said = error.response.get("Error", {}).get("Code", "?")
        if what == "read" and str(said) in _GONE:
            raise _changed("") from None
        raise Unavailable(
            f"the store refuses to {what}: {printable_name(str(said))[:80]}"
        ) from None
    except FileNotFoundError:
        raise
    except _FAILURES as error:
        raise Unavailable(f"the store cannot {what}: {type(error).__name__}") from error


async def _at_most(body: Any, number: int) -> bytes:
    """Return the bytes of an answer, of one that is too long only so many."""
    data = bytearray()
    while len(data) < number:
        piece = await body.read(number - len(data))
        if not piece:
            break
        data += piece
    return bytes(data)


def _bare(etag: str) -> str:
    """Return an ETag without the marks that some stores leave out in listings."""
    return etag.removeprefix("W/").strip('"')


def _changed(name: str) -> FileNotFoundError:
    """Say that an object is no longer what was listed; the next listing shows what it is now."""
    return FileNotFoundError(f"{name} is gone or replaced")
