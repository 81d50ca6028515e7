"""Trials of files and of the folder they are dropped into: R17, R18."""

from pathlib import Path
from random import Random

from tests.endurance.faults import Strikes
from tests.endurance.file_faults import Careless, FolderSwapped, feed_without_watcher
from tests.endurance.ledger import Ledger
from tests.endurance.line import FEEDER
from tests.endurance.loose import Loose
from tests.endurance.process_faults import Kill
from tests.endurance.scale import Scale
from tests.endurance.trial import Plan, Result, run


def careless(folder: Path, database: str | None, scale: Scale) -> Result:
    """R17: files written slowly, in pieces, replaced or deleted while they are read; then a burst."""
    ledger = Ledger()
    writers = Careless(ledger, Random(scale.seed), seconds=scale.pick(6, 60))
    plan = Plan(
        "R17", files=scale.files_of(50, 500), seconds=scale.seconds_of(10, 60), seed=scale.seed,
        recovery=scale.pick(120, 900),
    )  # fmt: skip
    with Loose(folder, database, quick=scale.quick) as line:
        first = run(plan, line, ledger=ledger, dropping=writers)
        writers.join()
        burst = int(scale.pick(100, 5000))
        more = Plan("R17", files=burst, seconds=0, seed=scale.seed + 1, recovery=plan.recovery)
        result = run(more, line, ledger=ledger)
    result.notes |= {"careless": plan.files, "burst": burst}
    found = {kind: len(names) for kind, names in first.balance.faults().items()}
    result.demand(f"all is well before the burst: {found}", met=first.passed)
    return result


def unwatched(folder: Path, database: str | None, scale: Scale) -> Result:
    """R18: no inotify for the feeder, which is killed now and then, and the folder itself is swapped."""
    plan = Plan(
        "R18", files=scale.files_of(40, 500), seconds=scale.seconds_of(12, 60), seed=scale.seed,
        strikes=(
            Strikes(Kill(FEEDER), times=scale.faults_of(1, 5), first=3, every=10),
            Strikes(FolderSwapped(), times=scale.faults_of(1, 5), first=6, every=10),
        ),
    )  # fmt: skip
    programs = {FEEDER: feed_without_watcher(folder / "inbox")}
    with Loose(folder, database, quick=scale.quick, programs=programs) as line:
        result = run(plan, line)
        blind = any("not_watched" in str(entry) for entry in line.logged(FEEDER))
    result.demand("the feeder had no watcher", met=blind)
    return result
