"""`gouji failures`: the validation failures as they happen, or from any moment on."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import typer
from pydantic import TypeAdapter, ValidationError

from services.commands.reaching import workplace
from services.commands.reaching.following import connected, follow, last_sequence
from services.commands.reaching.options import Data
from services.commands.reaching.sifting import Sieve, sieve
from services.commands.talking.teaching import taught
from services.commands.talking.wording import issue_lines, say, say_json
from services.validate.core.rulebook import load
from shared.contracts.changes import IssueGone
from shared.language import spoken
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import Access
from shared.runtime.settings import Duration
from shared.runtime.streams import topology

Words = list[str] | None

Severity = Annotated[
    Words,
    typer.Option(
        help=spoken(
            "级别：error、warning、info，可多次，以下各项同",
            "error, warning, info; may be repeated, as all below.",
        )
    ),
]
Origin = Annotated[
    Words,
    typer.Option(
        help=spoken(
            "归因：source 报告有误，extraction 识读，unknown",
            "source: the report is wrong; extraction, unknown.",
        )
    ),
]

HELP: Final = taught(
    "核对问题",
    "Print validation failures; all kept ones, or with --follow the new ones.",
    "列出留存的全部问题；加 --follow 则只显示新出现的。",
)


def run(  # noqa: PLR0913 - every option of the command is an argument
    *,
    follow_on: Annotated[
        bool, typer.Option("--follow", help=spoken("持续显示", "Go on with new ones as they come."))
    ] = False,
    severity: Severity = None,
    rule: Annotated[
        Words, typer.Option(help=spoken("规则编号，如 t3_balance", "Rule id, such as t3_balance."))
    ] = None,
    region: Annotated[
        Words,
        typer.Option(
            help=spoken("区划代码（33）或地名的一部分", "Region code (33) or part of its name.")
        ),
    ] = None,
    year: Annotated[Words, typer.Option(help=spoken("年度", "Fiscal year."))] = None,
    level: Annotated[
        Words,
        typer.Option(
            help=spoken("层级", "Level") + ": central, province, prefecture, county, township."
        ),
    ] = None,
    agency: Annotated[
        Words, typer.Option(help=spoken("机关名的一部分", "Part of an agency's name."))
    ] = None,
    origin: Origin = None,
    gone: Annotated[
        bool, typer.Option("--gone", help=spoken("也显示已消失的", "Also those that hold no more."))
    ] = False,
    since: Annotated[
        str | None,
        typer.Option(help=spoken("起点", "Replay from then") + ": 2h, 7d, 2026-01-31T08:00."),
    ] = None,
    layout: Annotated[
        Literal["text", "jsonl"],
        typer.Option("--format", help=spoken("jsonl 为原始事件", "jsonl: events as is.")),
    ] = "text",
    as_json: Annotated[
        bool, typer.Option("--json", help=spoken("同 --format jsonl", "As --format jsonl."))
    ] = False,
    data: Data = Path("data"),
) -> None:
    """Print validation failures; all kept ones, or with --follow the new ones."""
    wanted = sieve(
        region or (),
        year or (),
        agency or (),
        severities=severity or (),
        rules=rule or (),
        levels=level or (),
        origins=origin or (),
    )
    _warn_of_strangers(rule or ())
    line = workplace.find(data)
    subjects = (*wanted.subjects, *(wanted.gone_subjects if gone else ()))
    shown = "jsonl" if as_json else layout
    asyncio.run(_print(line.bus, wanted, subjects, _moment(since), shown, live=follow_on))


async def _print(
    bus: Access,
    wanted: Sieve,
    subjects: Sequence[str],
    since: datetime | None,
    layout: str,
    *,
    live: bool,
) -> None:
    async with connected(bus) as client:
        js = client.jetstream()
        new_only = live and since is None
        after = await last_sequence(js, topology.ISSUES) if new_only else 0
        events = follow(js, topology.ISSUES, subjects, after=after, since=since, live=live)
        found = False
        async for told in events:
            if not wanted.lets_through(told):
                continue
            found = True
            if layout == "jsonl":
                say_json(told.body)
            else:
                for line in _lines(told.body, gone=told.subject.startswith(IssueGone.subject)):
                    say(line)
        if not found:
            print(spoken("没有符合的问题", "no failure is like that"), file=sys.stderr)


def _warn_of_strangers(rules: Sequence[str]) -> None:
    """Say which rules are not in the rulebook; failures of an older one may still be there."""
    known = {rule.id for rule in load().rules} if rules else set()
    for name in rules:
        if name not in known:
            note = spoken(f"规则册中没有 {name}", f"not in the rulebook: {name}")
            print(f"{note} (gouji explain)", file=sys.stderr)


def _lines(event: Mapping[str, Any], *, gone: bool) -> list[str]:
    who = " · ".join(str(event[k]) for k in ("agency", "year") if event.get(k))
    head = f"{spoken('已消失', 'gone', ' ')}  " if gone else ""
    return [f"{head}{event.get('file')}  {who}", *(f"    {x}" for x in issue_lines(event["issue"]))]


def _moment(text: str | None) -> datetime | None:
    """Read `2h` as two hours ago, anything else as a date or moment of this machine's time."""
    if text is None:
        return None
    try:
        return SystemClock().now() - TypeAdapter[timedelta](Duration).validate_python(text)
    except ValidationError:
        pass
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise typer.BadParameter(
            f"--since: {text!r} "
            + spoken("不是时间，可写 2h、7d、2026-01-31", "no time, such as 2h, 7d, 2026-01-31")
        ) from error
