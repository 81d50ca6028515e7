"""`gouji export`: everything in the database, as neutral lines or as one row a cell."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from services.commands import workplace
from services.sink.adapters.export import csv_lines, export_lines
from shared.report.printable import json_line


def run(
    layout: Annotated[
        Literal["jsonl", "csv"], typer.Option("--format", help="jsonl 每份一行，csv 每格一行.")
    ] = "jsonl",
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL.")] = None,
    data: Annotated[Path, typer.Option(help="数据文件夹 · Data folder.")] = Path("data"),
    every_revision: Annotated[
        bool, typer.Option("--every-revision", help="含旧修订 · Older revisions too (jsonl).")
    ] = False,
    personal_data: Annotated[
        Literal["mask", "show"],
        typer.Option("--personal-data", help="个人信息 · mask: hidden; show: as printed."),
    ] = "mask",
) -> None:
    """导出 · Print every report and every file that became none, one line each."""
    url = workplace.find(data, database).database_url
    shows = personal_data == "show"
    out = sys.stdout.buffer
    if layout == "csv":
        for row in csv_lines(url, shows_personal=shows):
            out.write(row.encode())
    else:
        for line in export_lines(url, every_revision=every_revision, shows_personal=shows):
            out.write(json_line(line) + b"\n")
    out.flush()
