"""How long a line takes to come back from a backup: `python -m benchmarks.restore [--reports N]`.

Fills a line by `gouji up`, backs it up, destroys all three stores, restores them and starts the line again. The time
to recover is that of the restore and of the start until nothing is under way; every row must be as before.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from benchmarks.stock import lay, stocked
from tests.support.dump import dump
from tests.support.processes import GOUJI

BAR_SECONDS = 600.0
"""Time to recover at 10,000 reports."""


def gouji(folder: Path, *arguments: str) -> float:
    """Run one command to its end; return its seconds."""
    began = perf_counter()
    ended = subprocess.run(
        [GOUJI, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    took = perf_counter() - began
    print(f"{' '.join(arguments[:2]):<24} {took:8.1f} s", flush=True)
    if ended.returncode != 0:
        raise SystemExit(ended.stdout[-2000:] + ended.stderr[-2000:])
    return took


def size_of(folder: Path) -> float:
    """Return the size of a folder in MB."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()) / 1e6


def measure(folder: Path, reports: int, database: str | None, other: str | None) -> float:
    """Print every step; return the seconds from the restore to a line at rest."""
    inbox = folder / "inbox"
    inbox.mkdir()
    for path in stocked(range(reports)):
        lay(path, inbox)
    here = ["--database", database or f"sqlite:///{folder}/data/gouji.db"]
    there = ["--database", other or here[1]]
    gouji(folder, "up", "--until-idle", *here)
    gouji(folder, "backup", "../backups", *here)
    gouji(folder, "backup", "../backups", *here)
    gouji(folder, "backup", "--verify", "../backups")
    print(f"backups                  {size_of(folder.parent / 'backups'):8.1f} MB", flush=True)
    before = dump(here[1])
    shutil.rmtree(folder)
    folder.mkdir()
    took = gouji(folder, "restore", "../backups", *there)
    took += gouji(folder, "up", "--until-idle", *there)
    if dump(there[1]) != before:
        raise SystemExit("the restored database differs")
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--database", help="SQLAlchemy URL; SQLite if left")
    parser.add_argument(
        "--other", help="an empty database to restore into, where --database is given"
    )
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gouji-restore-") as place:
        folder = Path(place) / "line"
        folder.mkdir()
        took = measure(folder, wanted.reports, wanted.database, wanted.other)
    bar = BAR_SECONDS * max(1.0, wanted.reports / 10_000)
    verdict = "within" if took <= bar else "ABOVE"
    print(
        f"{wanted.reports} reports: back in {took:.1f} s, {verdict} the bar of {bar:.0f} s; rows equal"
    )
    sys.exit(took > bar)


if __name__ == "__main__":
    main()
