"""`gouji decide ISSUE… VERDICT`: a reviewer says whether findings are right."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.commands.reaching import workplace
from services.commands.reaching.options import AsJson, Data, DatabaseUrl
from services.commands.reaching.reading import Row, reading
from services.commands.reviews.deciding import decided
from services.commands.reviews.finding import find_issues
from services.commands.reviews.reviewing import By, Note, NoWait, await_rows, reviewer, tell
from services.commands.talking.teaching import taught
from services.commands.talking.wording import issue_lines, say, say_json
from shared.contracts.reviews import IssueDecided, Verdict
from shared.language import spoken
from shared.runtime.clock import SystemClock

VERDICTS = {
    "confirm": spoken("确认属实", "confirmed", " "),
    "dismiss": spoken("不成立或不处理", "dismissed", " "),
    "reopen": spoken("重新待定", "open again", " "),
}
"""What each verdict is called."""

_STORED = "SELECT count(*) AS found FROM decisions WHERE id IN :ids"

HELP: Final = taught(
    "对问题作出决定",
    "Decide on issues; 1 when the database does not show it in time, 2 when none is meant.",
    "数据库未及时写入时退出码为 1，找不到所指的问题时为 2。",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    issues: Annotated[
        list[str],
        typer.Argument(help=spoken("问题编号或其前 6 位以上", "Ids of issues, 6 digits or more.")),
    ],
    verdict: Annotated[
        Verdict,
        typer.Argument(
            help=spoken(
                "confirm 属实，dismiss 不成立，reopen 重新待定",
                "It holds, does not, or is open again.",
            )
        ),
    ],
    note: Note = None,
    by: By = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Decide on issues; 1 when the database does not show it in time, 2 when none is meant."""
    line = workplace.find(data, database)
    who, at = reviewer(by), SystemClock().now()
    with reading(line.database_url) as reader:
        found = find_issues(reader, issues)
    events = [decided(row, verdict, by=who, at=at, note=note) for row in found]
    tell(line.bus, events)
    if as_json:
        shown = [_for_programs(row, event) for row, event in zip(found, events, strict=True)]
        say_json(shown, indented=True)
    else:
        for row in found:
            for text in _for_people(row, verdict, who, note):
                say(text)
    if not no_wait and not await_rows(
        line.database_url, _STORED, len(events), ids=[e.id for e in events]
    ):
        raise typer.Exit(1)


def _for_people(row: Row, verdict: Verdict, who: str, note: str | None) -> list[str]:
    about = " · ".join(str(row[k]) for k in ("agency", "year") if row[k])
    told = f"→ {VERDICTS[verdict]}  {who}{f'  {note}' if note else ''}"
    return [
        f"{row['issue_id']}  {row['file']}  {about}",
        *(f"    {text}" for text in issue_lines(row)),
        f"    {told}",
    ]


def _for_programs(row: Row, event: IssueDecided) -> dict[str, Any]:
    shown = ("issue_id", "report_id", "rule", "severity", "agency", "year", "file")
    decision = {"id": event.id, "verdict": event.verdict, "by": event.by,
                "at": event.at.isoformat(), "note": event.note}  # fmt: skip
    return {**{name: row[name] for name in shown}, "decision": decision}
