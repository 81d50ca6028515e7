"""Run trials: `python -m tests.endurance [--faults R1,R2] [--files N] [--seconds S] [--times N] [--seed N] …`.

Prints a line of the ledger for each and appends the figures to `data/endurance.jsonl`. Without `--short` the
trials are long, with the real waits. Exit code 1 when the books of any do not balance.
"""

import argparse
import json
import os
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from tests.endurance.scale import Scale
from tests.endurance.trial import Result
from tests.endurance.trials import TRIALS
from tests.support.postgres import Cluster

RESULTS = Path("data/endurance.jsonl")


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", default=",".join(TRIALS), help="which trials, by comma")
    parser.add_argument("--files", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--times", type=int, default=0, help="how often the fault strikes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--quick", action="store_true", help="short waits also in the long form")
    parser.add_argument("--keep", type=Path, help="folder for what the lines leave behind")
    wanted = parser.parse_args()
    scale = Scale(
        long=not wanted.short, files=wanted.files, seconds=wanted.seconds, faults=wanted.times,
        seed=wanted.seed, quick=wanted.short or wanted.quick,
    )  # fmt: skip
    passed = True
    with ExitStack() as stack:
        cluster = stack.enter_context(Cluster()) if wanted.database == "postgresql" else None
        for name in wanted.faults.split(","):
            base = wanted.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
            folder = base / name
            folder.mkdir(parents=True)
            database = cluster.new_database() if cluster is not None else None
            result = TRIALS[name](folder, database, scale)
            tell(result, wanted.database)
            passed &= result.passed
    return 0 if passed else 1


def tell(result: Result, database: str) -> None:
    """Print a result and keep its figures."""
    print(result.line() if result.passed else result.verdict(), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    entry = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),  # noqa: TID251 - when it was measured
        "database": database,
        "load_average": round(os.getloadavg()[0], 1),
        **result.as_json(),
    }
    with RESULTS.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
