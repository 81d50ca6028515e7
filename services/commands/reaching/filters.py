"""The filters of an export as a person types them, and whether they can mean anything here."""

import difflib
from typing import Annotated, Final

import typer
from sqlalchemy import Connection

from services.commands.pages.places import is_known
from services.commands.reaching import rulebook
from services.commands.reaching.workplace import Line
from services.sink.adapters import choosing
from services.sink.core.selection import Selection, Senseless
from shared.language import spoken

_NAMED: Final = 8

Year = Annotated[
    str | None,
    typer.Option(help=spoken("年度或一段年度", "Fiscal year or range") + ": 2021, 2019-2025."),
]
Regions = Annotated[
    list[str] | None,
    typer.Option(
        help=spoken(
            "地区及其下级：代码（33）或名称，可多次", "Tree below a code (33) or name; repeatable."
        )
    ),
]
Agencies = Annotated[
    list[str] | None,
    typer.Option(help=spoken("机关名的一部分，可多次", "Part of an agency's name.")),
]
RuleIds = Annotated[
    list[str] | None,
    typer.Option(help=spoken("有此规则问题的报告", "Reports with a finding of this rule.")),
]
Severities = Annotated[
    list[str] | None,
    typer.Option(
        help=spoken("有此级别问题的报告", "Reports with such") + ": error, warning, info."
    ),
]
Levels = Annotated[
    list[str] | None,
    typer.Option(
        help=spoken("机关层级", "Level") + ": central, province, prefecture, county, township."
    ),
]


def check_filters(connection: Connection, wanted: Selection, line: Line) -> None:
    """Raise `Senseless` for rules and regions that nobody knows, and name what there is."""
    unknown = [r for r in choosing.without_reports(connection, wanted.regions) if not is_known(r)]
    if unknown:
        there = ", ".join(choosing.provinces(connection)[:_NAMED]) or "–"
        raise Senseless(
            f"--region {unknown[0]!r}: "
            + spoken(
                "没有这个地区：应为代码（33、3301、330106）或名称的开头（浙江、杭州市）",
                "no such region; want a code (33, 3301, 330106) or the beginning of a name "
                "(浙江, 杭州市)",
            )
            + f"; {spoken('库中有', 'on file', ' ')}: {there}"
        )
    book = rulebook.in_force(line) if wanted.rules else None
    strange = [r for r in wanted.rules if book is not None and book.get(r) is None]
    for name in choosing.without_findings(connection, strange) if strange else ():
        assert book is not None
        known = [r.id for r in book.rules]
        near = difflib.get_close_matches(name, known, n=3) or [r for r in known if name in r]
        hint = f"; {spoken('相近', 'near', ' ')}: {', '.join(near[:_NAMED])}" if near else ""
        every = spoken("列出全部", "lists them all", " ")
        raise Senseless(
            f"--rule {name!r}: {spoken('没有这条规则', 'no such rule')}{hint}; `gouji explain` {every}"
        )
