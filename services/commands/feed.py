"""`gouji feed`: copy a folder, or the objects of an S3 bucket, into the watched bucket, for ever."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from nats.aio.client import Client
from nats.js import JetStreamContext

from services.commands.reaching.following import connected
from services.commands.talking.teaching import taught
from services.ingest.adapters.feeder import Feeder
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.adapters.folder import FolderFeeder, FolderSettings
from services.ingest.settings import FeedSettings
from shared.language import spoken
from shared.runtime import logs
from shared.runtime.connections.connecting import FEEDER, access_of
from shared.runtime.connections.moving import minded
from shared.runtime.paths import require_folder
from shared.runtime.streams import topology
from shared.secrets import BadSetting

Feeding = Callable[[BucketFeed], Feeder[Any]]
"""What makes a feeder once there is a bucket to feed."""

HELP: Final = taught(
    "投喂文件夹或对象桶",
    "Feed a folder or an S3 bucket into the bus of GOUJI_NATS_URL until stopped.",
    "送入 GOUJI_NATS_URL 所指的总线，直到停止。",
)


def run(
    inbox: Annotated[Path, typer.Option(help=spoken("投递文件夹", "Folder to feed."))] = Path(
        "inbox"
    ),
    s3: Annotated[
        str | None,
        typer.Option(
            envvar="GOUJI_S3",
            help=spoken("投递对象桶", "Objects to feed") + ": s3://bucket/prefix.",
        ),
    ] = None,
) -> None:
    """Feed a folder or an S3 bucket into the bus of GOUJI_NATS_URL until stopped."""
    settings = FeedSettings()
    if not s3:
        require_folder(inbox, "--inbox", written=False)
    logs.configure("feeder", style=settings.log_format, level=settings.log_level)
    asyncio.run(_feed(inbox, s3, settings))


async def _feed(inbox: Path, s3: str | None, settings: FeedSettings) -> None:
    access = access_of(settings, FEEDER)
    feeding = _of_objects(s3, settings) if s3 else _of_folder(inbox, settings)
    async with connected(access) as client:
        feeder = feeding(BucketFeed(client.jetstream()))
        hints = settings.s3_hints if s3 else None
        async with minded(client, access, _bucket_info), woken(client, feeder, hints):
            await feeder.run()


def _of_folder(inbox: Path, settings: FeedSettings) -> Feeding:
    pace = FolderSettings(max_bytes=settings.file_limit)
    return lambda bucket: FolderFeeder(inbox, bucket, pace)


def _of_objects(url: str, settings: FeedSettings) -> Feeding:
    try:
        # in an extra of its own: whoever feeds folders needs no client of S3
        from services.ingest.adapters.s3 import S3Feeder, S3Source, parse_url  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise BadSetting(
            "GOUJI_S3: "
            + spoken("须安装 gouji[s3]", "needs the extra gouji[s3]")
            + f": {error.name}"
        ) from None
    name, prefix = parse_url(url)
    source = S3Source(
        bucket=name,
        prefix=prefix,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        rescan=settings.s3_poll.total_seconds(),
        max_bytes=settings.file_limit,
    )
    return lambda bucket: S3Feeder(source, bucket)


@asynccontextmanager
async def woken(client: Client, feeder: Feeder[Any], subject: str | None) -> AsyncIterator[None]:
    """Look at the source at once whenever something is said on a subject; what is said does not matter.

    A notice that is missed or made up changes only when the source is looked at.
    """
    if subject is None:
        yield
        return

    async def hear(_: object) -> None:
        feeder.wake.set()

    subscription = await client.subscribe(subject, cb=hear)
    try:
        yield
    finally:
        if not client.is_closed:
            await subscription.unsubscribe()


async def _bucket_info(js: JetStreamContext) -> object:
    return await js.stream_info(topology.INBOX_STREAM)
