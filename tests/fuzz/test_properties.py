"""The same promises as under the fuzzer, on examples that hypothesis makes: few, and always the same."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import mutators
from tests.fuzz.targets import TARGETS

BUILT = {"extract": 30, "judge": 25, "solve": 60, "words": 80}
"""Targets that build what they need from the bytes, with the number of examples."""
FILES = ("text", "html", "docx", "sheet", "pdf", "ofd", "archive", "door")
TEXTS = {"event": 60, "meta": 60, "rules": 25, "webhooks": 40, "agencies": 60}


def steady(examples: int):
    return settings(
        derandomize=True,
        deadline=None,
        max_examples=examples,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def as_given(data: bytes, most: int) -> bytes:
    """Stand in for the fuzzer: one byte becomes another."""
    if not data:
        return b"x"
    at = sum(data[:64]) % len(data)
    return data[:at] + bytes(((data[at] + 1) % 256,)) + data[at + 1 :]


@pytest.mark.parametrize("name", BUILT)
def test_what_is_built_from_any_bytes_breaks_no_promise(name: str) -> None:
    @steady(BUILT[name])
    @given(st.binary(max_size=200))
    def check(data: bytes) -> None:
        TARGETS[name].check(data)

    check()


@pytest.mark.parametrize("name", FILES)
def test_a_file_changed_in_a_part_of_it_breaks_no_promise(name: str) -> None:
    target = TARGETS[name]
    seeds = sorted(target.seeds(), key=len)[:6]
    change = target.mutator or mutators.markup

    @steady(8)
    @given(st.sampled_from(seeds), st.integers(0, 2**31), st.integers(1, 3))
    def check(data: bytes, seed: int, times: int) -> None:
        rng = Random(seed)
        for _ in range(times):
            data = change(data, target.longest, rng.randrange(2**31), as_given)
        target.check(data)

    check()


@pytest.mark.parametrize("name", TEXTS)
def test_what_people_and_publishers_write_breaks_no_promise(name: str) -> None:
    target = TARGETS[name]
    seeds = sorted(target.seeds(), key=len)[:12]

    @steady(TEXTS[name])
    @given(st.sampled_from(seeds), st.integers(0, 2**31), st.binary(max_size=60))
    def check(data: bytes, seed: int, noise: bytes) -> None:
        target.check(mutators.cells(data, target.longest, seed, as_given))
        target.check(data[:1] + noise)

    check()
