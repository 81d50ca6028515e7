"""`gouji agencies FILE.csv`: the bodies that must report; without a file, the lists that are loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from services.commands.reaching import workplace
from services.commands.reaching.options import AsJson, Data, DatabaseUrl
from services.commands.reaching.reading import Reader, moment, reading, shown_moment
from services.commands.reviews.agency_bodies import bodies_of
from services.commands.reviews.agency_sheet import Fault, read_sheet
from services.commands.reviews.reviewing import (
    By,
    Mistaken,
    Note,
    NoWait,
    await_rows,
    reviewer,
    tell,
)
from services.commands.talking.teaching import taught
from services.commands.talking.wording import heading, say, say_json, table
from shared.contracts.reviews import AgenciesListed, ListedAgency
from shared.language import spoken
from shared.report.identity import document_id
from shared.runtime.clock import SystemClock
from shared.runtime.streams.inbox import printable_name

_STORED: Final = "SELECT count(*) AS found FROM agency_lists WHERE name = :name AND at >= :at"
_LIST: Final = "SELECT complete, document_id FROM agency_lists WHERE name = :name"
_BODIES: Final = """
    SELECT series, agency, region_code, region, level, kind, scope, parent, since, until
    FROM agencies WHERE list_name = :name
"""
_LISTS: Final = """
    SELECT l.name, l.complete, l.file, l."by", l.at, l.note, count(a.series) AS bodies
    FROM agency_lists l LEFT JOIN agencies a ON a.list_name = l.name
    GROUP BY l.name, l.complete, l.file, l."by", l.at, l.note ORDER BY l.name
"""

_OUTCOMES: Final = {
    "loaded": spoken("装入", "loaded", " "),
    "unchanged": spoken("与已装入的相同", "the same is loaded already", " "),
    "not_loaded": spoken("未装入", "not loaded", " "),
}

Name = Annotated[
    str | None,
    typer.Option(help=spoken("名单名称，默认文件名；同名者取代", "Its name; replaces the same.")),
]
Complete = Annotated[
    bool,
    typer.Option(
        "--complete", help=spoken("各上级名下无遗漏", "Nobody is left out below a parent.")
    ),
]

HELP: Final = taught(
    "应报机关名单",
    "Load a list of bodies that must report; exit code 1 if a row is faulty.",
    "不给文件时列出已装载的名单。有行有误时退出码为 1。",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    file: Annotated[
        Path | None, typer.Argument(help=spoken("名单（CSV）", "A list as CSV."))
    ] = None,
    name: Name = None,
    complete: Complete = False,
    skip_faulty: Annotated[
        bool,
        typer.Option("--skip-faulty", help=spoken("有误的行略过", "Load the others all the same.")),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=spoken("只查不装", "Only look."))
    ] = False,
    note: Note = None,
    by: By = None,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Load a list of bodies that must report; exit code 1 if a row is faulty."""
    line = workplace.find(data, database)
    if file is None:
        _show_lists(line.database_url, as_json=as_json)
        return
    content = _content(file)
    sheet = read_sheet(content)
    if not sheet.rows and not sheet.faults:
        raise Mistaken(f"{file}: " + spoken("只有表头，没有机关", "a heading and no body in it"))
    found = bodies_of(sheet.rows)
    faults = sorted((*sheet.faults, *found.faults), key=lambda fault: fault.row)
    event = AgenciesListed(
        document_id=document_id(content),
        file=printable_name(file.name),
        received_at=SystemClock().now(),
        by=reviewer(by),
        at=SystemClock().now(),
        note=note,
        name=name or printable_name(file.stem),
        complete=complete,
        agencies=found.agencies,
    )
    loads = bool(found.agencies) and not dry_run and (skip_faulty or not faults)
    is_news = loads and not _is_loaded(line.database_url, event)
    outcome = "loaded" if is_news else "unchanged" if loads else "not_loaded"
    _report(event, faults, sheet.ignored, outcome=outcome, as_json=as_json)
    if is_news:
        tell(line.bus, [event])
        if not no_wait and not await_rows(
            line.database_url, _STORED, 1, name=event.name, at=event.at
        ):
            raise typer.Exit(1)
    if faults or not found.agencies:
        raise typer.Exit(1)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        what = spoken("读不了", "cannot be read", " ")
        raise Mistaken(f"{what}: {file}: {error.strerror}") from error


def _report(
    event: AgenciesListed,
    faults: Sequence[Fault],
    ignored: Sequence[str],
    *,
    outcome: str,
    as_json: bool,
) -> None:
    if as_json:
        shown = {
            "name": event.name,
            "bodies": [agency.model_dump() for agency in event.agencies],
            "faults": [
                {"row": f.row, "column": f.column, "found": f.found, "expected_zh": f.expected_zh,
                 "expected_en": f.expected_en} for f in faults
            ],
            "outcome": outcome,
        }  # fmt: skip
        say_json(shown, indented=True)
        return
    for fault in faults:
        say(str(fault))
    if ignored:
        unused = spoken("未用的列", "columns that mean nothing here", " ")
        say(f"{unused}: {', '.join(ignored)}")
    bodies, faulty = len(event.agencies), len(faults)
    counted = f"{bodies} {spoken('个机关', 'bodies', ' ')}"
    counted += f", {faulty} {spoken('行有误', 'faulty rows', ' ')}"
    say(f"{event.name}: {counted} · {_OUTCOMES[outcome]}")


def _is_loaded(database_url: str, event: AgenciesListed) -> bool:
    """Tell whether the very same list is there already, so that nothing need be judged anew."""
    with reading(database_url) as reader:
        known = reader.rows(_LIST, name=event.name)
        if not known or bool(known[0]["complete"]) != event.complete:
            return False
        stored = {ListedAgency(**row) for row in reader.rows(_BODIES, name=event.name)}
    return stored == set(event.agencies)


def _show_lists(database_url: str, *, as_json: bool) -> None:
    with reading(database_url) as reader:
        lists = _lists(reader)
    if as_json:
        say_json(lists, indented=True)
        return
    if not lists:
        say(f"{spoken('尚无名单', 'no lists are loaded')}: gouji agencies FILE.csv")
        return
    head = heading(
        ("名单", "list"),
        ("机关", "bodies"),
        ("完整", "complete"),
        ("文件", "file"),
        ("谁", "who"),
        ("时间", "when"),
    )
    yes, no = spoken("是", "yes", " "), spoken("否", "no", " ")
    rows = [
        (x["name"], str(x["bodies"]), yes if x["complete"] else no, x["file"], x["by"],
         shown_moment(x["at"]))
        for x in lists
    ]  # fmt: skip
    for text in table([head, *rows]):
        say(text)


def _lists(reader: Reader) -> list[dict[str, Any]]:
    return [
        {**row, "complete": bool(row["complete"]), "at": moment(row["at"]).isoformat()}
        for row in reader.rows(_LISTS)
    ]
