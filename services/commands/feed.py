"""`gouji feed`: copy a folder into the watched bucket, for ever; `gouji up` does the same inside."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from nats.js import JetStreamContext

from services.commands.following import connected
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.adapters.folder import FolderFeeder, FolderSettings
from services.ingest.settings import IngestSettings
from shared.runtime import logs, topology
from shared.runtime.connecting import FEEDER, access_of
from shared.runtime.moving import minded


def run(
    inbox: Annotated[Path, typer.Option(help="投递文件夹 · Folder to feed.")] = Path("inbox"),
) -> None:
    """投喂文件夹 · Feed a folder into the bus of GOUJI_NATS_URL until stopped."""
    settings = IngestSettings()
    logs.configure("feeder", style=settings.log_format, level=settings.log_level)
    asyncio.run(_feed(inbox, settings))


async def _feed(inbox: Path, settings: IngestSettings) -> None:
    access = access_of(settings, FEEDER)
    async with connected(access) as client:
        feeder = FolderFeeder(
            inbox,
            BucketFeed(client.jetstream()),
            FolderSettings(max_bytes=settings.file_limit),
        )
        async with minded(client, access, _bucket_info):
            await feeder.run()


async def _bucket_info(js: JetStreamContext) -> object:
    return await js.stream_info(topology.INBOX_STREAM)
