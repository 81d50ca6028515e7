"""How fast the whole line is: `python -m benchmarks.whole_line [--reports N] [--database postgresql] [--mix]`.

Starts `gouji up` in a folder of its own, drops made-up reports all at once and then one by one, and listens as any
outside subscriber would. While the burst is worked off a probe is dropped every few seconds, and every process is
looked at: `--csv` keeps all looks, `--plot` draws them. The files are made beforehand and kept (`benchmarks.stock`).
"""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import nats
import psutil
from nats.js import JetStreamContext

from benchmarks import watching
from benchmarks.journeys import Leg, journey
from benchmarks.lines import ENDS, Ends, address, line, rest, store
from benchmarks.stock import USUAL_MIX, Shares, lay, stocked
from benchmarks.watching import Look

_WARM = 900_000
_SINGLES = 500_000
_PROBES = 600_000
"""Numbers of the files that warm the line up, of those dropped one by one, of those dropped into the burst."""
_GONE = 120.0
"""A file that has no end while nothing at all ends for so many seconds is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured: times are seconds; `database` is `sqlite` or `postgresql`.

    Files are dropped one by one into a line at rest, or `at_once`, while the burst's reports are still compared.
    """

    reports: int = 1000
    singles: int = 40
    copies: tuple[str, ...] = ()
    database: str = "sqlite"
    mix: Shares | None = None
    keep: Path | None = None
    at_once: bool = False
    look_every: float = 0.5
    probe_every: float = 10.0


@dataclass(frozen=True, slots=True)
class Single:
    """One file dropped by itself: seconds since the burst began, milliseconds from drop to row, its way."""

    at: float
    took: float
    document_id: str
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """What a line did.

    `rate` is reports a second from the first drop to the last row, `compared_after` the seconds after it until
    reports were compared with one another; `milliseconds` of processor a report, by process.
    """

    plan: Plan
    ended: int
    kinds: dict[str, int]
    rate: float
    compared_after: float
    milliseconds: dict[str, float]
    looks: tuple[Look, ...]
    probes: tuple[Single, ...]
    idle: tuple[Single, ...]

    @property
    def megabytes(self) -> dict[str, float]:
        """The most resident megabytes by process."""
        return watching.highest(self.looks)

    def idle_ms(self, share: float) -> float:
        """Return how long at most this share of the idle drops took; not a number without any."""
        return quantile([one.took for one in self.idle], share)


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value that this share of the values does not exceed; not a number without any."""
    found = sorted(values)
    return found[min(len(found) - 1, int(share * len(found)))] if found else float("nan")


@dataclass
class _Measurement:
    plan: Plan
    folder: Path
    ends: Ends
    began: float = 0.0

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    async def burst(self, files: list[Path]) -> float:
        """Drop all at once; return reports per second from the first drop to the last end."""
        # read before the clock runs: what ends meanwhile must be heard
        wanted = [document_of(path) for path in files]
        self.began = perf_counter()
        for number, path in enumerate(files):
            lay(path, self.inbox)
            if number % 200 == 0:
                await asyncio.sleep(0)
        for document in wanted:
            if await self.ends.end_of(document, _GONE) is None:
                break
        ended = sum(document in self.ends.at for document in wanted)
        if ended < len(files):
            print(f"only {ended} of {len(files)} ended", file=sys.stderr)
        if not ended:
            raise SystemExit(f"nothing ended; see {self.folder}")
        last = max(self.ends.at[d] for d in wanted if d in self.ends.at)
        return ended / (last - self.began)

    async def single(self, path: Path) -> Single | None:
        """Drop one file and wait for its row; None when it is lost."""
        document, begin, wall = document_of(path), perf_counter(), time.time()
        lay(path, self.inbox)
        end = await self.ends.end_of(document, _GONE)
        if end is None:
            print(f"no end of {path.name}", file=sys.stderr)
            return None
        took = 1000 * (end - begin)
        # the logs are written a moment after
        await asyncio.sleep(0.15)
        legs = journey(self.folder / "data" / "logs", document, wall)
        return Single(begin - self.began, took, document, legs)

    async def probe(self, files: Iterator[Path], found: list[Single]) -> None:
        """Drop a file every few seconds until cancelled; those under way then are still waited for."""
        async with asyncio.TaskGroup() as group:
            with suppress(asyncio.CancelledError):
                for path in files:
                    await asyncio.sleep(self.plan.probe_every)
                    group.create_task(self._found(path, found))

    async def _found(self, path: Path, found: list[Single]) -> None:
        single = await self.single(path)
        if single is not None:
            found.append(single)


def document_of(path: Path) -> str:
    """Return the id of the document that a file holds."""
    return sha256(path.read_bytes()).hexdigest()


async def measure(plan: Plan, folder: Path, database: str | None) -> Run:
    """Run the line in an empty folder."""
    (folder / "inbox").mkdir(parents=True)
    begun = perf_counter()
    many, few = stocked(range(plan.reports), plan.mix), _numbered(_SINGLES, plan.singles)
    # the longest run that makes sense has so many
    probes = _numbered(_PROBES, 1000 if plan.reports > 20_000 else 200)
    print(f"files at hand after {perf_counter() - begun:.0f} s", flush=True)
    with line(folder, plan.copies, database) as running:
        client = await nats.connect(await address(folder))
        try:
            measurement = _Measurement(plan, folder, Ends())
            for subject in ENDS:
                await client.subscribe(subject, cb=measurement.ends.hear)
            return await _measured(measurement, running, client.jetstream(), many, few, probes)
        finally:
            await client.close()


async def _measured(
    measurement: _Measurement,
    running: subprocess.Popen[bytes],
    js: JetStreamContext,
    many: list[Path],
    few: list[Path],
    probes: list[Path],
) -> Run:
    plan, ends = measurement.plan, measurement.ends
    # everything started and loaded before the clock runs
    for path in _numbered(_WARM, 20):
        await measurement.single(path)
    await rest(js)
    ends.kinds.clear()
    before = watching.look(psutil.Process(running.pid))
    looks: list[Look] = []
    probed: list[Single] = []
    first = len(ends.at)
    watcher = asyncio.create_task(
        watching.watch(running.pid, lambda: len(ends.at) - first, looks, plan.look_every)
    )
    prober = asyncio.create_task(measurement.probe(iter(probes), probed))
    rate = await measurement.burst(many)
    prober.cancel()
    await prober
    kinds, ended = dict(ends.kinds), len(ends.at) - first
    compared_after = 0.0 if plan.at_once else await rest(js)
    after = watching.look(psutil.Process(running.pid))
    await asyncio.sleep(2)
    idle = [one for path in few if (one := await measurement.single(path)) is not None]
    watcher.cancel()
    spent = {
        name: 1000 * (seconds - before.seconds.get(name, 0.0)) / len(many)
        for name, seconds in after.seconds.items()
    }
    return Run(
        plan, ended, kinds, rate, compared_after, spent, tuple(looks), tuple(probed), tuple(idle)
    )


def _numbered(first: int, count: int) -> list[Path]:
    return stocked(range(first, first + count))


@contextmanager
def _place(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True)
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="gouji-bench-") as folder:
        yield Path(folder)


def run(plan: Plan) -> Run:
    """Measure once, with a database of its own."""
    with _place(plan.keep) as folder, store(plan.database) as database:
        return asyncio.run(measure(plan, folder, database))


def tell(run: Run) -> None:
    """Print what the line did."""
    print(
        f"burst of {run.plan.reports}, {run.plan.database}: {run.rate:.0f} reports/s;"
        f" compared {run.compared_after:.0f} s later; ends {run.kinds}"
    )
    spent = sorted(run.milliseconds.items(), key=lambda item: -item[1])
    listed = ", ".join(f"{name} {ms:.1f}" for name, ms in spent)
    print(f"processor ms a report: {listed}; together {sum(ms for _, ms in spent):.1f}")
    for what, found in (
        ("within the burst", run.probes),
        ("comparing" if run.plan.at_once else "idle", run.idle),
    ):
        if found:
            slowest = max(found, key=lambda one: one.took)
            print(
                f"{what}, drop to row, {len(found)} files:"
                f" p50 {statistics.median(one.took for one in found):.0f} ms"
                f"   p99 {quantile([one.took for one in found], 0.99):.0f} ms"
                f"\n  slowest {slowest.took:.0f} ms, {slowest.document_id}:"
            )
            for leg in slowest.legs:
                print(f"    {leg}")
    print("resident MB, highest: " + ", ".join(f"{n} {m:.0f}" for n, m in run.megabytes.items()))


def _mix(text: str) -> Shares:
    if text == "usual":
        return USUAL_MIX
    return {
        name: int(share) for name, _, share in (part.partition("=") for part in text.split(","))
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--singles", type=int, default=40)
    parser.add_argument("--copies", action="append", default=[], help="such as extract=2")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--mix", type=_mix, nargs="?", const=USUAL_MIX, help="formats, such as docx=40,pdf=60"
    )
    parser.add_argument("--keep", type=Path, help="folder for the line and its logs, not there yet")
    parser.add_argument(
        "--at-once", action="store_true", help="drop single files while reports are still compared"
    )
    parser.add_argument("--csv", type=Path, help="file for all looks at the processes")
    parser.add_argument("--plot", type=Path, help="PNG of rate, memory and latencies over time")
    parser.add_argument("--look-every", type=float, default=0.5, help="seconds")
    parser.add_argument("--probe-every", type=float, default=10.0, help="seconds")
    given = vars(parser.parse_args())
    csv, plot = given.pop("csv"), given.pop("plot")
    done = run(Plan(**{**given, "copies": tuple(given["copies"])}))
    tell(done)
    if csv is not None:
        watching.write(done.looks, csv)
    if plot is not None:
        from benchmarks.plots import draw_run  # noqa: PLC0415 - matplotlib is an extra

        draw_run(done, plot)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
