"""How fast an export is and how much memory it takes: `python -m benchmarks.export [--reports N] [--formats csv,…]`.

Files made-up reports of a whole country into a new database (or takes the one that `--database` names), then runs
`gouji export` once for each format as a process of its own.
"""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.stock import report
from tests.support.filed import file_away
from tests.support.processes import GOUJI

FORMATS: Final = {
    "csv": ("--format", "csv"),
    "csv-reports": ("--format", "csv", "--rows", "reports"),
    "parquet": ("--format", "parquet"),
    "parquet-reports": ("--format", "parquet", "--rows", "reports"),
    "jsonl": ("--format", "jsonl"),
    "xlsx": ("--format", "xlsx"),
    "sarif": ("--format", "sarif"),
}
"""What is measured, by name."""


def filled(folder: Path, reports: int) -> str:
    """Return the URL of a database with that many reports."""
    url = f"sqlite:///{folder}/gouji.db"
    file_away(url, map(report, range(reports)))
    return url


def measure(url: str, output: Path, arguments: tuple[str, ...]) -> tuple[str, float, float, float]:
    """Run one export; return what it says, its seconds by the clock and of the processor, and its highest MB."""
    began = perf_counter()
    process = subprocess.Popen(
        [GOUJI, "export", "--database", url, "--output", str(output), *arguments],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    took = perf_counter() - began
    if status != 0:
        raise SystemExit(said)
    return said.splitlines()[-1], took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--database", help="SQLAlchemy URL of a database that is filled already")
    parser.add_argument("--formats", default=",".join(FORMATS), help="some of the names, by commas")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gouji-export-") as place:
        url = wanted.database or filled(Path(place), wanted.reports)
        print(f"load {os.getloadavg()[0]:.1f}", flush=True)
        for name in wanted.formats.split(","):
            output = Path(place) / name
            said, took, used, highest = measure(url, output, FORMATS[name])
            count = int(said.rpartition(": ")[2].split()[0])
            print(
                f"{name:<16} {count:>10} in {took:7.1f} s ({used:7.1f} s of processor): "
                f"{count / took:9.0f} a second, {highest:5.0f} MB, file {output.stat().st_size / 1e6:.0f} MB",
                flush=True,
            )
            output.unlink()


if __name__ == "__main__":
    main()
