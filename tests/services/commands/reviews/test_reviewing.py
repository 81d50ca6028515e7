"""What a reviewer types is understood, or answered with what there is."""

import pytest

from services.commands.reviews.acts import acts_on, shown_acts
from services.commands.reviews.correcting import Reading, column_of, meant_reading, unknown_cell
from services.commands.reviews.finding import find_document, find_issues
from services.commands.reviews.reviewing import Mistaken, reviewer
from tests.services.sink import deciding, made

COUNT = "applications.received_new@total"
MONEY = "active_disclosure.procurement@amount"
FEES = "active_disclosure.fees@amount_wanyuan"
NOTHING = Reading("blank")


def test_an_issue_is_found_by_its_first_digits(database, reader):
    event = made.validated(1)
    database.record(event)
    whole = event.issues[0].id

    (by_start,) = find_issues(reader, [whole[:6].upper()])
    (twice,) = find_issues(reader, [whole, whole[:8]])

    assert by_start["issue_id"] == twice["issue_id"] == whole
    assert (by_start["document_id"], by_start["rule"]) == (made.document(1), "t3_balance")


def test_digits_that_mean_several_issues_are_answered_with_all_of_them(database, reader):
    event = made.validated(1)
    issues = [made.issue(event.report_id, id=f"abcdef{n}" + "0" * 25) for n in range(12)]
    database.record(made.validated(1, issues=issues))

    with pytest.raises(Mistaken, match="several issues") as told:
        find_issues(reader, ["abcdef"])

    assert str(told.value).count("t3_balance") == 10
    assert "2 more" in str(told.value)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("abcd", "6 digits"),
        ("t3_balance", "is no id"),
        ("abcd%%%", "is no id"),
        ("ffffffff", "no current issue ffffffff"),
    ],
)
def test_what_is_no_issue_is_said_so(database, reader, typed, told):
    database.record(made.validated(1))
    with pytest.raises(Mistaken, match=told):
        find_issues(reader, [typed])


def test_an_issue_that_is_not_there_is_answered_with_its_neighbours(database, reader):
    event = made.validated(1)
    near = made.issue(event.report_id, id="abcd" + "1" * 28)
    database.record(made.validated(1, issues=[near]))
    with pytest.raises(Mistaken, match=f"near ones:\n    {near.id}"):
        find_issues(reader, ["abcd22"])


def test_a_document_is_found_by_name_further_name_and_first_digits(database, reader):
    database.record(made.validated(1))
    database.alias(made.duplicate(1, "抄本.txt"))
    for wanted in ("1.txt", "抄本.txt", made.document(1)[:6], made.document(1)):
        assert find_document(reader, wanted)["document_id"] == made.document(1)
    with pytest.raises(Mistaken, match="no recorded document"):
        find_document(reader, "2.txt")


def test_one_name_of_two_documents_is_answered_with_both_ids(database, reader):
    for n in (1, 2):
        database.record(made.validated(n, file="年报.txt"))
    with pytest.raises(Mistaken, match="several") as told:
        find_document(reader, "年报.txt")
    assert made.document(1) in str(told.value)
    assert made.document(2) in str(told.value)


def test_of_two_documents_of_one_report_the_one_that_stands_is_marked(database, reader):
    for n in (1, 2):
        database.record(made.validated(n, of=9, file="年报.txt"))
    with pytest.raises(Mistaken) as told:
        find_document(reader, "年报.txt")
    lines = {line.split()[0]: line for line in str(told.value).splitlines()[1:]}
    assert "replaced" in lines[made.document(1)]
    assert "current" in lines[made.document(2)]


@pytest.mark.parametrize(
    ("address", "typed", "unit", "meant"),
    [
        (COUNT, "12", None, Reading("number", 12)),
        (COUNT, "1,234", None, Reading("number", 1234)),
        (COUNT, "１，２３４", None, Reading("number", 1234)),
        (COUNT, " ８ ", None, Reading("number", 8)),
        (COUNT, "ｂｌａｎｋ", None, Reading("blank")),
        (FEES, "６３．２", None, Reading("number", 63.2, "万元")),
        (COUNT, "blank", None, Reading("blank")),
        (COUNT, "mark", None, Reading("mark")),
        (MONEY, "63.2", "万元", Reading("number", 63.2, "万元")),
        (FEES, "0", None, Reading("number", 0, "万元")),
    ],
)
def test_a_value_is_read_as_the_column_has_it(address, typed, unit, meant):
    assert meant_reading(address, typed, unit, NOTHING) == meant


def test_a_corrected_amount_keeps_the_unit_of_the_cell():
    now = Reading("number", 5, "亿元")
    assert meant_reading(MONEY, "6", None, now) == Reading("number", 6, "亿元")


@pytest.mark.parametrize(
    ("address", "typed", "unit", "told"),
    [
        (COUNT, "1.5", None, "whole numbers"),
        (COUNT, "-1", None, "whole numbers"),
        (COUNT, "5", "万元", "no unit"),
        (COUNT, "blank", "万元", "only a number"),
        (COUNT, "number", None, "must be a number"),
        (COUNT, "十二", None, "must be a number"),
        (COUNT, "1e9", None, "must be a number"),
        (COUNT, "5²", None, "must be a number"),
        (MONEY, "5", "美元", "万元"),
    ],
)
def test_a_value_that_does_not_suit_the_cell_is_refused(address, typed, unit, told):
    with pytest.raises(Mistaken, match=told):
        meant_reading(address, typed, unit, NOTHING)


def test_a_column_knows_whether_it_holds_money():
    assert column_of(MONEY).kind == "money"
    assert column_of(COUNT).kind == "count"
    assert column_of("applications.nothing@total") is None


def test_a_cell_that_is_not_declared_is_answered_with_near_ones():
    told = str(
        unknown_cell("applications.received@total", [c.address for c in made.cells()], "2021")
    )
    first = told.splitlines()[1]
    assert first.split()[:2] == ["applications.received_new@total", "表三"]


def test_the_audit_trail_tells_who_did_what_and_which_of_it_stands(database, reviews, reader):
    first, second = deciding.corrected(1, 7), deciding.corrected(1, None, 3, note="原件空白")
    database.record(made.validated(1).model_copy(update={"corrections": (first.id,)}))
    reviews.correct(second)
    reviews.correct(first)
    reviews.decide(deciding.decided(1, "dismiss", 5))
    reviews.correct(deciding.corrected(2, 9))

    acts = acts_on(reader, find_document(reader, "1.txt"))

    assert [(a["act"], a["stands"], a.get("judged")) for a in acts] == [
        ("correction", False, True), ("correction", True, False), ("decision", True, None),
    ]  # fmt: skip
    assert [a["what"] for a in acts] == ["5 → 7", "5 → 空白 blank", "dismiss"]
    shown = shown_acts(acts)
    assert "（5 → 7）" in shown[1]
    assert "not judged yet" in shown[2]
    assert "原件空白" in shown[2]
    assert shown_acts([]) == ["没有更正或决定 · nothing was corrected or decided"]


def test_the_reviewer_is_who_is_named_else_who_the_environment_says(monkeypatch):
    monkeypatch.setenv("GOUJI_REVIEWER", "王审")
    assert reviewer("李审") == "李审"
    assert reviewer(None) == "王审"
    monkeypatch.delenv("GOUJI_REVIEWER")
    monkeypatch.setenv("LOGNAME", "zhang")
    assert reviewer(None) == "zhang"
    with pytest.raises(Mistaken):
        reviewer("  ")


def test_the_audit_trail_names_the_unit_that_a_cell_had_before(database, reviews, reader):
    database.record(made.validated(1))
    wan = deciding.corrected(1, 6, 3).model_copy(update={"address": MONEY, "unit": "万元"})
    yuan = deciding.corrected(1, 6, 4).model_copy(
        update={"address": MONEY, "unit": "元", "was_value": 6}
    )
    reviews.correct(wan)
    reviews.correct(yuan)
    acts = acts_on(reader, find_document(reader, "1.txt"))
    assert acts[1]["what"] == "6 万元 → 6 元"
