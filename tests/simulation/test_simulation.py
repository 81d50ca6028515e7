"""A number of seeds in which nothing may happen that must never happen; `make simulate` runs thousands."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.run import batch, run
from tests.simulation.wire import Weather

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 150
GROUPS = 6
"""So that several workers share them."""
FOUND = (4, 72, 94, 110, 450, 1857)
"""Attempts used up by outages; innocents beside a killer; a clock set back; a lost first arrival; a claim without bytes; a letter without headers."""


@pytest.mark.parametrize("group", range(GROUPS))
def test_nothing_that_must_never_happen_happens(group):
    broken = {r.seed: r.broken for r in batch(range(group, SEEDS, GROUPS)) if r.broken}

    assert broken == {}, "replay with: make simulate SEED=…"


@pytest.mark.parametrize("seed", FOUND)
def test_what_a_seed_once_found_is_mended(seed):
    assert run(seed).broken is None


def test_the_storms_do_hit_the_line():
    counts = sum((run(seed).counts for seed in range(8)), start=run(8).counts)

    assert {"fault kill", "fault crash", "fault away", "fault cut"} <= set(counts)


def test_a_seed_replays_to_the_letter_in_another_process():
    here = run(4).trace

    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--seed", "4"], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONHASHSEED": "17"},
    )  # fmt: skip

    lines = told.stdout.splitlines()[:-1]
    assert lines == [f"{at:10.4f}  {what:<8} {who:<18} {about}" for at, what, who, about in here]


def test_weather_is_fair_unless_said_otherwise():
    assert Weather() == Weather(0.01, 0.0, 0.0, 0.0, 0.0)
