"""`gouji status`: the state of every file, what is under way, and how far behind each stage is."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer

from services.commands.reaching import records, workplace
from services.commands.reaching.following import connected
from services.commands.reaching.options import AsJson, Data, DatabaseUrl
from services.commands.running import waits
from services.commands.running.lags import Lag, lag, lags_of
from services.commands.talking.teaching import taught
from services.commands.talking.wording import (
    heading,
    say,
    say_json,
    state_text,
    summary_lines,
    table,
)
from services.notify.adapters.consumers import known
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime.connections.connecting import Access

HELP: Final = taught(
    "查看状态",
    "Show the state of files and stages; exit code 0 also when the bus is away.",
    "显示文件和各阶段的状态；总线不在时退出码也为 0。",
)


def run(
    files: Annotated[
        bool, typer.Option("--files", help=spoken("逐个列出", "List every file."))
    ] = False,
    layout: Annotated[
        Literal["text", "json"], typer.Option("--format", help=spoken("同 --json", "As --json."))
    ] = "text",
    as_json: AsJson = False,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Show the state of files and stages; exit code 0 also when the bus is away."""
    line = workplace.find(data, database)
    states = records.state_counts(line.database_url)
    known = records.file_states(line.database_url) if files else []
    scans = None
    try:
        lags, scans = asyncio.run(_lags(line.bus))
    except Unavailable as error:
        lags = None
        note = str(error)
    if as_json or layout == "json":
        shown = [{"stage": x.stage, "waiting": x.waiting, "in_work": x.in_work} for x in lags or ()]
        found: dict[str, Any] = {
            "files": dict(states), "stages": shown, "bus": lags is not None,
            "recognition": asdict(scans) if scans is not None else None,
        }  # fmt: skip
        if files:
            found["listed"] = [asdict(row) for row in known]
        say_json(found, indented=True)
        return
    if files:
        for text in table([_row(row) for row in known]):
            say(text)
        say()
    for text in summary_lines(states):
        say(text)
    say()
    if lags is None:
        say(note)
        return
    head = heading(
        ("阶段", "stage"), ("等待", "waiting"), ("处理中", "in work"), ("空闲", "idle loops")
    )
    rows = [(x.stage, str(x.waiting), str(x.in_work), str(x.listening)) for x in lags]
    for text in table([head, *rows]):
        say(text)
    if scans is not None:
        say()
        say(waits.told(scans))


def _row(row: records.FileState) -> tuple[str, ...]:
    return (state_text(row.state), row.name or "?", row.reason or "", row.replay or "")


async def _lags(bus: Access) -> tuple[list[Lag], waits.Wait | None]:
    async with connected(bus) as client:
        js = client.jetstream()
        lags = await lags_of(js)
        return [*lags, *map(lag, await known(js))], await waits.recognition(js, lags)
