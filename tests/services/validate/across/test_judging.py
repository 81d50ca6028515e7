"""Judging beside others: stable, quiet on what fits, never upset by an odd neighbour."""

import time
import tomllib
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from random import Random

import pytest

from services.extract.core.narrative.figures import read_figures
from services.validate.core.across.family import MEMBER_CELLS, Family, Members, Neighbour
from services.validate.core.across.judging import across_rules, compare, judge_across
from services.validate.core.examples import families
from services.validate.core.examples.clean import clean_record
from services.validate.core.examples.model import FamilyExample
from services.validate.core.rulebook import Override, load
from shared import forms
from shared.report.issue import Issue
from shared.report.record import Identity, Record, Region, Section

_EXAMPLES = files("services.validate").joinpath("rulebook/examples/across.toml")
TEXTS = {
    name: text.strip()
    for name, text in tomllib.loads(_EXAMPLES.read_text(encoding="utf-8"))["texts"].items()
}
APPLICATION_COLUMNS = (
    "natural_person",
    "business",
    "research",
    "nonprofit",
    "legal_service",
    "other",
    "total",
)
_STATES = ("number", "blank", "mark", "unreadable", "absent")


def family(told: dict) -> Family:
    """Return the family of a case that is told as the examples tell theirs."""
    shown = {"rule": "xy_carry_over", "name": "made up here", "finds": True}
    return families.family(FamilyExample.model_validate(shown | told))


def _issues(told: Family, rule: str) -> list[Issue]:
    return [i for i in judge_across(told).issues if i.rule == rule]


def _with(record: Record, changes: dict[str, int], **identity: object) -> Record:
    cells = tuple(
        replace(c, value=changes[c.address], raw=str(changes[c.address]))
        if c.address in changes
        else c
        for c in record.cells
    )
    return replace(record, cells=cells, identity=replace(record.identity, **identity))


def _years(seed: int) -> list[Record]:
    """Four years of one body whose numbers follow from each other."""
    rng = Random(seed)
    records = []
    carried = dict.fromkeys(APPLICATION_COLUMNS, 0)
    stock = {"regulations": 3, "normative_documents": 200}
    items = {
        r: rng.randrange(40) for r in ("licensing", "other_services", "penalty", "coercion", "fees")
    }
    for year in (2019, 2020, 2021, 2022, 2023):
        edition = "2019" if year < 2021 else "2021"
        changes = {f"applications.carried_over_in@{c}": n for c, n in carried.items()}
        carried = {c: rng.randrange(30) for c in APPLICATION_COLUMNS[:-1]}
        carried["total"] = sum(carried.values())
        changes |= {f"applications.carried_over_out@{c}": n for c, n in carried.items()}
        for row in items if edition == "2019" else ():
            change = rng.randrange(-5, 6)
            changes |= {
                f"active_disclosure.{row}@prior_items": items[row],
                f"active_disclosure.{row}@change": change,
            }
            items[row] += change
        for row in stock if edition == "2021" else ():
            issued, repealed = rng.randrange(20), rng.randrange(3)
            stock[row] += issued - repealed
            changes |= {f"active_disclosure.{row}@issued": issued, f"active_disclosure.{row}@repealed": repealed,
                        f"active_disclosure.{row}@in_force": stock[row]}  # fmt: skip
        records.append(_with(clean_record(edition), changes, year=year))
    return records


@pytest.mark.parametrize("seed", range(20))
def test_years_that_follow_from_each_other_have_no_findings(seed: int) -> None:
    for then, now in pairwise(_years(seed)):
        assert judge_across(Family("r", now, Neighbour("b", then))).issues == ()


@pytest.mark.parametrize("seed", range(10))
def test_one_number_that_does_not_follow_is_found_in_one_finding(seed: int) -> None:
    then, now = Random(seed).choice(list(pairwise(_years(seed))))
    wrong = _with(now, {"applications.carried_over_in@total": 777})
    found = _issues(Family("r", wrong, Neighbour("b", then)), "xy_carry_over")
    assert [i.addresses for i in found] == [("applications.carried_over_in@total",)]
    assert found[0].observed == 777


def test_the_same_family_gives_the_same_result() -> None:
    case = {"before": {"cells": {"applications.carried_over_out@total": 5}, "sections": {"1": TEXTS["bureau"]}, "shares": [1]},
            "report": {"sections": {"1": TEXTS["bureau"]}}}  # fmt: skip
    assert compare(family(case)) == compare(family(case))


def test_a_finding_keeps_its_id_when_the_neighbour_changes() -> None:
    case = {"report": {"sections": {"1": TEXTS["bureau"]}},
            "alike": [{"id": "a", "sections": {"1": TEXTS["bureau_renamed"]}, "identity": {"agency": "白水县审计局"}}]}  # fmt: skip
    other = {
        "report": case["report"],
        "before": {"shares": [1], "sections": {"1": TEXTS["bureau_last_year"]}},
    }
    (first,), (second,) = (_issues(family(c), "xy_duplicate_text") for c in (case, other))
    assert first.id == second.id
    assert first.message_zh != second.message_zh


def test_the_report_id_makes_the_fingerprint() -> None:
    told = family({"before": {"cells": {"applications.carried_over_out@total": 5}}})
    ids = {i.id for i in judge_across(told).issues}
    assert ids.isdisjoint(i.id for i in judge_across(replace(told, report_id="another")).issues)


def test_a_report_that_stands_alone_has_no_findings() -> None:
    compared = compare(Family("r", clean_record()))
    assert compared.judgement.issues == ()
    assert compared.copied_from is None
    assert compared.beside == ()
    open_rules = {c.rule for c in compared.judgement.checks if c.status == "not_assessable"}
    assert {"xy_carry_over", "t2_2021_stock_rollforward", "t2_outlier"} <= open_rules


def test_the_year_before_comes_first_among_the_texts_alike() -> None:
    sister = {"id": "sister", "sections": {"1": TEXTS["bureau_renamed"]}}
    case = {"report": {"sections": {"1": TEXTS["bureau"]}}, "alike": [sister],
            "before": {"shares": [1], "sections": {"1": TEXTS["bureau_last_year"]}}}  # fmt: skip
    compared = compare(family(case))
    assert compared.copied_from == "before"
    assert compared.beside == ("before", "sister")
    case["before"]["sections"]["1"] = TEXTS["school"]
    assert compare(family(case)).copied_from == "sister"


def test_a_report_is_no_copy_of_itself() -> None:
    record = family({"report": {"sections": {"1": TEXTS["bureau"]}}}).record
    told = Family("report", record, alike={1: (Neighbour("report", record).wording,)})
    assert compare(told).copied_from is None


@pytest.mark.parametrize(("base", "same"), [("clean", True), ("zero", False)])
def test_equal_tables_are_named_unless_they_hold_nothing(base: str, same: bool) -> None:
    sister = {
        "id": "s",
        "base": base,
        "sections": {"1": TEXTS["bureau_renamed"]},
        "identity": {"agency": "白水县审计局"},
    }
    case = {"report": {"base": base, "sections": {"1": TEXTS["bureau"]}}, "alike": [sister]}
    (found,) = _issues(family(case), "xy_duplicate_text")
    assert ("各表数字" in found.message_zh) is same
    assert "白水县审计局" in found.message_zh


def test_a_copy_with_other_line_ends_is_shown_by_the_nearest_sentences() -> None:
    broken = TEXTS["bureau_renamed"].replace("，", "；")
    sister = {"id": "s", "sections": {"1": broken}, "identity": {"agency": "白水县审计局"}}
    case = {"report": {"sections": {"1": TEXTS["bureau"]}}, "alike": [sister]}
    (found,) = _issues(family(case), "xy_duplicate_text")
    assert len(found.evidence) == 2
    assert found.evidence[1].text.startswith("白水县审计局2023年报告：")


def test_equal_tables_with_texts_of_ones_own_are_no_finding() -> None:
    case = {
        "report": {"sections": {"1": TEXTS["bureau"]}},
        "alike": [{"id": "s", "sections": {"1": TEXTS["school"]}}],
    }
    assert _issues(family(case), "xy_duplicate_text") == []


def test_last_years_cells_are_told_from_this_years() -> None:
    told = family({"before": {"cells": {"applications.carried_over_out@total": 5}}})
    (found,) = _issues(told, "xy_carry_over")
    assert [e.text for e in found.evidence if e.address is None] == [
        "2022年报告：四、结转下年度继续办理·总计 5"
    ]
    assert "2022年报告" in found.message_zh


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("2023年，我局收到政府信息公开申请9件，同比增长50%，已全部办结。", "pass"),
        ("2023年，我局收到政府信息公开申请9件，同比增长30%，已全部办结。", "fail"),
        ("2023年，我局收到政府信息公开申请9件（较上年上升百分之五十）。", "pass"),
        ("2023年，我局收到政府信息公开申请9件，比2022年减少50%。", "fail"),
        ("2023年，我局收到政府信息公开申请9件，比上年增加3件，增长50%。", None),
        ("2023年，我局收到政府信息公开申请9件，网站访问量同比增长12%。", None),
        ("2023年，全县收到政府信息公开申请9件，同比增长12%。", "not_assessable"),
    ],
)  # fmt: skip
def test_changes_read_from_real_sentences_are_judged(text: str, status: str | None) -> None:
    figures, _ = read_figures((Section(1, "", "", text),), 2023)
    then = _with(clean_record(), {"applications.received_new@total": 6}, year=2022)
    now = replace(_with(clean_record(), {"applications.received_new@total": 9}), figures=figures)
    judgement = judge_across(Family("r", now, Neighbour("b", then)))
    assert [c.status for c in judgement.checks if c.rule == "n_yoy"] == ([status] if status else [])


def test_a_deployment_can_switch_off_relevel_and_retune() -> None:
    case = {"report": {"cells": {"active_disclosure.licensing@decisions": 9487}},
            "before": {"cells": {"applications.carried_over_out@total": 5, "active_disclosure.licensing@decisions": 550}}}  # fmt: skip
    book = load().overridden({
        "t2_2021_stock_rollforward": Override(enabled=False),
        "xy_carry_over": Override(severity="error"),
        "t2_outlier": Override(parameters={"times": 20}),
    })  # fmt: skip
    judgement = judge_across(family(case), book)
    assert [(i.rule, i.severity) for i in judgement.issues] == [("xy_carry_over", "error")]
    assert "t2_2021_stock_rollforward" not in {c.rule for c in judgement.checks}
    assert judgement.rulebook_version == book.version


def test_only_rules_across_reports_are_run_and_only_in_their_years() -> None:
    assert "t3_balance" not in across_rules(load(), 2023)
    assert "xy_carry_over" in across_rules(load(), 2020)
    assert "xy_carry_over" not in across_rules(load(), 2019)
    assert "t2_2019_items_rollforward" not in across_rules(load(), 2021)


def _odd(rng: Random) -> Record:
    """A record in which anything may be missing or strange."""
    edition = rng.choice(("2019", "2021"))
    record = clean_record(edition)
    tables = [t.id for t in forms.load(edition).tables if rng.random() < 0.7]
    cells = []
    for cell in record.cells:
        if cell.address.split(".")[0] not in tables:
            continue
        state = rng.choice(_STATES) if rng.random() < 0.2 else "number"
        value = rng.choice((0, -3, 7, 10**15, 2.5)) if state == "number" else None
        cells.append(
            replace(
                cell,
                state=state,
                value=value,
                raw=rng.choice((None, "", "x", str(value))),
                confidence=rng.random(),
            )
        )
    texts = ["", "无。", TEXTS["bureau"], "\n\n", "。" * 40, TEXTS["problems"] * 3]
    who = rng.choice((Identity(), Identity(year=2023), replace(record.identity, agency=None, scope="roll_up"), record.identity,
                      Identity(year=2022, agency="x", region=Region(township="镇"))))  # fmt: skip
    sections = tuple(Section(n, "", "", rng.choice(texts)) for n in (1, 5, 5) if rng.random() < 0.8)
    figures, claims = read_figures(
        (Section(1, "", "", "收到申请0件，同比下降0%。收到政府信息公开申请7件，同比增长5.%。"),),
        who.year,
    )
    return replace(record, cells=tuple(cells), templates=dict.fromkeys(tables, edition), identity=who,
                   sections=sections, figures=figures, claims=claims, damaged=rng.random() < 0.3)  # fmt: skip


@pytest.mark.parametrize("seed", range(150))
def test_no_odd_record_upsets_the_judge(seed: int) -> None:
    rng = Random(seed)
    others = tuple(Neighbour(f"n{n}", _odd(rng)) for n in range(3))
    wordings = tuple(one.wording for one in others)
    members = Members(
        rng.randrange(3),
        {a: (rng.choice((0, 5, 2.5, 10**16)), "某局") for a in MEMBER_CELLS if rng.random() < 0.6},
        {a: rng.choice((0, 5, 0.1)) for a in MEMBER_CELLS if rng.random() < 0.6},
        {a: rng.randrange(3) for a in MEMBER_CELLS},
        complete=rng.random() < 0.5,
    )
    told = Family(
        "r",
        _odd(rng),
        rng.choice((None, others[0])),
        {1: wordings, 5: wordings[1:], 9: wordings},
        members,
    )
    compared = compare(told)
    assert compared == compare(told)
    assert len({i.id for i in compared.judgement.issues}) == len(compared.judgement.issues)


def test_judging_beside_others_takes_a_few_milliseconds() -> None:
    told = family(
        {
            "report": {"sections": {"1": TEXTS["bureau"]}},
            "before": {"shares": [1], "sections": {"1": TEXTS["school"]}},
        }
    )
    compare(told)
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        compare(told)
        taken.append(time.perf_counter() - started)
    assert min(taken) < 0.02
