"""`gouji correct DOCUMENT ADDRESS VALUE`: a reviewer's reading of a cell in place of ours."""

from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands.reaching import workplace
from services.commands.reaching.options import AsJson, Data, DatabaseUrl
from services.commands.reaching.reading import Reader, Row, moment, reading
from services.commands.reviews.acts import acts_on, shown_acts
from services.commands.reviews.correcting import (
    Reading,
    meant_reading,
    stored_reading,
    unknown_cell,
)
from services.commands.reviews.finding import find_document
from services.commands.reviews.reviewing import (
    By,
    Mistaken,
    Note,
    NoWait,
    await_rows,
    reviewer,
    tell,
)
from services.commands.talking.labels import printed
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json
from shared.contracts.reviews import CellCorrected
from shared.language import Language, language, spoken
from shared.runtime.clock import SystemClock

_CELLS = """
    SELECT address, state, value, unit, raw FROM cells
    WHERE revision_id = :revision ORDER BY position
"""
_STORED = "SELECT count(*) AS found FROM corrections WHERE id IN :ids"

Value = Annotated[
    str | None,
    typer.Argument(
        help=spoken(
            "数字，或 blank 空白、mark 符号、unreadable 读不清、absent 文件里没有",
            "A number, or blank, mark, unreadable, absent.",
        )
    ),
]
Address = Annotated[
    str | None,
    typer.Argument(
        help=spoken(
            "格，如 applications.total@total", "The cell, such as applications.total@total."
        )
    ),
]

HELP: Final = taught(
    "更正一格",
    "Correct a cell; the report is judged again with it. Both readings stay on record.",
    "报告随即按更正后的值重新核对；两个读数都留存。",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    document: Annotated[
        str,
        typer.Argument(help=spoken("文件名，或文件编号的前 6 位以上", "A file's name, or its id.")),
    ],
    address: Address = None,
    value: Value = None,
    unit: Annotated[
        str | None, typer.Option(help=spoken("金额单位：元、万元……", "Unit of money: 元, 万元 …"))
    ] = None,
    note: Note = None,
    by: By = None,
    history: Annotated[
        bool,
        typer.Option("--list", help=spoken("列出对此文件的全部更正和决定", "The audit trail.")),
    ] = False,
    no_wait: NoWait = False,
    as_json: AsJson = False,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Correct a cell; the report is judged again with it."""
    line = workplace.find(data, database)
    with reading(line.database_url) as reader:
        found = find_document(reader, document)
        if history:
            wanted: Language = "both" if as_json else language()
            _show(acts_on(reader, found, wanted), as_json=as_json)
            return
        if address is None or value is None:
            raise Mistaken(spoken("请给出格和值，或 --list", "give ADDRESS and VALUE, or --list"))
        now = _cell(reader, found, address)
    meant = meant_reading(address, value, unit, now)
    if meant == now:
        say(f"{printed(address, found['template'])}  {spoken('已是', 'is already', ' ')}: {now}")
        return
    event = CellCorrected(
        document_id=found["document_id"],
        file=found["file"],
        received_at=moment(found["received_at"]),
        report_id=found["report_id"],
        address=address,
        state=meant.state,
        value=meant.value,
        unit=meant.unit,
        was_state=now.state,
        was_value=now.value,
        by=reviewer(by),
        at=SystemClock().now(),
        note=note,
    )
    if not as_json:
        _announce(found, address, now, meant)
    tell(line.bus, [event])
    if as_json:
        say_json({"id": event.id, **event.model_dump(mode="json")})
    if not no_wait and not await_rows(line.database_url, _STORED, 1, ids=[event.id]):
        raise typer.Exit(1)


def _cell(reader: Reader, found: Row, address: str) -> Reading:
    cells = {cell["address"]: cell for cell in reader.rows(_CELLS, revision=found["revision_id"])}
    if address not in cells:
        raise unknown_cell(address, cells, found["template"])
    return stored_reading(cells[address])


def _announce(found: Row, address: str, now: Reading, meant: Reading) -> None:
    about = " · ".join(str(found[k]) for k in ("agency", "year") if found[k])
    say(f"{found['file']}  {about}  {found['document_id']}")
    say(f"    {printed(address, found['template'])}  [{address}]")
    say(f"    {now} → {meant}")
    say("    " + spoken("更正后将重新核对", "the report will be judged again with it"))


def _show(acts: list[Row], *, as_json: bool) -> None:
    if as_json:
        say_json(acts, indented=True)
        return
    for text in shown_acts(acts):
        say(text)
