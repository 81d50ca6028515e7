"""`gouji export`: what the database holds, as lines, rows, a workbook or findings, filtered if wished."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

import typer
from sqlalchemy import Connection

from services.commands.outputs.parquet import write_parquet
from services.commands.outputs.sarif import sarif
from services.commands.outputs.whole import whole_file
from services.commands.outputs.workbook import SHEETS, write_workbook
from services.commands.reaching import rulebook, workplace
from services.commands.reaching.filters import (
    Agencies,
    Levels,
    Regions,
    RuleIds,
    Severities,
    Year,
    check_filters,
)
from services.commands.reaching.options import Data, DatabaseUrl
from services.commands.talking.progress import bar
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say
from services.sink.adapters import choosing
from services.sink.adapters.export import lines
from services.sink.adapters.source import BATCH, blocks, reading
from services.sink.core.comma_separated import comma_separated
from services.sink.core.selection import Selection, selection
from services.sink.core.tabular import Block, Rows, columns_of
from shared.language import spoken
from shared.report.printable import json_line

T = TypeVar("T")
Layout = Literal["jsonl", "csv", "parquet", "xlsx", "sarif"]

_BYTES: Final = ("xlsx", "parquet")
_TABLES: Final = ("csv", "parquet")


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for, checked."""

    layout: Layout
    kind: Rows
    wanted: Selection
    every_revision: bool
    shows_personal: bool
    bom: bool
    to_file: bool


Shape = Annotated[
    Layout,
    typer.Option(
        "--format",
        help=spoken(
            "jsonl 每份一行；csv、parquet 每格、每份或每个问题一行；xlsx 按国家格式画表；sarif 问题清单",
            "jsonl: a line a report; csv, parquet: rows; xlsx: official tables; sarif: findings.",
        ),
    ),
]
Kind = Annotated[
    Rows | None,
    typer.Option(
        "--rows",
        help=spoken("csv、parquet 的一行是什么（默认 cells）", "What a row is (default: cells)."),
    ),
]

HELP: Final = taught(
    "导出",
    "Export reports: everything, or what the filters name.",
    "可用条件限定范围。没有可导出的内容时退出码也为 0（在标准错误输出中说明）；条件或选项不成立时为 2。",
    "Exit code 0 also when nothing is found (said on stderr), 2 for a filter or option that "
    "makes no sense.",
)


def run(  # noqa: PLR0913 - every option of the command is an argument
    *,
    layout: Shape = "jsonl",
    kind: Kind = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help=spoken("写入文件（整份替换）", "Write to a file, whole or not at all."),
        ),
    ] = None,
    year: Year = None,
    region: Regions = None,
    agency: Agencies = None,
    rule: RuleIds = None,
    severity: Severities = None,
    level: Levels = None,
    bom: Annotated[
        bool,
        typer.Option(
            "--bom", help=spoken("CSV 加 UTF-8 标记，供 Excel", "UTF-8 mark for Excel (csv).")
        ),
    ] = False,
    database: DatabaseUrl = None,
    data: Data = Path("data"),
    every_revision: Annotated[
        bool,
        typer.Option(
            "--every-revision", help=spoken("含旧修订（jsonl）", "Older revisions too (jsonl).")
        ),
    ] = False,
    personal_data: Annotated[
        Literal["mask", "show"],
        typer.Option(
            "--personal-data",
            help=spoken("个人信息：mask 隐去，show 照印", "mask: hidden; show: as printed."),
        ),
    ] = "mask",
) -> None:
    """Export reports: everything, or what the filters name."""
    wanted = selection(
        years=year,
        regions=region or (),
        agencies=agency or (),
        levels=level or (),
        rules=rule or (),
        severities=severity or (),
    )
    order = Order(
        layout, kind or "cells", wanted, every_revision, personal_data == "show", bom,
        to_file=output is not None,
    )  # fmt: skip
    _check_options(order, kind, output)
    _tell(order, _export(order, workplace.find(data, database), output), output)


def _export(order: Order, line: workplace.Line, output: Path | None) -> int:
    """Write what was asked for; return how many lines, rows or reports it has."""
    with reading(line.database_url) as connection:
        check_filters(connection, order.wanted, line)
        if output is None:
            count = _write(connection, order, line, sys.stdout.buffer.write)
            sys.stdout.buffer.flush()
            return count
        with whole_file(output) as aside:
            if order.layout in _BYTES:
                return _write_file(connection, order, aside)
            with aside.open("wb") as file:
                return _write(connection, order, line, file.write)


def _check_options(order: Order, kind: Rows | None, output: Path | None) -> None:
    if output is None and order.layout in _BYTES:
        raise typer.BadParameter(
            f"--format {order.layout} {spoken('须指明文件', 'needs a file')}: "
            f"--output reports.{order.layout}"
        )
    if kind is not None and order.layout not in _TABLES:
        raise typer.BadParameter(
            "--rows " + spoken("只用于 csv、parquet", "is for csv and parquet only")
        )
    if order.bom and order.layout != "csv":
        raise typer.BadParameter("--bom " + spoken("只用于 csv", "is for csv only"))
    if order.every_revision and order.layout != "jsonl":
        raise typer.BadParameter("--every-revision " + spoken("只用于 jsonl", "is for jsonl only"))


def _write(
    connection: Connection, order: Order, line: workplace.Line, write: Callable[[bytes], Any]
) -> int:
    """Write a format of text piece by piece; return how many lines, rows or reports it has."""
    if order.layout == "csv":
        counted = _Counted(_blocks(connection, order), size=lambda block: len(block[0]))
        if order.bom:
            write("\ufeff".encode())
        for text in comma_separated(columns_of(order.kind), counted):
            write(text.encode())
        return counted.count
    listed = _Counted(_lines(connection, order))
    if order.layout == "jsonl":
        for one in listed:
            write(json_line(one) + b"\n")
    else:
        for piece in sarif(listed, rulebook.in_force(line), order.wanted.means):
            write(piece)
    return listed.count


def _write_file(connection: Connection, order: Order, path: Path) -> int:
    """Write a format that must be a file; return how many rows or reports it has."""
    if order.layout == "parquet":
        return write_parquet(path, columns_of(order.kind), _blocks(connection, order))
    reports = choosing.count(connection, order.wanted)
    if reports > SHEETS:
        note = spoken(
            f"{reports} 份报告：不逐份画表，见“说明”",
            f"{reports} reports: one wide sheet instead of one each",
        )
        say(f"{note} (> {SHEETS})", to=sys.stderr)
    found = (line for line in _lines(connection, order) if line["status"] == "recorded")
    return write_workbook(path, found, reports)


def _blocks(connection: Connection, order: Order) -> Iterator[Block]:
    batches = -(-choosing.count(connection, order.wanted) // BATCH)
    with bar(batches, spoken("导出", "exporting", " "), steps_aside=order.to_file) as step:
        for block in blocks(
            connection, order.kind, order.wanted, shows_personal=order.shows_personal
        ):
            yield block
            step()


def _lines(connection: Connection, order: Order) -> Iterator[dict[str, Any]]:
    reports = choosing.count(connection, order.wanted)
    with bar(reports, spoken("导出", "exporting", " "), steps_aside=order.to_file) as step:
        for line in lines(
            connection,
            order.wanted,
            every_revision=order.every_revision,
            shows_personal=order.shows_personal,
        ):
            yield line
            if line["status"] == "recorded":
                step()


class _Counted(Generic[T]):
    """Hands values on and counts them, or what is in them."""

    def __init__(self, values: Iterable[T], size: Callable[[T], int] = lambda _: 1) -> None:
        self._values, self._size, self.count = values, size, 0

    def __iter__(self) -> Iterator[T]:
        for value in self._values:
            self.count += self._size(value)
            yield value


def _tell(order: Order, count: int, output: Path | None) -> None:
    if not count:
        told = [spoken("没有可导出的内容，文件为空", "nothing to export, the file is empty")]
        if not order.wanted.is_everything:
            told.append(spoken("没有符合条件的", "nothing passes the filters"))
        say(" · ".join(told), to=sys.stderr)
    elif output is not None:
        counted = spoken(f"{count} 行/份", f"{count} rows or reports")
        say(f"{output}: {counted}", to=sys.stderr)
