"""Blocks of any format become the neutral document: rows, covered cells, text, furniture."""

from random import Random

import pytest

from services.extract.core.extraction import extract
from services.normalize.core.composing import Grid, Slot, Text, compose
from shared.errors import BadInput
from shared.report.document import Paragraph, Table
from tests.support.fill import fill
from tests.support.sheets import Sheet
from tests.support.typeset import Heading, typeset


def composed(*blocks):
    return compose(blocks, "made-up.docx", reader="test")


def rows_of(document):
    return [
        [c.text for c in r.cells] for b in document.blocks if isinstance(b, Table) for r in b.rows
    ]


def test_a_span_covers_the_places_it_lies_over():
    slots = (Slot("组", 0, 0, rows=2), Slot("1", 0, 1), Slot("2", 1, 1, columns=2), Slot("3", 0, 2))
    (table,) = composed(Grid(slots)).blocks
    assert [[(c.column, c.text, c.covered) for c in r.cells] for r in table.rows] == [
        [(0, "组", False), (1, "1", False), (2, "3", False)],
        [(0, "", True), (1, "2", False), (2, "", True)],
    ]
    assert (table.rows[0].cells[0].rows, table.rows[1].cells[1].columns) == (2, 2)


def test_an_empty_cell_is_there_and_covered_by_nothing():
    (table,) = composed(Grid((Slot("规章", 0, 0), Slot("", 0, 1)))).blocks
    assert [(c.text, c.covered) for c in table.rows[0].cells] == [("规章", False), ("", False)]


def test_lines_count_paragraphs_and_rows_in_reading_order():
    document = composed(
        Text("一、总体情况"),
        Grid((Slot("规章", 0, 0), Slot("行政规范性文件", 1, 0))),
        Text("本年无。"),
    )
    heading, table, last = document.blocks
    assert [heading.line, *(r.line for r in table.rows), last.line] == [1, 2, 3, 4]
    assert document.lines == 4


def test_two_grids_stay_two_tables():
    document = composed(Grid((Slot("规章", 0, 0),)), Grid((Slot("总计", 0, 0),)))
    assert [type(b) for b in document.blocks] == [Table, Table]


def test_a_row_of_running_text_parts_the_grid_that_lays_out_the_page():
    grid = Grid(
        (
            Slot("一、总体情况", 0, 0, columns=2),
            Slot("本年度主动公开政府信息若干条。\n依申请公开工作平稳。", 1, 0, columns=2),
            Slot("规章", 2, 0),
            Slot("0", 2, 1),
        )
    )
    document = composed(grid)
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == [
        "一、总体情况",
        "本年度主动公开政府信息若干条。",
        "依申请公开工作平稳。",
    ]
    assert rows_of(document) == [["规章", "0"]]


def test_a_short_line_among_sentences_of_a_sheet_is_text():
    lines = ("（一）主动公开", "本年度主动公开政府信息若干条。", "（二）依申请公开")
    above = tuple(Slot(text, row, 0) for row, text in enumerate(lines))
    document = composed(Grid((*above, Slot("规章", 3, 0), Slot("0", 3, 1))))
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == list(lines)
    assert rows_of(document) == [["规章", "0"]]


def test_a_lone_cell_between_rows_of_a_table_stays_a_row():
    slots = (
        Slot("规章", 0, 0),
        Slot("0", 0, 1),
        Slot("其他事项", 1, 0),
        Slot("规章", 2, 0),
        Slot("0", 2, 1),
    )
    assert rows_of(composed(Grid(slots))) == [["规章", "0"], ["其他事项"], ["规章", "0"]]


def test_line_feeds_inside_a_cell_join_chinese_and_part_numbers():
    grid = Grid((Slot("法律服务\n机构", 0, 0), Slot("12\n3", 0, 1)))
    assert rows_of(composed(grid)) == [["法律服务机构", "12 3"]]


def test_asides_page_numbers_and_furniture_are_kept_apart_from_the_text():
    document = composed(
        Text("首页 > 政府信息公开 > 年报"),
        Text("年度报告正文在此。"),
        Text("7"),
        Text("页眉", aside=True),
    )
    assert [b.text for b in document.blocks] == ["年度报告正文在此。"]
    assert [p.text for p in document.furniture] == ["首页 > 政府信息公开 > 年报", "7", "页眉"]


def test_residue_is_cleaned_and_the_text_as_found_is_kept():
    document = composed(Grid((Slot("规章&nbsp;", 0, 0), Slot("\u200b5", 0, 1))))
    cells = document.blocks[0].rows[0].cells
    assert [(c.text, c.raw) for c in cells] == [("规章", "规章&nbsp;"), ("5", "\u200b5")]
    assert {o.rule for o in document.observations} == {"e_artifact"}


def test_traditional_script_is_read_as_simplified():
    document = composed(Text("請各機關開展政府信息公開工作，開放項目數據，規範總體業務。"))
    assert document.script == "traditional"
    assert document.blocks[0].text.startswith("请各机关开展政府信息公开工作")


def test_places_and_doubts_of_the_reader_are_carried():
    slot = Slot("3", 0, 0, page=2, bbox=(1, 2, 3, 4), confidence=0.6, unread=False,
                alternatives=(("8", 0.3),))  # fmt: skip
    document = compose(
        [Grid((slot,)), Text("文。", page=3, bbox=(0, 0, 9, 9), confidence=0.5)], "x.png",
        reader="test", pages=3, recognised=(2, 3),
    )  # fmt: skip
    cell = document.blocks[0].rows[0].cells[0]
    assert (cell.page, cell.bbox, cell.confidence) == (2, (1, 2, 3, 4), 0.6)
    assert cell.alternatives == (("8", 0.3),)
    assert (document.blocks[1].page, document.blocks[1].confidence) == (3, 0.5)
    assert (document.pages, document.recognised) == (3, (2, 3))


def test_nothing_but_furniture_is_an_empty_file():
    with pytest.raises(BadInput) as refused:
        composed(Text("3"), Text("  "))
    assert refused.value.reason == "empty"


def test_spans_that_cover_a_million_cells_are_refused():
    with pytest.raises(BadInput) as refused:
        composed(Grid((Slot("规章", 0, 0, rows=1000, columns=1000),)))
    assert refused.value.reason == "hostile"


@pytest.mark.parametrize("seed", range(8))
def test_a_printed_report_is_read_back_exactly(seed):
    truth = fill(seed)
    blocks = [
        Grid(tuple(Slot(b.text, b.row, b.column, b.rows, b.columns) for b in piece.boxes))
        if isinstance(piece, Sheet)
        else Text(piece.full if isinstance(piece, Heading) else piece.text)
        for piece in typeset(truth, Random(seed), variants=seed % 2 == 0)
    ]
    record = extract(composed(*blocks), document_id="0" * 64, file="made-up.docx")
    read = {c.address: c.value if c.state == "number" else c.state for c in record.cells}
    assert read == truth.cells


def test_radicals_printed_for_characters_are_read_as_characters():
    paragraph = composed(Text("⼀、总体情况：⼯作年度报告，⻓期坚持。")).blocks[0]
    assert paragraph.text == "一、总体情况：工作年度报告，长期坚持。"
    assert paragraph.raw == "⼀、总体情况：⼯作年度报告，⻓期坚持。"
