"""Judging whole records: clean ones stay clean, one cause is one finding, results are stable."""

import random
from dataclasses import replace

import pytest

from services.validate.core.corrected import Correction, corrected
from services.validate.core.examples.building import build
from services.validate.core.examples.clean import clean_record
from services.validate.core.judging import judge
from services.validate.core.rulebook import Override, load
from shared import forms
from shared.report.issue import Judgement
from shared.report.record import Record

_OUTCOMES = 0.2


def _loud(judgement: Judgement) -> list[str]:
    return [f"{i.rule}: {i.message_zh}" for i in judgement.issues if i.severity != "info"]


def _with(record: Record, changes: dict[str, int]) -> Record:
    cells = tuple(
        replace(c, value=changes[c.address], raw=str(changes[c.address]))
        if c.address in changes
        else c
        for c in record.cells
    )
    return replace(record, cells=cells)


def _filled(edition: str, seed: int) -> Record:
    """A balanced roll-up with large random numbers in tables three and four."""
    chance = random.Random(seed)
    table = forms.table(edition, "applications")
    rows = [r.id for r in table.blocks[0].rows]
    columns = [c.id for c in table.blocks[0].columns]
    numbers: dict[str, int] = {}
    for column in columns[:-1]:
        outcomes = [
            chance.randrange(9000) if chance.random() < _OUTCOMES else 0 for _ in rows[2:-2]
        ]
        total, out = sum(outcomes), chance.randrange(50)
        carried = min(chance.randrange(40), total + out)
        for row, value in zip(
            rows, [total + out - carried, carried, *outcomes, total, out], strict=True
        ):
            numbers[table.address(row, column)] = value
    for row in rows:
        numbers[table.address(row, "total")] = sum(
            numbers[table.address(row, c)] for c in columns[:-1]
        )
    for row in ("review", "litigation_direct", "litigation_after_review"):
        parts = [chance.randrange(20) for _ in range(4)]
        names = ("maintained", "corrected", "other", "pending", "total")
        for name, value in zip(names, [*parts, sum(parts)], strict=True):
            numbers[f"review_litigation.{row}@{name}"] = value
    record = _with(clean_record(edition), numbers)
    who = replace(record.identity, kind="government", scope="roll_up", level="prefecture")
    return replace(record, identity=who)


@pytest.mark.parametrize("edition", ["2019", "2021"])
@pytest.mark.parametrize("base", ["clean", "zero"])
def test_a_clean_report_has_no_findings_at_all(edition: str, base: str) -> None:
    judgement = judge(clean_record(edition, base=base))
    assert [i.rule for i in judgement.issues] == []


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_a_large_balanced_roll_up_has_no_findings(edition: str, seed: int) -> None:
    assert _loud(judge(_filled(edition, seed))) == []


@pytest.mark.parametrize("seed", range(40))
def test_one_wrong_number_is_named_as_the_culprit(seed: int) -> None:
    chance = random.Random(seed)
    record = _filled("2021", seed)
    cell = chance.choice([c for c in record.cells if c.address.startswith("applications.")])
    wrong = cell.value + chance.randrange(1, 500)
    judgement = judge(_with(record, {cell.address: wrong}))
    failed = [i for i in judgement.issues if i.rule.startswith("t3_")]
    assert len(failed) >= 2
    for issue in failed:
        assert cell.address in issue.addresses
        assert issue.origin == "source"
        assert f"由 {wrong} 改为 {cell.value}" in (issue.suggestion or "")


def test_two_wrong_numbers_have_a_culprit_each() -> None:
    record = _filled("2019", 3)
    first, second = "applications.granted@business", "applications.denied.third_party@other"
    values = {c.address: c.value for c in record.cells}
    judgement = judge(_with(record, {first: values[first] + 7, second: values[second] + 11}))
    advice = " ".join(i.suggestion or "" for i in judgement.issues if i.rule.startswith("t3_"))
    assert f"改为 {values[first]}" in advice
    assert f"改为 {values[second]}" in advice


def test_many_failures_of_one_family_are_one_finding() -> None:
    record = _filled("2021", 5)
    shifted = {c.address: c.value + 1 for c in record.cells
               if c.address.startswith("applications.") and c.address.endswith("@total")}  # fmt: skip
    rows = [i for i in judge(_with(record, shifted)).issues if i.rule == "t3_row_total"]
    assert len(rows) == 1
    assert set(shifted) <= set(rows[0].addresses)


def test_a_number_in_the_wrong_column_is_one_suspicion() -> None:
    case = {"cells": {"applications.total@natural_person": 4, "applications.total@business": 2}}
    findings = [i for i in judge(build(case)).issues if i.rule == "t3_balance"]
    assert len(findings) == 1
    assert "填错列" in findings[0].message_zh


def test_the_formula_shows_both_sides() -> None:
    case = {"cells": {"applications.carried_over_out@business": 2}}
    issue = next(i for i in judge(build(case)).issues if i.rule == "t3_balance")
    assert (issue.expected, issue.observed, issue.difference) == (1, 3, 2)
    assert "≠" in (issue.formula or "")
    assert {e.address for e in issue.evidence} == set(issue.addresses)


def test_the_same_record_gives_the_same_findings() -> None:
    case = {"cells": {"applications.granted@business": 5}, "sections": {"6": False}}
    assert judge(build(case)) == judge(build(case))


def test_issue_ids_are_unique_and_do_not_depend_on_values() -> None:
    first = judge(build({"cells": {"applications.granted@business": 5}}))
    second = judge(build({"cells": {"applications.granted@business": 6}}))
    ids = [i.id for i in first.issues]
    assert len(set(ids)) == len(ids)
    assert ids == [i.id for i in second.issues]


def test_errors_come_first() -> None:
    case = {"cells": {"applications.granted@business": 5}, "identity": {"contact": False}}
    severities = [i.severity for i in judge(build(case)).issues]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)


def test_a_rule_switched_off_says_nothing() -> None:
    book = load().overridden({"t4_sum": Override(enabled=False)})
    record = build({"cells": {"review_litigation.review@total": 9}})
    judgement = judge(record, book)
    assert "t4_sum" not in {i.rule for i in judgement.issues} | {c.rule for c in judgement.checks}


def test_a_deployments_own_severity_wins() -> None:
    book = load().overridden({"t4_sum": Override(severity="info")})
    record = build({"cells": {"review_litigation.review@total": 9}})
    assert {i.severity for i in judge(record, book).issues if i.rule == "t4_sum"} == {"info"}


def test_a_record_with_nothing_in_it_is_judged_without_failing() -> None:
    record = replace(clean_record("2021"), templates={}, template=None, cells=(), sections=())
    found = {i.rule for i in judge(record).issues}
    assert "s_section_missing" in found


def test_a_heading_printed_many_times_is_not_a_finding_each_time() -> None:
    record = clean_record()
    empty = replace(record.sections[0], text="")

    judgement = judge(replace(record, sections=(empty,) * 500 + record.sections))

    assert [i.rule for i in judgement.issues if i.rule == "s_section_empty"] == ["s_section_empty"]
    assert len(judgement.issues) < 10


FEE = "active_disclosure.fees@amount_wanyuan"
RECEIVED = "applications.received_new@natural_person"


def _read(record: Record, address: str, **changes: object) -> Record:
    cells = tuple(replace(c, **changes) if c.address == address else c for c in record.cells)
    return replace(record, cells=cells)


def _said_by_a_reviewer(record: Record, *corrections: Correction) -> Judgement:
    return judge(corrected(record, corrections))


def test_the_text_that_a_reviewer_corrected_is_held_against_nobody_any_more():
    signed = _read(clean_record("2021"), RECEIVED, raw="+3")
    assert "c_sign" in {i.rule for i in judge(signed).issues}
    value = next(c.value for c in signed.cells if c.address == RECEIVED)
    after = _said_by_a_reviewer(signed, Correction("k", RECEIVED, "number", value))
    assert "c_sign" not in {i.rule for i in after.issues}


def test_a_finding_on_a_corrected_cell_speaks_of_what_the_reviewer_reads():
    record = _read(clean_record("2021"), FEE, raw="0")
    after = _said_by_a_reviewer(record, Correction("k", FEE, "number", 12.5, "元"))
    (issue,) = [i for i in after.issues if i.rule == "t2_fee_unit"]
    assert "12.5元" in issue.message_zh
    assert [e.text for e in issue.evidence] == ["12.5（更正前 0）"]
