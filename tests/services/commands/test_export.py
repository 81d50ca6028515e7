"""`gouji export`: every format opened by what people open it with."""

import csv
import io
import json
import re
import sys
import weakref

import duckdb
import openpyxl
import pandas as pd
import pytest
from sarif_pydantic import Sarif
from typer.testing import CliRunner

from services.cli import build
from services.commands.outputs import extra, workbook
from services.commands.outputs.sarif import sarif
from services.sink.adapters.database import Database
from services.sink.adapters.export import lines
from services.sink.adapters.source import reading
from services.sink.core.selection import Senseless
from services.sink.core.tabular import columns_of
from services.validate.core import rulebook
from tests.services.sink import made
from tests.support.filed import file_away, several
from tests.support.terminal import watched

FORMATS = ("jsonl", "csv", "parquet", "xlsx", "sarif")


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """Six made-up reports, one refused file, and one report whose texts want to be formulas."""
    folder = tmp_path_factory.mktemp("filed")
    url = f"sqlite:///{folder}/gouji.db"
    file_away(url, [*several(6), ("notice.txt", "关于做好年度报告工作的通知".encode())])
    database = Database(url)
    database.record(
        made.validated(77, agency='=HYPERLINK("http://x")', file="=cmd.txt", title="@SUM(A1)")
    )
    database.close()
    return url


@pytest.fixture
def empty(tmp_path):
    url = f"sqlite:///{tmp_path}/empty.db"
    file_away(url, [])
    return url


def export(url, *arguments):
    return CliRunner().invoke(
        build(["export"]), ["export", "--database", url, *map(str, arguments)]
    )


def to_file(url, path, *arguments):
    ended = export(url, "--output", path, *arguments)
    assert ended.exit_code == 0, ended.output
    return path


@pytest.mark.parametrize("rows", ["cells", "reports", "issues"])
def test_duckdb_and_pandas_read_the_parquet_that_csv_tells_too(url, tmp_path, rows):
    path = to_file(url, tmp_path / "a.parquet", "--format", "parquet", "--rows", rows)
    text = export(url, "--format", "csv", "--rows", rows).stdout

    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT * FROM '{path}'")
        names = [column[0] for column in found.description]
        many = len(found.fetchall())
    listed = list(csv.DictReader(io.StringIO(text)))
    frame = pd.read_parquet(path)
    assert names == [c.name for c in columns_of(rows)] == list(frame.columns) == list(listed[0])
    assert many == len(frame) == len(listed) > 6


def test_parquet_has_numbers_as_numbers_and_nothing_as_null(url, tmp_path):
    path = to_file(url, tmp_path / "r.parquet", "--format", "parquet", "--rows", "reports")
    with duckdb.connect() as connection:
        types = dict(
            connection.execute(
                f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM '{path}')"
            ).fetchall()
        )
        blank = connection.execute(
            f"SELECT cells_blank, \"applications.unavailable.not_held@total\" FROM '{path}' WHERE file = '=cmd.txt'"
        ).fetchone()
    assert types["applications.total@total"] == "DOUBLE"
    assert (types["year"], types["published_on"], types["damaged"]) == (
        "INTEGER",
        "DATE",
        "BOOLEAN",
    )
    assert types["received_at"] == "TIMESTAMP WITH TIME ZONE"
    assert blank == (1, None)


def test_csv_for_excel_begins_with_the_mark_of_utf8(url):
    plain, marked = (
        export(url, "--format", "csv", *more).stdout_bytes for more in ((), ("--bom",))
    )
    assert marked == b"\xef\xbb\xbf" + plain


def test_the_workbook_draws_each_report_in_the_official_layout(url, tmp_path):
    book = openpyxl.load_workbook(to_file(url, tmp_path / "a.xlsx", "--format", "xlsx"))

    assert book.sheetnames[:3] == ["说明 About", "目录 Index", "问题 Issues"]
    assert len(book.sheetnames) == 3 + 7
    index = list(book["目录 Index"].iter_rows(min_row=2))
    assert len(index) == 7
    for row in index:
        target = row[-1].hyperlink.location
        assert target == f"'{row[-1].value}'!A1"
        assert row[-1].value in book.sheetnames
    sheet = book[index[0][-1].value]
    texts = {cell.value: cell.coordinate for row in sheet.iter_rows() for cell in row if cell.value}
    assert sheet[texts["一、本年新收政府信息公开申请数量"]].column == 1
    row, column = sheet[texts["申请人情况"]].row, sheet[texts["申请人情况"]].column
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert (
        f"{sheet.cell(row, column).coordinate}:{sheet.cell(row, column + 6).coordinate}" in merged
    )
    assert "行政诉讼" in texts


def failing(book):
    for sheet in book.worksheets[3:]:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.comment is not None:
                    yield cell


def test_failing_cells_are_filled_and_their_comments_say_why(url, tmp_path):
    book = openpyxl.load_workbook(to_file(url, tmp_path / "a.xlsx", "--format", "xlsx"))

    cells = list(failing(book))
    red = [c for c in cells if c.fill.fgColor.rgb == "FFF6A9A9"]
    assert red
    assert {c.fill.fgColor.rgb for c in cells} <= {"FFF6A9A9", "FFFFD27F", "FFD6E6F7"}
    told = "\n".join(c.comment.text for c in red)
    assert re.search(r"错误 error · t[34]_\w+", told)
    assert "公式 formula:" in told
    assert "应为 expected:" in told
    assert "差 difference:" in told


def test_no_text_of_a_report_is_a_formula_of_the_workbook_and_its_findings_are_listed(
    url, tmp_path
):
    path = to_file(url, tmp_path / "a.xlsx", "--format", "xlsx")
    book = openpyxl.load_workbook(path)
    kinds = {c.data_type for sheet in book.worksheets for row in sheet.iter_rows() for c in row}
    assert "f" not in kinds
    listed = list(book["问题 Issues"].iter_rows(min_row=2, values_only=True))
    lines = [json.loads(x) for x in export(url, "--format", "jsonl").stdout.splitlines()]
    assert len(listed) == sum(len(line["issues"]) for line in lines)
    assert len(pd.read_excel(path, sheet_name="目录 Index", engine="openpyxl")) == 7


def test_more_reports_than_sheets_are_one_wide_sheet_and_nobody_is_left_out(
    url, tmp_path, monkeypatch
):
    monkeypatch.setattr("services.commands.export.SHEETS", 3)
    monkeypatch.setattr(workbook, "SHEETS", 3)
    monkeypatch.setattr(workbook, "LAST_ROW", 4)
    ended = export(url, "--format", "xlsx", "--output", tmp_path / "m.xlsx")
    book = openpyxl.load_workbook(tmp_path / "m.xlsx")

    assert "one wide sheet" in ended.stderr
    cells = [name for name in book.sheetnames if name.startswith("单元格")]
    assert cells == ["单元格 Cells", "单元格 Cells 2", "单元格 Cells 3"]
    found = [row[2].value for name in cells for row in book[name].iter_rows(min_row=3)]
    lines = [json.loads(x) for x in export(url, "--format", "jsonl").stdout.splitlines()]
    assert found == [line["file"] for line in lines if line["status"] == "recorded"]
    names = [name for name in book.sheetnames if name.startswith("问题")]
    assert sum(book[n].max_row - 1 for n in names) == sum(len(line["issues"]) for line in lines)
    told = "\n".join(str(c.value) for row in book["说明 About"].iter_rows() for c in row)
    assert "reports are not drawn one by one" in told


def test_sarif_has_the_findings_asked_for_with_rules_and_places(url):
    log = json.loads(export(url, "--format", "sarif", "--severity", "error").stdout)

    Sarif.model_validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert {r["level"] for r in run["results"]} == {"error"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["fingerprints"]
    assert all(r["help"]["text"] and r["fullDescription"]["text"] for r in rules)


@pytest.mark.parametrize("layout", FORMATS)
def test_an_export_of_nothing_is_a_valid_empty_file_and_says_so(empty, tmp_path, layout):
    path = tmp_path / "none"
    ended = export(empty, "--format", layout, "--output", path)

    assert ended.exit_code == 0
    assert "nothing to export" in ended.stderr
    if layout == "jsonl":
        assert path.read_bytes() == b""
    elif layout == "csv":
        assert path.read_text().startswith("report_id,")
    elif layout == "parquet":
        assert len(pd.read_parquet(path)) == 0
    elif layout == "xlsx":
        assert loaded(path)["目录 Index"].max_row == 1
    else:
        assert json.loads(path.read_text())["runs"][0]["results"] == []


def test_a_filter_that_nothing_passes_is_no_fault(url):
    ended = export(url, "--year", "2001", "--format", "csv")
    assert (ended.exit_code, ended.stdout.count("\n")) == (0, 1)
    assert "nothing passes the filters" in ended.stderr


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        (("--rule", "t3_balanc"), "t3_balance"),
        (("--region", "火星"), "no such region"),
        (("--region", "07"), "no such region"),
        (("--year", "2025-2019"), "2019-2025"),
    ],
)
def test_a_filter_that_makes_no_sense_names_what_is_allowed(url, filters, told):
    ended = export(url, *filters)
    assert isinstance(ended.exception, Senseless)
    assert told in str(ended.exception)
    assert ended.stdout == ""


def test_a_known_region_without_reports_is_no_fault(url):
    for region in ("西藏", "540000", "浙江省杭州市"):
        assert export(url, "--region", region).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "xlsx"),
        ("--format", "parquet"),
        ("--rows", "reports"),
        ("--format", "xlsx", "--output", "x.xlsx", "--rows", "cells"),
        ("--bom",),
        ("--format", "csv", "--every-revision"),
    ],
)
def test_options_that_do_not_go_together_are_refused(url, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ended = export(url, *arguments)
    assert ended.exit_code == 2
    assert "Invalid value" in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("layout", FORMATS)
def test_a_failure_leaves_the_old_file_and_no_debris(url, tmp_path, layout, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError
        yield

    path = tmp_path / "old"
    path.write_text("old")
    for name in ("lines", "blocks"):
        monkeypatch.setattr(f"services.commands.export.{name}", broken)
    ended = export(url, "--format", layout, "--output", path)

    assert isinstance(ended.exception, ZeroDivisionError)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("layout", FORMATS)
def test_the_same_reports_give_the_same_bytes(url, tmp_path, layout):
    first, second = (
        to_file(url, tmp_path / name, "--format", layout).read_bytes() for name in "ab"
    )
    assert first == second


def test_a_missing_library_is_named_with_what_installs_it(url, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ended = export(url, "--format", "parquet", "--output", tmp_path / "a.parquet")
    assert isinstance(ended.exception, extra.NeedsExtra)
    assert "gouji[exports]" in str(ended.exception)


def test_personal_data_is_masked_in_every_format_unless_asked_for(tmp_path):
    url = f"sqlite:///{tmp_path}/personal.db"
    file_away(url, [])
    database = Database(url)
    number = "11010519491231002X"
    event = made.validated(1, title=f"身份证号{number}", file=f"申请人身份证号{number}.txt")
    issue = made.issue(event.report_id, message_zh=f"身份证号{number}")
    database.record(
        made.validated(
            1, title=f"身份证号{number}", file=f"申请人身份证号{number}.txt", issues=(issue,)
        )
    )
    database.close()
    for layout in FORMATS:
        for rows in ("cells", "reports", "issues") if layout in ("csv", "parquet") else (None,):
            more = ("--rows", rows) if rows else ()
            path = to_file(url, tmp_path / f"{layout}.{rows}", "--format", layout, *more)
            assert number not in readable(path, layout)
            shown = to_file(url, path, "--format", layout, *more, "--personal-data", "show")
            assert number in readable(shown, layout)


def loaded(path):
    """A workbook from a file of any name."""
    return openpyxl.load_workbook(io.BytesIO(path.read_bytes()))


def readable(path, layout):
    if layout == "parquet":
        return str(pd.read_parquet(path).to_dict())
    if layout == "xlsx":
        book = loaded(path)
        return str(
            [[c.value for c in row] for sheet in book.worksheets for row in sheet.iter_rows()]
        )
    # addresses of files are percent-encoded, digits as they are
    return path.read_text(encoding="utf-8")


def test_an_export_into_a_file_shows_a_bar_and_one_to_a_program_none(url, tmp_path, monkeypatch):
    def seen(*arguments, **where):
        return watched(
            "export", "--database", url, *arguments, monkeypatch=monkeypatch, **where
        )  # fmt: skip

    for layout in ("jsonl", "csv", "xlsx"):
        shown, _ = seen("--format", layout, "--output", tmp_path / "out")
        assert "导出 exporting" in shown, layout
    assert "exporting" not in seen("--format", "csv")[0]
    assert "exporting" not in "".join(seen("--format", "csv", piped=True))


class Watched(dict):
    """A line of which it can be told whether anybody still has it."""

    __slots__ = ("__weakref__",)


@pytest.mark.parametrize("layout", ["xlsx", "sarif"])
def test_a_format_for_any_number_of_reports_keeps_none_of_them(url, tmp_path, layout):
    with reading(url) as connection:
        known = [line for line in lines(connection) if line["status"] == "recorded"]
    alive: list[weakref.ref[Watched]] = []
    most = 0

    def many():
        nonlocal most
        for n in range(400):
            line = Watched(known[n % len(known)])
            alive.append(weakref.ref(line))
            most = max(most, sum(ref() is not None for ref in alive))
            yield line
            del line

    if layout == "xlsx":
        workbook.write_workbook(tmp_path / "many.xlsx", many(), 400)
    else:
        for _ in sarif(many(), rulebook.load()):
            pass

    assert len(alive) == 400
    assert most <= 2
