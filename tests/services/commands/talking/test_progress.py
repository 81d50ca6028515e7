"""A bar on long work: where a person sees it, and never in what a program reads."""

from functools import partial
from pathlib import Path

import pytest

from tests.support.terminal import watched

EXAMPLES = sorted((Path(__file__).resolve().parents[4] / "examples").glob("0[12]_*.txt"))


@pytest.fixture
def check(monkeypatch):
    return partial(watched, "check", *EXAMPLES, monkeypatch=monkeypatch)


def test_long_work_shows_a_bar_on_a_terminal_and_takes_it_away(check):
    shown, _ = check()

    assert "2/2" in shown
    assert shown.index("核对 checking") < shown.rindex("\x1b[2K"), "the bar stays on the screen"
    assert "01_clean_tabs_2020.txt" in shown


def test_no_bar_is_drawn_beside_a_pipe_or_in_one(check):
    shown, sent = check(piped=True)
    assert "checking" not in shown + sent
    assert "01_clean_tabs_2020.txt" in sent

    _, sent = check(piped=True, terminal=False)
    assert "checking" not in sent
    assert "\x1b" not in sent


@pytest.mark.parametrize("layout", [["--json"], ["--format", "jsonl"], ["--format", "sarif"]])
def test_what_a_program_reads_has_no_bar_even_on_a_terminal(check, layout):
    shown, _ = check(*layout)

    assert "checking" not in shown
    assert "\x1b" not in shown
    assert "01_clean_tabs_2020.txt" in shown
