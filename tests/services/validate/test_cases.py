"""Every rule has an example that it finds and one where it stays quiet."""

import tomllib
from pathlib import Path

import pytest

from services.validate.core.judging import judge
from services.validate.core.rulebook import Override, load
from shared.report.issue import Judgement
from tests.services.validate.building import build

_FOLDER = Path(__file__).parent / "cases"
_CASES = [
    (path.stem, case)
    for path in sorted(_FOLDER.glob("*.toml"))
    for case in tomllib.loads(path.read_text(encoding="utf-8"))["cases"]
]


def _judged(case: dict) -> Judgement:
    rulebook = load()
    if case.get("enable"):
        rulebook = rulebook.overridden({case["rule"]: Override(enabled=True)})
    return judge(build(case), rulebook, today=case.get("today"))


@pytest.mark.parametrize(
    "case", [c for _, c in _CASES], ids=[f"{stem}: {c['rule']}: {c['name']}" for stem, c in _CASES]
)
def test_the_rule_finds_or_stays_quiet_as_the_case_says(case: dict) -> None:
    judgement = _judged(case)
    found = [i for i in judgement.issues if i.rule == case["rule"]]
    assert bool(found) == case["finds"], found
    for issue in found:
        assert issue.message_zh
        assert issue.message_en
    if "at" in case:
        assert set(case["at"]) <= {a for issue in found for a in issue.addresses}
    if "severity" in case:
        assert case["severity"] in {issue.severity for issue in found}
    if "origin" in case:
        assert case["origin"] in {issue.origin for issue in found}
    if "status" in case:
        statuses = {c.status for c in judgement.checks if c.rule == case["rule"]}
        assert case["status"] in statuses


@pytest.mark.parametrize("rule", [r for r in load().rules if r.needs is None], ids=lambda r: r.id)
def test_every_rule_has_an_example_of_either_kind(rule) -> None:
    kinds = {case["finds"] for _, case in _CASES if case["rule"] == rule.id}
    assert kinds == {True, False}
