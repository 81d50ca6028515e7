"""A container is not taken for the machine it runs on."""

import os

import pytest

from shared.runtime.cores import cores


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)))


@pytest.mark.parametrize(
    ("quota", "expected"),
    [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1), ("max 100000", 16)],
)
def test_a_quota_of_time_counts_as_so_many_cores(machine, tmp_path, quota, expected):
    (tmp_path / "cpu.max").write_text(quota + "\n")

    assert cores(tmp_path) == expected


def test_a_quota_above_the_cores_we_are_bound_to_adds_none(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3, 5})
    (tmp_path / "cpu.max").write_text("800000 100000\n")

    assert cores(tmp_path) == 2


def test_without_control_groups_the_bound_cores_count(machine, tmp_path):
    assert cores(tmp_path / "none") == 16
