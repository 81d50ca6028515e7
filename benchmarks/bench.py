"""All measurements of speed in one run: `make bench`, or `python -m benchmarks.bench [--small | --large]`.

Adds a line for every figure to data/bench.jsonl and writes docs/benchmarks.md with its plot. Times of the cores are
processor time; the whole line is timed by the clock and stands beside the empty chain of the same run.
"""

import argparse
import json
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import (
    bench_page,
    ceiling,
    copies,
    growth,
    in_process,
    readers,
    whole_line,
    yardstick,
)
from benchmarks.stock import USUAL_MIX, Shares
from benchmarks.whole_line import Plan, Run
from shared.runtime.clock import SystemClock
from shared.runtime.process import calm_collector

ROOT: Final = Path(__file__).parents[1]
DATA: Final = ROOT / "data" / "bench.jsonl"
PAGE: Final = ROOT / "docs" / "benchmarks.md"
PLOT: Final = ROOT / "docs" / "images" / "benchmarks.png"

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured: numbers of reports, of files by format, of single drops."""

    text: int = 1000
    files: int = 60
    scans: int = 3
    bursts: tuple[int, ...] = (1000, 10_000)
    mixed: int = 500
    singles: int = 60
    chain: int = 3000
    copied: int = 2000
    sizes: tuple[int, ...] = growth.SIZES


SMALL: Final = Extent(
    text=60, files=6, scans=1, bursts=(60,), mixed=20, singles=6, chain=200, copied=120,
    sizes=(100, 200),
)  # fmt: skip
LARGE: Final = Extent(sizes=(*growth.SIZES, growth.LARGE))


def machine(_: Extent) -> Iterator[Line]:
    """Measure the machine itself."""
    found = yardstick.measure()
    yardstick.tell(found)
    yield asdict(found)


def core(extent: Extent) -> Iterator[Line]:
    """Measure the cores with every format, by themselves in a process each."""
    context = multiprocessing.get_context("spawn")
    for name in in_process.FORMATS:
        count = extent.text if name == "text" else extent.files
        with context.Pool(1) as pool:
            found = pool.apply(in_process.measure, (name, count))
        in_process.tell(found)
        yield from (asdict(one) for one in found)


def others(extent: Extent) -> Iterator[Line]:
    """Read the same files by gouji and by other programs; recognise scans."""
    warnings.simplefilter("ignore")  # of the other programs, about our files
    for name in readers.digital_formats():
        found = readers.digital(name, extent.files)
        print(f"{name}: gouji {found.ours}, {found.others}", flush=True)
        yield asdict(found)
    if extent.scans:
        recognised = readers.scans(extent.scans, min(2, os.cpu_count() or 1))
        yield {"format": "scan", **asdict(recognised)}


def whole(extent: Extent) -> Iterator[Line]:
    """Run the whole line with both databases, with texts and with the mix of formats."""
    runs: list[tuple[str, int, Shares | None]] = [("text", n, None) for n in extent.bursts]
    runs.append(("mixed", extent.mixed, USUAL_MIX))
    for database in ("sqlite", "postgresql"):
        for what, count, mix in runs:
            plan = Plan(reports=count, singles=extent.singles, database=database, mix=mix)
            done = whole_line.run(plan)
            whole_line.tell(done)
            yield _shown(f"{count:,} {what}, {database}", done)


def _shown(label: str, done: Run) -> Line:
    slowest = max(done.idle, key=lambda one: one.took, default=None)
    return {
        "label": label,
        "database": done.plan.database,
        "reports": done.plan.reports,
        "ended": done.ended,
        "kinds": done.kinds,
        "rate": done.rate,
        "compared_after": done.compared_after,
        "p50": done.idle_ms(0.5),
        "p99": done.idle_ms(0.99),
        "slowest": slowest.took if slowest else None,
        "slowest_way": [str(leg) for leg in slowest.legs] if slowest else [],
        "milliseconds": done.milliseconds,
        "megabytes": done.megabytes,
    }


def chain(extent: Extent) -> Iterator[Line]:
    """Measure the empty chain."""
    found = ceiling.run(extent.chain)
    print(f"empty chain: {found.rate:.0f}/s", flush=True)
    yield asdict(found)


def copied(extent: Extent) -> Iterator[Line]:
    """Measure one copy of a stage against two."""
    amounts: dict[copies.Stage, int] = {
        "extract": extent.copied, "normalize": max(60, extent.copied // 5),
    }  # fmt: skip
    for number in (1, 2):
        found = copies.alone(number)
        copies.tell(found)
        yield asdict(found)
    for stage, count in amounts.items():
        for number in (1, 2):
            found = copies.run(stage, number, count)
            copies.tell(found)
            yield asdict(found)


def grown(extent: Extent) -> Iterator[Line]:
    """Let both databases grow."""
    for kind in ("sqlite", "postgresql"):
        for stage in growth.run(kind, extent.sizes):
            yield asdict(stage)


PARTS: Final[Mapping[str, Callable[[Extent], Iterator[Line]]]] = {
    "machine": machine, "core": core, "others": others, "ceiling": chain, "whole": whole,
    "copies": copied, "growth": grown,
}  # fmt: skip


def measure(parts: list[str], extent: Extent) -> list[Line]:
    """Measure these parts one after another; every figure is kept at once, with what the machine did meanwhile."""
    began = SystemClock().now().isoformat(timespec="seconds")
    DATA.parent.mkdir(exist_ok=True)
    lines = []
    for part in parts:
        print(f"\n== {part}", flush=True)
        for found in PARTS[part](extent):
            load = round(os.getloadavg()[0], 1)
            lines.append({"run": began, "part": part, "load": load, **found})
            with DATA.open("a", encoding="utf-8") as file:
                file.write(json.dumps(lines[-1], ensure_ascii=False) + "\n")
    return lines


def newest() -> list[Line]:
    """Return the figures of each part as it was measured last."""
    lines = [json.loads(text) for text in DATA.read_text(encoding="utf-8").splitlines()]
    last = {line["part"]: line["run"] for line in lines}
    return [line for line in lines if line["run"] == last[line["part"]]]


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=list(PARTS), help="this part")
    parser.add_argument("--small", action="store_true", help="a few minutes: does all of it run?")
    parser.add_argument("--large", action="store_true", help="databases of 100,000 reports too")
    parser.add_argument("--page", action="store_true", help="measure nothing, write the page anew")
    given = parser.parse_args()
    extent = SMALL if given.small else LARGE if given.large else Extent()
    calm_collector()  # as every service does
    if not given.page:
        measure(given.only or list(PARTS), extent)
    lines = newest()
    PAGE.write_text(bench_page.render(lines), encoding="utf-8")
    try:
        from benchmarks.plots import draw_bench  # noqa: PLC0415 - matplotlib is an extra
    except ImportError:
        print("no plot: pip install -c constraints.txt -e '.[bench]'")
    else:
        draw_bench(lines, PLOT)
    print(f"\n{PAGE}\n{DATA}")


if __name__ == "__main__":
    main()
