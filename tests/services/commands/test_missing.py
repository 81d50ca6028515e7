"""Who has not filed: from the lists and from last year's reports, never before the deadline."""

from datetime import UTC, date, datetime

import pytest

from services.commands.reaching import rulebook
from services.commands.reviews.absence import RULE, failure
from services.commands.reviews.agency_bodies import bodies_of
from services.commands.reviews.agency_sheet import read_sheet
from services.commands.reviews.expecting import region_prefix, situation
from services.commands.reviews.reviewing import Mistaken
from shared.report.record import Region
from tests.services.sink import deciding, made

ZENGCHENG = Region("广东省", "广州市", "增城区", code="440118")
LATE = date(2022, 6, 1)


def filed(n, agency, year, **changes):
    kind = changes.pop("kind", "department")
    scope = "roll_up" if kind == "government" else "own"
    values = {"region": ZENGCHENG, "level": "county", "kind": kind, "scope": scope, "year": year}
    return made.validated(n, agency=agency, **(values | changes))


def load(reviews, *lines, name="名单", minutes=0):
    text = "\n".join(["agency,region_code,since,until", *lines])
    found = bodies_of(read_sheet(text.encode()).rows)
    assert found.faults == ()
    reviews.list_agencies(deciding.listed(name=name, agencies=found.agencies, minutes=minutes))


def names(found):
    return [m.body.agency.removeprefix("广东省广州市") for m in found]


def test_who_filed_last_year_and_not_this_year_is_missing_after_the_deadline(database, reader):
    database.record(filed(1, "增城区信访局", 2020))
    database.record(filed(2, "增城区教育局", 2020))
    database.record(filed(3, "广州市增城区教育局", 2021))

    late = situation(reader, 2021, None, date(2022, 2, 1))
    last_day = situation(reader, 2021, None, date(2022, 1, 31))

    assert names(late.missing) == ["增城区信访局"]
    assert (late.missing[0].due, late.missing[0].soft) == (date(2022, 1, 31), False)
    assert (last_day.missing, names(last_day.not_due)) == ((), ["增城区信访局"])


def test_a_roll_up_is_due_two_months_later_and_a_township_by_local_notice_only(database, reader):
    database.record(filed(1, "增城区人民政府", 2020, kind="government"))
    township = Region("广东省", "广州市", "增城区", "中新镇", "440118")
    database.record(
        filed(
            2, "中新镇人民政府", 2020, kind="township_government", level="township", region=township
        )
    )

    found = situation(reader, 2021, None, date(2022, 3, 31))

    assert [(m.body.kind, m.soft) for m in found.missing] == [("township_government", True)]
    assert [(m.body.scope, m.due) for m in found.not_due] == [("roll_up", date(2022, 3, 31))]


def test_a_list_names_who_never_filed_and_who_need_not_any_more(database, reviews, reader):
    database.record(filed(1, "增城区农业局", 2020))
    database.record(filed(2, "增城区信访局", 2021))
    load(
        reviews,
        "增城区信访局,440118,,",
        "增城区司法局,440118,,",
        "增城区数据局,440118,2023,",
        "增城区农业局,440118,,2020",
    )
    assert names(situation(reader, 2021, None, LATE).missing) == ["增城区司法局"]
    assert names(situation(reader, 2020, None, LATE).missing) == ["增城区信访局", "增城区司法局"]


def test_a_body_that_one_list_ends_and_another_keeps_is_expected(database, reviews, reader):
    load(reviews, "增城区农业局,440118,,2020")
    load(reviews, "增城区农业局,440118,,", name="另一名单")
    assert names(situation(reader, 2021, None, LATE).missing) == ["增城区农业局"]


def test_a_report_whose_name_many_places_share_counts_once_its_place_is_known(
    database, reviews, reader
):
    gulou = Region("江苏省", "南京市", "鼓楼区", code="320106")
    places = ("江苏省南京市", "江苏省徐州市")
    database.record(filed(1, "鼓楼区教育局", 2021, region=gulou, ambiguous_places=places))
    load(reviews, "鼓楼区教育局,320106,,")
    assert situation(reader, 2021, None, LATE).missing == ()


def test_only_the_named_division_and_what_is_below_it_counts(database, reviews, reader):
    load(reviews, "增城区信访局,440118,,", "天河区信访局,440106,,", "深圳市信访局,440300,,")
    found = {
        region: len(situation(reader, 2021, region, LATE).missing)
        for region in (None, "440000", "44", "广东省", "广州市", "440118", "增城区", "海南省")
    }
    assert list(found.values()) == [3, 3, 3, 3, 2, 1, 1, 0]


@pytest.mark.parametrize("region", ["鼓楼区", "无此地", "999999"])
def test_a_division_that_is_not_one_is_not_guessed(region):
    with pytest.raises(Mistaken, match="which division"):
        region_prefix(region)


def test_a_new_body_of_the_same_place_with_a_name_alike_is_offered_as_successor(database, reader):
    database.record(filed(1, "增城区文化广电新闻出版局", 2020))
    database.record(filed(2, "增城区文化广电旅游体育局", 2021))
    database.record(filed(3, "增城区司法局", 2021))
    elsewhere = Region("广东省", "广州市", "天河区", code="440106")
    database.record(filed(4, "天河区文化广电旅游局", 2021, region=elsewhere))

    (found,) = situation(reader, 2021, None, LATE).missing

    assert found.successors == ("增城区文化广电旅游体育局",)


def test_a_missing_report_is_told_as_a_warning_that_is_the_same_every_time(database, reader):
    database.record(filed(1, "增城区信访局", 2020))
    (one,) = situation(reader, 2021, None, LATE).missing
    since = datetime(2022, 2, 1, tzinfo=UTC)

    rule = rulebook.in_force().rule(RULE)

    event = failure(one, 2021, since, rule)
    again = failure(situation(reader, 2021, None, date(2022, 9, 9)).missing[0], 2021, since, rule)

    assert event == again
    assert (event.issue.rule, event.issue.severity) == ("h_expected_missing", "warning")
    assert event.report_id == filed(7, "增城区信访局", 2021).report_id
    assert len(event.document_id) == 64
    assert "更名" in event.issue.message_zh
    assert "renamed" in event.issue.message_en
