"""The neutral line is a contract: a change that breaks one of these breaks somebody's program."""

import json
from pathlib import Path

import pytest

from services.sink.adapters import export
from shared.report import money
from shared.report.neutral import (
    masked_email,
    masked_name,
    masked_phone,
    neutral_report,
    neutral_terminal,
)
from shared.report.record import Cell
from tests.services.sink import made

LINE_KEYS = [
    "file", "document_id", "report_id", "revision", "status", "agency", "agency_as_printed", "region",
    "agency_level", "agency_kind", "year", "title", "published_on", "template", "scope", "cells",
    "narrative_figures", "sections", "issues",
]  # fmt: skip


@pytest.fixture
def line():
    event = made.validated(1)
    return neutral_report(
        event.record, event.issues, report_id=event.report_id, revision=event.revision_id
    )


def test_a_line_starts_with_the_agreed_keys_in_order_and_says_its_version(line):
    assert list(line)[: len(LINE_KEYS)] == LINE_KEYS
    assert line["schema"] == "gouji.report/1"
    assert json.loads(json.dumps(line)) == line


def test_a_cell_has_the_agreed_keys_and_money_its_yuan(line):
    fees = line["cells"]["active_disclosure.fees@amount_wanyuan"]
    assert list(fees)[:5] == ["value", "state", "unit", "raw", "confidence"]
    assert (fees["value"], fees["unit"], fees["yuan"]) == (190.457379, "万元", 1904573.79)
    assert "yuan" not in line["cells"]["applications.granted@total"]


def test_states_are_never_folded_into_zero(line):
    found = {a: (c["state"], c["value"]) for a, c in line["cells"].items() if c["value"] is None}
    assert sorted(state for state, _ in found.values()) == ["absent", "blank", "mark"]


def test_a_derived_value_stands_beside_the_value_with_its_proof(line):
    total = line["cells"]["applications.total@total"]
    assert (total["value"], total["derived"], total["proof"]) == (None, 6, ["t3_balance:total"])


def test_figures_sections_and_issues_have_the_agreed_keys(line):
    assert list(line["narrative_figures"][0])[:6] == [
        "key",
        "label",
        "value",
        "unit",
        "text",
        "section",
    ]
    assert line["sections"] == [{"number": 1, "title": "总体情况", "chars": 26}]
    assert list(line["issues"][0])[:7] == [
        "rule", "severity", "origin", "addresses", "expected", "observed", "message",
    ]  # fmt: skip
    assert line["issues"][0]["message"] == "总计列不平衡 | column total does not balance"


def test_contact_data_is_masked_wherever_it_stands(line):
    assert line["contact"]["name"] == "王**"
    text = json.dumps(line, ensure_ascii=False)
    for private in ("王小明", "39906616", "office@example.cn"):
        assert private not in text


def test_masks_keep_enough_to_recognise():
    assert masked_name("何翠") == "何*"
    assert masked_phone("020-3990 6616转8") == "020-3990 6***转*"
    assert masked_email("office@example.cn") == "o*****@example.cn"


@pytest.mark.parametrize("status", ["refused", "dead", "duplicate", "expanded"])
def test_a_file_that_became_no_report_has_the_same_keys(line, status):
    terminal = neutral_terminal("a.txt", None, status, "empty")
    assert [key for key in line if key not in terminal] == []
    assert (terminal["status"], terminal["reason"], terminal["cells"]) == (status, "empty", {})


def test_whole_numbers_are_written_as_integers():
    event = made.validated(
        1, cells=(Cell("applications.total@total", "number", 63.0, None, "63.0"),)
    )
    line = neutral_report(event.record, (), report_id="r", revision="v")
    assert json.dumps(line["cells"]["applications.total@total"]["value"]) == "63"


@pytest.mark.parametrize(
    ("value", "unit", "yuan"),
    [(11750, "万元", 117_500_000), (63.2, "万元", 632_000), (0.1, "元", 0.1), (1.15, "亿元", 115_000_000),
     (63.2, None, None), (None, "万元", None), (3, "件", None)],
)  # fmt: skip
def test_yuan_are_exact_and_only_known_with_a_unit(value, unit, yuan):
    assert money.yuan(value, unit) == yuan


def test_the_documentation_names_every_key(line):
    page = (Path(export.__file__).parents[3] / "docs" / "export.md").read_text(encoding="utf-8")
    terminal = neutral_terminal("a", None, "dead", duplicate_of="b", attempts=1, replay="c")
    keys = {*line, *terminal, *line["issues"][0], *line["narrative_figures"][0], *line["region"]}
    for cell in line["cells"].values():
        keys |= set(cell)
    assert [key for key in sorted(keys) if f"`{key}`" not in page] == []
