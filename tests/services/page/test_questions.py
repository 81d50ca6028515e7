"""Query strings: what makes sense becomes a value, everything else is told."""

import pytest

from services.page.core import questions
from services.page.core.questions import Absent, BadQuestion, Files, Reports

RULES = {"t3_balance", "d_deadline"}


def test_a_question_keeps_what_was_asked_and_leaves_out_what_was_left_empty():
    asked = [("year", "2021"), ("region", "浙江省/杭州市"), ("rule", "t3_balance"), ("agency", " 教育局 "),
             ("level", ""), ("lang", "en")]  # fmt: skip
    found = questions.reports(asked, RULES)
    assert found == Reports(
        region=("浙江省", "杭州市"), year=2021, rule="t3_balance", agency="教育局"
    )
    assert found.is_narrow
    assert not questions.reports([], RULES).is_narrow


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("year", "21"), ("year", "2107"), ("year", "２０２１"), ("year", "2021' OR 1=1"), ("level", "moon"),
        ("state", "x"), ("severity", "fatal"), ("rule", "no_such_rule"), ("rule", "T3%"), ("region", "a/b/c/d/e"),
        ("agency", "x" * 201), ("agency", "a\x00b"), ("agency", "a\nb"), ("agency", "\x1b[2J"),
        ("after", "!!!"), ("after", "x" * 2000), ("offset", "7"), ("after", "gAA"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_in_both_languages(name, value):
    with pytest.raises(BadQuestion) as told:
        questions.reports([(name, value)], RULES)
    assert told.value.zh
    assert told.value.en


def test_a_filter_given_twice_or_two_places_in_the_list_are_refused():
    with pytest.raises(BadQuestion):
        questions.reports([("year", "2020"), ("year", "2021")], RULES)
    key = questions.cursor("2021")
    with pytest.raises(BadQuestion):
        questions.reports([("after", key), ("before", key)], RULES)


def test_a_place_in_a_list_survives_the_query_string():
    key = ("2024-03-01T08:00:00+00:00|ab", "机关")
    assert questions.place(questions.cursor(*key)) == key


def test_a_query_string_for_the_same_question_starts_at_the_beginning_of_the_list():
    question = Reports(region=("省", "市"), year=2021, after=questions.cursor("x"))
    assert question.query(year=2020) == "region=%E7%9C%81%2F%E5%B8%82&year=2020"
    assert question.query(region="") == "year=2021"


def test_files_and_absence_have_questions_of_their_own():
    assert questions.files([("state", "dead"), ("reason", "broken")], ["broken"]) == Files(
        "dead", "broken"
    )
    assert questions.absent([("year", "2022"), ("region", "33")]) == Absent(2022, "33")
    for bad in ([("state", "recorded")], [("reason", "none")]):
        with pytest.raises(BadQuestion):
            questions.files(bad, ["broken"])


@pytest.mark.parametrize(
    "bad",
    [("cell", "<script>"), ("revision", "../x"), ("against", "'"), ("page", "0"), ("page", "1e3")],
)
def test_parts_of_a_report_are_named_as_they_are_or_refused(bad):
    with pytest.raises(BadQuestion):
        questions.one([bad])
    assert questions.one([("cell", "applications.total@total"), ("page", "12")]).page == 12


@pytest.mark.parametrize("text", ["", "abc", "g" * 32, "A" * 64, "0" * 65, "../../etc/passwd"])
def test_what_is_no_id_is_none(text):
    assert not questions.is_id(text)
    assert questions.is_id("0a" * 16)
