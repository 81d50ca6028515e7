"""Sentences against tables, from the printed text to the finding: defects of real reports among them."""

from dataclasses import replace

import pytest

from services.extract.core.narrative.figures import read_figures
from services.validate.core.examples.building import build
from services.validate.core.narrative.judging import judge_narrative
from services.validate.core.rulebook import Override, load
from services.validate.core.verdicts import Verdict
from shared.report.record import Record, Section

T3 = "applications"
T4 = "review_litigation"
APPLICANTS = ("natural_person", "business", "research", "nonprofit", "legal_service", "other")


def row(name: str, *parts: int | str, total: int | str | None = None) -> dict[str, int | str]:
    padded = (*parts, *(0 for _ in APPLICANTS[len(parts) :]))
    cells = {f"{T3}.{name}@{a}": p for a, p in zip(APPLICANTS, padded, strict=True)}
    whole = sum(p for p in parts if isinstance(p, int)) if total is None else total
    return cells | {f"{T3}.{name}@total": whole}


def remedies(name: str, *counts: int) -> dict[str, int]:
    columns = ("maintained", "corrected", "other", "pending")
    cells = {f"{T4}.{name}@{c}": n for c, n in zip(columns, counts, strict=True)}
    return cells | {f"{T4}.{name}@total": sum(counts)}


def report(
    text: str, cells: dict | None = None, *, base: str = "clean", **identity: object
) -> Record:
    case = {"edition": "2021", "base": base, "cells": cells or {}, "identity": identity}
    record = build(case)
    section = Section(1, "总体情况", "一、总体情况", text)
    found, stated = read_figures((section,), record.identity.year)
    return replace(record, sections=(section, *record.sections[1:]), figures=found, claims=stated)


def verdicts(record: Record) -> list[Verdict]:
    return list(judge_narrative(record, load()))


def failures(record: Record) -> list[tuple[str, str]]:
    book = load()
    return [
        (v.rule, v.severity or book.rule(v.rule).severity)
        for v in verdicts(record)
        if v.status == "fail"
    ]


def statuses(record: Record, rule: str) -> set[str]:
    return {v.status for v in verdicts(record) if v.rule == rule}


FORTY_NINE = (
    "公开政府办信息共49条。包括工作动态、年度报告等主动公开的政府信息等信息目录。其中：机构职能3条，规章文件0条，工作动态34条，"
    "统计数据2条，规划计划3条，其他（人事任免事项）1条，年度报告及政府工作报告等共5条。"
)


def test_forty_nine_items_whose_parts_add_up_to_forty_eight_are_found() -> None:
    (verdict,) = [v for v in verdicts(report(FORTY_NINE)) if v.status == "fail"]
    assert (verdict.rule, verdict.expected, verdict.observed, verdict.difference) == (
        "n_breakdown_sum",
        49,
        48,
        -1,
    )
    assert "3 + 0 + 34 + 2 + 3 + 1 + 5 = 48" in (verdict.formula or "")


def test_forty_seven_items_that_add_up_pass() -> None:
    text = "共主动公开信息47条，其中，部门文件类信息5条、动态类信息32条、其他信息10条。"
    assert statuses(report(text), "n_breakdown_sum") == {"pass"}


def test_a_rate_that_was_rounded_up_passes() -> None:
    text = "接报办理热线投诉1782份，完成结案1692份，办结率95%。"
    assert statuses(report(text), "n_percent") == {"pass"}


ROLL_UP = {"scope": "roll_up", "agency": "江东省云州市人民政府", "kind": "government"}
CITY = (
    row("received_new", 3402, 109)
    | row("carried_over_in", 91, 5)
    | row("total", 3375, 111)
    | row("carried_over_out", 118, 3)
)


def test_a_city_total_that_includes_what_was_carried_in_passes() -> None:
    text = "全市共收到政府信息公开申请3607件，其中自然人3493件，法人或其他组织114件。"
    record = report(text, CITY, **ROLL_UP)
    assert statuses(record, "n_received") == {"pass"}
    assert statuses(record, "n_received_by_applicant") == {"pass"}
    assert failures(record) == []


def test_reviews_without_the_pending_ones_are_a_note() -> None:
    cells = remedies("review", 100, 4, 30, 36) | remedies("litigation_direct", 30, 1, 2, 7)
    cells |= remedies("litigation_after_review", 20, 1, 3, 13)
    text = "因政府信息公开被申请行政复议134件，被提起行政诉讼57件。"
    assert failures(report(text, cells, **ROLL_UP)) == [
        ("n_review", "info"),
        ("n_litigation", "info"),
    ]


SHANGHAI = (
    row("granted", 272, 3, "blank", "blank", "blank", "blank", total="blank")
    | row("partially_granted", 35, "blank", "blank", "blank", "blank", "blank", total="blank")
    | row("unavailable.not_held", 265, total="blank")
    | row("unavailable.must_be_created", 40, total="blank")
    | row("unavailable.still_unclear", 32, total="blank")
    | row("not_processed.duplicate", 0)
    | row("received_new", 821, 35, "blank", "blank", 2, 1, total=859)
    | row("total", 770, 35, total=805)
)


def test_outcomes_of_one_column_or_one_reason_are_found() -> None:
    text = "对申请的答复中，予以公开258件，占33.9%，部分公开35件，占4.34%，无法提供265件。"
    record = report(text, SHANGHAI)
    found = {v.scope: v for v in verdicts(record) if v.rule == "n_outcomes"}
    assert found["granted"].status == "fail"
    assert (found["granted"].expected, found["granted"].observed) == (275, 258)
    assert found["partially_granted"].status == "pass"
    assert found["unavailable"].expected == 337
    percentages = [(v.status, v.observed) for v in verdicts(record) if v.rule == "n_percent"]
    assert percentages == [("fail", 33.9), ("pass", None)]


def test_what_an_office_handled_for_the_government_is_not_the_whole_district() -> None:
    text = "区政府办代表区政府受理政府信息公开申请17件，办结17件。"
    record = report(text, row("received_new", 95) | row("total", 95), **ROLL_UP)
    assert failures(record) == []


def test_a_part_that_is_only_a_lower_bound_opens_the_list() -> None:
    text = "共发布信息276条，其中动态216条，公告50条，其他100余条。"
    assert statuses(report(text), "n_breakdown_sum") == {"not_assessable"}


def test_nested_lists_are_added_up_each_for_itself() -> None:
    text = "共公开信息444条，其中政策类118条（其中规范性文件70条，政策解读48条），动态类294条，其他32条。"
    assert [v.status for v in verdicts(report(text)) if v.rule == "n_breakdown_sum"] == [
        "pass",
        "pass",
    ]
    broken = text.replace("48条", "47条")
    assert sorted(v.status for v in verdicts(report(broken)) if v.rule == "n_breakdown_sum") == [
        "not_assessable",
        "pass",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "共收到政府信息公开申请7件，办结7件，结转下年度1件。",
        "共收到政府信息公开申请7件（其中自然人5件，法人或其他组织2件）。",
        "共办理政府信息公开申请8件（含上年结转1件）。",
        "收到政府信息公开申请7件，予以公开3件，部分公开2件，无法提供1件，不予处理1件。",
        "全市共收到政府信息公开申请900件。",
        "市公安局收到政府信息公开申请120件。",
        "上年收到政府信息公开申请10件，今年收到政府信息公开申请7件，较上年减少3件。",
        "收到政府信息公开申请10余件。",
        "上半年收到政府信息公开申请3件。",
        "收到网上政府信息公开申请4件。",
        "发布信息1000条，其中政策文件20条，政策解读10条。",
        "受理12345热线工单900件，办结890件，办结率98.89%。",
        "收到热线工单900件，按时办结率100%。",
        "没有收到关于政府信息公开工作的投诉。",
        "答复政府信息公开申请6件。",
        "行政复议2件，行政诉讼2件。",
    ],
)  # fmt: skip
def test_a_text_that_agrees_or_speaks_of_something_else_stays_quiet(text: str) -> None:
    assert failures(report(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共收到政府信息公开申请2件。", [("n_received", "warning")]),
        ("收到政府信息公开申请九件。", [("n_received", "warning")]),
        ("收到政府信息公开申请7件，其中自然人4件，法人3件。",
         [("n_received_by_applicant", "warning")]),
        ("收到政府信息公开申请9件，其中自然人4件，法人5件。",
         [("n_received", "warning"), ("n_received_by_applicant", "warning"), ("n_received_by_applicant", "warning")]),
        ("收到政府信息公开申请9件，办结9件。", [("n_received", "warning")]),
        ("收到政府信息公开申请7件，办结9件，其中予以公开5件。", [("n_handled", "warning")]),
        ("收到政府信息公开申请7件，办结5件。", [("n_handled", "warning")]),
        ("收到政府信息公开申请7件，上年结转4件。", [("n_carried", "warning")]),
        ("收到政府信息公开申请7件，其中予以公开6件，无法提供1件。", [("n_outcomes", "warning")]),
        ("被申请行政复议9件。", [("n_review", "warning")]),
        ("发生行政复议9件。", [("n_review", "info")]),
        ("被提起行政诉讼9件。", [("n_litigation", "warning")]),
        ("行政复议维持2件，纠正0件。", [("n_review", "warning")]),
        ("未收到政府信息公开申请。", [("n_zero_claim", "warning")]),
        ("收到政府信息公开申请0件。", [("n_zero_claim", "warning")]),
        ("行政复议、行政诉讼均为0件。", [("n_zero_claim", "warning"), ("n_zero_claim", "warning")]),
        ("未发生因政府信息公开引起的行政复议、行政诉讼。", [("n_zero_claim", "warning"), ("n_zero_claim", "warning")]),
        ("收到政府信息公开申请7件，均已按时办结。", [("n_absolute_claim", "info")]),
        ("市政府办公室收到政府信息公开申请17件。", [("n_received", "info")]),
        ("制发行政规范性文件20件。", [("n_normative", "info")]),
        ("作出行政处罚决定80件。", [("n_decisions", "info")]),
        ("收取行政事业性收费99万元。", [("n_fee", "info")]),
        ("发布信息100条，其中网站60条，微信50条。", [("n_breakdown_sum", "warning")]),
        ("发布信息100条，其中网站30条，微信20条，微博10条。", [("n_breakdown_sum", "info")]),
        ("收到公开申请7件，办结7件，办结率90%。", [("n_percent", "info")]),
    ],
)  # fmt: skip
def test_a_contradiction_is_found_at_its_weight(text: str, found: list[tuple[str, str]]) -> None:
    assert failures(report(text)) == found


def test_an_all_zero_table_beside_applications_is_one_finding() -> None:
    record = report("收到政府信息公开申请5件，办结5件，予以公开5件。", base="zero")
    assert failures(record) == [("n_received", "warning")]
    without = report("依申请公开答复5件，予以公开5件。", base="zero")
    assert failures(without) == [("t3_all_zero_vs_text", "warning")]


def test_one_of_two_sentences_that_fits_is_enough() -> None:
    record = report("收到政府信息公开申请9件。开展培训。全年收到政府信息公开申请7件。")
    assert failures(record) == []


@pytest.mark.parametrize("state", ["blank", "unreadable", "absent", "mark:/"])
def test_a_cell_without_a_number_leaves_the_question_open(state: str) -> None:
    cells = {f"{T3}.received_new@{c}": state for c in (*APPLICANTS, "total")}
    record = report("收到政府信息公开申请9件。", cells)
    assert statuses(record, "n_received") == {"not_assessable"}


def test_an_uncertain_cell_makes_the_origin_extraction() -> None:
    cells = {f"{T3}.received_new@total": {"value": 7, "confidence": 0.5}}
    (verdict,) = [
        v for v in verdicts(report("收到政府信息公开申请9件。", cells)) if v.status == "fail"
    ]
    assert verdict.origin == "extraction"


def test_a_finding_names_sentence_cell_and_both_numbers() -> None:
    (verdict,) = [v for v in verdicts(report("收到政府信息公开申请9件。")) if v.status == "fail"]
    assert verdict.addresses == (f"{T3}.received_new@total",)
    assert (verdict.expected, verdict.observed, verdict.difference) == (7, 9, 2)
    assert [e.text for e in verdict.evidence] == ["收到政府信息公开申请9件", "7"]
    assert "9" in verdict.message_zh
    assert "7" in verdict.message_en


def test_a_rule_switched_off_is_not_run() -> None:
    book = load().overridden({"n_received": Override(enabled=False)})
    assert list(judge_narrative(report("收到政府信息公开申请9件。"), book)) == []


def test_a_text_without_figures_has_no_verdicts() -> None:
    assert verdicts(report("扎实推进政务公开工作。")) == []
