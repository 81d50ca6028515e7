"""Every rule has an example that it finds and one where it stays quiet."""

import pytest
from pydantic import ValidationError

from services.validate.core.examples.model import FamilyExample
from services.validate.core.examples.own import own_examples, unshown
from services.validate.core.examples.running import answer, differences
from services.validate.core.rulebook import load

_RUN = [r for r in load().rules if r.id not in unshown()]


@pytest.mark.parametrize("example", own_examples(), ids=lambda e: f"{e.rule}: {e.name}")
def test_the_rule_finds_or_stays_quiet_as_the_example_says(example) -> None:
    given = answer(example, load())

    assert list(differences(example, given)) == []
    assert all(issue.message_zh and issue.message_en for issue in given.issues)


@pytest.mark.parametrize(
    "example", [e for e in own_examples() if isinstance(e, FamilyExample)],
    ids=lambda e: f"{e.rule}: {e.name}",
)  # fmt: skip
def test_beside_others_a_rule_finds_at_most_once_and_shows_why(example) -> None:
    issues = answer(example, load()).issues

    assert len(issues) <= 1
    assert all(issue.evidence for issue in issues)


def test_a_copy_is_laid_at_the_door_of_the_right_report() -> None:
    copies = [e for e in own_examples() if e.rule == "xy_duplicate_text"]

    assert all((e.copied_from is not None) == e.finds for e in copies)
    for example in copies:
        assert answer(example, load()).copied_from == example.copied_from
        if example.finds:
            wrong = example.model_copy(update={"copied_from": "another"})
            assert [en for _, en in differences(wrong, answer(wrong, load()))] == [
                "the original is not another"
            ]


@pytest.mark.parametrize("rule", _RUN, ids=lambda r: r.id)
def test_every_rule_has_an_example_of_either_kind(rule) -> None:
    assert {e.finds for e in own_examples() if e.rule == rule.id} == {True, False}


def test_only_who_has_not_filed_cannot_be_shown() -> None:
    assert set(unshown()) == {"h_expected_missing"}
    assert {e.rule for e in own_examples()}.isdisjoint(unshown())


def test_every_example_is_of_a_rule() -> None:
    assert {e.rule for e in own_examples()} | set(unshown()) <= {r.id for r in load().rules}


def test_rules_that_look_at_other_reports_are_shown_beside_others_and_no_others() -> None:
    needs = {r.id: r.needs is not None for r in load().rules}

    assert all(needs[e.rule] == isinstance(e, FamilyExample) for e in own_examples())


@pytest.mark.parametrize("odd", [
    {"befor": {}}, {"before": {"cell": {}}}, {"alike": [{"sections": {}}]},
    {"members": {"count": 1, "sum": {}}}, {"report": {"today": "2024-01-01"}},
])  # fmt: skip
def test_an_entry_that_means_nothing_is_refused(odd) -> None:
    with pytest.raises(ValidationError):
        FamilyExample.model_validate({"rule": "r", "name": "n", "finds": True, **odd})
