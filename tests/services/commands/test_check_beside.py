"""`gouji check --beside`: a draft beside last year's report, sister bodies, the members of a roll-up."""

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from services.cli import build
from services.commands.checks.folders import files_in
from services.normalize.adapters.workshop import Workshop
from tests.support.essays import essay
from tests.support.fill import fill
from tests.support.render import render
from tests.support.truth import Truth
from tests.support.years import body, one_year, years

SEED = 4
CARRIED = "applications.carried_over_in@natural_person"


def gouji(*arguments: object):
    return CliRunner().invoke(build(["check"]), ["check", *map(str, arguments)])


def lines_of(*arguments: object) -> list[dict]:
    ended = gouji("--format", "jsonl", *arguments)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def rules(line: dict) -> list[str]:
    return [issue["rule"] for issue in line["issues"]]


def printed(path: Path, truth: Truth) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(truth, "tabs_grid", Random(1), encoding="utf-8").data)
    return path


@pytest.fixture
def last(tmp_path: Path) -> Path:
    return printed(tmp_path / "filed" / "older" / "2022.txt", years(SEED, 2022, 1)[0])


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return printed(tmp_path / "draft.txt", years(SEED, 2022, 2)[1])


@pytest.fixture
def slipped(tmp_path: Path) -> Path:
    before = years(SEED, 2022, 1)[0]
    truth = one_year(SEED, 2023, body(SEED), before, slip={CARRIED: 3})
    return printed(tmp_path / "slipped.txt", truth)


def test_a_draft_that_follows_from_last_year_stays_clean_and_says_what_it_was_compared_with(
    draft, last
):
    ended = gouji(draft, "--beside", last)

    assert ended.exit_code == 0
    assert f"对照 beside: 上年报告 last year's report: {last}" in ended.stdout


def test_what_contradicts_last_year_is_found_beside_it_alone_and_comes_last(slipped, last):
    alone, beside = gouji(slipped), gouji(slipped, "--beside", last)

    assert (alone.exit_code, beside.exit_code) == (0, 1)
    assert "xy_carry_over" not in alone.stdout
    (own,), (both,) = lines_of(slipped), lines_of(slipped, "--beside", last)
    assert both["issues"][: len(own["issues"])] == own["issues"]
    assert rules(both)[len(rules(own)) :] == ["xy_carry_over", "t2_outlier"]
    (found,) = (i for i in both["issues"] if i["rule"] == "xy_carry_over")
    assert CARRIED in found["addresses"]
    assert "2022年报告" in found["message_zh"]


def test_the_line_gains_one_key_and_changes_no_other(draft, last):
    (own,), (both,) = lines_of(draft), lines_of(draft, "--beside", last)

    named = both.pop("beside")
    assert own | {"issues": []} == both | {"issues": []}
    assert both["issues"][: len(own["issues"])] == own["issues"]
    assert [(one["file"], one["relation"], one["year"]) for one in named] == [
        (str(last), "year_before", 2022)
    ]
    assert json.loads(gouji("--format", "json", draft, "--beside", last).stdout)[0] == {
        **both, "beside": named,
    }  # fmt: skip


def test_a_folder_is_read_with_its_sub_folders_whatever_else_lies_there(slipped, last):
    folder = last.parents[1]
    shutil.copy(slipped, folder / "slipped.txt")
    printed(folder / "another.txt", years(SEED + 1, 2022, 1)[0])

    (line,) = lines_of(slipped, "--beside", folder)

    assert "xy_carry_over" in rules(line)
    assert [one["file"] for one in line["beside"]] == [str(last)]


def test_reports_in_an_archive_are_compared_with_too(slipped, last, tmp_path):
    packed = tmp_path / "filed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(last, "2022.txt")

    (line,) = lines_of(slipped, "--beside", packed)

    assert "xy_carry_over" in rules(line)
    assert [one["file"] for one in line["beside"]] == [f"{packed}/2022.txt"]


def test_what_cannot_be_read_is_named_once_in_both_languages_and_nothing_else_suffers(
    slipped, last, tmp_path
):
    (last.parent / "empty.txt").write_bytes(b"")
    (last.parent / "note.txt").write_text("明天开会，请带材料。", encoding="utf-8")

    ended = gouji("--format", "jsonl", slipped, slipped, "--beside", last.parent)

    assert ended.exit_code == 1
    assert all("xy_carry_over" in rules(json.loads(x)) for x in ended.stdout.splitlines())
    assert len(ended.stderr.splitlines()) == 2
    assert ended.stderr.count("读不了，不作对照 not read, not compared with: ") == 2
    assert "empty.txt  empty: " in ended.stderr


def test_a_path_that_is_not_there_is_a_mistake_in_the_command(draft, tmp_path):
    ended = gouji(draft, "--beside", tmp_path / "nowhere")

    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert "no such file or folder" in ended.stderr


def test_nothing_to_compare_with_is_said(draft, tmp_path):
    other = printed(tmp_path / "other.txt", years(SEED + 1, 2020, 1)[0])

    ended = gouji(draft, "--beside", other)

    assert ended.exit_code == 0
    assert "没有可对照的报告 · nothing to compare with" in ended.stdout
    assert lines_of(draft, "--beside", other)[0]["beside"] == []


def test_files_checked_at_once_are_compared_with_each_other_only_when_asked(slipped, last):
    apart, together = lines_of(slipped, last), lines_of("--together", slipped, last)

    assert "xy_carry_over" not in rules(apart[0])
    assert "beside" not in apart[0]
    assert "xy_carry_over" in rules(together[0])
    assert rules(together[1]) == rules(apart[1])
    assert [line["file"] for line in together] == [str(slipped), str(last)]


def test_a_file_is_read_once_though_it_is_checked_and_compared_with(slipped, last, monkeypatch):
    read = []
    real = Workshop.read_fully

    async def counted(self, data, name, lanes):
        read.append(name)
        return await real(self, data, name, lanes)

    monkeypatch.setattr(Workshop, "read_fully", counted)

    assert gouji("--together", slipped, last, "--beside", last.parent).exit_code == 1
    assert sorted(read) == sorted([slipped.name, last.name])


def test_a_refused_file_that_is_checked_too_has_its_own_line_and_no_other(draft, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_bytes(b"")

    ended = gouji("--together", "--format", "jsonl", draft, empty, tmp_path / "missing.txt")

    assert ended.stderr == ""
    assert [json.loads(x)["status"] for x in ended.stdout.splitlines()] == [
        "recorded", "refused", "refused",
    ]  # fmt: skip


def test_a_copied_text_names_the_body_that_it_is_taken_from(tmp_path):
    truth = years(SEED, 2023, 1)[0]
    draft = printed(tmp_path / "draft.txt", truth)
    sister = tmp_path / "sister.txt"
    sister.write_text(
        draft.read_text(encoding="utf-8").replace("司法局", "民政局"), encoding="utf-8"
    )
    essay_of = "".join(essay(Random(1), 600))
    for path in (draft, sister):
        text = path.read_text(encoding="utf-8")
        heading = next(x for x in text.splitlines() if x.startswith("一、"))
        path.write_text(text.replace(heading, f"{heading}\n{essay_of}", 1), encoding="utf-8")

    (line,) = lines_of(draft, "--beside", sister)

    assert [one["relation"] for one in line["beside"]] == ["shared_text"]
    (found,) = (i for i in line["issues"] if i["rule"] == "xy_duplicate_text")
    assert "民政局" in found["message_zh"]


def test_a_roll_up_is_compared_with_the_bodies_of_its_place(tmp_path):
    government = body(SEED, scope="roll_up")
    whole = printed(
        tmp_path / "whole.txt", fill(1, "2021", kind="small", year=2023, agency=government)
    )
    bureau = f"{government.full.removesuffix('人民政府')}财政局"
    member = replace(
        government, full=bureau, printed=bureau, kind="department", scope="own", we="我局"
    )
    part = printed(
        tmp_path / "parts" / "part.txt", fill(2, "2021", kind="busy", year=2023, agency=member)
    )

    (line,) = lines_of(whole, "--beside", part.parent)

    assert [(one["file"], one["relation"]) for one in line["beside"]] == [(str(part), "member")]
    (found,) = (i for i in line["issues"] if i["rule"] == "h_rollup_ge_child")
    assert bureau in found["message_zh"]


def test_own_rules_hold_beside_others_too(slipped, last, tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.toml").write_text("[overrides.xy_carry_over]\nenabled = false\n")

    ended = gouji(slipped, "--beside", last, "--rules", tmp_path / "rules")

    assert ended.exit_code == 0
    assert "xy_carry_over" not in ended.stdout


def test_files_are_named_once_and_hidden_ones_of_a_folder_not_at_all(tmp_path):
    for name in ("b.txt", "a.txt", ".hidden", ".git/config", "sub/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")

    named = [tmp_path / "b.txt", tmp_path, tmp_path / ".hidden", tmp_path / "b.txt"]
    found = files_in(named, each_once=True)

    assert [str(p.relative_to(tmp_path)) for p in found] == [
        "b.txt",
        "a.txt",
        "sub/c.txt",
        ".hidden",
    ]
