"""Web pages, small: one trait of markup, chrome or damage at a time."""

import base64
import hashlib

import pytest

from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.outcomes import Aids, NeedsRecognition, Recognition
from services.normalize.core.reading import read, read_document
from shared.errors import BadInput
from shared.report.document import Document
from tests.services.normalize.reading import paragraphs, rows, rules, tables

HEAD = "<tr><td>信息内容</td><td>本年制发件数</td><td>本年废止件数</td><td>现行有效件数</td></tr>"
RULES = "<tr><td>规章</td><td>1</td><td>2</td><td>3</td></tr>"
NORMS = "<tr><td>行政规范性文件</td><td>4</td><td></td><td>6</td></tr>"
TABLE = f"<table>{HEAD}{RULES}{NORMS}</table>"
READ = [
    ["信息内容", "本年制发件数", "本年废止件数", "现行有效件数"],
    ["规章", "1", "2", "3"],
    ["行政规范性文件", "4", "", "6"],
]
TITLE = "某县水利局2022年政府信息公开工作年度报告"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 16


def page(body: str, head: str = "", charset: str = "utf-8") -> bytes:
    return f'<html><head><meta charset="{charset}">{head}</head><body>{body}</body></html>'.encode()


def of(body: str, head: str = "") -> Document:
    return read_document(page(body, head), "report.html")


def aside(document: Document) -> list[str]:
    return [p.text for p in document.furniture]


def refusal(data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(data, "report.html")
    return caught.value


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


CHROME = (
    "<div class=top><a href=/>首页</a><a href=/gk>政务公开</a></div><div>您现在的位置：<a href=/>首页</a> &gt; 年报</div>",
    (
        "<div class=list><h4>热点信息</h4><ul><li><a href=/1>某市2020年政府信息公开工作年度报告</a> 2020-01-02</li><li><a href=/2>一、总体情况</a></li></ul></div>"
        "<div class=foot><p>某市人民政府</p><p>2025年6月1日</p></div>"
    ),
)


def test_the_article_is_found_and_everything_around_it_kept_aside() -> None:
    sign = "<div>某县水利局</div><div>2023年1月20日</div>"
    document = of(
        f"{CHROME[0]}<div class=main><h3>{TITLE}</h3><div>发布日期：2023-01-21 来源：某县水利局</div><a href='javascript:p()'>打印</a>"
        f"<div><p>前言。</p><p>一、总体情况</p><p>正文。</p>{TABLE}</div>{sign}<p>上一篇：<a href=/8>某通知</a></p></div>{CHROME[1]}"
    )
    assert paragraphs(document) == [
        TITLE, "发布日期：2023-01-21 来源：某县水利局", "前言。", "一、总体情况", "正文。", "某县水利局", "2023年1月20日",
    ]  # fmt: skip
    assert rows(document) == READ
    assert {
        "打印",
        "热点信息",
        "一、总体情况",
        "某市人民政府",
        "2025年6月1日",
        "上一篇：某通知",
    } <= set(aside(document))


@pytest.mark.parametrize(
    "frame",
    ["div class='page-foot'", "div id=footer", "footer", "aside", "div class='right sidebar'"],
)
def test_what_is_named_as_chrome_ends_the_article(frame: str) -> None:
    tag = frame.partition(" ")[0]
    foot = f"<{frame}><p>某市人民政府办公室</p><p>2025年6月1日</p></{tag}>"
    document = of(f"<div><p>一、总体情况</p>{TABLE}<p>某县水利局</p></div>{foot}")
    assert paragraphs(document) == ["一、总体情况", "某县水利局"]
    assert aside(document) == ["某市人民政府办公室", "2025年6月1日"]


def test_a_column_that_rounding_made_is_gone() -> None:
    table = TABLE.replace("<td>本年制发件数</td>", "<td colspan=2>本年制发件数</td>").replace(
        "<td>2</td>", "<td colspan=2>2</td>"
    )
    document = of(table.replace("<td></td>", "<td colspan=2></td>"))
    assert rows(document) == READ


def test_a_title_on_two_lines_outside_the_article_stays_whole() -> None:
    document = of(
        f"{CHROME[0]}<h1>某县水利局<br>2022年政府信息公开工作年度报告</h1><div class=share>分享到：<a href=//s/w>微博</a></div><div><p>一、总体情况</p>{TABLE}</div>"
    )
    assert paragraphs(document)[:2] == ["某县水利局", "2022年政府信息公开工作年度报告"]


def test_statements_of_the_page_head_do_not_run_into_each_other() -> None:
    document = of(
        f"<div><span>发布机构：某县水利局</span><span>发布日期：2023-01-21</span><span>浏览次数：9</span></div><p>一、总体情况</p>{TABLE}"
    )
    assert paragraphs(document)[0] == "发布机构：某县水利局 发布日期：2023-01-21 浏览次数：9"


def test_a_title_that_only_the_head_holds_comes_first_with_a_note() -> None:
    head = f"<title>{TITLE}_某县人民政府</title><meta name=PubDate content='2023-01-21'><meta name=ContentSource content=某局>"
    document = of(f"<p>一、总体情况</p>{TABLE}", head)
    assert paragraphs(document)[0] == TITLE
    assert aside(document) == [
        "标题取自网页头部（title）",
        "发布日期：2023-01-21",
        "信息来源：某局",
    ]


def test_a_link_that_is_never_closed_makes_no_chrome_of_the_report() -> None:
    document = of(
        f"<h1>{TITLE}</h1><a href=/x>某链接<div><p>一、总体情况</p><p>正文。</p>{TABLE}</div>"
    )
    assert rows(document) == READ
    assert "正文。" in paragraphs(document)


def test_a_table_inside_a_link_that_is_never_closed_is_no_chrome() -> None:
    document = of(
        f"<h1>{TITLE}</h1><p>一、总体情况</p><p>正文。</p><a href=/x><p>二、主动公开政府信息情况</p>{TABLE}<p>完</p>"
    )
    assert rows(document) == READ
    assert "完" in paragraphs(document)


def test_a_menu_that_names_rows_of_the_form_is_chrome() -> None:
    menu = (
        "<table><tr><td><a href=/1>规章</a></td><td><a href=/2>行政规范性文件</a></td></tr></table>"
    )
    document = of(f"{menu}<div><p>一、总体情况</p>{TABLE}</div>{menu}")
    assert rows(document) == READ
    assert aside(document) == ["规章", "行政规范性文件"] * 2


def test_a_box_drawn_as_a_cell_inside_a_cell_adds_no_cell() -> None:
    assert (
        rows(of(TABLE.replace("<td>4</td>", "<td><div style='display:table-cell'>4</div></td>")))
        == READ
    )


def test_a_raised_note_never_joins_the_figure_before_it() -> None:
    document = of(TABLE.replace("<td>4</td>", "<td>4<sup>1</sup></td>"))
    assert rows(document)[2][1] == "4 1"


@pytest.mark.parametrize("mark", ["noscript", "strike"])
def test_a_mark_that_is_never_closed_hides_no_report(mark: str) -> None:
    document = of(f"<{mark}><p>一、总体情况</p>{TABLE}")
    assert rows(document) == READ
    assert "e_hidden_text" in rules(document)


def test_cells_that_were_made_paragraphs_are_a_table_again() -> None:
    meta = "<table><tr><td>索引号</td><td>00123</td></tr></table>"
    cells = "".join(f"<p>{c}</p>" for row in READ[:2] for c in row)
    document = of(
        f"{meta}<h2>二、主动公开政府信息情况</h2>{cells}<p>行政规范性文件</p><p>4</p><p>5</p><p>6</p><p>三、收到和处理政府信息公开申请情况</p>"
    )
    assert [*READ[:2], ["行政规范性文件", "4", "5", "6"]] == [
        r for r in rows(document) if "00123" not in r
    ]
    assert any("00123" in cell for row in rows(document) for cell in row) or any(
        "00123" in p for p in paragraphs(document)
    )


def test_a_section_title_broken_in_two_is_one_line() -> None:
    document = of(f"<p>三、收到和处理政府信息<br>公开申请情况</p>{TABLE}")
    assert paragraphs(document) == ["三、收到和处理政府信息公开申请情况"]


def test_a_spreadsheet_saved_as_a_page_keeps_text_and_tables_apart() -> None:
    wide = "".join(
        f"<tr><td>{t}</td>{'<td></td>' * 5}</tr>" for t in (TITLE, "二、主动公开政府信息情况")
    )
    table = TABLE.replace("</tr>", "<td colspan=2 style='mso-ignore:colspan'></td></tr>")
    last = f"<tr><td>六、其他需要报告的事项</td>{'<td></td>' * 5}</tr><tr><td>某县水利局</td>{'<td></td>' * 5}</tr>"
    document = of(table.replace("<table>", f"<table>{wide}").replace("</table>", f"{last}</table>"))
    assert paragraphs(document) == [
        TITLE,
        "二、主动公开政府信息情况",
        "六、其他需要报告的事项",
        "某县水利局",
    ]
    assert rows(document) == READ


def test_a_second_copy_of_the_report_for_telephones_is_set_aside() -> None:
    prose = "<p>政府信息公开工作稳步推进。</p>" * 100
    whole = f"<p>一、总体情况</p>{prose}{TABLE}"
    document = of(f"<div class=pc>{whole}</div><div class=phone>{whole}</div>")
    assert rows(document) == READ
    assert paragraphs(document).count("一、总体情况") == 1


def test_attachments_of_a_report_are_noted() -> None:
    document = of(
        f"<p>一、总体情况</p>{TABLE}<p><a href='/f/%E6%8A%A5%E5%91%8A.docx?x=1'>下载</a></p>"
    )
    notes = [o.text for o in document.observations if o.rule == "e_attachment"]
    assert notes == ["下载 (报告.docx)"]


def test_a_page_of_attachments_names_what_to_drop() -> None:
    caught = refusal(
        page(f"<h1>{TITLE}</h1><p><a href=/a.docx>年报.docx</a><a href=/b.pdf>年报扫描件</a></p>")
    )
    assert caught.reason == "not_a_report"
    for text in (caught.detail_zh, caught.detail_en):
        assert "年报.docx" in text
        assert "年报扫描件 (b.pdf)" in text


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("<iframe src='/viewer.html?file=/up/nb2022.pdf&p=1'></iframe>", "nb2022.pdf"),
        ("<embed src=/up/nb2022.pdf>", "nb2022.pdf"),
        ("<p><img src=/up/1.jpg><img src=/up/2.jpg></p>", "1.jpg；2.jpg"),
        ("<iframe src=/inner.html></iframe>", "/inner.html"),
    ],
)
def test_a_page_that_only_shows_other_files_says_so(body: str, named: str) -> None:
    caught = refusal(page(f"<h1>{TITLE}</h1>{body}" if "inner" not in body else body))
    assert caught.reason == "no_text"
    assert named in caught.detail_zh
    assert named in caught.detail_en


def test_a_page_of_frames_names_the_pages_they_show() -> None:
    caught = refusal(
        b"<html><frameset cols=20,80><frame src=menu.htm><frame src=report.htm></frameset></html>"
    )
    assert caught.reason == "no_text"
    assert "report.htm" in caught.detail_en


def embedded(data: bytes) -> str:
    return f"<img src='data:image/png;base64,{base64.b64encode(data).decode()}'>"


def test_a_table_given_as_a_picture_is_recognised_and_put_in_its_place() -> None:
    data = page(
        f"<p>一、总体情况</p><p>正文。</p><p>二、主动公开政府信息情况</p>{embedded(PNG)}<p>六、其他需要报告的事项</p>"
    )
    needs = read(data, "report.html")
    assert isinstance(needs, NeedsRecognition)
    assert [(p.data, p.page) for p in needs.pictures] == [(PNG, 1)]
    grid = Grid((Slot("规章", 0, 0), Slot("7", 0, 1)))
    known = {hashlib.sha256(PNG).hexdigest(): Recognition((Text("表"), grid), 0.9, 100, 50)}
    document = read(data, "report.html", Aids(recognised=known))
    assert isinstance(document, Document)
    assert [b.kind for b in document.blocks] == ["paragraph"] * 4 + ["table", "paragraph"]
    assert rows(document) == [["规章", "7"]]
    assert document.recognised == (1,)


def test_a_picture_beside_complete_tables_is_left_alone() -> None:
    assert rows(of(f"<p>二、主动公开政府信息情况</p>{TABLE}{embedded(PNG)}")) == READ


def test_a_picture_that_is_not_in_the_file_is_noted() -> None:
    document = of(
        "<p>一、总体情况</p><p>二、主动公开政府信息情况</p><img src=/up/t2.png><p>三、收到和处理政府信息公开申请情况</p>"
    )
    assert "e_picture_skipped" in rules(document)


def archive(*parts: str, kind: str = "related") -> bytes:
    head = f"From: <saved>\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary=b\n\n"
    return (head + "".join(f"--b\n{p}\n" for p in parts) + "--b--\n").encode()


def test_the_page_of_a_web_archive_is_read_with_its_pictures() -> None:
    body = f"<html><body><p>一、总体情况</p>{TABLE}<p>三、收到和处理政府信息公开申请情况</p><img src='cid:t3'></body></html>"
    content = base64.encodebytes(body.encode("gb18030")).decode()
    picture = base64.encodebytes(PNG).decode()
    data = archive(
        "Content-Type: text/html\n\n<html><body>广告</body></html>",
        f"Content-Type: text/html; charset=gb2312\nContent-Transfer-Encoding: base64\n\n{content}",
        f"Content-Type: image/png\nContent-ID: <t3>\nContent-Transfer-Encoding: base64\n\n{picture}",
    )
    needs = read(data, "report.mht")
    assert isinstance(needs, NeedsRecognition)
    assert needs.pictures[0].data == PNG
    key = needs.pictures[0].key
    document = read(
        data, "report.mht", Aids(recognised={key: Recognition((Text("图"),), 0.9, 9, 9)})
    )
    assert isinstance(document, Document)
    assert rows(document) == READ


def test_an_archive_without_a_page_is_refused() -> None:
    assert refusal(archive("Content-Type: image/png\n\nx")).reason == "broken"


def test_a_text_file_in_the_clothes_of_a_page_is_read_as_text() -> None:
    table = "\n".join("\t".join(row) for row in READ)
    document = of(
        f"<div>说明</div><pre>{TITLE}\n\n一、总体情况\n\n{'情况良好。' * 20}\n\n{table}\n</pre>"
    )
    assert rows(document) == READ
    assert paragraphs(document)[:2] == ["说明", TITLE]


def test_an_empty_page_is_refused() -> None:
    assert refusal(page("<div> </div>")).reason == "empty"
