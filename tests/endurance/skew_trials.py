"""Trials of two versions side by side: R16. The earlier one is a checkout that `GOUJI_PREVIOUS` names."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import nats
import pytest

from tests.endurance.faults import Strikes
from tests.endurance.line import SERVICES
from tests.endurance.loose import Loose
from tests.endurance.process_faults import Kill
from tests.endurance.scale import Scale
from tests.endurance.trial import Plan, Result, run
from tests.support.processes import gouji

_VARIABLE = "GOUJI_PREVIOUS"
_ONLY_THERE = (sys.executable, "-P")
"""Python without the folder that it was called in, which may hold this version."""


def side_by_side(folder: Path, database: str | None, scale: Scale) -> Result:
    """R16: a copy of every service of each version works on the same streams and the same database.

    What one stage of one version publishes, the next stage of either takes on; now and then one is killed, so that
    its work goes over to the other.
    """
    previous = os.environ.get(_VARIABLE)
    if previous is None:
        pytest.skip(f"{_VARIABLE} names no checkout of an earlier version")
    _demand_checkout(Path(previous))
    times = scale.faults_of(4, 60)
    plan = Plan(
        "R16", files=scale.files_of(60, 1000), seconds=scale.seconds_of(12, 3.0 * times),
        strikes=(Strikes(Kill(), times=times, first=2, every=2.5),),
        seed=scale.seed, recovery=scale.pick(120, 300),
    )  # fmt: skip
    with Loose(folder, database, quick=scale.quick) as line:
        for service in SERVICES:
            argv = [*_ONLY_THERE, "-m", f"services.{service}"]
            line.add(f"previous-{service}", argv, {"PYTHONPATH": previous})
        for service in SERVICES:
            line.await_ready(f"previous-{service}")
        needed = _streams(line)
        # as docs/operations.md says, while services of the earlier version run
        provisioned = gouji("provision", cwd=folder, env={"GOUJI_NATS_URL": line.nats_url})
        taken = needed - _streams(line)
        result = run(plan, line)
        result.notes["streams"] = sorted(needed)
        result.demand(
            f"provision leaves the earlier version its streams: {taken} {provisioned.stderr}",
            met=provisioned.returncode == 0 and not taken,
        )
        for version in ("", "previous-"):
            shares = {s: _handled(line, version + s) for s in SERVICES}
            result.notes[f"{version or 'this '}messages"] = shares
            result.demand(f"each took part: {shares}", met=all(shares.values()))
    return result


def _demand_checkout(previous: Path) -> None:
    """Make sure that what is started as the earlier version is not this one."""
    told = subprocess.run(
        [*_ONLY_THERE, "-c", "import services; print(services.__file__)"],
        env=os.environ | {"PYTHONPATH": str(previous)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(told.stdout.strip()).is_relative_to(previous.resolve()), told.stdout


def _streams(line: Loose) -> set[str]:
    async def ask() -> set[str]:
        client = await nats.connect(line.nats_url)
        try:
            return {str(info.config.name) for info in await client.jetstream().streams_info()}
        finally:
            await client.close()

    return asyncio.run(ask())


def _handled(line: Loose, part: str) -> int:
    return sum(entry.get("event") == "message.handled" for entry in line.logged(part))
