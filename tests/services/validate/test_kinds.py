"""What each kind of rule says about a report, and what it cannot be told."""

import pytest

from services.validate.core.examples.building import build
from services.validate.core.judging import judge
from services.validate.core.rulebook import RulebookError, load, parse
from shared.report.issue import Issue, Judgement

RULE = """
[[rules]]
id = "own"
severity = "{severity}"
kind = "{kind}"
says_zh = "一句说明"
says_en = "a sentence"
{more}
[rules.parameters]
{parameters}
"""
T2, T3, T4 = "active_disclosure", "applications", "review_litigation"
LICENCES, PENALTIES = f"{T2}.licensing@decisions", f"{T2}.penalty@decisions"
FEES, NEW, HANDLED = f"{T2}.fees@amount_wanyuan", f"{T3}.received_new@total", f"{T3}.total@total"


def book(kind: str, parameters: str, *, more: str = "", severity: str = "error"):
    text = RULE.format(kind=kind, parameters=parameters, more=more, severity=severity)
    return parse({"own.toml": text})


def judged(kind: str, parameters: str, case: dict | None = None) -> Judgement:
    own = book(kind, parameters).rules
    found = judge(build(case or {}), load().extended(own, ()))
    return Judgement(
        tuple(i for i in found.issues if i.rule == "own"),
        tuple(c for c in found.checks if c.rule == "own"),
        found.rulebook_version,
    )


def issues(kind: str, parameters: str, case: dict | None = None) -> tuple[Issue, ...]:
    return judged(kind, parameters, case).issues


def statuses(kind: str, parameters: str, case: dict | None = None) -> set[str]:
    return {c.status for c in judged(kind, parameters, case).checks}


def compare(left: list[str], relation: str, right: list[str], more: str = "") -> str:
    return f"left = {left}\nrelation = '{relation}'\nright = {right}\n{more}"


# the clean report: 240 licences, 8 penalties, 1 coercion; 7 received, 7 handled


@pytest.mark.parametrize(
    ("relation", "finds"), [("<=", True), (">=", False), ("=", True), ("<", True), (">", False)]
)
def test_a_relation_that_does_not_hold_is_found(relation, finds):
    assert bool(issues("compare", compare([LICENCES], relation, [PENALTIES]))) == finds


@pytest.mark.parametrize(
    ("relation", "finds"), [("<=", False), (">=", False), ("=", False), ("<", True), (">", True)]
)
def test_equal_sides_break_only_what_must_differ(relation, finds):
    assert bool(issues("compare", compare([NEW], relation, [HANDLED]))) == finds


def test_terms_may_come_from_several_tables_and_be_taken_away():
    (found,) = issues("compare", compare([LICENCES, f"-{PENALTIES}"], "=", [NEW]))

    assert (found.observed, found.expected, found.difference) == (232, 7, 225)
    assert set(found.addresses) == {LICENCES, PENALTIES, NEW}
    assert "表二" in found.message_zh
    assert "表三" in found.message_zh


def test_tolerance_forgives_so_much_and_no_more():
    case = {"cells": {HANDLED: 9}}

    assert issues("compare", compare([NEW], "=", [HANDLED], "tolerance = 2"), case) == ()
    assert issues("compare", compare([NEW], "=", [HANDLED], "tolerance = 1"), case)


@pytest.mark.parametrize("state", ["blank", "absent", "unreadable:?", "mark:/"])
def test_a_cell_without_a_number_leaves_a_comparison_open(state):
    case = {"cells": {PENALTIES: state}}

    assert statuses("compare", compare([LICENCES], "<=", [PENALTIES]), case) == {"not_assessable"}


@pytest.mark.parametrize("relation", ["<=", "<", "="])
def test_known_parts_that_are_too_large_already_break_the_rule(relation):
    case = {"cells": {PENALTIES: "absent"}}
    told = compare([LICENCES, PENALTIES], relation, [NEW])

    (found,) = issues("compare", told, case)

    assert (found.origin, found.severity) == ("extraction", "warning")
    assert "1 cells hold no number" in found.message_en


def test_what_a_lost_cell_could_still_mend_is_no_violation():
    lost = {"cells": {PENALTIES: "absent"}}

    # the larger side is known, the lost cell may make up for it
    assert statuses("compare", compare([PENALTIES], "=", [LICENCES]), lost) == {"not_assessable"}
    assert statuses("compare", compare([NEW, PENALTIES], "<=", [LICENCES]), lost) == {
        "not_assessable"
    }
    assert statuses("compare", compare([LICENCES], ">=", [PENALTIES]), lost) == {"not_assessable"}
    assert statuses("compare", compare([NEW], "<=", [LICENCES, PENALTIES]), lost) == {
        "not_assessable"
    }
    assert statuses("compare", compare([LICENCES, PENALTIES], ">=", [NEW]), lost) == {
        "not_assessable"
    }
    assert statuses("compare", compare([LICENCES], "=", [PENALTIES, NEW]), lost) == {
        "not_assessable"
    }


def test_a_larger_side_that_grows_by_what_is_lost_breaks_the_rule_too():
    lost = {"cells": {PENALTIES: "absent"}}

    assert issues("compare", compare([NEW], ">=", [LICENCES, PENALTIES]), lost)
    assert issues("compare", compare([NEW], ">", [HANDLED, PENALTIES]), lost)
    assert issues("compare", compare([NEW], "=", [LICENCES, PENALTIES]), lost)


def test_a_change_may_be_negative_so_its_absence_proves_nothing():
    prior, change = f"{T2}.licensing@prior_items", f"{T2}.licensing@change"
    case = {"edition": "2019", "cells": {change: "absent"}}

    assert statuses("compare", compare([prior, change], "<=", []), case) == {"not_assessable"}


def test_a_doubtful_cell_is_first_of_all_our_doubt():
    case = {"cells": {LICENCES: {"value": 240, "confidence": 0.5}}}

    (found,) = issues("compare", compare([LICENCES], "<=", [PENALTIES]), case)

    assert found.origin == "extraction"


def test_money_is_compared_in_ten_thousand_yuan():
    yuan = {"cells": {FEES: {"value": 70000, "unit": "元"}}}

    assert issues("compare", compare([FEES], "=", [NEW]), yuan) == ()
    assert issues("plausible", f"cells = ['{FEES}']\nmax = 7", yuan) == ()
    assert issues("plausible", f"cells = ['{FEES}']\nmax = 6.9", yuan)


def test_money_of_unknown_unit_is_not_assessed():
    amount = f"{T2}.procurement@amount"
    case = {"edition": "2019", "cells": {amount: {"value": 9, "unit": ""}}}

    assert statuses("plausible", f"cells = ['{amount}']\nmax = 1", case) == {"not_assessable"}


def test_an_edition_without_the_cells_is_left_alone():
    told = compare([f"{T2}.fees@amount_wanyuan"], "<=", [])

    assert judged("compare", told, {"edition": "2019"}).checks == ()


def test_cells_out_of_bounds_are_one_finding_a_table_naming_each():
    told = f"cells = ['{T2}.*@decisions']\nmin = 2\nmax = 100"

    (found,) = issues("plausible", told)

    assert set(found.addresses) == {LICENCES, f"{T2}.coercion@decisions"}
    assert (found.observed, found.expected) == (240, 100)


def test_bounds_belong_to_what_is_plausible():
    assert issues("plausible", f"cells = ['{PENALTIES}']\nmin = 8\nmax = 8") == ()


def test_a_rule_for_some_agencies_leaves_the_others_alone():
    told = f"cells = ['{PENALTIES}']\nmax = 1\nlevels = ['township']\nkinds = ['department']"

    assert issues("plausible", told, {"identity": {"level": "township"}})
    assert judged("plausible", told).checks == ()
    assert statuses("plausible", told, {"identity": {"level": False}}) == {"not_assessable"}


def test_a_section_with_text_is_present_and_one_of_spaces_is_not():
    assert issues("present", "section = 6") == ()
    assert issues("present", "section = 6", {"sections": {"6": "  \n　"}})


def test_a_missing_section_is_a_finding_of_its_own():
    assert statuses("present", "section = 6", {"sections": {"6": False}}) == {"not_assessable"}


@pytest.mark.parametrize("text", ["拨打12345热线", "政务 服务\n热线电话"])
def test_any_of_the_words_is_enough_whatever_the_spaces(text):
    told = "section = 1\nwords = ['12345', '政务服务 热线']"
    one_line = {"sections": {"1": text.replace("\n", "")}}

    assert issues("present", told, one_line) == ()
    assert issues("present", told)


def test_without_a_section_the_whole_text_is_searched():
    assert issues("present", "words = ['信息处理费']") == ()
    assert issues("present", "words = ['没有的词']")


def test_a_word_that_must_not_occur_is_found_with_its_place():
    told = "section = 5\nwords = ['详见上年']\nabsent = true"

    (found,) = issues("present", told, {"sections": {"5": "一。\n改进详见上年报告。"}})

    assert found.observed == "详见上年"
    assert "改进详见上年报告" in found.evidence[0].text
    assert issues("present", told) == ()


def test_words_that_recognition_may_have_missed_are_not_charged():
    (found,) = issues("present", "words = ['没有的词']", {"damaged": True})

    assert found.origin == "unknown"


def test_words_that_a_lost_page_may_hold_are_not_assessed():
    lost = {"observations": [{"rule": "e_page_lost", "text": "gone"}]}

    assert statuses("present", "words = ['没有的词']", lost) == {"not_assessable"}


def said(value: float, **more: object) -> dict:
    usual = {"label": "许可", "key": "licensing", "value": value, "unit": "件"}
    return {"figures": [{**usual, "text": f"办理许可{value}件", **more}]}


MATCH = f"quantity = 'licensing'\ncells = ['{LICENCES}']"


def test_a_stated_quantity_that_differs_from_the_cells_is_found():
    (found,) = issues("matches", MATCH, said(24))

    assert (found.observed, found.expected, found.severity) == (24, 240, "error")


@pytest.mark.parametrize(
    "case",
    [
        said(240),
        said(24, comparison=True),
        said(24, bound="min"),
        said(24, subject="whole"),
        said(24) | {"cells": {LICENCES: "blank"}},
        {},
    ],
    ids=["equal", "last year's", "a bound", "another unit", "blank cell", "nothing said"],
)
def test_what_cannot_be_matched_is_no_contradiction(case):
    assert issues("matches", MATCH, case) == ()


def test_an_unclear_scope_is_a_note_only():
    (found,) = issues("matches", MATCH, said(24, subject="unclear"))

    assert found.severity == "info"


def test_one_matching_sentence_is_enough():
    case = {"figures": said(24)["figures"] + said(240)["figures"]}

    assert issues("matches", MATCH, case) == ()


def test_amounts_are_matched_in_yuan():
    told = f"quantity = 'fees'\ncells = ['{FEES}']"
    stated = {"key": "fees", "label": "收费", "unit": "元"}

    assert issues("matches", told, said(125000, **stated)) == ()
    (found,) = issues("matches", told, said(99000, **stated))
    assert found.expected == 125000


def test_cells_in_a_state_are_found_only_where_the_rule_looks():
    told = f"state = 'blank'\ncells = ['{T4}.*']"

    (found,) = issues("cell_state", told, {"cells": {f"{T4}.review@other": "blank"}})

    assert (found.severity, found.addresses) == ("error", (f"{T4}.review@other",))
    assert issues("cell_state", told, {"cells": {PENALTIES: "blank"}}) == ()


@pytest.mark.parametrize(
    ("kind", "parameters", "reason"),
    [
        ("compare", compare(["applications.totals@total"], "<=", []), "unknown cells"),
        ("compare", compare([NEW], "<>", [HANDLED]), "relation must be one of"),
        ("compare", compare([], "=", []), "both empty"),
        ("compare", compare([NEW], "=", [NEW]), "named twice"),
        ("compare", compare([NEW], "<", [HANDLED], "tolerance = 1"), "take no tolerance"),
        ("compare", compare([NEW], "=", [HANDLED], "tolerance = -1"), "tolerance"),
        ("compare", compare([NEW], "=", [HANDLED], "tolerance = nan"), "tolerance"),
        ("compare", compare(["a"], "=", [], "rows = ['licensing']"), "go together"),
        ("compare", compare([FEES], "<=", [f"{T2}.procurement@amount"]), "no edition"),
        ("plausible", f"cells = ['{NEW}']\nmin = 5\nmax = 4", "min is greater than max"),
        ("plausible", f"cells = ['{NEW}']", "min or max is needed"),
        ("plausible", "cells = ['applications.nothing*']\nmax = 1", "unknown cells"),
        ("plausible", "cells = ['*a*b*c*d*']\nmax = 1", "too many"),
        ("plausible", "cells = []\nmax = 1", "cells"),
        ("plausible", f"cells = ['{NEW}']\nmax = 1\nlevels = ['village']", "must be one of"),
        ("plausible", f"cells = ['{NEW}']\nmaximum = 1", "unknown key maximum"),
        ("present", "field = 'hobby'", "field must be one of"),
        ("present", "section = 7", "section"),
        ("present", "field = 'title'\nsection = 1", "either field, or"),
        ("present", "", "either field, or"),
        ("present", "section = 1\nabsent = true", "absent needs words"),
        ("present", "words = ['  ']", "nothing but spaces"),
        ("matches", f"quantity = 'happiness'\ncells = ['{NEW}']", "unknown quantity"),
        ("matches", f"quantity = 'disclosed_items'\ncells = ['{NEW}']", "unknown quantity"),
        ("matches", f"quantity = 'fees'\ncells = ['{FEES}', '{NEW}']", "do not add up"),
        ("matches", "quantity = 'fees'", "cells is missing"),
        ("cell_state", "state = 'number'", "must not be number"),
        ("cell_state", "state = 'gone'", "state must be one of"),
        ("observation", "colour = 'red'", "unknown key colour"),
    ],
)
def test_an_impossible_parameter_is_refused(kind, parameters, reason):
    with pytest.raises(RulebookError, match=reason) as refused:
        book(kind, parameters)
    assert str(refused.value).startswith("own.toml:")


def test_cells_that_the_rules_editions_do_not_have_are_refused():
    with pytest.raises(RulebookError, match="do not have these cells"):
        book("plausible", f"cells = ['{FEES}']\nmax = 1", more='editions = ["2019"]')
