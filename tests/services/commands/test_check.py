"""`gouji check`: for a clerk and for a program, whatever file is named."""

import json
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from services.cli import build
from services.commands.checks import checking
from shared.report.document import Document
from tests.support.fill import fill
from tests.support.render import render


def gouji(*arguments: object):
    return CliRunner().invoke(build(["check"]), ["check", *map(str, arguments)])


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "b-clean.txt"
    path.write_bytes(render(fill(1, "2021", kind="small"), "tabs_grid", Random(1)).data)
    return path


@pytest.fixture
def faulty(tmp_path: Path, clean: Path) -> Path:
    path = tmp_path / "a-cut.txt"
    data = clean.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return path


def test_a_clean_report_ends_with_0(clean):
    assert gouji(clean).exit_code == 0


def test_findings_end_with_1_and_say_where_in_both_languages(faulty):
    ended = gouji(faulty)

    assert ended.exit_code == 1
    assert "error" in ended.stdout
    assert "位置 at: 表" in ended.stdout


def test_a_refused_file_ends_with_2_and_its_reason(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")

    ended = gouji(tmp_path / "empty.txt")

    assert ended.exit_code == 2
    assert "empty: " in ended.stdout


def test_lines_come_in_the_order_given_refused_and_missing_files_too(clean, faulty, tmp_path):
    empty, missing = tmp_path / "empty.txt", tmp_path / "missing.txt"
    empty.write_bytes(b"")
    given = [faulty, missing, empty, clean, tmp_path / "hollow"]
    given[-1].mkdir()

    ended = gouji("--format", "jsonl", *given)

    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["file"] for line in lines] == [str(path) for path in given]
    assert [line["status"] for line in lines] == [
        "recorded",
        "refused",
        "refused",
        "recorded",
        "refused",
    ]
    assert [line["reason"] for line in lines][1:3] == ["missing_bytes", "empty"]
    assert lines[-1]["detail_en"] == "no files in the folder"
    assert ended.exit_code == 2


def test_a_defect_of_ours_is_a_line_and_does_not_hide_the_other_files(clean, faulty, monkeypatch):
    def stumble(document: Document, name: str, *rest: object):
        if name == faulty.name:
            raise ZeroDivisionError("oops")
        return real(document, name, *rest)

    real = checking.conclude
    monkeypatch.setattr(checking, "conclude", stumble)

    ended = gouji("--format", "jsonl", faulty, clean)

    first, second = map(json.loads, ended.stdout.splitlines())
    assert (first["status"], first["reason"]) == ("dead", "ZeroDivisionError: oops")
    assert second["status"] == "recorded"
    assert ended.exit_code == 2
