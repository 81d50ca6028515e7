"""`gouji explain`, and `gouji check` by a deployment's own rules."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from services.cli import build
from services.validate.core.rulebook import load
from tests.support.fill import fill
from tests.support.render import render

ROOT = Path(__file__).parents[3]
OWN = ROOT / "deploy" / "rules"


def explain(*arguments: object, **environment: str) -> str:
    ended = CliRunner().invoke(
        build(["explain"]), ["explain", *map(str, arguments)], env=environment
    )
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def test_a_rule_is_explained_by_examples_that_find_and_stay_quiet():
    text = explain("t3_balance")

    assert "例：发现 / example, finds: " in text
    assert "例：不发现 / example, quiet: " in text
    assert "实为 1 对 3" in text
    assert "�" not in text


@pytest.mark.parametrize("rule", [r.id for r in load().rules if r.id != "h_expected_missing"])
def test_every_rule_shows_an_example_of_either_kind(rule):
    text = explain(rule)

    assert "example, finds" in text
    assert "example, quiet" in text


def test_a_rule_beside_others_says_what_each_report_holds_and_what_it_answers():
    text = explain("xy_carry_over")

    assert "【上年（2022年）报告】表三（申请办理）四、结转下年度继续办理·自然人 = 5" in text
    assert "[this year's report (2023)] table three (applications), carried over in" in text
    assert "自然人应为 5，表中为 1" in text
    assert "⇒ 通过 passes" in text


@pytest.mark.parametrize(("rule", "said"), [
    ("xy_duplicate_text", "“总体情况”部分写“2022年，县财政局围绕预决算和惠农补贴两条主线"),
    ("xy_duplicate_text", "教育局2023年报告】"),
    ("h_rollup_ge_child", "【3 个所属机关的报告】"),
    ("h_rollup_sum", "the list is declared complete, and all have filed"),
])  # fmt: skip
def test_texts_and_members_are_told_in_human_words(rule, said):
    text = explain(rule)

    assert said in text
    assert max(map(len, text.splitlines())) < 1000


def test_a_rule_that_no_example_can_show_says_why():
    text = explain("h_expected_missing")

    assert "没有例子：应报而未报" in text
    assert "no example: the report is not there to be shown" in text
    known = json.loads(explain("--json", "h_expected_missing"))
    assert known["examples"] == []
    assert known["no_example"].keys() == {"why_zh", "why_en"}


def test_the_list_says_how_serious_a_rule_is_and_whether_it_is_on():
    lines = {line.split()[0]: line.split()[1:3] for line in explain().splitlines()}

    assert lines["t3_balance"] == ["error", "on"]
    assert lines["s_length"] == ["info", "off"]
    assert len(lines) == len(load().rules)


@pytest.mark.parametrize(("arguments", "environment"), [
    (("--rules", OWN), {}), ((), {"GOUJI_RULES": str(OWN)}),
])  # fmt: skip
def test_own_rules_and_changes_are_in_the_list(arguments, environment):
    lines = {
        line.split()[0]: line.split()[1:3]
        for line in explain(*arguments, **environment).splitlines()
    }

    assert lines["qh_hotline_named"] == ["info", "on"]
    assert lines["s_length"] == ["info", "on"]
    assert lines["c_mark"] == ["warning", "on"]
    assert lines["t4_vs_t3"][1] == "off"


def test_a_rule_as_json_holds_all_there_is_to_know():
    rule = json.loads(explain("--json", "c_mark", "--rules", OWN))

    assert rule["severity"] == "warning"
    assert rule["kind"] == "cell_state"
    assert rule["parameters"] == {"state": "mark"}
    assert {e["finds"] for e in rule["examples"]} == {True, False}
    assert rule.keys() >= {
        "id", "version", "says_zh", "says_en", "legal_basis", "editions", "first_year", "last_year",
        "enabled", "origin", "needs",
    }  # fmt: skip
    assert len(json.loads(explain("--json"))) == len(load().rules)
    assert json.loads(explain("--json", "t3_partial_only"))["kind"] == "not_a_rule"


def test_a_file_is_checked_by_own_rules(tmp_path):
    own = """
        [[rules]]
        id = "own_word"
        severity = "warning"
        kind = "present"
        says_zh = "应有此语"
        says_en = "the word is there"
        parameters = { words = ["天下无此语"] }
        [[cases]]
        rule = "own_word"
        name = "not a word of it"
        finds = true
        [[cases]]
        rule = "own_word"
        name = "in section five"
        finds = false
        sections = { 5 = "问题：天下无此语。" }
    """
    (tmp_path / "a.toml").write_text(own, encoding="utf-8")
    path = tmp_path / "report.txt"
    path.write_bytes(render(fill(1, "2021", kind="small"), "tabs_grid", Random(1)).data)

    def rules_of(*more: str) -> set[str]:
        arguments = ["check", str(path), "--format", "jsonl", *more]
        ended = CliRunner().invoke(build(["check"]), arguments)
        return {issue["rule"] for issue in json.loads(ended.stdout)["issues"]}

    assert rules_of("--rules", str(tmp_path)) - rules_of() == {"own_word"}


def test_faulty_rules_stop_a_check_with_one_line(tmp_path):
    (tmp_path / "a.toml").write_text("[overrides.nothing]\n")

    ended = subprocess.run(
        [sys.executable, "-m", "services.cli", "check", "x.txt", "--rules", str(tmp_path)],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"gouji: {tmp_path}/a.toml:1: ")
