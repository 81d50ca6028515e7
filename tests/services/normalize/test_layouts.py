"""Every layout of the catalogue, small: the rows must be what a person sees."""

import pytest

from services.normalize.core.layouts.piped import is_rule
from tests.services.normalize.reading import paragraphs, read, rows, tables

HEADING = "二、主动公开政府信息情况\n\n"
HEAD = ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"]
RULES = ["规章", "0", "0", "0"]
NORMS = ["行政规范性文件", "3", "1", "12"]
PLAIN = [["第二十条第（一）项"], HEAD, RULES, NORMS]


def lines(cells: list[list[str]], between: str, after_row: str) -> str:
    return after_row.join(between.join(row) for row in cells) + after_row


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        (lines(PLAIN, "\t", "\n"), "tabs"),
        (("\t" + lines(PLAIN, "\n\t", "\n\n\t")).rstrip("\t"), "cell_per_line"),
        ("".join(f"\t{c}\n\n" for row in PLAIN for c in row), "stream"),
        (lines(PLAIN, "\n", "\n\n"), "cell_per_line"),
        (lines(PLAIN, "\n\n", "\n\n"), "stream"),
        (lines(PLAIN, "\n", "\n"), "stream"),
        (lines(PLAIN, " | ", " |\n"), "pipes"),
        (lines(PLAIN, "|", "\n"), "pipes"),
        (lines(PLAIN, "\n|\n", "\n"), "pipes"),
        (lines(PLAIN, " |\n", " |\n"), "pipes"),
        (lines(PLAIN, " ", "\n"), "columns"),
        (lines(PLAIN, "   ", "\n"), "columns"),
    ],
    ids=[
        "tabs", "a cell a line", "a cell a line, all apart", "a cell a line without tabs",
        "all apart without tabs", "nothing but lines", "pipes at the right", "pipes between",
        "a pipe on its line", "a pipe behind each cell", "single blanks", "several blanks",
    ],
)  # fmt: skip
def test_the_same_table_is_read_from_each_layout(text: str, layout: str) -> None:
    document = read(HEADING + text)

    assert rows(document) == PLAIN
    assert [t.layout for t in tables(document)] == [layout]
    assert paragraphs(document) == ["二、主动公开政府信息情况"]


def test_a_markdown_rule_is_furniture_and_its_rows_are_framed() -> None:
    document = read(HEADING + "| 规章 | 0 |\n|---|:---:|\n| 行政许可 | 12 |\n")

    assert rows(document) == [["规章", "0"], ["行政许可", "12"]]
    assert [f.text for f in document.furniture] == ["|---|:---:|"]


def test_a_span_that_left_pipes_leaves_empty_cells() -> None:
    document = read(
        "一、本年新收政府信息公开申请数量 | 0 | |||||||\n（七）总计 | 1 | 0 | 0 | 0 | 0 | 0 | 1 |\n"
    )

    assert rows(document)[0] == ["一、本年新收政府信息公开申请数量", "0", *[""] * 7]


def test_a_page_inside_one_layout_table_gives_paragraphs_and_rows() -> None:
    document = read(
        "|| 一、总体情况 |||\n|| 2024年，我局主动公开政府信息12条，回应关切3次，成效明显。 |||\n"
        "|| 二、主动公开政府信息情况 |||\n|| 信息内容 | 本年处理决定数量 ||\n|| 行政许可 | 12 ||\n"
        "|| 六、其他需要报告的事项 |||||||||\n|| 无 |||||||||\n"
    )

    assert paragraphs(document) == [
        "一、总体情况", "2024年，我局主动公开政府信息12条，回应关切3次，成效明显。",
        "二、主动公开政府信息情况", "六、其他需要报告的事项", "无",
    ]  # fmt: skip
    assert [[t for t in row if t] for row in rows(document)] == [
        ["信息内容", "本年处理决定数量"],
        ["行政许可", "12"],
    ]


def test_a_page_on_a_single_line_is_parted_into_rows() -> None:
    cells = [
        "一、总体情况",
        "2024年，我局全面落实公开要求，取得成效。",
        "二、主动公开政府信息情况",
        *HEAD,
        *RULES,
        *NORMS,
    ]

    document = read("| " + " | ".join(cells) + " |\n")

    assert rows(document) == [HEAD, RULES, NORMS]
    assert paragraphs(document) == cells[:3]


def test_a_title_broken_inside_its_cell_is_mended() -> None:
    broken = ["本年新", "制作数量"]

    in_cells = read("\t信息内容\n\t本年新\n制作数量\n\n\t规章\n\t0\n\n\t规范性文件\n\t4\n\n")
    in_tabs = read("信息内容\t本年新\n制作数量\n规章\t0\n规范性文件\t4\n")
    in_lines = read("信息内容\n" + "\n".join(broken) + "\n规章\n0\n规范性文件\n4\n")

    expected = [["信息内容", "本年新制作数量"], ["规章", "0"], ["规范性文件", "4"]]
    assert rows(in_cells) == rows(in_tabs) == rows(in_lines) == expected
    assert tables(in_cells)[0].rows[0].cells[1].raw == "本年新\n制作数量"


def test_a_missing_middle_figure_leaves_an_empty_cell_in_columns() -> None:
    document = read(
        HEADING
        + "信息内容              本年制发件数   本年废止件数   现行有效件数\n"
        + "规章                       0              0              0\n"
        + "行政规范性文件             3                            12\n"
    )

    assert rows(document)[-1] == ["行政规范性文件", "3", "", "12"]


def test_columns_line_up_by_printed_width_too() -> None:
    # here figures stand in equal places only when Chinese characters count twice
    document = read("规章        1    2    3\n规范性文件  4         6\n")

    assert rows(document) == [["规章", "1", "2", "3"], ["规范性文件", "4", "", "6"]]


def test_numbers_printed_column_after_column_are_not_reordered() -> None:
    labels = ["规章", "规范性文件", "行政许可", "其他对外管理服务事项", "行政处罚", "行政强制"]

    document = read("\n".join([*labels, *"123456", *"654321"]) + "\n")

    assert rows(document) == [[t] for t in (*labels, *"123456", *"654321")]


def test_an_empty_cell_between_pipes_and_tabs_stays_a_cell() -> None:
    assert rows(read("规章\t\t0\t\n规范性文件\t1\t\t2\n")) == [
        ["规章", "", "0", ""],
        ["规范性文件", "1", "", "2"],
    ]
    assert rows(read("规章 |  | 0 |\n规范性文件 | 1 |  |\n")) == [
        ["规章", "", "0"],
        ["规范性文件", "1", ""],
    ]


def test_a_section_heading_ends_a_table_and_a_like_numbered_row_does_not() -> None:
    document = read(
        "（七）总计\n0\n四、结转下年度继续办理\n0\n四、政府信息公开行政复议、行政诉讼情况\n行政复议\n结果维持\n0\n"
    )

    assert rows(document)[:2] == [["（七）总计", "0"], ["四、结转下年度继续办理", "0"]]
    assert paragraphs(document) == ["四、政府信息公开行政复议、行政诉讼情况"]


def test_two_dashes_alone_are_the_mark_of_a_cell_and_three_draw_a_line() -> None:
    assert [is_rule(t) for t in ("--", " -- ", "---", "|--|", "|:--:|--|")] == [
        False, False, True, True, True,
    ]  # fmt: skip


def test_a_page_number_between_rows_is_furniture() -> None:
    in_tabs = read("规章\t0\t1\n\n12\n\n规范性文件\t0\t2\n")
    in_columns = read("规章      0    1\n\n   12\n\f规范性文件  0    2\n")

    assert [f.text for f in in_tabs.furniture] == [f.text for f in in_columns.furniture] == ["12"]
    assert rows(in_columns) == [["规章", "0", "1"], ["规范性文件", "0", "2"]]
    assert in_columns.pages == 2
    assert [c.page for row in tables(in_columns)[0].rows for c in row.cells] == [1, 1, 1, 2, 2, 2]


def test_a_form_feed_does_not_shift_line_numbers() -> None:
    document = read("第一行。\n\f第二行。\n第三行。\n")

    assert [(b.line, b.page) for b in document.blocks] == [(1, 1), (2, 2), (3, 2)]


def test_separated_values_are_rows() -> None:
    document = read(HEADING + '信息内容,本年制发件数\n规章,0\n行政规范性文件,"1,234"\n')

    assert rows(document) == [
        ["信息内容", "本年制发件数"],
        ["规章", "0"],
        ["行政规范性文件", "1,234"],
    ]


def test_an_html_table_in_markdown_keeps_its_spans_as_empty_cells() -> None:
    document = read(
        HEADING + "<table>\n<tr><td colspan='2'>第二十条第（一）项</td></tr>\n"
        "<tr><td rowspan=2>规章</td><td>&nbsp;0</td></tr>\n<tr><td>5</td></tr>\n</table>\n三、收到和处理政府信息公开申请情况\n",
        "report.md",
    )

    assert rows(document) == [["第二十条第（一）项", ""], ["规章", "0"], ["", "5"]]
    assert len(paragraphs(document)) == 2


def test_a_drawn_table_wraps_its_cells() -> None:
    document = read(
        "+----+----+\n| 信息内容 | 本年制发 |\n|  | 件数 |\n+====+====+\n| 规章 | 0 |\n+----+----+\n| 行政规范性文件 | 2 |\n+----+----+\n"
    )

    assert rows(document) == [["信息内容", "本年制发件数"], ["规章", "0"], ["行政规范性文件", "2"]]


def test_cell_marks_of_a_word_dump_part_cells() -> None:
    assert rows(read("规章\x070\x071\x07\n行政规范性文件\x072\x073\x07\n")) == [
        ["规章", "0", "1", ""],
        ["行政规范性文件", "2", "3", ""],
    ]


def test_a_tab_after_a_number_does_not_make_a_table() -> None:
    document = read(
        "一、\t总体情况\n（一）\t加强组织领导，落实工作责任\n\t2020年，我局认真做好信息公开工作，成效明显。\n"
    )

    assert not tables(document)
    assert paragraphs(document)[0] == "一、 总体情况"


def test_values_are_never_converted() -> None:
    odd = ["U", "〇", "--253", "+14", "1,234", "32214 元", "/", "—", "无", "７"]

    assert rows(read("行政许可\t" + "\t".join(odd) + "\n规章\t0\n"))[0] == ["行政许可", *odd]
