"""`gouji backup`: bus, database and archive as files, while the line runs; `gouji restore` makes a line of them.

The order decides what a restored line still knows. First the streams, each before those that it feeds; then
the database; last the archive. So every row's bytes are there, whatever is finished during the backup is in
the database or done again by the restored streams, and what arrives meanwhile is read again from the archive.
A file that was dropped before the backup began is never lost.
"""

import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands.backups import dumping, manifest, stores
from services.commands.backups.copying import copy_archive
from services.commands.backups.manifest import LISTING, Manifest
from services.commands.reaching.options import Archive, AsJson, Data, DatabaseUrl
from services.commands.talking.progress import bar
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say_json, teller
from shared.language import spoken
from shared.report.identity import ENGINE_VERSION
from shared.runtime.archive import FolderArchive
from shared.runtime.clock import SystemClock
from shared.runtime.streams import snapshots, topology

ORDER: Final = (
    topology.INBOX_STREAM, topology.REVIEWS, topology.REPORTS,
    topology.bucket_stream(topology.CLAIMS_BUCKET), topology.ISSUES, topology.DEAD,
    topology.HANDBACKS, topology.ADVISORIES,
)  # fmt: skip
"""Every stream before what its messages lead to; large bodies after the messages that name them."""

HELP: Final = taught(
    "备份三处存储，可在运行中",
    "Back up bus, database and archive, also of a running line.",
    "存档内容或备份文件有损坏时退出码为 1。",
    "Exit code 1 if archived bytes or files of the backup are damaged.",
)


def run(
    place: Annotated[Path, typer.Argument(help=spoken("备份文件夹", "Folder of backups."))],
    *,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help=spoken("核对最新的备份，不新建", "Check the newest one instead.")
        ),
    ] = False,
    as_json: AsJson = False,
    archive: Archive = None,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Back up bus, database and archive, also of a running line."""
    if verify:
        raise typer.Exit(_verify(place, as_json=as_json))
    found = stores.stores_of(data, database, archive)
    with stores.held_if_private(found, data):
        raise typer.Exit(asyncio.run(_back_up(found, place, as_json=as_json)))


async def _back_up(found: stores.Stores, place: Path, *, as_json: bool) -> int:
    clock, tell = SystemClock(), teller(as_json=as_json)
    began = clock.now()
    folder = place / f"{began:%Y%m%dT%H%M%S%f}Z"
    folder.mkdir(parents=True)
    saved = []
    async with stores.bus_of(found) as (client, _):
        for name in ORDER:
            stream = await snapshots.save(client, name, folder / f"{name}.stream")
            if stream is not None:
                saved.append(stream)
    size = sum(stream.size for stream in saved)
    streams = spoken("个流", "streams", " ")
    tell(f"{spoken('总线', 'bus', ' ')}: {len(saved)} {streams}, {size} bytes")
    dumped = await asyncio.to_thread(dumping.save, found.database_url, folder)
    tell(f"{spoken('数据库', 'database', ' ')}: {dumped.stat().st_size} bytes")
    archive = FolderArchive(found.archive)
    shards = sum(1 for _ in archive.shards())
    with bar(shards, spoken("备份存档", "archive", " "), steps_aside=not as_json) as step:
        copied = await asyncio.to_thread(copy_archive, archive, place, step)
    (folder / LISTING).write_bytes(manifest.lines_of(copied.listing))
    counted = f"{len(copied.listing)} {spoken('个文件', 'files', ' ')}"
    tell(f"{spoken('存档', 'archive', ' ')}: {counted}, {copied.new} {spoken('新', 'new', ' ')}")
    for document_id in copied.damaged:
        left_out = spoken("内容已坏，未备份", "damaged, not backed up", " ")
        tell(f"! {left_out}: {document_id}; gouji reconcile")
    ended = clock.now()
    _finish(folder, began, ended, dumped, saved, len(copied.listing))
    tell(f"{spoken('备份完成', 'done')}: {folder}")
    if as_json:
        say_json({
            "backup": str(folder), "began": began.isoformat(), "ended": ended.isoformat(),
            "bus": {"streams": len(saved), "bytes": size},
            "database": {"bytes": dumped.stat().st_size},
            "archive": {
                "files": len(copied.listing), "new": copied.new, "damaged": copied.damaged,
            },
        })  # fmt: skip
    return 1 if copied.damaged else 0


def _finish(
    folder: Path, began: datetime, ended: datetime, dumped: Path, saved: list[snapshots.Saved], files: int,
) -> None:  # fmt: skip
    """Write the manifest when all else is on the disk."""
    listing = folder / LISTING
    whole = Manifest(
        began,
        ended,
        ENGINE_VERSION,
        database={"file": dumped.name, "sha256": manifest.hash_of(dumped)},
        streams=tuple(saved),
        archive={"files": files, "sha256": manifest.hash_of(listing)},
    )
    os.sync()
    manifest.write(folder, whole)
    os.sync()


def _verify(place: Path, *, as_json: bool) -> int:
    tell = teller(as_json=as_json)
    folder = manifest.latest(place)
    bad = list(manifest.faults(folder.parent, folder))
    for name in bad:
        tell(f"✘ {spoken('缺失或已坏', 'missing or damaged', ' ')}: {name}")
    if not bad:
        tell(f"✔ {spoken('备份完好', 'the backup is whole')}: {folder}")
    if as_json:
        say_json({"backup": str(folder), "whole": not bad, "faults": bad})
    return 1 if bad else 0
