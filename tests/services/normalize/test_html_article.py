"""Web pages, small: the report among navigation, bars, lists and feet."""

import pytest

from tests.services.normalize.html_pages import READ, TABLE, TITLE, aside, of
from tests.services.normalize.reading import paragraphs, rows, rules

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
