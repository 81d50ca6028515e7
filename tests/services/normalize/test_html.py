"""Web pages, small: tables, encodings and lines, one trait of markup or damage at a time."""

import pytest

from services.normalize.core.reading import read_document
from tests.services.normalize.html_pages import HEAD, NORMS, READ, RULES, TABLE, TITLE, aside, of
from tests.services.normalize.reading import paragraphs, rows, rules, tables


@pytest.mark.parametrize(
    "table",
    [
        TABLE,
        TABLE.replace("</td>", "").replace("</tr>", ""),
        TABLE.replace("<td>", "<th scope=col>").replace("</td>", "</th>"),
        TABLE.replace("<td>", "<td><p class=MsoNormal><span lang=EN-US>").replace("</td>", "<o:p></o:p></span></p></td>"),
        TABLE.replace("<td>", "<td><table><tr><td>").replace("</td>", "</td></tr></table></td>"),
        TABLE.replace("本年制发件数", "本年<br>制发<br>件数").replace("现行有效件数", "<div>现行有效</div><div>件数</div>"),
        TABLE.replace("本年废止件数", "本年废\n      止件数"),
        TABLE.replace("<td>", "<td><font size=2>"),
        TABLE.replace("<td>6</td>", "<td><input type=text value=6></td>"),
        TABLE.replace("<td></td>", "<td><span style='display:none'>9</span></td>"),
        TABLE.replace("<td></td>", "<td><del>5</del></td>"),
        TABLE.replace("</table>", "<tr height=0><td width=1></td><td></td><td></td><td></td></tr></table>"),
        TABLE.replace("</table>", "<tr style='display:none'><td>9</td></tr></table>"),
        TABLE.replace(RULES, f"<tbody>{RULES}</tbody>"),
        f"<table><tfoot>{NORMS}</tfoot><tbody>{HEAD}{RULES}</tbody></table>",
        TABLE.replace("<table>", '<div style="display:table">').replace("</table>", "</div>")
        .replace("<tr>", '<div style="display: table-row;">').replace("</tr>", "</div>")
        .replace("<td>", '<div style="display:table-cell">').replace("</td>", "</div>"),
    ],
    ids=[
        "plain", "never closed", "header cells", "word", "tables in cells", "broken labels", "broken source",
        "open fonts", "input field", "hidden value", "struck value", "sizing row", "hidden row",
        "row group", "foot first", "styled as table",
    ],
)  # fmt: skip
def test_a_table_is_read_however_it_is_marked_up(table: str) -> None:
    assert rows(of(f"<h2>二、主动公开政府信息情况</h2>{table}")) == READ


def test_spans_give_every_cell_its_place_and_its_extent() -> None:
    document = of(
        "<table><tr><td rowspan=2>规章</td><td colspan=2>现行有效件数</td></tr><tr><td>1</td><td>2</td></tr></table>"
    )
    cells = [
        [(c.text, c.column, c.rows, c.columns, c.covered) for c in r.cells]
        for r in tables(document)[0].rows
    ]
    assert cells == [
        [("规章", 0, 2, 1, False), ("现行有效件数", 1, 1, 2, False), ("", 2, 1, 1, True)],
        [("", 0, 1, 1, True), ("1", 1, 1, 1, False), ("2", 2, 1, 1, False)],
    ]


@pytest.mark.parametrize("span", ["0", "99999", "-3", "abc", "2px", ""])
def test_an_impossible_span_harms_no_other_cell(span: str) -> None:
    document = of(
        f"<table><tr><td colspan='{span}'>规章</td></tr><tr><td>规章</td><td>1</td><td>2</td></tr></table>"
    )
    assert rows(document)[-1][:3] == ["规章", "1", "2"]


def test_a_rowspan_ends_with_its_row_group() -> None:
    document = of(
        f"<table><tbody><tr><td rowspan=9>甲</td><td>1</td></tr></tbody><tbody>{RULES}</tbody></table>"
    )
    assert rows(document) == [["甲", "1"], ["规章", "1", "2", "3"]]


def test_a_layout_table_is_unwrapped_in_reading_order() -> None:
    document = of(
        f"<table><tr><td>{TITLE}</td></tr><tr><td><table><tr><td><p>一、总体情况</p><p>正文。</p>{TABLE}<p>尾。</p></td></tr></table></td></tr></table>"
    )
    assert paragraphs(document) == [TITLE, "一、总体情况", "正文。", "尾。"]
    assert rows(document) == READ


def test_a_picture_in_a_cell_is_unread_and_not_blank() -> None:
    document = of(TABLE.replace("<td></td>", "<td><img src=n.png></td>"))
    cell = tables(document)[0].rows[2].cells[2]
    assert (cell.text, cell.unread) == ("", True)


@pytest.mark.parametrize("said", ["utf-8", "gb2312", "big5", "nonsense"])
@pytest.mark.parametrize("meant", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_the_bytes_decide_what_they_mean_whatever_the_page_says(said: str, meant: str) -> None:
    text = f"<html><head><meta charset={said}></head><body><h2>二、主动公开政府信息情况</h2><p>䶮镇㙟村</p>{TABLE}</body></html>"
    document = read_document(text.encode(meant), "report.html")
    assert rows(document) == READ
    assert "䶮镇㙟村" in paragraphs(document)


@pytest.mark.parametrize("meant", ["utf-8", "gb18030"])
def test_one_bad_byte_costs_one_character(meant: str) -> None:
    text = f"<html><body><p>政府信息公开</p>{TABLE}<p>尾注</p></body></html>".encode(meant)
    document = read_document(
        text.replace("尾注".encode(meant), b"\xff\xfe" + "尾注".encode(meant)), "a.html"
    )
    assert rows(document) == READ
    assert "e_mirror_damage" in rules(document)


def test_the_encoding_is_found_behind_long_styles() -> None:
    style = f"<style>{'p{margin:0}' * 9000}</style><script>{'x();' * 30000}</script>"
    body = f"<html><head>{style}</head><body><p>信息公开情况</p>{TABLE}</body></html>"
    assert rows(read_document(body.encode("gb18030"), "a.html")) == READ


def test_what_is_not_shown_is_no_text() -> None:
    document = of(
        f"<script>var a='甲'</script><style>p{{}}</style><template>乙</template><noscript>丙</noscript><!-- 丁 -->"
        f"<p>一、总体情况</p>{TABLE}<p hidden>戊</p><p style='DISPLAY : none'>己</p><p style='visibility:hidden'>庚</p>"
    )
    assert paragraphs(document) == ["一、总体情况"]
    assert aside(document) == ["戊", "己", "庚"]
    assert "e_hidden_text" in rules(document)


def test_a_report_that_stands_only_in_a_hidden_part_is_read_and_noted() -> None:
    document = of(f"<p>正在加载</p><div style='display:none'><h2>一、总体情况</h2>{TABLE}</div>")
    assert rows(document) == READ
    assert "e_hidden_text" in rules(document)


def test_lines_and_levels_are_those_on_the_screen() -> None:
    document = of(
        f"<h1>{TITLE}</h1><div>一、总体情况<br>第一行<br/>第二行</div><p>政府\n信息<span>公</span><b>开</b> 2022\n年</p>{TABLE}"
    )
    assert paragraphs(document) == [
        TITLE,
        "一、总体情况",
        "第一行",
        "第二行",
        "政府信息公开 2022 年",
    ]
    assert document.blocks[0].kind == "paragraph"
    assert document.blocks[0].level == 1


def test_the_numbers_of_numbered_lists_are_printed() -> None:
    document = of(
        f"<ol><li>总体情况</ol><p>正文。<ol start=2><li><p>主动公开政府信息情况</ol>{TABLE}<ol style='list-style-type:cjk-ideographic' start=11><li>其他<li>一、已有编号</ol>"
    )
    assert paragraphs(document) == [
        "1.总体情况",
        "正文。",
        "2.主动公开政府信息情况",
        "十一、其他",
        "一、已有编号",
    ]
