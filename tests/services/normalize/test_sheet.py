"""The spreadsheet reader: reports laid out in sheets, and what values alone do not tell."""

import io
import zipfile
from base64 import b64decode
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import xlsxwriter

from services.normalize.core.outcomes import Aids
from services.normalize.core.readers.sheet import reader as sheet
from services.normalize.core.readers.sheet.reader import _printed
from shared.errors import BadInput
from shared.report.document import Document
from tests.services.normalize.exact import differences
from tests.services.normalize.reading import paragraphs, rows, rules, tables
from tests.support.fill import fill
from tests.support.formats.docx import zipped
from tests.support.formats.xlsx import VARIANTS, render

OLD = Path(__file__).parent / "samples" / "peculiar.xls"

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def made(write) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    write(book)
    book.close()
    return buffer.getvalue()


def one(*lines, more=lambda _book, _page: None) -> bytes:
    def write(book):
        page = book.add_worksheet("表")
        for row, line in enumerate(lines):
            page.write_row(row, 0, line)
        more(book, page)

    return made(write)


def read(data: bytes) -> Document:
    return sheet.read(data, "made.xlsx", Aids())


def changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        members = {n: opened.read(n) for n in opened.namelist()}
    assert old in members[part]
    members[part] = members[part].replace(old, new)
    return zipped(members)


def refused(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        read(data)
    assert "made.xlsx" in caught.value.detail_zh
    return caught.value.reason


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_way_of_laying_out_the_sheet_gives_the_exact_report(variant):
    for seed in (11, 12, 13):
        truth = fill(seed)
        assert differences(render(truth, Random(seed), variant), "made.xlsx", truth) == []


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "0"), (-0.0, "0"), (63.2, "63.2"), (0.1 + 0.2, "0.3"), (1e16, "10000000000000000"),
        (1e-7, "0.0000001"), (12, "12"), (True, "TRUE"), (date(2024, 1, 20), "2024年1月20日"),
        (datetime(2024, 1, 20, 8), "2024年1月20日"), (timedelta(hours=2), "2:00:00"), (" 5 ", " 5 "),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_values_are_printed_as_a_sheet_shows_them(value, printed):
    assert _printed(value) == printed


def test_merged_cells_are_one_cell_and_empty_ones_stay():
    data = one(
        ("规章", 1, 2, 3), ("行政许可", 4, None, 6), (), ("行政处罚", None, None, 7),
        more=lambda _book, page: page.merge_range(2, 1, 3, 2, "合", None),
    )  # fmt: skip
    document = read(data)
    assert rows(document)[1] == ["行政许可", "4", "", "6"]
    cell = tables(document)[0].rows[2].cells[1]
    assert (cell.text, cell.rows, cell.columns) == ("合", 2, 2)


def test_titles_headings_and_sentences_become_text_and_part_the_tables():
    data = one(
        ("某县2023年政府信息公开工作年度报告",), ("一、总体情况",), ("全年工作平稳有序，情况良好。",),
        ("规章", 1, 2, 3), ("行政许可", 4, 5, 6), ("三、存在的问题",), ("无",), ("某县人民政府",),
    )  # fmt: skip
    document = read(data)
    assert paragraphs(document) == [
        "某县2023年政府信息公开工作年度报告", "一、总体情况", "全年工作平稳有序，情况良好。",
        "三、存在的问题", "无", "某县人民政府",
    ]  # fmt: skip
    assert rows(document) == [["规章", "1", "2", "3"], ["行政许可", "4", "5", "6"]]


def test_a_row_of_blanks_keeps_its_label_in_the_table():
    data = one(("规章", 1, 2), ("（九）没有见过的行",), ("行政许可", 3, 4))
    assert rows(read(data))[1] == ["（九）没有见过的行", "", ""]


def test_a_formula_error_is_text_as_found():
    data = one(
        ("规章", 1), more=lambda _book, page: page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    )
    assert rows(read(data))[1] == ["", "#DIV/0!"]


def test_a_formula_that_was_never_calculated_is_unread_not_blank():
    data = one(
        ("规章", 1),
        ("行政许可",),
        more=lambda _book, page: page.write_formula(1, 1, "=1+1", None, 2),
    )
    part = "xl/worksheets/sheet1.xml"
    cell = tables(read(changed(data, part, b"<v>2</v>", b"")))[0].rows[1].cells[1]
    assert (cell.text, cell.unread) == ("", True)
    assert rows(read(data))[1] == ["行政许可", "2"]


def test_hidden_rows_columns_and_sheets_are_noted_not_read():
    def hide(book, page):
        page.set_row(1, None, None, {"hidden": True})
        page.set_column(2, 2, None, None, {"hidden": True})
        book.add_worksheet("草稿").hide()
        page.merge_range(3, 1, 3, 3, 12, None)

    data = one(
        ("规章", 1, 7, 2), ("隐藏", 8, 8, 8), ("行政许可", 3, 7, 4), ("行政处罚",), more=hide
    )
    document = read(data)
    assert rows(document)[:2] == [["规章", "1", "2"], ["行政许可", "3", "4"]]
    assert tables(document)[0].rows[2].cells[1].columns == 2
    assert {"e_hidden_text", "e_hidden_sheet"} <= rules(document)


def test_an_old_workbook_shows_its_errors_and_hides_what_is_hidden():
    document = sheet.read(OLD.read_bytes(), "made.xls", Aids())
    assert rows(document) == [
        ["规章", "1", "2", "3"], ["行政规范性文件", "#DIV/0!", "5", ""], ["行政许可", "63.2", "0.3", "12"],
    ]  # fmt: skip
    assert {"e_hidden_text", "e_hidden_sheet"} <= rules(document)


def test_text_boxes_are_set_aside_and_pictures_noted():
    def draw(book, page):
        page.insert_textbox(5, 0, "框中的说明")
        page.insert_image(9, 0, "a.png", {"image_data": io.BytesIO(PIXEL)})

    document = read(one(("规章", 1), more=draw))
    assert [p.text for p in document.furniture] == ["框中的说明"]
    assert "e_picture_skipped" in rules(document)


def test_sheets_follow_one_another_in_order():
    def write(book):
        for name in ("甲", "乙", "丙"):
            book.add_worksheet(name).write_row(0, 0, (name * 3, 1, 2))

    assert [r[0] for r in rows(read(made(write)))] == ["甲甲甲", "乙乙乙", "丙丙丙"]


def test_sheets_that_no_report_needs_are_refused():
    corners = one((1,), more=lambda _book, page: page.write(1_048_575, 16_383, 1))
    assert refused(corners) == "too_large"
    many = one((1,))
    many_rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (i, i, i) for i in range(2, 120_000)
    )
    part = "xl/worksheets/sheet1.xml"
    assert refused(changed(many, part, b"</sheetData>", many_rows + b"</sheetData>")) == "too_large"


def test_bombs_and_damage_are_refused_with_the_reason():
    data = one(("规章", 1))
    bomb = changed(data, "xl/sharedStrings.xml", b"</sst>", b" " * (40 << 20) + b"</sst>")
    assert refused(bomb) == "hostile"
    entity = changed(
        data, "xl/worksheets/sheet1.xml", b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet'
    )
    assert refused(entity) == "hostile"
    assert refused(data[:-40]) == "broken"
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000)) == "broken"
    assert refused(changed(data, "xl/worksheets/sheet1.xml", b"</sheetData>", b"")) == "broken"


def test_a_crash_inside_the_library_is_the_files_doing(monkeypatch):
    class PanicException(BaseException):
        pass

    class Book:
        @staticmethod
        def from_filelike(_):
            raise PanicException

    monkeypatch.setattr(sheet, "CalamineWorkbook", Book)
    assert refused(one(("规章", 1))) == "broken"


def test_an_empty_workbook_is_refused_as_empty():
    assert refused(one()) == "empty"


def test_every_changed_byte_is_refused_or_read():
    rng = Random(5)
    reasons: set[str] = set()
    for data in (render(fill(25), Random(25)), OLD.read_bytes()):
        for _ in range(30):
            damaged = bytearray(data)
            for _ in range(3):
                damaged[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            try:
                sheet.read(bytes(damaged), "made", Aids())
            except BadInput as error:
                reasons.add(error.reason)
    assert reasons <= {"broken", "hostile", "empty", "encrypted", "too_large"}


def test_an_empty_row_below_titles_is_a_row_of_empty_cells_even_at_the_end_of_a_sheet():
    def write(book):
        ruled = book.add_format({"border": 1})
        page = book.add_worksheet()
        page.write_row(0, 0, ["结果维持", "结果纠正", "其他结果"], ruled)
        page.write_row(1, 0, ["", "", ""], ruled)

    (table,) = read(made(write)).blocks
    last = table.rows[-1]
    assert [(c.text, c.column, c.covered) for c in last.cells] == [("", i, False) for i in range(3)]
