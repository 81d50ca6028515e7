"""R19 in short: a leader killed, the client's node cut off, and nothing lost or doubled."""

from dataclasses import replace

import pytest

from tests.endurance.cluster import trial
from tests.endurance.cluster_faults import CUT_CLIENTS_NODE, KILL_LEADER

pytestmark = [pytest.mark.system, pytest.mark.long]

CUT_SECONDS = 9.0


def test_a_cluster_that_loses_a_leader_and_a_cable_loses_and_doubles_nothing(tmp_path):
    harms = (replace(KILL_LEADER, seconds=2.0), replace(CUT_CLIENTS_NODE, seconds=CUT_SECONDS))

    outcome = trial(tmp_path, harms, files=60, seconds=25.0)

    assert outcome.passed, f"{outcome.rows()}\n{outcome.slow}\n{outcome.result.verdict()}"
    assert outcome.acked > 100
