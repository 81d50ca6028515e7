"""`gouji recheck`: judge the stored reports again by the rulebook in force; nothing is read anew."""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.commands.reaching import rulebook, workplace
from services.commands.reaching.options import AsJson, Data, DatabaseUrl
from services.commands.reaching.publishing import desk
from services.commands.reaching.reading import Reader, reading
from services.commands.reviews import campaign as campaigns
from services.commands.reviews.campaign import Campaign, Selection
from services.commands.reviews.differences import differences, shown_differences
from services.commands.reviews.reviewing import Mistaken
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json, teller
from shared.language import spoken
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import Access

_ASK_SECONDS: Final = 1.0
_STALLED_SECONDS: Final = 60.0
_OTHERWISE: Final = "gouji: " + spoken(
    "{n} 份是按另一套规则核对的，不是 {version}：请用同一规则文件夹重启 validate 再重核",
    "{n} were judged by other rules than {version}: restart the validate services "
    "with the same rules, then recheck",
)

Anew = Annotated[
    bool,
    typer.Option("--anew", help=spoken("不接上次未完的", "Not the unfinished one of last time.")),
]
Everything = Annotated[
    bool,
    typer.Option("--all", help=spoken("全部重核，规则未变的也算", "Unchanged rulebook too.")),
]
Report = Annotated[
    str | None,
    typer.Option(help=spoken("只重核这一份：文件名或编号", "Only this one: file or id.")),
]
Wait = Annotated[
    bool,
    typer.Option("--wait", help=spoken("等到核完并列出差异", "Wait, then show what changed.")),
]

HELP: Final = taught(
    "重新核对已入库的报告",
    "Judge stored reports again; an interrupted call goes on where it stopped.",
    "中断后再次执行即从中断处继续。",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    everything: Everything = False,
    report: Report = None,
    year: Annotated[
        int | None, typer.Option(help=spoken("只重核这一年度", "Only this fiscal year."))
    ] = None,
    wait: Wait = False,
    resume: Annotated[
        str | None,
        typer.Option(help=spoken("接着该时刻的一次", "Go on with the one of this moment.")),
    ] = None,
    anew: Anew = False,
    ahead: Annotated[
        int, typer.Option(min=1, help=spoken("最多排队几份", "Requests under way."))
    ] = 500,
    as_json: AsJson = False,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Judge stored reports again; an interrupted call goes on where it stopped."""
    line = workplace.find(data, database)
    at = SystemClock().now() if resume is None else _moment(resume)
    wanted = Campaign(rulebook.in_force(line).version, at, Selection(everything, report, year))
    told = teller(as_json=as_json)
    with reading(line.database_url) as reader:
        if report is not None and not campaigns.is_on_file(reader, report):
            raise Mistaken(
                spoken("没有这份报告", "no such report") + f": {report!r}; gouji status --files"
            )
        last = campaigns.kept(data)
        campaign = wanted
        if not anew and resume is None:
            campaign = campaigns.chosen(
                last, wanted, is_open=lambda c: campaigns.pending(reader, c) > 0
            )
        total = campaigns.pending(reader, campaign)
        told(_opening(campaign, total, goes_on=campaign is not wanted))
        if total:
            campaigns.keep(data, campaign)
            asyncio.run(_ask(line.bus, reader, campaign, ahead))
        elif last is not None and resume is None:
            again = f"gouji recheck --wait --resume {last.moment.isoformat()}"
            told(f"    {spoken('上一次的差异', 'what the last one changed')}: {again}")
        if wait and total:
            _await_all(reader, campaign, total, told)
            told(
                "    "
                + spoken("等待与其他报告的对照", "waiting for comparisons with other reports")
            )
            asyncio.run(_settled(line.bus))
        if as_json:
            say_json(_for_programs(reader, campaign, total))
        elif wait and (total or resume is not None):
            for text in shown_differences(differences(reader, campaign.moment)):
                say(text)
        if wait and total:
            _demand_same_rules(reader, campaign)


def _demand_same_rules(reader: Reader, campaign: Campaign) -> None:
    """End with exit code 1 if validators judged by other rules than this command knows."""
    otherwise = campaigns.judged_otherwise(reader, campaign)
    if otherwise:
        say(_OTHERWISE.format(n=otherwise, version=campaign.rulebook_version), to=sys.stderr)
        raise typer.Exit(1)


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Mistaken(
            f"--resume: {text!r} "
            + spoken(
                "不是一次重核的时刻，如 2026-01-31T08:00:00.000001+00:00",
                "is no moment of a re-judgement, such as 2026-01-31T08:00:00.000001+00:00",
            )
        ) from error
    return found.astimezone(UTC)


def _opening(campaign: Campaign, total: int, *, goes_on: bool) -> str:
    version, moment = campaign.rulebook_version, campaign.moment.isoformat()
    if not total:
        return spoken(
            f"没有要重核的：均已按规则 {version} 核对",
            f"nothing to do: all are judged by {version}",
        )
    how_zh, how_en = ("接着上次", "goes on") if goes_on else ("开始", "begins")
    return spoken(
        f"重核 {total} 份，规则 {version}，时刻 {moment}（{how_zh}）",
        f"{total} to judge again by {version} of {moment} ({how_en})",
    )


async def _ask(bus: Access, reader: Reader, campaign: Campaign, ahead: int) -> None:
    async with desk(bus) as (outlet, js):
        await campaigns.ask(outlet, js, reader, campaign, ahead)


async def _settled(bus: Access) -> None:
    async with desk(bus) as (_, js):
        await campaigns.settled(js)


def _await_all(reader: Reader, campaign: Campaign, total: int, told: Callable[[str], None]) -> None:
    """Wait until every report of the campaign is judged anew, and tell how far it is."""
    left, since = total, time.monotonic()
    while left:
        time.sleep(_ASK_SECONDS)
        now = campaigns.pending(reader, campaign)
        if now != left:
            left, since = now, time.monotonic()
            told(f"    {total - left} / {total}")
        elif time.monotonic() - since > _STALLED_SECONDS:
            since = time.monotonic()
            told(
                "    "
                + spoken(
                    "没有进展：是否有使用此规则的 validate 在运行？见 gouji status、gouji replay",
                    "no progress: does a validate service with this rulebook run? see gouji status, "
                    "gouji replay",
                )
            )


def _for_programs(reader: Reader, campaign: Campaign, total: int) -> dict[str, Any]:
    found = differences(reader, campaign.moment)
    return {
        "rulebook_version": campaign.rulebook_version,
        "moment": campaign.moment.isoformat(),
        "asked": total,
        "left": campaigns.pending(reader, campaign),
        "reports_that_differ": found.reports,
        "rules": {rule: asdict(tally) for rule, tally in sorted(found.rules.items())},
    }
