"""The short form of the trials: a line each, seeded, with several faults at once.

The long form is `make endurance`. A failure prints what differs, the seed, and the command that repeats it.
"""

import os

import pytest

from tests.endurance.bus_faults import BrokerDown, KillBroker
from tests.endurance.faults import Strikes
from tests.endurance.line import FEEDER
from tests.endurance.loose import Loose
from tests.endurance.process_faults import Kill, KillChild, Pause
from tests.endurance.scale import Scale
from tests.endurance.supervised import Supervised
from tests.endurance.trial import Plan, run
from tests.endurance.trials import TRIALS

pytestmark = pytest.mark.system

SEED = int(os.environ.get("GOUJI_ENDURANCE_SEED", "1"))


def test_services_workers_and_broker_killed_at_random_lose_and_double_nothing(tmp_path):
    plan = Plan(
        "R1", files=80, seconds=16, poison=0.05, seed=SEED,
        strikes=(
            Strikes(Kill(), times=8, every=2),
            Strikes(KillChild(), times=10, every=1.5),
            Strikes(KillBroker(), times=2, first=5, every=6),
        ),
    )  # fmt: skip
    with Supervised(tmp_path) as line:
        result = run(plan, line)

    print(result.line())
    assert result.passed, result.verdict()


@pytest.mark.long
def test_standing_still_beyond_the_ack_wait_and_a_bus_that_is_away_lose_and_double_nothing(
    tmp_path, postgres
):
    plan = Plan(
        "R5", files=60, seconds=14, seed=SEED,
        strikes=(
            Strikes(Pause(), times=2, first=1, every=6, lasting=4.5),
            Strikes(Kill(FEEDER), times=1, first=4),
            Strikes(BrokerDown(), times=1, first=7, lasting=5),
        ),
    )  # fmt: skip
    with Loose(tmp_path, postgres.new_database()) as line:
        result = run(plan, line)

    assert result.passed, result.verdict()


@pytest.mark.parametrize(
    ("name", "files", "seconds"),
    [
        *(
            pytest.param(*trial, marks=pytest.mark.long)
            for trial in (
                ("R8", 40, 12),
                ("R6", 25, 6),
                ("R13", 2, 0),
                ("R17", 20, 6),
                ("R18", 25, 9),
            )
        ),
    ],
)
def test_the_books_balance_after(name, files, seconds, tmp_path):
    result = TRIALS[name](tmp_path, None, Scale(files=files, seconds=seconds, seed=SEED))

    assert result.passed, result.verdict()
