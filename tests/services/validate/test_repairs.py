"""What an issue says would mend the sums: for all that is broken at once, asked of the text as well."""

from dataclasses import replace

import pytest
from pydantic import TypeAdapter

from services.validate.core.examples.building import build
from services.validate.core.judging import judge
from shared import forms
from shared.report.issue import CellChange, Issue, Repair
from shared.report.neutral import neutral_report

T3, T4 = "applications", "review_litigation"
SUMS = ("t3_balance", "t3_outcome_total", "t3_row_total", "t4_sum")
COLUMNS = [c.id for c in forms.table("2021", T3).blocks[0].columns]


def judged(cells, *, figures=(), **more):
    case = {"cells": cells, "figures": list(figures), **more}
    return {i.rule: i for i in judge(build(case)).issues if i.rule in SUMS}


def row(name, *values):
    return {f"{T3}.{name}@{c}": v for c, v in zip(COLUMNS, values, strict=True)}


def figure(key, value, text):
    return {"label": "件", "key": key, "value": value, "text": text}


def sheet():
    """Twenty applications of three kinds of applicants, all granted."""
    cells = {}
    for name in ("received_new", "granted", "total"):
        cells |= row(name, 12, 5, 3, 0, 0, 0, 20)
    for name in ("carried_over_in", "carried_over_out", "partially_granted",
                 "unavailable.not_held", "not_processed.duplicate"):  # fmt: skip
        cells |= row(name, *[0] * 7)
    return cells


def test_issues_of_one_fault_share_the_change_that_mends_them_all():
    found = judged({f"{T3}.total@business": 4})
    assert set(found) == {"t3_balance", "t3_outcome_total", "t3_row_total"}
    repair = Repair(
        "change", (CellChange(f"{T3}.total@business", 4, 1),),
        ("t3_balance:business", "t3_outcome_total:business", "t3_row_total:total"),
    )  # fmt: skip
    assert {i.repairs for i in found.values()} == {(repair,)}
    for issue in found.values():
        assert "由 4 改为 1，可使 3 个等式成立 / changing total · business from 4 to 1 mends 3" in (
            issue.suggestion or ""
        )


def test_an_issue_names_what_else_the_same_fault_breaks_and_the_others_stay_findings():
    found = judged({f"{T3}.total@business": 4})
    issue = found["t3_balance"]
    assert (
        "同一处错误还使“商业企业”列办理结果合计、“（七）总计”行各申请人合计不平。"
        in issue.message_zh
    )
    assert "The same fault also breaks the total of outcomes in column business" in issue.message_en
    assert "勾稽关系" in found["t3_row_total"].message_zh


def test_a_sentence_that_states_the_number_is_quoted():
    text = "全年共收到申请7件"
    found = judged({f"{T3}.received_new@total": 9}, figures=[figure("received", 7, text)])
    issue = found["t3_row_total"]
    assert issue.repairs[0].supported_by == text
    assert f"正文“{text}”与此相符" in (issue.suggestion or "")
    assert "the text says so too" in (issue.suggestion or "")


def test_a_sentence_that_states_the_printed_number_is_told_as_a_contradiction():
    text = "结转下年度继续办理6件"
    found = judged(
        {f"{T3}.carried_over_out@total": 6}, figures=[figure("carried_over_out", 6, text)]
    )
    issue = found["t3_balance"]
    assert issue.repairs[0].contradicted_by == text
    assert f"但正文“{text}”与此不符" in (issue.suggestion or "")
    assert "but the text says otherwise" in (issue.suggestion or "")


def test_of_equally_small_repairs_the_text_chooses():
    cells = {f"{T3}.carried_over_out@business": 2, f"{T3}.carried_over_out@total": 3}
    plain = judged(cells)["t3_balance"]
    assert len(plain.repairs) == 3
    assert "另有 2 种同样小的改法" in (plain.suggestion or "")
    assert "2 other changes of the same size would do" in (plain.suggestion or "")
    told = judged(cells, figures=[figure("carried_over_out", 1, "结转下年度1件")])["t3_balance"]
    assert told.repairs[0].supported_by == "结转下年度1件"
    assert told.repairs[0].changes[1] == CellChange(f"{T3}.carried_over_out@total", 3, 1)


def test_the_text_chooses_among_many_rows_that_could_be_wrong():
    gone = {f"{T3}.not_processed.duplicate@{c}": 0 for c in ("natural_person", "total")}
    said = [figure("not_processed", 1, "不予处理1件")]
    assert "granted" in judged(gone)["t3_outcome_total"].repairs[0].changes[0].address
    best = judged(gone, figures=said)["t3_outcome_total"].repairs[0]
    assert best.supported_by == "不予处理1件"
    assert best.changes[0].address.startswith(f"{T3}.not_processed.")


def test_a_figure_of_last_year_or_of_another_unit_supports_nothing():
    said = figure("received", 7, "收到申请7件")
    for other in ({"comparison": True}, {"subject": "represented"}, {"bound": "min"}):
        found = judged({f"{T3}.received_new@total": 9}, figures=[said | other])
        assert found["t3_row_total"].repairs[0].supported_by is None


@pytest.mark.parametrize(
    ("changes", "kind", "zh", "en"),
    [
        (row("granted", 0, 12, 5, 3, 0, 0, 20), "shift",
         "将“（一）予以公开”行的数字向左移一格", "moving the figures of row granted one place to the left"),
        (row("granted", 12, 3, 5, 0, 0, 0, 20), "swap",
         "互换“（一）予以公开·商业企业”的 3 与“（一）予以公开·科研机构”的 5",
         "swapping 3 in granted · business and 5 in granted · research"),
        (row("granted", 12, 0, 3, 0, 0, 5, 20), "move",
         "将 5 从“（一）予以公开·其他”移到“（一）予以公开·商业企业”",
         "moving 5 from granted · other to granted · business"),
        (row("total", *[0] * 7) | row("carried_over_out", 12, 5, 3, 0, 0, 0, 20), "swap",
         "互换“（七）总计”与“四、结转下年度继续办理”两行的数字",
         "swapping the figures of rows total and carried over out"),
    ],
)  # fmt: skip
def test_figures_in_the_wrong_places_are_recognised_as_such(changes, kind, zh, en):
    assert judged(sheet()) == {}
    found = judged(sheet() | changes)
    assert found
    for issue in found.values():
        assert issue.repairs[0].kind == kind
        assert zh in (issue.suggestion or "")
        assert en in (issue.suggestion or "")
        assert issue.origin == "source"


def test_misplaced_figures_of_a_page_hard_to_read_are_not_held_against_the_agency():
    shifted = row("granted", 0, 12, 5, 3, 0, 0, 20)
    found = judged(sheet() | shifted, damaged=True)
    assert {(i.origin, i.severity) for i in found.values()} == {("extraction", "warning")}
    wrong = judged(sheet() | {f"{T3}.granted@business": 9}, damaged=True)
    assert {(i.origin, i.severity) for i in wrong.values()} == {("source", "error")}


def test_where_no_small_change_mends_the_sums_this_is_said():
    values = {f"{T3}.{r}@total": 50 + n * n for n, r in enumerate(
        ("received_new", "carried_over_in", "granted", "partially_granted", "carried_over_out"))}  # fmt: skip
    values |= {f"{T3}.granted@{c}": 7 + n * n for n, c in enumerate(COLUMNS[:5])}
    values |= {f"{T3}.total@{c}": 90 + n * n * n for n, c in enumerate(COLUMNS[:5])}
    issue = judged(values)["t3_row_total"]
    assert issue.repairs == ()
    assert "不能使各式同时成立" in (issue.suggestion or "")
    assert "no change of up to 3 cells mends all sums at once" in (issue.suggestion or "")


def test_the_total_of_a_group_is_suspected_before_its_parts():
    found = judged({f"{T4}.review@total": 9})
    issue = found["t4_sum"]
    assert issue.repairs[0].changes == (CellChange(f"{T4}.review@total", 9, 2),)
    assert len(issue.repairs) == 3
    assert "另有 4 种同样小的改法，如" in (issue.suggestion or "")


def test_blank_cells_that_stand_for_nothing_are_neither_changed_nor_broken():
    record = build({"cells": {f"{T3}.total@business": 4, f"{T3}.granted@nonprofit": "blank",
                              f"{T3}.received_new@research": "blank"}})  # fmt: skip
    repairs = {i.repairs for i in judge(record).issues if i.rule.startswith("t3_")}
    assert [[c.address for c in r.changes] for (r,) in repairs] == [[f"{T3}.total@business"]]


def test_an_equation_that_chose_a_reading_has_no_say_in_what_is_wrong():
    cells = {f"{T3}.granted@business": 5, f"{T3}.granted@total": 7}
    (joint,) = {len(r.changes) for r in judged(cells)["t3_outcome_total"].repairs}
    assert joint == 2
    chosen = judged(cells, arbitrated=["t3_row_total:granted"])["t3_outcome_total"]
    assert {len(r.changes) for r in chosen.repairs} == {1}


def test_a_repair_survives_the_wire_and_issues_without_repairs_are_still_read():
    (issue, *_) = judged({f"{T3}.total@business": 4}).values()
    wire = TypeAdapter(Issue)
    assert wire.validate_json(wire.dump_json(issue)) == issue
    old = wire.dump_python(issue, mode="json")
    del old["repairs"]
    assert wire.validate_python(old) == replace(issue, repairs=())


def test_the_neutral_line_lists_repairs_only_where_there_are_any():
    record = build({"cells": {f"{T3}.total@business": 4}, "identity": {"contact": False}})
    line = neutral_report(record, judge(record).issues, report_id="r", revision="v")
    by_rule = {i["rule"]: i for i in line["issues"]}
    assert by_rule["t3_balance"]["repairs"] == [{
        "kind": "change",
        "changes": [{"address": f"{T3}.total@business", "old": 4, "new": 1}],
        "mends": ["t3_balance:business", "t3_outcome_total:business", "t3_row_total:total"],
        "mends_count": 3,
        "supported_by": None,
        "contradicted_by": None,
    }]  # fmt: skip
    others = [i for i in line["issues"] if not i["rule"].startswith("t3_")]
    assert others
    assert all("repairs" not in i for i in others)
