"""R19: the line on a cluster of three while its nodes are killed, cut off, upgraded and wiped.

`python -m tests.endurance.cluster` is the long form; it prints rows for docs/endurance.md.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.endurance.acked import Publisher, stored
from tests.endurance.cluster_faults import ALL, Felt, Harm, Ordeals
from tests.endurance.faults import Strikes
from tests.endurance.loose import Loose
from tests.endurance.trial import Plan, Result, run
from tests.support.cluster import Cluster

GAP_BAR = 10.0
"""Seconds within which publishing must go on after a node is gone."""


class ClusterBus:
    """A cluster where the line expects one server that it starts and stops."""

    pid: int | None = None

    def __init__(self, cluster: Cluster) -> None:
        """Wrap a cluster that runs already."""
        self._cluster = cluster

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self._cluster.url

    def is_running(self) -> bool:
        """The harms start what they end."""
        return True

    def start(self) -> None:
        """It runs already."""

    def stop(self) -> None:
        """It is stopped by whoever made it."""


@dataclass
class Outcome:
    """How the line, the counting publisher and every harm came through."""

    result: Result
    felt: list[Felt]
    acked: int
    missing: int
    doubled: int
    refusals: int

    @property
    def passed(self) -> bool:
        """Tell whether nothing is lost or doubled and no gap is too long."""
        return self.result.passed and not self.missing and not self.doubled and not self.slow

    @property
    def slow(self) -> list[str]:
        """Return the harms after which publishing took too long to go on."""
        return [f"{f.name}: {f.gap:.1f} s" for f in self.felt if f.bound and f.gap > GAP_BAR]

    def rows(self) -> str:
        """Return Markdown rows: harm, gap, time until every node was current again."""
        rows = [f"| {f.name} | {f.gap:.1f} s | {f.healthy:.1f} s |" for f in self.felt]
        numbers = (
            f"counted publishes: {self.acked} acknowledged, {self.missing} missing, "
            f"{self.doubled} doubled or out of order; feeder refusals logged {self.refusals}"
        )
        return "\n".join([*rows, "", self.result.line(), numbers])


def trial(
    folder: Path, harms: Sequence[Harm], *, files: int, seconds: float, seed: int = 1
) -> Outcome:
    """Run the line on a fresh cluster while the harms strike one after another."""
    with Cluster(folder / "cluster") as cluster:
        chosen = [harm for harm in harms if cluster.cuttable or not harm.needs_cables]
        line = Loose(
            folder, env={"GOUJI_REPLICAS": "3", "GOUJI_BUS_BYTES": "2000000000"},
            server=ClusterBus(cluster),
        )  # fmt: skip
        with line:
            publisher = Publisher(cluster.url)
            publisher.start()
            assert publisher.ready.wait(60)
            ordeals = Ordeals(cluster, publisher, chosen)
            strikes = Strikes(ordeals, times=len(chosen), first=2.0, every=5.0)
            plan = Plan("R19", files=files, seconds=seconds, strikes=(strikes,), seed=seed)
            result = run(plan, line)
            publisher.stop()
            found = stored(cluster.url)
            refusals = sum(x.get("event") == "feeder.file_not_fed" for x in line.logged("feed"))
    numbers = set(range(len(publisher.acked)))
    return Outcome(
        result, ordeals.felt, len(numbers), len(numbers - set(found)),
        len(found) - len(set(found)) + (found != sorted(found)), refusals,
    )  # fmt: skip


def main() -> int:
    """Run the long form; exit code 1 when a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=3000)
    parser.add_argument("--seconds", type=float, default=420.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="harms whose name holds this")
    parser.add_argument("--keep", type=Path, default=None, help="folder to keep logs in")
    chosen = parser.parse_args()
    harms = [harm for harm in ALL if chosen.only in harm.name]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gouji-cluster-") as place:
        folder = chosen.keep or Path(place)
        outcome = trial(
            folder, harms, files=chosen.files, seconds=chosen.seconds, seed=chosen.seed
        )  # fmt: skip
    print(outcome.rows())
    print(f"took {time.monotonic() - began:.0f} s; too slow: {outcome.slow or 'none'}")
    if not outcome.result.passed:
        print(outcome.result.verdict())
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    sys.exit(main())
