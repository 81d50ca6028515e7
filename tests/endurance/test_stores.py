"""The short form of the trials of stores; the long one is `make endurance FAULTS=R4,R4-sqlite,R9,R10,R11`."""

import os

import pytest

from tests.endurance.scale import Scale
from tests.endurance.trials import TRIALS

pytestmark = pytest.mark.system

SEED = int(os.environ.get("GOUJI_ENDURANCE_SEED", "1"))


@pytest.mark.parametrize(
    ("name", "files"),
    [
        *(
            pytest.param(*trial, marks=pytest.mark.long)
            for trial in (("R4", 25), ("R11", 20), ("R4-sqlite", 20), ("R9", 25), ("R10", 25))
        ),
    ],
)
def test_the_books_balance_after(name, files, tmp_path):
    result = TRIALS[name](tmp_path, None, Scale(files=files, seed=SEED))

    assert result.passed, result.verdict()
