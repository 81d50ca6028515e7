"""`gouji check` as a page, as SARIF, over folders and as a gate."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from random import Random

import pytest
from sarif_pydantic import Sarif
from typer.testing import CliRunner

from services.cli import build
from services.commands.checks.folders import files_in, natural
from services.commands.outputs import page
from services.commands.outputs.page import Page
from services.commands.outputs.sarif import file_uri, sarif
from services.pipeline import process
from services.validate.core.rulebook import load
from tests.support.fill import fill
from tests.support.render import render

ROOT = Path(__file__).parents[3]
SUMS = ROOT / "examples" / "04_sums_do_not_add_up_2022.md"
LOST = ROOT / "examples" / "07_page_lost_2022.txt"
MARKS = ROOT / "examples" / "09_marks_gb18030_2024.txt"
NOTICE = ROOT / "examples" / "10_notice_refused.txt"


def gouji(*arguments):
    return CliRunner().invoke(build(["check"]), ["check", *map(str, arguments)])


@pytest.fixture
def clean(tmp_path):
    path = tmp_path / "clean.txt"
    path.write_bytes(render(fill(1, "2021", kind="small"), "tabs_grid", Random(1)).data)
    return path


class Read(HTMLParser):
    """What a browser would see: ids, links, classes, texts, and anything that would be fetched or run."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.active, self.classes, self.words = set(), [], [], [], []
        self.feed(text)
        self.text = "".join(self.words)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        if "id" in told:
            assert told["id"] not in self.ids
            self.ids.add(told["id"])
        self.classes += (told.get("class") or "").split()
        if tag == "a":
            self.links.append(told["href"])
        if tag in ("script", "img", "link", "iframe", "object", "form", "base") or any(
            name.startswith("on") or name in ("src", "srcset", "style") for name in told
        ):
            self.active.append((tag, told))

    def handle_data(self, data):
        self.words.append(data)


def page_of(*lines):
    made = Page(load())
    for line in lines:
        made.add(line)
    pieces = []
    made.write(pieces.append)
    return b"".join(pieces).decode()


def line_of(path):
    return process(path.read_bytes(), path.name).neutral()


def test_the_page_loads_nothing_runs_nothing_and_its_links_lead_somewhere():
    text = page_of(*map(line_of, (SUMS, LOST, MARKS, NOTICE)))
    found = Read(text)
    assert found.active == []
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert found.links
    assert all(link[0] == "#" and link[1:] in found.ids for link in found.links)


def test_a_finding_says_where_what_it_is_what_it_should_be_why_and_by_which_law():
    found = Read(page_of(line_of(SUMS)))
    for words in ("表三（申请办理）“总计”列", "公式", "现为 19，应为 28，相差 -9", "建议", "各项办理结果之和应等于（七）总计",
                  "依据", "表内注明的勾稽关系", "报告本身有误"):  # fmt: skip
        assert words in found.text
    assert "culprit" in found.classes


def test_blank_mark_unreadable_and_absent_cells_never_look_like_nought():
    found = Read(page_of(line_of(LOST), line_of(MARKS)))
    assert {"absent", "mark", "number"} <= set(found.classes)
    line = line_of(SUMS)
    address = next(a for a in line["cells"] if a.endswith("@natural_person"))
    for state in ("blank", "unreadable"):
        line["cells"][address] |= {
            "state": state,
            "value": None,
            "raw": "" if state == "blank" else "U",
        }
        assert state in Read(page_of(line)).classes


def test_every_text_of_a_file_is_escaped(clean):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=y>&<!--files-->{{7*7}}\u202e"
    line = process(clean.read_bytes(), "x").neutral()
    issue = json.loads(json.dumps(line_of(SUMS)["issues"][0]))
    for key in ("message_zh", "message_en", "formula", "suggestion", "legal_basis", "rule"):
        issue[key] = evil
    issue |= {"expected": evil, "observed": evil, "addresses": [evil, "applications.x@y"],
              "evidence": [{"text": evil, "line": 1, "page": None}]}  # fmt: skip
    line |= {"file": evil, "agency": evil, "title": evil, "issues": [issue]}
    line["sections"][0]["title"] = evil
    first = next(iter(line["cells"]))
    line["cells"][first] |= {"state": "unreadable", "raw": evil, "value": None}
    line["cells"][f"applications.{evil}@x"] = dict(line["cells"][first])
    refused = line_of(NOTICE) | {"file": evil, "detail_zh": evil, "detail_en": evil, "reason": evil}

    text = page_of(line, refused)
    found = Read(text)

    assert found.active == []
    assert "49" not in re.findall(r"\{\{.*?\}\}|49", found.text)
    assert found.text.count("<script>") >= 10
    assert text.count("</html>") == 1


def test_a_page_for_very_many_files_says_what_it_does_not_draw(monkeypatch, clean):
    monkeypatch.setattr(page, "DRAWN", 1)
    line = process(clean.read_bytes(), "x").neutral()
    found = Read(page_of(line, line, line_of(SUMS)))
    assert "其中 1 个没有错误和警告" in found.text
    assert {"f1", "f3"} <= found.ids
    assert "f2" not in found.ids


def test_a_page_of_no_files_is_a_page():
    assert "没有文件" in Read(page_of()).text


def test_the_page_goes_into_a_file_whole_and_the_exit_code_is_the_verdict(tmp_path, clean):
    target = tmp_path / "check.html"
    assert gouji(clean, "--format", "html", "--output", target).exit_code == 0
    assert target.read_text(encoding="utf-8").endswith("</html>")
    assert gouji(SUMS, "--format", "html", "--output", target).exit_code == 1
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_text_does_not_go_into_a_file_and_a_folder_is_none(tmp_path, clean):
    assert gouji(clean, "--output", tmp_path / "x").exit_code == 2
    assert gouji(clean, "--format", "json", "--output", tmp_path).exit_code == 2


def test_sarif_is_of_version_2_1_and_points_at_file_line_and_cell():
    log = json.loads(b"".join(sarif([line_of(SUMS), line_of(LOST)], load())))

    Sarif.model_validate(log)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    result = next(r for r in run["results"] if r["ruleId"] == "t3_outcome_total")
    place = result["locations"][0]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == SUMS.name
    assert place["physicalLocation"]["region"]["startLine"] > 1
    names = [one["fullyQualifiedName"] for one in place["logicalLocations"]]
    assert names == line_of(SUMS)["issues"][0]["addresses"]
    assert result["level"] == "error"
    assert result["fingerprints"] == {"goujiIssue/v1": line_of(SUMS)["issues"][0]["id"]}
    assert {r["level"] for r in run["results"]} <= {"error", "warning", "note"}
    rules = run["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [
        r["ruleId"] for r in run["results"]
    ]
    assert all(rule["help"]["text"] for rule in rules)


def test_a_refused_file_is_a_notification_and_a_dismissed_finding_is_suppressed():
    line = line_of(SUMS)
    line["issues"][0]["decision"] = {"verdict": "dismiss", "by": "x", "at": "", "note": "合并单位"}
    (run,) = json.loads(b"".join(sarif([line_of(NOTICE), line], load())))["runs"]

    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is True
    assert "not_a_report" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    first, second = run["results"][:2]
    assert first["suppressions"][0]["justification"] == "合并单位"
    assert "suppressions" not in second


@pytest.mark.parametrize(
    ("name", "uri"),
    [("a b/年报.txt", "a%20b/%E5%B9%B4%E6%8A%A5.txt"), ("c:evil", "c%3Aevil"), ("x#y?z", "x%23y%3Fz"), (None, "unknown")],
)  # fmt: skip
def test_a_name_becomes_an_address_that_means_that_file_alone(name, uri):
    assert file_uri(name) == uri


@pytest.mark.parametrize(
    ("fail_on", "codes"), [("error", (0, 1)), ("warning", (1, 1)), ("never", (0, 0))]
)
def test_a_gate_closes_at_the_level_that_was_named(fail_on, codes):
    warned = ROOT / "examples" / "03_text_against_table_2020.txt"
    found = tuple(gouji(path, "--fail-on", fail_on).exit_code for path in (warned, SUMS))
    assert found == codes
    assert gouji(SUMS, NOTICE, "--fail-on", fail_on).exit_code == 2


def test_a_folder_is_walked_in_the_order_in_which_people_count(tmp_path, clean):
    folder = tmp_path / "members"
    for name in ("10.txt", "2.txt", "b/1.txt", "B/0.txt", ".hidden", "b/.git/x"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(clean.read_bytes())
    ended = gouji("--format", "jsonl", folder)
    files = [
        Path(json.loads(line)["file"]).relative_to(folder) for line in ended.stdout.splitlines()
    ]
    assert [str(p) for p in files] == ["2.txt", "10.txt", "B/0.txt", "b/1.txt"]


def test_a_file_named_twice_is_told_twice_but_a_folder_tells_it_once(clean):
    assert list(files_in([clean, clean.parent, clean])) == [clean, clean]
    assert list(files_in([clean, clean], each_once=True)) == [clean]
    assert natural(Path("a10")) > natural(Path("a9"))
