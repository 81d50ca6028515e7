"""Dates, signatures, contact data and the stated period."""

from dataclasses import replace
from datetime import date

import pytest

from services.extract.core.outline import outline_of
from services.extract.core.sections import read_sections
from services.extract.core.who.dates import find_date
from services.extract.core.who.identity import read_identity
from shared.report.document import Paragraph
from shared.report.record import Contact
from tests.services.extract.documents import document, report

TITLE = "增城区教育局2020年政府信息公开工作年度报告"
DAY = date(2021, 1, 9)


@pytest.mark.parametrize(
    "text",
    ["2021年1月9日", "2021年01月09日", "2021-01-09", "2021-1-9", "2021.1.9", "2021/1/9", "2021-01-09 15:35:23",
     "二〇二一年一月九日", "二○二一年一月九日", "二零二一年一月九日", "２０２１年１月９日", "2021 年 1 月 9 日",
     "2O21年1月9日", "202l年1月О9日", "2021年O1月О9日", "2О21-О1-O9", "二O二一年元月九日"],
)  # fmt: skip
def test_a_date_is_read_in_every_form(text: str) -> None:
    found = find_date(text.replace(" ", ""))
    assert found is not None
    assert found.value == DAY


def test_a_day_whose_second_figure_cannot_be_read_is_no_day() -> None:
    assert find_date("2021年1月2Q日") is None


@pytest.mark.parametrize(("text", "kind"), [
    ("2013年3月", "month_only"), ("二〇二一年一月", "month_only"), ("202011日", "lost"), ("2017210日", "lost"),
    ("20201231日", "lost"), ("2021年19日", "lost"), ("2021-02-30", "impossible"), ("2021年13月1日", "impossible"),
])  # fmt: skip
def test_a_date_that_is_none_says_why_and_is_not_guessed(text: str, kind: str) -> None:
    found = find_date(text)
    assert found is not None
    assert (found.value, found.kind) == (None, kind)


@pytest.mark.parametrize("text", ["二十日", "十月三十一日", "第20条", "2021年政府"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert find_date(text) is None


def test_chinese_tens_are_read() -> None:
    found = find_date("二〇二一年十二月三十一日")
    assert found is not None
    assert found.value == date(2021, 12, 31)


# closing lines | signature | date | source
CLOSINGS = [
    ("增城区教育局\n2021年1月9日", "增城区教育局", DAY, "signature"),
    ("            增城区教育局\n             2021年1月9日", "增城区教育局", DAY, "signature"),
    ("增城区教育局 2021年1月9日", "增城区教育局", DAY, "signature"),
    (
        "增城区教育局\n二〇二一年一月九日\n（联系人：张三；联系电话：82751234）",
        "增城区教育局",
        DAY,
        "signature",
    ),
    ("增城区教育局（盖章）\n2021年1月9日\n公开方式：主动公开", "增城区教育局", DAY, "signature"),
    ("2021年1月9日", None, DAY, "signature"),
    ("增城区教育局", "增城区教育局", None, None),
    ("增城区教育局\n2021年1月", "增城区教育局", None, "signature"),
    ("增城区教育局\n202119日", "增城区教育局", None, "signature"),
    ("", None, None, None),
]


@pytest.mark.parametrize(("closing", "name", "day", "source"), CLOSINGS)
def test_the_signature_is_read_from_the_end(
    closing: str, name: str | None, day: date | None, source: str | None
) -> None:
    found, _ = read_identity(report(TITLE, closing=closing), file="x.txt")
    assert (found.signature, found.published_on, found.published_source) == (name, day, source)


@pytest.mark.parametrize(("closing", "rules"), [
    ("增城区教育局\n202119日", ["e_date_chars_lost"]),
    ("增城区教育局\n2021年2月30日", ["e_date_chars_lost"]),
    ("增城区教育局\n2021年1月9日", []),
    ("增城区教育局\n2021年1月", []),
])  # fmt: skip
def test_a_damaged_date_is_reported(closing: str, rules: list[str]) -> None:
    found, notes = read_identity(report(TITLE, closing=closing), file="x.txt")
    assert [n.rule for n in notes] == rules
    assert found.published_raw == closing.split("\n")[1]


@pytest.mark.parametrize(("header", "day", "source"), [
    ("发布日期：2021-01-29 来源：区教育局 浏览次数：20", date(2021, 1, 29), "header"),
    ("成文日期：2021-01-09 发布日期：2021-01-29", DAY, "header"),
    ("索引号：0123/2021-00001 发布机构：增城区教育局 生成日期：2021-02-03 公开日期：2021-01-29", date(2021, 1, 29), "header"),
    ("发布时间：2021-01-29 15:35:23", date(2021, 1, 29), "header"),
    ("2021-01-29", date(2021, 1, 29), "text"),
    ("2021年1月29日", date(2021, 1, 29), "text"),
])  # fmt: skip
def test_without_signature_the_header_dates_the_report(header: str, day: date, source: str) -> None:
    found, _ = read_identity(report(f"{TITLE}\n{header}"), file="x.txt")
    assert (found.published_on, found.published_source) == (day, source)


def test_the_signature_goes_before_the_header() -> None:
    found, _ = read_identity(
        report(f"{TITLE}\n发布日期：2022-05-23", closing="增城区教育局\n2021年1月9日"), file="x.txt"
    )
    assert (found.published_on, found.published_source) == (DAY, "signature")


def test_a_header_date_stands_in_for_a_month_only_signature() -> None:
    found, _ = read_identity(
        report(f"{TITLE}\n发布日期：2021-01-29", closing="增城区教育局\n2021年1月"), file="x.txt"
    )
    assert (found.published_on, found.published_source) == (date(2021, 1, 29), "header")


def test_header_dates_in_a_metadata_table_are_read() -> None:
    text = f"索引号\t123\t发布日期\t2021-01-29\n{TITLE}\n一、总体情况\n2020年，我局认真落实条例，推进公开工作。"
    found, _ = read_identity(document(text), file="x.txt")
    assert found.published_on == date(2021, 1, 29)


def test_a_date_inside_a_sentence_is_no_signature() -> None:
    closing = "我局于2020年12月15日召开专题会议，研究部署有关工作。"
    found, _ = read_identity(report(TITLE, closing=closing), file="x.txt")
    assert found.published_on is None


def test_a_last_list_item_is_no_signature() -> None:
    found, _ = read_identity(report(TITLE, closing="三、加强管理委员会"), file="x.txt")
    assert found.signature is None


@pytest.mark.parametrize(("text", "contact"), [
    ("（联系人：何某婷；联系电话：39906616）", Contact(name="何某婷", phone="39906616")),
    ("如有疑问，请与区教育局办公室联系（地址：增城区荔城街道1号；邮编：511300；电话：020-82751234）。",
     Contact(phone="020-82751234", address="增城区荔城街道1号")),
    ("联系电话：0554－2675113，电子邮箱：ab_c@163.com", Contact(phone="0554－2675113", email="ab_c@163.com")),
    ("电话:13812345678", Contact(phone="13812345678")),
    ("共接听12345热线电话2000余个，联系群众1782人次。", None),
])  # fmt: skip
def test_contact_data_is_read_where_it_is_labelled(text: str, contact: Contact | None) -> None:
    found, _ = read_identity(report(TITLE, closing=text), file="x.txt")
    assert found.contact == contact


@pytest.mark.parametrize(("text", "start", "end"), [
    ("本报告中所列数据的统计期限为2020年1月1日至2020年12月31日。", date(2020, 1, 1), date(2020, 12, 31)),
    ("本年度报告统计期限自2020年1月1日起，至2020年12月31日止。", None, None),
    ("所列数据统计期限自2020年1月1日起至12月31日止。", date(2020, 1, 1), date(2020, 12, 31)),
    ("数据统计时间为2020年1月1日—2020年11月30日。", date(2020, 1, 1), date(2020, 11, 30)),
])  # fmt: skip
def test_the_period_is_read_as_stated(text: str, start: date | None, end: date | None) -> None:
    found, _ = read_identity(report(TITLE, body=text), file="x.txt")
    assert found.period is not None
    assert (found.period.start, found.period.end) == (
        start or date(2020, 1, 1),
        end or date(2020, 12, 31),
    )


@pytest.mark.parametrize(
    "text", ["2020年3月1日至5月1日开展专项行动。", "2014年成立领导小组，2020年12月15日召开会议。"]
)
def test_another_span_of_days_is_no_period(text: str) -> None:
    found, _ = read_identity(report(TITLE, body=text), file="x.txt")
    assert found.period is None


def test_a_period_with_lost_characters_is_kept_and_reported() -> None:
    found, notes = read_identity(
        report(TITLE, body="统计期限为202011日起至20201231日止。"), file="x.txt"
    )
    assert found.period is not None
    assert (found.period.text, found.period.start) == ("202011日起至20201231日止", None)
    assert [n.rule for n in notes] == ["e_date_chars_lost"]


def test_signature_and_contact_are_not_part_of_section_six() -> None:
    known = report(
        TITLE, closing="增城区教育局\n2021年1月9日\n（联系人：何某婷；联系电话：39906616）"
    )
    sections, _, _ = read_sections(known, outline=outline_of(known))
    assert sections[-1].text == "无。"


@pytest.mark.parametrize(("aside", "day"), [
    ("关于做好防汛工作的通知2025-06-10", None),
    ("区教育局召开会议 2025年6月10日", None),
    ("2025-06-10", None),
    ("发布日期：2021-01-29", date(2021, 1, 29)),
])  # fmt: skip
def test_furniture_dates_the_report_only_with_a_label(aside: str, day: date | None) -> None:
    seen = replace(report(TITLE), furniture=(Paragraph(aside, 40),))
    found, _ = read_identity(seen, file="x.html")
    assert found.published_on == day


def test_a_lone_date_among_the_furniture_under_the_title_dates_the_report() -> None:
    seen = replace(report(TITLE), furniture=(Paragraph("2021-01-29 10:20", 2),))
    found, _ = read_identity(seen, file="x.html")
    assert (found.published_on, found.published_source) == (date(2021, 1, 29), "text")


def test_the_date_of_another_title_above_the_report_is_not_its_own() -> None:
    text = (
        f"关于做好防汛工作的通知2025-06-10\n{TITLE}\n一、总体情况\n2020年，我局落实条例，推进公开。"
    )
    found, _ = read_identity(document(text), file="x.html")
    assert found.published_on is None
