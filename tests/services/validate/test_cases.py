"""Every rule has an example that it finds and one where it stays quiet."""

import pytest

from services.validate.core.examples.own import has_single_examples, own_examples
from services.validate.core.examples.running import answer, differences
from services.validate.core.rulebook import load

_SINGLE = [r for r in load().rules if has_single_examples(r.needs)]


@pytest.mark.parametrize("example", own_examples(), ids=lambda e: f"{e.rule}: {e.name}")
def test_the_rule_finds_or_stays_quiet_as_the_example_says(example) -> None:
    given = answer(example, load())

    assert list(differences(example, given)) == []
    assert all(issue.message_zh and issue.message_en for issue in given.issues)


@pytest.mark.parametrize("rule", _SINGLE, ids=lambda r: r.id)
def test_every_rule_has_an_example_of_either_kind(rule) -> None:
    assert {e.finds for e in own_examples() if e.rule == rule.id} == {True, False}


def test_every_example_is_of_a_rule() -> None:
    assert {e.rule for e in own_examples()} <= {r.id for r in load().rules}
