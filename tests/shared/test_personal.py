"""Personal data is found where it is, masked the same way every time, and nothing else is touched."""

import tomllib
from dataclasses import fields
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pipeline import process
from shared.report.issue import CellChange, Evidence, Issue, Repair
from shared.report.personal import find, masked, masked_issue, masked_values
from tests.support.fill import fill
from tests.support.render import LAYOUTS, render

SENTENCES = tomllib.loads(Path(__file__).with_name("personal.toml").read_text(encoding="utf-8"))
REALISM = Path(__file__).parents[1] / "realism" / "reports"


@pytest.mark.parametrize(("text", "left"), SENTENCES["found"])
def test_personal_data_is_masked(text, left):
    assert masked(text) == left


@pytest.mark.parametrize("text", SENTENCES["quiet"])
def test_what_only_looks_like_it_stays(text):
    assert masked(text) == text


def test_the_sentences_are_many_and_each_says_something_of_its_own():
    found = [text for text, _ in SENTENCES["found"]]
    assert len(set(found)) == len(found) >= 60
    assert len(set(SENTENCES["quiet"])) == len(SENTENCES["quiet"]) >= 60


_PIECES = st.sampled_from(
    [p for text, _ in SENTENCES["found"] for p in (text, text[:7], text[-7:])]
    + SENTENCES["quiet"] + ["，", "\n", " ", "\t", "*", "1", "王", "申请人", "\ud800", "\x00"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=4), max_size=12).map("".join))
def test_masking_twice_is_masking_once_and_keeps_the_length(text):
    once = masked(text)

    assert masked(once) == once
    assert len(once) == len(text)
    assert all(b in (a, "*") for a, b in zip(text, once, strict=True))


@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=12), st.sampled_from("\t|"))
def test_a_row_of_figures_is_never_touched(figures, between):
    row = between.join(map(str, ["小计", *figures, ""]))

    assert masked(row) == row


@given(
    st.integers(10**10, 2 * 10**10 - 1), st.sampled_from(["元", "万元", " 元", "件", "次", ".5"])
)
def test_a_figure_with_its_unit_is_never_touched(figure, unit):
    text = f"采购总额{figure}{unit}"

    assert masked(text) == text


def test_made_up_reports_hold_no_personal_data_but_what_is_planted():
    for seed in range(len(LAYOUTS)):
        layout = LAYOUTS[seed % len(LAYOUTS)]
        report = render(fill(seed), layout, Random(seed))
        text = report.data.decode("utf-8", errors="ignore")
        assert [text[f.start : f.end] for f in find(text)] == [], layout
        assert masked_values(line := process(report.data, report.name).neutral()) == line


@pytest.mark.parametrize("path", sorted(REALISM.glob("*.txt")), ids=lambda path: path.stem)
def test_reports_written_by_hand_hold_none(path):
    text = path.read_text(encoding="utf-8")

    assert masked(text) == text


PRIVATE = "申请人张三（手机13812345678）"
MASKED = "申请人张*（手机138********）"


def test_every_text_of_an_issue_is_masked_and_its_id_and_numbers_stay():
    texts = {f.name: PRIVATE for f in fields(Issue) if "str" in str(f.type)}
    issue = Issue(**texts | {
        "severity": "error", "origin": "source", "id": "i1", "rule": "r", "legal_basis": None,
        "addresses": ("a.b@c",), "expected": 13812345678, "difference": 13812345678,
        "evidence": (Evidence(PRIVATE), Evidence("13812345678", "a.b@c"), Evidence("13812345678")),
        "repairs": (Repair("change", (CellChange("a.b@c", 13812345678, 1),), (), PRIVATE, PRIVATE),),
    })  # fmt: skip

    found = masked_issue(issue)

    assert PRIVATE not in repr(found)
    assert (found.message_zh, found.observed, found.suggestion) == (MASKED,) * 3
    assert (found.id, found.expected, found.difference) == ("i1", 13812345678, 13812345678)
    assert [e.text for e in found.evidence] == [MASKED, "13812345678", "138********"]
    assert found.repairs[0].changes == issue.repairs[0].changes


def test_the_figure_of_a_cell_stays_in_plain_values_and_its_words_do_not():
    line = {
        "cells": {
            "a": {"state": "number", "value": 13812345678, "raw": "13812345678"},
            "b": {"state": "unreadable", "value": None, "raw": "手机13812345678"},
        },
        "file": "13812345678.txt",
    }

    found = masked_values(line)

    assert found["cells"]["a"] == line["cells"]["a"]
    assert found["cells"]["b"]["raw"] == "手机138********"
    assert found["file"] == "138********.txt"


@pytest.mark.long
@pytest.mark.parametrize(
    "text",
    ["1" * 300_000, "申请人" * 100_000, "13812345678," * 25_000, "1 " * 150_000, "王" * 300_000,
     "330102199001011234 " * 15_000, "原告王" * 100_000, "，王五，男" * 50_000, "申请人 ( " * 50_000,
     "，王二诉" + "汉" * 300_000, "+86 " * 75_000, "0571-" * 60_000],
    ids=range(12),
)  # fmt: skip
def test_hostile_text_takes_time_in_proportion_to_its_length(text):
    began = perf_counter()
    masked(text[: len(text) // 8])
    short = perf_counter() - began
    began = perf_counter()
    masked(text)

    assert perf_counter() - began < max(0.5, 40 * short)
