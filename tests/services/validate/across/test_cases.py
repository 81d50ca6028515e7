"""Every rule that looks at more than one report has examples that it finds and that it leaves alone."""

import pytest

from services.validate.core.across.judging import compare
from services.validate.core.rulebook import load
from tests.services.validate.across.families import CASES, family

_ELSEWHERE = {"h_expected_missing"}
"""Who has not filed is no property of a report that is there."""


@pytest.mark.parametrize("case", CASES, ids=[f"{c['rule']}: {c['name']}" for c in CASES])
def test_the_rule_finds_or_stays_quiet_as_the_case_says(case: dict) -> None:
    compared = compare(family(case))
    found = [i for i in compared.judgement.issues if i.rule == case["rule"]]
    assert bool(found) == case["finds"], found
    assert len(found) <= 1
    for issue in found:
        assert issue.message_zh
        assert issue.message_en
        assert issue.evidence
        assert set(case.get("at", ())) <= set(issue.addresses)
        assert issue.severity == case.get("severity", issue.severity)
        assert issue.origin == case.get("origin", issue.origin)
    if "status" in case:
        statuses = {c.status for c in compared.judgement.checks if c.rule == case["rule"]}
        assert case["status"] in statuses
    if case["rule"] == "xy_duplicate_text":
        assert compared.copied_from == case.get("copied_from")


@pytest.mark.parametrize(
    "rule", [r.id for r in load().rules if r.needs is not None and r.id not in _ELSEWHERE]
)
def test_every_rule_has_an_example_of_either_kind(rule: str) -> None:
    assert {case["finds"] for case in CASES if case["rule"] == rule} == {True, False}


def test_every_example_is_of_a_rule_across_reports() -> None:
    assert {c["rule"] for c in CASES} <= {r.id for r in load().rules if r.needs is not None}
