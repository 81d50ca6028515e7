"""`gouji feed`: copy a folder into the watched bucket, for ever; `gouji up` does the same inside."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.commands.following import connected
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.adapters.folder import FolderFeeder, FolderSettings
from services.ingest.settings import IngestSettings
from shared.runtime import logs
from shared.runtime.connecting import FEEDER, access_of


def run(
    inbox: Annotated[Path, typer.Option(help="投递文件夹 · Folder to feed.")] = Path("inbox"),
) -> None:
    """投喂文件夹 · Feed a folder into the bus of GOUJI_NATS_URL until stopped."""
    settings = IngestSettings()
    logs.configure("feeder", style=settings.log_format, level=settings.log_level)
    asyncio.run(_feed(inbox, settings))


async def _feed(inbox: Path, settings: IngestSettings) -> None:
    async with connected(access_of(settings, FEEDER)) as client:
        feeder = FolderFeeder(
            inbox,
            BucketFeed(client.jetstream()),
            FolderSettings(max_bytes=settings.max_file_bytes),
        )
        await feeder.run()
