import pytest

from services.extract.core.ending import broken_off
from shared.report.record import Section
from tests.services.extract.grids import document

FIRST = (Section(1, "总体情况", "一、总体情况", ""),)
LAST = (Section(6, "其他需要报告的事项", "六、其他需要报告的事项", ""),)


def test_a_report_that_stops_in_mid_sentence_is_an_incomplete_source():
    found = broken_off(document("我局进一步完善政府信息公开工作机制，全年主动公"), FIRST)

    assert (found.rule, found.severity) == ("e_page_lost", "error")


@pytest.mark.parametrize(
    "ending",
    [
        "我局进一步完善政府信息公开工作机制，取得了成效。",
        "云澜市青榆区人民政府办公室综合科教育局",
        "二〇二一年度云澜市青榆区教育局 2021年1月9日",
        "云澜市青榆区教育局政府信息公开办公室 2021 年 1 月 9 日",
        "云澜市青榆区教育局 二〇二一年一月九日",
        "云澜市青榆区教育局 2021-01-09",
        "无其他事项",
    ],
)
def test_a_finished_sentence_a_signature_or_a_date_is_an_end(ending):
    assert broken_off(document(ending), FIRST) is None


def test_a_careless_last_sentence_in_section_six_is_no_sign():
    assert broken_off(document("我局进一步完善政府信息公开工作机制，全年主动公"), LAST) is None
