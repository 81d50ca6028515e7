"""All that was kept of fuzzing, once more: what is in `corpus/` breaks no promise any more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
LARGEST = 300_000


def kept() -> Iterator[tuple[str, Path]]:
    for folder in sorted(CORPUS.iterdir()):
        yield from ((folder.name, path) for path in sorted(folder.iterdir()))


@pytest.mark.parametrize("name", TARGETS)
def test_a_kept_input_breaks_no_promise(name: str) -> None:
    for target, path in kept():
        if target == name:
            TARGETS[name].check(path.read_bytes())


def test_what_is_kept_is_small_and_has_a_target() -> None:
    found = list(kept())
    assert {name for name, _ in found} <= TARGETS.keys()
    assert sum(path.stat().st_size for _, path in found) <= LARGEST
