"""`gouji restore`: make a line out of a backup; then start it as usual, and it goes on from there."""

import asyncio
import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from services.commands.backups import dumping, manifest, stores
from services.commands.backups.copying import put_back
from services.commands.backups.manifest import LISTING, Manifest
from services.commands.mending.mended import ForPeople, ForPrograms
from services.commands.reaching import records, workplace
from services.commands.reaching.options import Archive, AsJson, Data, DatabaseUrl
from services.commands.reconcile import Reconciler, Wish
from services.commands.running.marks import Marks
from services.commands.talking.progress import bar
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say_json, teller
from shared.errors import GoujiError, Unavailable
from shared.language import spoken
from shared.runtime.archive import FolderArchive
from shared.runtime.settings import Settings
from shared.runtime.streams import snapshots, topology, upkeep

_SLACK: Final = timedelta(minutes=5)
"""How far clocks of different machines may be apart: what happened so long before is done again too."""


class NotEmpty(GoujiError):
    """There is something already where the backup should go."""


HELP: Final = taught(
    "从备份恢复三处存储",
    "Bring bus, database and archive back; refuses a target that is not empty.",
    "目标不为空时拒绝执行。其间不得有程序在运行；中断后加 --force 重来。",
    "Nothing may run on the line meanwhile. An interrupted call is made again with --force.",
)


def run(
    place: Annotated[
        Path, typer.Argument(help=spoken("备份文件夹或其中一次", "Folder of backups, or one."))
    ],
    *,
    force: Annotated[
        bool, typer.Option("--force", help=spoken("覆盖已有内容", "In place of what is there."))
    ] = False,
    as_json: AsJson = False,
    archive: Archive = None,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Bring bus, database and archive back; refuses a target that is not empty."""
    folder = manifest.latest(place)
    whole = manifest.read(folder)
    if workplace.is_running(data):
        raise NotEmpty(
            f"{data} " + spoken("正在运行，请先停止", "a line runs there: stop it first")
        )
    found = stores.stores_of(data, database, archive)
    with stores.held_if_private(found, data):
        code = asyncio.run(_restore(found, folder, whole, force=force, as_json=as_json))
        if found.nats is not None:
            Marks(found.nats).forget()
    raise typer.Exit(code)


async def _restore(
    found: stores.Stores, folder: Path, whole: Manifest, *, force: bool, as_json: bool
) -> int:
    tell = teller(as_json=as_json)
    async with stores.bus_of(found) as (client, bus):
        if not force:
            await _demand_empty(found, client)
        files = whole.archive["files"]
        with bar(files, spoken("恢复存档", "archive", " "), steps_aside=not as_json) as step:
            bad = await asyncio.to_thread(
                put_back, folder.parent, manifest.listed(folder / LISTING), found.archive, step
            )
        for name in bad:
            tell(f"✘ {spoken('缺失或已坏', 'missing or damaged', ' ')}: {name}")
        counted = f"{files - len(bad)} {spoken('个文件', 'files', ' ')}"
        tell(f"{spoken('存档', 'archive', ' ')}: {counted}")
        dumped = folder / whole.database["file"]
        _demand(dumped, whole.database["sha256"])
        await asyncio.to_thread(dumping.restore, found.database_url, dumped)
        await asyncio.to_thread(records.migrate, found.database_url)
        tell(f"{spoken('数据库', 'database', ' ')}: {dumped.stat().st_size} bytes")
        await _restore_streams(client, folder, whole)
        await asyncio.to_thread(os.sync)
        streams = f"{len(whole.streams)} {spoken('个流', 'streams', ' ')}"
        tell(f"{spoken('总线', 'bus', ' ')}: {streams}")
        mended = ForPrograms(prints=False)
        reconciler = Reconciler(
            bus,
            found.database_url,
            FolderArchive(found.archive),
            mended if as_json else ForPeople(),
        )
        since = whole.began - _SLACK
        await upkeep.wind_back_to(client.jetstream(), since)
        left = await reconciler.run(Wish(check_bytes=False, since=since))
    tell(
        f"{spoken('已恢复到', 'restored as of', ' ')} {whole.began:%Y-%m-%d %H:%M:%S} UTC: "
        "gouji up · gouji run …"
    )
    if as_json:
        say_json({
            "backup": str(folder), "as_of": whole.began.isoformat(),
            "bus": {"streams": len(whole.streams)},
            "database": {"bytes": dumped.stat().st_size},
            "archive": {"files": files - len(bad), "damaged": bad},
            "reconciled": mended.found,
        })  # fmt: skip
    return 1 if bad or left else 0


async def _restore_streams(client: Client, folder: Path, whole: Manifest) -> None:
    """Put every stream in the place of the one there is; then bring all up to what this version says."""
    js = client.jetstream()
    settings = Settings()
    try:
        for stream in whole.streams:
            path = folder / f"{stream.name}.stream"
            _demand(path, stream.sha256)
            with suppress(NotFoundError):
                await js.delete_stream(stream.name)
            await snapshots.restore(client, stream, path, replicas=settings.replicas)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error
    await topology.provision(
        js,
        total_bytes=settings.bus_bytes,
        ack_wait=settings.ack_wait,
        replicas=settings.replicas,
    )


async def _demand_empty(found: stores.Stores, client: Client) -> None:
    """Raise `NotEmpty` if any of the three stores holds something."""
    archive = FolderArchive(found.archive)
    full = []
    if any(True for shard in archive.shards() for _ in archive.holdings(shard)):
        full.append(f"{spoken('存档', 'archive', ' ')} {found.archive}")
    if not await asyncio.to_thread(dumping.is_empty, found.database_url):
        name = spoken("数据库", "database", " ")
        full.append(f"{name} {records.shown(found.database_url)}")
    streams = await client.jetstream().streams_info()
    ours = {stream.name for stream in topology.STREAMS}
    if any(s.state.messages for s in streams if s.config.name in ours):
        full.append(spoken("总线", "bus", " "))
    if full:
        head, replace = spoken("不是空的", "not empty", " "), spoken("覆盖", "to replace", " ")
        raise NotEmpty(f"{head}: {', '.join(full)}; --force {replace}")


def _demand(path: Path, digest: str) -> None:
    """Raise `Incomplete` if a file of the backup is missing or not what it was."""
    try:
        found = manifest.hash_of(path)
    except OSError as error:
        raise manifest.Incomplete(f"{path}: {error}") from error
    if found != digest:
        raise manifest.Incomplete(
            f"{path}: " + spoken("备份已坏", "this file of the backup is damaged")
        )
