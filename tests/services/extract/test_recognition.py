"""What is a report and what only looks like one."""

import pytest

from services.extract.core.recognition import recognise
from services.extract.core.sections import read_sections
from services.extract.core.who.identity import read_identity
from shared.errors import BadInput
from shared.report.document import Document
from tests.services.extract.documents import OUTLINE, document, report

TITLE = "增城区教育局2022年政府信息公开工作年度报告"
PROSE = (
    "2022年，我局认真落实条例，主动公开政府信息49条，收到政府信息公开申请3件，全部按时办结，没有发生行政复议和行政诉讼。"
    * 4
)
ROWS = "一、本年新收政府信息公开申请数量\t{0}\t{0}\n（一）予以公开\t{0}\t{0}\n四、结转下年度继续办理\t{0}\t{0}"
STATISTICS = "统计指标\t单位\t统计数\n主动公开规范性文件数\t条\t12\n收到申请数\t件\t3\n"


def refusal(known: Document, rows: int) -> str | None:
    identity, _ = read_identity(known, file="x.txt")
    sections, _, _ = read_sections(known)
    try:
        recognise(known, identity, sections, rows)
    except BadInput as bad:
        return bad.reason
    return None


OTHERS = [
    "关于做好2025年政府信息公开工作年度报告编制和发布工作的通知",
    "增城区政务公开办关于报送2022年度政府信息公开工作年度报告的通知",
    "增城区人民政府办公室关于印发政府信息公开工作年度报告格式的函",
    "增城区人民政府网站2022年度工作报表",
    "政府网站工作年度报表（2022年度）",
    "增城区教育局2022年法治政府建设年度报告",
    "广州大学2021-2022学年信息公开工作年度报告",
    "增城区公共企事业单位信息公开年度报告",
    "增城区教育局2022年上半年政府信息公开工作报告",
    "增城区教育局2022年第一季度政府信息公开统计表",
    "政府信息公开信息处理费管理办法",
    "增城区教育局政府信息公开指南",
    "增城区教育局政府信息公开工作制度",
    "2022年增城区政府信息公开工作年度报告第三方评估报告",
    "增城区教育局2022年部门预算公开",
    "关于2022年度财政决算的报告",
]


@pytest.mark.parametrize("title", OTHERS)
def test_a_look_alike_is_refused(title: str) -> None:
    body = "各单位要高度重视，认真编制政府信息公开工作年度报告，按照总体情况、主动公开政府信息情况等六个部分编写。"
    assert refusal(document(f"{title}\n{body * 3}"), 0) == "not_a_report"


def test_a_notice_with_the_form_as_its_annex_is_refused() -> None:
    text = f"{OTHERS[0]}\n各单位要高度重视，认真编制年度报告。\n{OUTLINE.format(year=2022, body='')}{ROWS.format('')}"
    assert refusal(document(text), 23) == "not_a_report"


def test_an_index_page_is_refused() -> None:
    titles = "\n".join(
        f"增城区{b}局2022年政府信息公开工作年度报告 2023-01-20"
        for b in ("教育", "民政", "水利", "财政", "审计")
    )
    links = "\n".join(
        f"增城区{b}局2022年政府信息公开工作年度报告"
        for b in ("教育", "民政", "水利", "财政", "审计")
    )
    assert refusal(document(f"政府信息公开年报\n{titles}\n{links}"), 0) == "not_a_report"


def test_a_budget_or_any_other_text_is_refused() -> None:
    assert (
        refusal(document("增城区教育局2022年工作总结\n" + "一年来，教育工作取得成绩。" * 20), 0)
        == "not_a_report"
    )
    assert refusal(document("hello"), 0) == "not_a_report"
    assert refusal(document(""), 0) == "not_a_report"


def test_the_blank_form_is_refused_as_such() -> None:
    text = "（单位名称）20XX年政府信息公开工作年度报告\n一、总体情况\n（主动公开、依申请公开等情况）\n二、主动公开政府信息情况\n三、收到和处理政府信息公开申请情况\n"
    assert refusal(document(text + ROWS.format("")), 23) == "blank_form"


def test_a_real_report_with_every_cell_empty_is_a_report() -> None:
    text = f"{TITLE}\n{OUTLINE.format(year=2022, body=PROSE)}{ROWS.format('')}"
    assert refusal(document(text), 23) is None


@pytest.mark.parametrize("year", [2012, 2015, 2018])
def test_a_report_before_the_national_form_is_refused_as_such(year: int) -> None:
    text = f"增城区教育局{year}年政府信息公开工作年度报告\n一、概述\n{PROSE}\n二、主动公开政府信息情况\n公开情况良好。\n"
    assert refusal(document(text), 0) == "pre_2019_report"


def test_the_old_statistics_without_a_year_are_refused_as_such() -> None:
    text = f"增城区教育局政府信息公开工作年度报告\n一、概述\n我局认真落实条例。\n二、主动公开政府信息情况\n{STATISTICS}"
    assert refusal(document(text), 0) == "pre_2019_report"


def test_a_wrong_year_in_the_title_of_a_national_form_is_for_the_judge() -> None:
    assert refusal(report(TITLE.replace("2022", "2018"), year=2018), 23) is None


@pytest.mark.parametrize(("text", "rows"), [
    (f"{TITLE}\n{OUTLINE.format(year=2022, body='')}", 0),
    (f"{TITLE}\n一、总体情况\n{PROSE}\n二、主动公开政府信息情况\n", 0),
    (f"{TITLE}\n{ROWS.format('0')}", 23),
    (OUTLINE.format(year=2022, body=""), 23),
    (f"三、收到和处理政府信息公开申请情况\n{ROWS.format('0')}\n四、政府信息公开行政复议、行政诉讼情况\n", 12),
    (f"{TITLE}\n{PROSE}", 0),
])  # fmt: skip
def test_a_damaged_report_with_two_signs_is_a_report(text: str, rows: int) -> None:
    assert refusal(document(text), rows) is None


@pytest.mark.parametrize("title", [
    "增城区教育局2022年政府信息公开工作年度报告", "增城区财政局2022年政府信息公开工作年度报告",
    "增城区司法局（法治办）2022年政府信息公开工作年度报告", "国家税务总局2022年政府信息公开工作年度报告",
    "增城区目录办2022年政务公开年报", "增城区政务服务数据管理局关于2022年度政府信息公开工作情况的报告",
])  # fmt: skip
def test_a_report_with_a_suspicious_word_is_a_report(title: str) -> None:
    assert refusal(report(title), 23) is None


def test_a_report_whose_page_links_the_notice_and_the_guide_is_a_report() -> None:
    links = "政府信息公开指南\n政府信息公开制度\n"
    assert (
        refusal(document(links + TITLE + "\n" + OUTLINE.format(year=2022, body=PROSE)), 23) is None
    )


def test_a_refusal_gives_its_reason_in_both_languages() -> None:
    known = document(f"{OTHERS[0]}\n各单位要高度重视。")
    identity, _ = read_identity(known, file="x.txt")
    with pytest.raises(BadInput, match="notice") as refused:
        recognise(known, identity, (), 0)
    assert "通知" in refused.value.detail_zh
