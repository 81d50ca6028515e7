"""A deployment adapts the rulebook by a folder of files; a faulty one stops the start."""

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from services.validate.adapters.rules_folder import load_for
from services.validate.core.deployment import adapted
from services.validate.core.examples.building import build
from services.validate.core.faults import RulebookError
from services.validate.core.judging import judge
from services.validate.core.rulebook import load
from services.validate.settings import ValidateSettings
from shared.errors import GoujiError

ROOT = Path(__file__).parents[3]
OWN = """\
[[rules]]
id = "own_penalties"
severity = "warning"
kind = "plausible"
says_zh = "处罚过多"
says_en = "too many penalties"
[rules.parameters]
cells = ["active_disclosure.penalty@decisions"]
max = 5

[[cases]]
rule = "own_penalties"
name = "eight"
finds = true
at = ["active_disclosure.penalty@decisions"]

[[cases]]
rule = "own_penalties"
name = "none"
finds = false
base = "zero"
"""


def folder(tmp_path: Path, **files: str) -> Path:
    for name, text in files.items():
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def rules_found(book, case: dict | None = None) -> set[str]:
    return {i.rule for i in judge(build(case or {}), book).issues}


def test_without_a_folder_it_is_goujis_own_rulebook():
    assert load_for(None) is load()
    assert ValidateSettings(rules="").rules is None


def test_an_own_rule_judges_reports_and_is_part_of_the_version(tmp_path):
    book = load_for(folder(tmp_path, a=OWN))

    assert rules_found(book) == {"own_penalties"}
    assert book.version != load().version
    looser = load_for(folder(tmp_path, a=OWN.replace("max = 5", "max = 7")))
    assert looser.version != book.version


def test_an_empty_folder_changes_nothing(tmp_path):
    assert load_for(tmp_path).version == load().version


def test_a_rule_is_switched_re_levelled_and_told_otherwise(tmp_path):
    book = load_for(
        folder(
            tmp_path,
            a='[overrides.c_mark]\nseverity = "error"\n[overrides.t4_vs_t3]\nenabled = false\n',
            b="[overrides]\ns_length = { enabled = true, parameters = { most_characters = 20 } }\n",
        )
    )
    marks = {"cells": {"active_disclosure.penalty@decisions": "mark:/"}}
    many_reviews = {"cells": {"review_litigation.review@maintained": 30,
                              "review_litigation.review@total": 31}}  # fmt: skip

    judged = judge(build(marks), book)
    assert {i.severity for i in judged.issues if i.rule == "c_mark"} == {"error"}
    assert "s_length" in rules_found(book)
    assert "t4_vs_t3" in rules_found(load(), many_reviews)
    assert "t4_vs_t3" not in rules_found(book, many_reviews)
    assert book.version != load().version


def test_files_are_read_by_name_and_only_toml(tmp_path):
    (tmp_path / "notes.txt").write_text("[[[")
    (tmp_path / ".draft.toml").write_text("[[[")
    second = OWN.replace("own_penalties", "own_second")

    book = load_for(folder(tmp_path, b=OWN, a=second))

    assert [r.id for r in book.rules][-2:] == ["own_second", "own_penalties"]


def test_a_byte_order_mark_is_no_fault(tmp_path):
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + OWN.encode())

    assert load_for(tmp_path).get("own_penalties")


def test_an_own_rule_that_is_off_still_has_examples_that_hold(tmp_path):
    off = OWN.replace('kind = "plausible"', 'kind = "plausible"\nenabled = false')

    book = load_for(folder(tmp_path, a=off))

    assert "own_penalties" not in rules_found(book)


def test_an_example_may_show_a_change_of_goujis_rule(tmp_path):
    text = (
        "[overrides.s_length]\nenabled = true\nparameters = { most_characters = 20 }\n"
        '[[cases]]\nrule = "s_length"\nname = "a hundred characters"\nfinds = {}\n'
    )

    assert load_for(folder(tmp_path, a=text.replace("{}", "true")))
    with pytest.raises(RulebookError, match="does not hold"):
        load_for(folder(tmp_path, a=text.replace("finds = {}", "finds = false")))


FAULTS = {
    "syntax": (OWN + "\n[[rules\n", 23, "not readable as TOML"),
    "unknown entry": ("# a comment\n[overides.c_mark]\n", 2, "unknown entry overides"),
    "unknown override": ("\n[overrides.c_marks]\nenabled = false\n", 2, "there is no rule c_marks"),
    "unknown key of an override": (
        "[overrides.c_mark]\nenabled = false\nseverty = 'info'\n", 3, "unknown key severty",
    ),
    "unknown severity": ("[overrides.c_mark]\n\nseverity = 'fatal'\n", 3, "must be one of"),
    "unknown parameter of a coded rule": (
        "[overrides.f_fee_grid.parameters]\nstep = 5\n", 2, "unknown parameter step",
    ),
    "impossible number": (
        "[overrides.f_fee_grid]\nparameters.step_yuan = 0\n", 2, "greater than 0",
    ),
    "wrong sort of value": (
        "[overrides.f_fee_grid.parameters]\nstep_yuan = 'ten'\n", 2, "must be a number",
    ),
    "empty word": (
        "[overrides.i_brand_contamination.parameters]\nbrands = ['bet', '']\n", 2, "list of words",
    ),
    "impossible parameter of a kind": (
        "[overrides.t4_vs_t3.parameters]\nrelation = '=='\n", 2, "relation must be one of",
    ),
    "parameters of an equation": (
        "[overrides.t3_balance.parameters]\ntolerance = 1\n", 2, "unknown key tolerance",
    ),
    "unknown cell": (OWN.replace('penalty@decisions"]\nmax', 'penalty@decision"]\nmax'), 7, "unknown cells"),
    "missing sentence": (OWN.replace('says_en = "too many penalties"\n', ""), 1, "says_en is missing"),
    "empty sentence": (OWN.replace("处罚过多", ""), 5, "says_zh has fewer than 4"),
    "duplicate id": (OWN + OWN.split("[[cases]]", maxsplit=1)[0], 23, "defined twice, first in"),
    "id of gouji's": (OWN.replace("own_penalties", "t3_balance"), 2, "defined twice, first in gouji"),
    "id of what is no rule": (
        OWN.replace("own_penalties", "t3_partial_only"), 2, "defined twice, first in gouji",
    ),
    "kind that needs code": (OWN.replace('"plausible"', '"coded"'), 4, "kind must be one of"),
    "unknown kind": (OWN.replace('"plausible"', '"oracle"'), 4, "kind must be one of"),
    "unknown parameter": (OWN.replace("max = 5", "maximum = 5"), 9, "unknown key maximum"),
    "impossible parameter": (OWN.replace("max = 5", "max = 5\nmin = 6"), 7, "min is greater than max"),
    "unknown key": (OWN.replace("[rules.parameters]", "colour = 1\n[rules.parameters]"), 7, "unknown key colour"),
    "not theirs": (
        OWN.replace("[rules.parameters]", "needs = 'other_reports'\n[rules.parameters]"), 7, "unknown key needs",
    ),
    "no example at all": (OWN.split("[[cases]]", maxsplit=1)[0], 1, "missing example: one where the rule finds"),
    "no quiet example": (
        OWN.rsplit("[[cases]]", 1)[0], 1, "missing example: one where the rule stays quiet",
    ),
    "example that does not hold": (OWN.replace('base = "zero"', ""), 17, "does not hold: finds something"),
    "example that finds nothing": (
        OWN.replace("max = 5", "max = 50"), 11, "does not hold: finds nothing",
    ),
    "example with another place": (
        OWN.replace('at = ["active_disclosure.penalty', 'at = ["active_disclosure.coercion'), 11,
        "does not name active_disclosure.coercion@decisions",
    ),
    "example of an unknown rule": (OWN + '[[cases]]\nrule = "x"\nname = "y"\nfinds = true\n', 23, "no rule x"),
    "example with an unknown cell": (
        OWN + '[cases.cells]\n"applications.totals@total" = 1\n', 17, "unknown cells applications.totals",
    ),
    "example with an unknown field": (
        OWN + "[cases.identity]\nhobby = 'chess'\n", 17, "cannot be built",
    ),
    "example with an unknown key": (OWN + "find = true\n", 22, "unknown key find"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "line", "reason"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named_with_file_line_and_reason_in_both_languages(tmp_path, text, line, reason):
    with pytest.raises(RulebookError) as refused:
        load_for(folder(tmp_path, rules=text))

    told = str(refused.value)
    assert told.startswith(f"{tmp_path / 'rules.toml'}:{line}: "), told
    assert reason in told
    assert any("一" <= c <= "鿿" for c in told), "no Chinese"
    assert "\n" not in told


def test_the_same_id_or_override_in_two_files_is_refused(tmp_path):
    with pytest.raises(RulebookError, match=r"b\.toml:2: .*first in .*a\.toml"):
        load_for(folder(tmp_path, a=OWN, b=OWN))
    change = "[overrides.c_mark]\nenabled = false\n"
    with pytest.raises(RulebookError, match=r"b\.toml:1: .*another file"):
        load_for(folder(tmp_path, a=change, b=change))


def test_a_missing_folder_and_a_file_that_is_no_text_are_refused(tmp_path):
    with pytest.raises(GoujiError, match="does not exist"):
        load_for(tmp_path / "nowhere")
    (tmp_path / "a.toml").write_bytes(OWN.encode() + "# 注释".encode("gb18030"))
    with pytest.raises(RulebookError, match=r"a\.toml:22: .*not UTF-8"):
        load_for(tmp_path)


def test_lines_are_right_behind_texts_of_several_lines(tmp_path):
    text = OWN.replace('"too many penalties"', '"""too many\n[[rules]]\nmax = 1\n"""')

    with pytest.raises(RulebookError, match=r"rules\.toml:12: .*unknown key maximum"):
        load_for(folder(tmp_path, rules=text.replace("max = 5", "maximum = 5")))


def test_the_worked_example_of_the_guide_loads_and_is_quoted_in_full():
    book = load_for(ROOT / "deploy" / "rules")

    own = {r.id for r in book.rules} - {r.id for r in load().rules}
    assert {book.rule(r).kind for r in own} == {
        "plausible", "compare", "cell_state", "present", "matches",
    }  # fmt: skip
    guide = (ROOT / "docs" / "own-rules.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in guide for name in sorted(own))


@pytest.mark.parametrize("command", [["services.validate"], ["services.cli", "run", "validate"]])
def test_a_service_with_faulty_rules_ends_with_one_line(tmp_path, command):
    rules = folder(tmp_path, rules=OWN.replace("max = 5", "maximum = 5"))

    ended = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT, env=os.environ | {"GOUJI_RULES": str(rules)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode != 0
    assert ended.stderr.splitlines() == [
        f"gouji: {rules}/rules.toml:9: rule own_penalties: 不认识的键 maximum / unknown key maximum"
    ]


VALUES = ("3", '"x"', "[]", "[1]", '["a"]', "{}", "true", "nan", "-1", "1e400", "2024-01-01", '""')


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_in_a_file_is_taken_or_refused_and_never_breaks(seed):
    chance = Random(seed)
    worked = (ROOT / "deploy" / "rules" / "county.toml").read_text("utf-8").splitlines()
    for _ in range(12):
        lines = list(worked)
        at = chance.choice([n for n, line in enumerate(lines) if " = " in line])
        lines[at] = f"{lines[at].partition(' = ')[0]} = {chance.choice(VALUES)}"
        told = "f.toml:"
        try:
            adapted(load(), {"f.toml": "\n".join(lines)})
        except RulebookError as refused:
            told = str(refused)
        assert told.startswith("f.toml:")
        assert "\n" not in told
