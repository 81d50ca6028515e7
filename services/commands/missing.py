"""`gouji missing --year Y`: who has not filed after the deadline; on wish every subscriber hears it."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import ValidationError

from services.commands.reaching import rulebook, workplace
from services.commands.reaching.following import follow, last_sequence
from services.commands.reaching.options import AsJson, Data, DatabaseUrl
from services.commands.reaching.publishing import desk
from services.commands.reaching.reading import reading
from services.commands.reviews.absence import RULE, failure, reason
from services.commands.reviews.expecting import Missing, Situation, situation
from services.commands.reviews.reviewing import Mistaken
from services.commands.talking.teaching import taught
from services.commands.talking.wording import heading, say, say_json, table
from shared.contracts.events import ValidationFailed
from shared.language import language, spoken
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import Access
from shared.runtime.streams import topology

_CHINA: Final = timezone(timedelta(hours=8))
_HEARD: Final = (f"{ValidationFailed.subject}.*.{RULE}",)

HELP: Final = taught(
    "逾期未报的机关",
    "Bodies without a report after the deadline; exit code 1 if there are any.",
    "有这样的机关时退出码为 1。",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    year: Annotated[int, typer.Option(help=spoken("统计年度", "Fiscal year."), min=2008, max=2100)],
    region: Annotated[
        str | None,
        typer.Option(help=spoken("只看此地区：代码或名称", "Only within: code or name.")),
    ] = None,
    today: Annotated[
        str | None,
        typer.Option(help=spoken("当作今天的日期", "Date to take for today: 2026-04-01.")),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help=spoken("通知订阅者", "Let subscribers hear of each."))
    ] = False,
    as_json: AsJson = False,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Tell who has not filed; exit code 1 if anybody has not."""
    line = workplace.find(data, database)
    with reading(line.database_url) as reader:
        found = situation(reader, year, region, _day(today))
    told = asyncio.run(_publish(line.bus, found)) if publish and found.missing else 0
    if as_json:
        say_json(_for_programs(found, told), indented=True)
    else:
        for text in _for_people(found):
            say(text)
        if publish:
            say(spoken(f"已通知 {told} 个新的", f"{told} told that were not told before"))
    raise typer.Exit(1 if found.missing else 0)


def _day(text: str | None) -> date:
    """Return the day given, else the present one in China."""
    if text is None:
        return SystemClock().now().astimezone(_CHINA).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Mistaken(
            f"--today: {text!r} "
            + spoken("不是日期，如 2026-04-01", "is no date, such as 2026-04-01")
        ) from error


def _for_people(found: Situation) -> list[str]:
    lines = []
    if found.missing:
        head = heading(
            ("机关", "body"), ("地区", "region"), ("期限", "due"), ("何以应报", "expected because")
        )
        rows = [
            (m.body.agency, m.body.region.full_name or "?", _due(m), reason(m, language()))
            for m in found.missing
        ]
        lines += table([head, *rows])
        lines.append(
            spoken(
                "可能已合并、撤销或更名（在名单中填截止年度即可），也可能已发布而尚未收集",
                "merged, abolished or renamed? give `until` in a list; or published and not "
                "collected yet",
            )
        )
    lines.append(
        spoken(
            f"{found.year} 年度：逾期未报 {len(found.missing)} 个",
            f"{len(found.missing)} missing for {found.year}",
        )
    )
    if found.not_due:
        last = max(m.due for m in found.not_due)
        count = len(found.not_due)
        lines.append(
            spoken(
                f"另有 {count} 个未到期限（至 {last}）",
                f"{count} more are not due yet (until {last})",
            )
        )
    return lines


def _due(one: Missing) -> str:
    return f"{one.due} ({spoken('地方规定', 'local notice', ' ')})" if one.soft else f"{one.due}"


def _for_programs(found: Situation, told: int) -> dict[str, Any]:
    return {
        "year": found.year,
        "missing": [_plain(m) for m in found.missing],
        "not_due": [_plain(m) for m in found.not_due],
        "told": told,
    }


def _plain(one: Missing) -> dict[str, Any]:
    body = one.body
    return {
        "series": body.series,
        "agency": body.agency,
        "region": body.region.full_name,
        "region_code": body.region.code,
        "level": body.level,
        "kind": body.kind,
        "scope": body.scope,
        "expected": body.expected,
        "due": one.due.isoformat(),
        "soft": one.soft,
        "successors": list(one.successors),
    }


async def _publish(bus: Access, found: Situation) -> int:
    """Tell of every missing body once, however often the command is run; return how many were new."""
    async with desk(bus) as (outlet, js):
        heard = set()
        await last_sequence(js, topology.ISSUES)  # says at once that the bus has no such stream
        async for told in follow(js, topology.ISSUES, _HEARD, live=False):
            try:
                heard.add(ValidationFailed.model_validate(told.body).message_id())
            except ValidationError:
                continue
        rule = rulebook.in_force().rule(RULE)
        events = [failure(m, found.year, _since(m), rule) for m in found.missing]
        new = [event for event in events if event.message_id() not in heard]
        if new:
            await outlet.publish_all(new)
    return len(new)


def _since(one: Missing) -> datetime:
    """Return the moment from which the body was late: the same whenever it is told."""
    after = one.due + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=_CHINA).astimezone(UTC)
