"""The rulebook is checked whole and can be adapted by a deployment."""

from pathlib import Path

import pytest

from services.validate.core.handbook import explain, render
from services.validate.core.rulebook import Override, RulebookError, load, parse

_RULE = """
[[rules]]
id = "{id}"
severity = "warning"
kind = "{kind}"
says_zh = "{zh}"
says_en = "A sentence"
[rules.parameters]
left = ["{cell}"]
right = []
relation = ">="
"""


def _text(**changes: str) -> str:
    made = {"id": "t2_new", "kind": "compare", "zh": "一句说明", "cell": "applications.total@total"}
    return _RULE.format(**{**made, **changes})


def test_a_well_formed_rule_is_taken() -> None:
    assert parse({"own.toml": _text()}).rule("t2_new").severity == "warning"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"cell": "applications.totals@total"}, "unknown cells applications.totals@total"),
        ({"zh": ""}, "says_zh"),
        ({"kind": "oracle"}, "kind"),
        ({"id": "T2"}, "id"),
    ],
)
def test_a_faulty_rule_is_refused_naming_file_and_entry(
    changes: dict[str, str], fault: str
) -> None:
    with pytest.raises(RulebookError, match=fault) as refused:
        parse({"own.toml": _text(**changes)})
    assert "own.toml" in str(refused.value)


def test_the_same_id_twice_is_refused() -> None:
    with pytest.raises(
        RulebookError, match=r"b\.toml:3: rule t2_new: .*defined twice, first in a\.toml"
    ):
        parse({"a.toml": _text(), "b.toml": _text()})


def test_text_that_is_no_toml_is_refused() -> None:
    with pytest.raises(RulebookError, match=r"own\.toml"):
        parse({"own.toml": "[[rules"})


def test_the_version_follows_the_content() -> None:
    book = load()
    changed = book.overridden({"d_deadline": Override(severity="info")})
    assert book.version == load().version
    assert changed.version != book.version


def test_an_override_of_an_unknown_rule_is_refused() -> None:
    with pytest.raises(RulebookError, match="d_deadlin"):
        load().overridden({"d_deadlin": Override(enabled=False)})


def test_rules_that_need_other_reports_are_listed_and_not_run() -> None:
    book = load()
    assert book.rule("xy_carry_over").needs == "other_reports"
    assert "xy_carry_over" not in book.applicable(2023)


def test_rules_keep_to_their_years() -> None:
    assert "f_fee_not_stated" not in load().applicable(2020)
    assert "f_fee_not_stated" in load().applicable(2021)


def test_the_page_of_rules_is_current() -> None:
    page = Path(__file__).parents[3] / "docs" / "rules.md"
    assert page.read_text(encoding="utf-8") == render(), "run make docs"


def test_every_rule_explains_itself_in_both_languages() -> None:
    for rule in load().rules:
        text = explain(rule.id)
        assert rule.says_zh in text
        assert rule.says_en[1:] in text


def test_what_is_no_rule_says_why() -> None:
    assert "not a rule" in explain("t4_cross_year_pending")
