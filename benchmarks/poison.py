"""Healthy files beside poison: `python -m benchmarks.poison [--files N] [--share 0.05] [--line]`.

Every twentieth file in the workshop is a hostile one. With `--misdeeds` it is a function instead
that sleeps, spins, crashes or hoards, worse than any file known: a third of them use all that one
file may cost, so that their throughput is printed and not promised. With `--line` the hostile files
lie among the healthy ones in the folder of `gouji up`. Runs without and with poison alternate, and
what is printed is the ratio of the medians, how and when every poison file ended, and the largest
resident memory of a worker. Exit code 1 when a promise is broken.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, NamedTuple

import psutil

from services.commands.reaching.records import file_states
from services.normalize.adapters.workshop import Workshop
from services.normalize.core import reading
from services.normalize.settings import NormalizeSettings
from shared.errors import BadInput, Unavailable
from shared.report.document import Document
from tests.hostile.files import FILES
from tests.support import misbehaving
from tests.support.fill import fill
from tests.support.formats import docx, html
from tests.support.processes import up, wait_for

LEAST_THROUGHPUT = 0.95
LATEST_END = 120.0
"""Seconds."""
SHARED_CODE = 48 << 20
"""Resident bytes of library code that a worker's own limit does not count."""
_AT_A_TIME = 16


class Poison(NamedTuple):
    """What a worker is asked to do, and what to call it."""

    name: str
    call: Callable[..., Any]
    args: tuple[Any, ...] = ()


_MISDEEDS = (
    Poison("sleep", misbehaving.sleep),
    Poison("spin_in_c", misbehaving.spin_in_c),
    Poison("crash", misbehaving.crash),
    Poison("hoard", misbehaving.hoard),
    Poison("multiply", misbehaving.multiply),
    Poison("answer", misbehaving.answer, (100 << 20,)),
)


def healthy(count: int) -> list[bytes]:
    """Return generated reports as .docx and web pages, in turn."""
    made = []
    for number in range(count):
        module = (docx, html)[number % 2]
        variant = module.VARIANTS[number // 2 % len(module.VARIANTS)]
        made.append(module.render(fill(number), Random(number), variant))
    return made


def spread(count: int, share: float) -> list[int]:
    """Return which of the healthy files a poison one comes before."""
    every = round(1 / share)
    return list(range(every // 2, count, every))


def hostile_files(count: int) -> dict[str, bytes]:
    """Return so many hostile files, each kind as often as any other; archives have another place."""
    names = sorted(n for n in FILES if not n.endswith(".zip"))
    # one of every few, so that a small number has files of every format
    chosen = [names[n * len(names) // count % len(names)] for n in range(count)]
    return {f"{n:03d}-{name}": FILES[name][0]() for n, name in enumerate(chosen)}


@dataclass
class Run:
    """What a run came to: seconds until the last healthy file, and of each poison file its end.

    `resident` is the largest memory of a worker, `excess` by how much one went beyond its limit.
    """

    seconds: float = 0.0
    healthy: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    latest: float = 0.0
    resident: int = 0
    excess: int = -(1 << 40)

    def look(self, parent: psutil.Process) -> None:
        """Take in the memory of the worker processes below a process."""
        for process in parent.children(recursive=True):
            try:
                limit = process.rlimit(psutil.RLIMIT_DATA)[0]
                rss = process.memory_info().rss
            except psutil.Error:
                continue
            if limit > 0:
                self.resident = max(self.resident, rss)
                self.excess = max(self.excess, rss - limit - SHARED_CODE)


async def in_workshop(
    reports: Sequence[bytes], poison: Sequence[Poison], share: float, workers: int
) -> Run:
    """Read the reports through one workshop, as many at a time as the quick lane does."""
    with tempfile.TemporaryDirectory() as folder:
        settings = NormalizeSettings(archive_path=Path(folder), reader_workers=workers)
        workshop = Workshop(settings)
        run = Run()
        slots = asyncio.Semaphore(_AT_A_TIME)
        # every worker is up before the clock runs
        await asyncio.gather(*(workshop.read(r, "warm") for r in reports[: 2 * workers]))
        began = time.perf_counter()

        async def read(data: bytes) -> None:
            async with slots:
                found = await workshop.read(data, "healthy")
            assert isinstance(found, Document)
            run.healthy += 1
            run.seconds = time.perf_counter() - began

        async def spoil(one: Poison) -> None:
            async with slots:
                started = time.perf_counter()
                try:
                    found = await workshop._reading.run(one.name, one.call, *one.args)  # noqa: SLF001
                    end = f"harmless, {type(found).__name__}"
                except BadInput as error:
                    end = error.reason
                except Unavailable as error:
                    end = f"not at all yet, to be tried again: {error}"
            run.ends[f"{one.name}: {end}"] += 1
            run.latest = max(run.latest, time.perf_counter() - started)

        before = dict(zip(spread(len(reports), share), poison, strict=False))
        tasks = []
        for number, data in enumerate(reports):
            if number in before:
                tasks.append(spoil(before[number]))
            tasks.append(read(data))
        watching = asyncio.create_task(_watch(run))
        await asyncio.gather(*tasks)
        watching.cancel()
        await workshop.close()
        return run


async def _watch(run: Run) -> None:
    while True:
        run.look(psutil.Process())
        await asyncio.sleep(0.1)


def on_the_line(reports: Sequence[bytes], poison: dict[str, bytes]) -> Run:
    """Drop everything at once into the folder of a line of its own."""
    run = Run(healthy=len(reports))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with up(folder) as running:
            service = running.service("normalize")
            wait_for("the line", lambda: "service.ready" in _log(folder))
            began = time.perf_counter()
            for number, data in enumerate(reports):
                running.drop(f"{number:05d}.{'docx' if data[:2] == b'PK' else 'html'}", data)
            for file, data in poison.items():
                running.drop(file, data)
            while True:
                run.look(service)
                states = file_states(running.line["database_url"]) if _database(folder) else []
                ended = {s.name: s for s in states}
                if not run.seconds and sum(n not in poison for n in ended) >= len(reports):
                    run.seconds = time.perf_counter() - began
                if run.seconds and poison.keys() <= ended.keys():
                    break
                if time.perf_counter() - began > 2 * LATEST_END:
                    break
                time.sleep(0.1)
            run.latest = time.perf_counter() - began
            for file in poison:
                state = ended.get(file)
                end = "not at all" if state is None else state.reason or state.state
                run.ends[f"{file.split('-', 1)[1]}: {end}"] += 1
    return run


def _log(folder: Path) -> str:
    path = folder / "data" / "logs" / "normalize.log"
    return path.read_text() if path.exists() else ""


def _database(folder: Path) -> bool:
    return (folder / "data" / "gouji.db").exists()


def compare(name: str, rounds: int, clean: Callable[[], Run], spoilt: Callable[[], Run]) -> bool:
    """Run both in turn and print them side by side; return whether every promise held."""
    pairs = [(clean(), spoilt()) for _ in range(rounds)]
    rates = [[run.healthy / run.seconds for run in side] for side in zip(*pairs, strict=True)]
    kept = median(rates[1]) / median(rates[0])
    spoilt_runs = [pair[1] for pair in pairs]
    latest = max(run.latest for run in spoilt_runs)
    excess = max(run.excess for run in spoilt_runs)
    shown = [", ".join(f"{rate:.1f}" for rate in side) for side in rates]
    print(f"{name}: healthy files/s clean {shown[0]}; with poison {shown[1]}; medians {kept:.0%}")
    print(f"  latest end of a poison file {latest:.1f} s, "
          f"largest worker {max(run.resident for run in spoilt_runs) >> 20} MB, "
          f"{-excess >> 20} MB below its limit at the least")  # fmt: skip
    ends = sum((run.ends for run in spoilt_runs), Counter[str]())
    for end, count in sorted(ends.items()):
        print(f"  {count:4} {end}")
    return (
        (kept >= LEAST_THROUGHPUT or name == "misdeeds")
        and latest <= LATEST_END
        and excess <= 0
        and not any(": not at all" in end for end in ends)
    )


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=400)
    parser.add_argument("--share", type=float, default=0.05)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--misdeeds", action="store_true")
    parser.add_argument("--line", action="store_true")
    options = parser.parse_args()
    reports = healthy(options.files)
    count = len(spread(len(reports), options.share))
    files = hostile_files(count)

    def workshop(poison: Sequence[Poison]) -> Callable[[], Run]:
        return lambda: asyncio.run(in_workshop(reports, poison, options.share, options.workers))

    as_poison = [
        Poison(name.split("-", 1)[1], reading.read, (data, name, None))
        for name, data in files.items()
    ]
    held = compare("workshop", options.rounds, workshop([]), workshop(as_poison))
    if options.misdeeds:
        misdeeds = [_MISDEEDS[number % len(_MISDEEDS)] for number in range(count)]
        held &= compare("misdeeds", options.rounds, workshop([]), workshop(misdeeds))
    if options.line:
        clean, spoilt = (lambda p=p: on_the_line(reports, p) for p in ({}, files))
        held &= compare("line", options.rounds, clean, spoilt)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
