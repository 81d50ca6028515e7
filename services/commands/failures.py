"""`gouji failures`: the validation failures as they happen, or from any moment on."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import typer
from nats.js import JetStreamContext

from services.commands import workplace
from services.commands.following import connected, follow, last_sequence
from services.commands.wording import issue_lines, say
from shared.contracts.events import ValidationFailed
from shared.runtime import topology
from shared.runtime.clock import SystemClock
from shared.runtime.settings import span

Severity = Literal["error", "warning", "info"]


def run(
    follow_on: Annotated[
        bool, typer.Option("--follow", help="持续显示 · Go on with new ones as they come.")
    ] = False,
    severity: Annotated[Severity | None, typer.Option(help="只看一级 · Only these.")] = None,
    rule: Annotated[str | None, typer.Option(help="只看一条规则 · Only this rule.")] = None,
    since: Annotated[
        str | None, typer.Option(help="起点：2h、7d 或 2026-01-31T08:00 · Replay from then.")
    ] = None,
    layout: Annotated[
        Literal["text", "jsonl"], typer.Option("--format", help="jsonl 为原始事件 · Events as is.")
    ] = "text",
    data: Annotated[Path, typer.Option(help="数据文件夹 · Data folder of `up`.")] = Path("data"),
) -> None:
    """核对问题 · Print validation failures; all kept ones, or with --follow the new ones."""
    subject = f"{ValidationFailed.subject}.{severity or '*'}.{rule or '*'}"
    line = workplace.find(data)
    asyncio.run(_print(line.nats_url, subject, _moment(since), layout, follow_on=follow_on))


async def _print(
    url: str, subject: str, since: datetime | None, layout: str, *, follow_on: bool
) -> None:
    async with connected(url) as client:
        js = client.jetstream()
        last = await last_sequence(js, topology.ISSUES)
        after = last if follow_on and since is None else 0
        if not follow_on and not await _is_kept(js, subject, last):
            return
        async for told in follow(js, topology.ISSUES, (subject,), after=after, since=since):
            if not follow_on and told.sequence > last:
                return
            if layout == "jsonl":
                say(orjson.dumps(told.body).decode())
            else:
                for shown in _lines(told.body):
                    say(shown)
