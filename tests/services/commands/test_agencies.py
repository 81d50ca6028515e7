"""A list of bodies: every row is taken as its reports name it, or said what is wrong with it."""

from random import Random

import pytest

from services.commands.reviews.agency_bodies import bodies_of
from services.commands.reviews.agency_sheet import read_sheet
from services.commands.reviews.reviewing import Mistaken
from services.pipeline import process
from shared.report.series import series_of
from tests.support.fill import fill
from tests.support.render import render

HEAD = "agency,region_code,region,parent,level,kind,since,until"


def bodies(*lines: str, head: str = HEAD):
    return bodies_of(read_sheet("\n".join([head, *lines]).encode()).rows)


def fault(line: str, head: str = HEAD):
    found = bodies(line, head=head)
    assert found.agencies == ()
    (only,) = found.faults
    return only


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_titles_in_any_encoding_are_read(encoding):
    text = (
        "序号,机关名称,区划代码,地区,上级汇总政府,级别,类别,起始年度,截止年度\r\n"
        "1,增城区信访局,440118,广州市增城区,增城区人民政府,县级,部门,2019年,\r\n,,,,,,,,\r\n"
    )
    sheet = read_sheet(text.encode(encoding))
    found = bodies_of(sheet.rows)
    (body,) = found.agencies
    assert (sheet.ignored, found.faults) == (("序号",), ())
    assert (body.agency, body.region, body.region_code) == (
        "广东省广州市增城区信访局", "广东省广州市增城区", "440118",
    )  # fmt: skip
    assert (body.level, body.kind, body.scope, body.since, body.until) == (
        "county", "department", "own", 2019, None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        ("广州市增城区信访局,,,,,,,", "信访局,440118,,,,,,", "增城区信访局,,广州市增城区,,,,,",
         "区信访局,440118000000,,,,,,"),
        ("南京市鼓楼区教育局,,,,,,,", "鼓楼区教育局,320106,,,,,,", "教育局,,江苏省南京市鼓楼区,,,,,"),
        ("广州市增城区中新镇人民政府,,,,,,,", "中新镇人民政府,440118,,,,,,", "中新镇,,增城区,,,,,"),
        ("广州市增城区,,,,,,,", "增城区人民政府,440118,,,,,,"),
    ],
)  # fmt: skip
def test_one_body_has_one_series_however_it_is_written(lines):
    found = {body.series for line in lines for body in bodies(line).agencies}
    assert len(found) == 1


@pytest.mark.parametrize("number", range(0, 60, 2))
def test_a_listed_body_has_the_series_of_its_own_report(number):
    report = render(fill(number), "tabs_grid", Random(number))
    record = process(report.data, report.name).record
    assert record is not None
    series = series_of(record.identity)
    if series is None or record.identity.region.code is None:
        pytest.skip("the report itself leaves the body open")
    found = bodies(f"{record.identity.agency},{record.identity.region.code[:6]},,,,,,")
    assert [b.series for b in found.agencies] == [series]


@pytest.mark.parametrize(
    ("line", "column", "told"),
    [
        (",440118,,,,,,", "agency", "full name"),
        ("一二三,440118,,,,,,", "agency", "public body"),
        ("增城区信访局,999999,,,,,,", "region_code", "6 digits"),
        ("增城区信访局,44011,,,,,,", "region_code", "6 digits"),
        ("信访局,,无名区,,,,,", "region", "known division"),
        ("信访局,,,,,,,", "agency", "region_code"),
        ("鼓楼区教育局,,,,,,,", "agency", "region_code"),
        ("教育局,,鼓楼区,,,,,", "region", "one above"),
        ("信访局,440118,广州市天河区,,,,,", "region", "440118"),
        ("天河区信访局,440118,,,,,,", "agency", "not of 440106"),
        ("增城区信访局,440118,,天河区人民政府,,,,", "parent", "government above"),
        ("增城区信访局,440118,,某某政府,,,,", "parent", "known government"),
        ("增城区人民政府,440118,,增城区人民政府,,,,", "parent", "another body"),
        ("增城区信访局,440118,,,很高,,,", "level", "one of these"),
        ("增城区信访局,440118,,,,机构,,", "kind", "one of these"),
        ("增城区信访局,440118,,,,政府,,", "kind", "as the name says"),
        ("增城区信访局,440118,,,,,2021,2019", "until", "since, 2021"),
        ("增城区信访局,440118,,,,,21,", "since", "a year"),
    ],
)
def test_a_faulty_row_is_told_by_row_column_and_what_should_stand_there(line, column, told):
    found = fault(line)
    assert (found.row, found.column) == (2, column)
    assert told in found.expected_en
    assert str(found).startswith("第 2 行 row 2")


def test_the_same_body_twice_names_the_row_of_the_first():
    found = bodies("增城区信访局,440118,,,,,,", "天河区信访局,,,,,,,", "广州市增城区信访局,,,,,,,")
    assert len(found.agencies) == 2
    assert [(f.row, f.expected_en) for f in found.faults] == [(4, "there once: same as row 2")]


def test_the_parent_is_the_series_of_the_governments_own_report():
    government, bureau, city = bodies(
        "增城区人民政府,440118,,广州市,,,,", "增城区信访局,440118,,440118,,,,",
        "增城区教育局,440118,,广州市人民政府,,,,",
    ).agencies  # fmt: skip
    assert government.scope == "roll_up"
    assert bureau.parent == government.series
    assert government.parent == city.parent != government.series


def test_a_row_with_more_columns_than_titles_is_faulty_and_a_shorter_one_is_not():
    sheet = read_sheet("agency,region_code\n增城区信访局,440118,多余\n增城区教育局\n".encode())
    assert [(f.row, f.expected_en) for f in sheet.faults] == [(2, "at most 2 columns")]
    assert [row["agency"] for row in sheet.rows] == ["增城区教育局"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        ("名称,代码\n局,1\n".encode(), "first row"),
        ("agency,机关名称\na,b\n".encode(), "twice"),
        (b"PK\x03\x04\x00\x00\x00", "CSV"),
        (b'agency\n"a" b\n', "row 2 is no CSV"),
        (b"\xff\xff\xff", "UTF-8 or GB18030"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(data, told):
    with pytest.raises(Mistaken, match=told):
        read_sheet(data)
