"""How fast the cores are on one core: `python -m benchmarks.in_process [--reports N] [--format docx] [--profile]`.

Times are processor time, so that neighbours on the machine do not count.
"""

import argparse
import cProfile
import pstats
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from time import process_time
from typing import Final

from benchmarks.reading_path import read_in_process
from services.extract.core.extraction import extract
from services.normalize.core.outcomes import Members
from services.validate.core.judging import judge
from shared.report.identity import document_id
from shared.runtime.process import calm_collector
from tests.support.corpus import CLEAN, SLOW, renderers, wishes
from tests.support.fill import fill
from tests.support.render import LAYOUTS, render

STAGES: Final = ("normalize", "extract", "validate", "together")
FORMATS: Final = tuple(n for n in renderers() if n not in SLOW and n != "archive")
_HOTTEST: Final = 25

File = tuple[str, bytes, str]
"""Name, bytes, and how it is laid out."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast one stage is with one format: reports a second of one core, and milliseconds of processor."""

    format: str
    stage: str
    reports: int
    kilobytes: float
    rate: float
    p50: float
    p99: float
    longest: float


def corpus(name: str, count: int) -> list[File]:
    """Return clean reports of a format, in all its layouts by turns."""
    if name == "text":
        made = [render(fill(n), LAYOUTS[n % len(LAYOUTS)], Random(n)) for n in range(count)]
        return [(one.name, one.data, one.layout) for one in made]
    variants = renderers()[name].VARIANTS
    each = -(-count // len(variants))
    lots = [[w.make() for w in wishes(name, v, each, flavour=CLEAN)] for v in variants]
    mixed = [lots[n % len(lots)][n // len(lots)] for n in range(count)]
    return [(one.name, one.data, one.variant) for one in mixed]


def spent(files: Iterable[File]) -> dict[str, list[float]]:
    """Take every file through the cores; return milliseconds of processor by stage, in order."""
    times: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for name, data, _ in files:
        key = document_id(data)
        start = process_time()
        document = read_in_process(data, name)
        normalized = process_time()
        assert not isinstance(document, Members)
        record = extract(document, document_id=key, file=name)
        extracted = process_time()
        judge(record)
        judged = process_time()
        times["normalize"].append(1000 * (normalized - start))
        times["extract"].append(1000 * (extracted - normalized))
        times["validate"].append(1000 * (judged - extracted))
        times["together"].append(1000 * (judged - start))
    return times


def speeds(name: str, files: Sequence[File], times: Mapping[str, Sequence[float]]) -> list[Speed]:
    """Return the speed of every stage."""
    kilobytes = statistics.fmean(len(data) for _, data, _ in files) / 1024
    found = []
    for stage, taken in times.items():
        cuts = statistics.quantiles(taken, n=100, method="inclusive")
        rate = 1000 / max(statistics.fmean(taken), 1e-6)
        found.append(
            Speed(name, stage, len(files), kilobytes, rate, cuts[49], cuts[98], max(taken))
        )
    return found


def measure(name: str, count: int) -> list[Speed]:
    """Return how fast every stage is with reports of one format."""
    files = corpus(name, count)
    spent(files[: min(100, count)])  # forms, tables and caches loaded
    calm_collector()  # as every service does
    return speeds(name, files, spent(files))


def tell(found: Iterable[Speed]) -> None:
    """Print a line for every stage."""
    for one in found:
        print(
            f"{one.format:<6} {one.stage:<10} {one.rate:8.0f} reports/s"
            f"   p50 {one.p50:7.2f} ms   p99 {one.p99:7.2f} ms   max {one.longest:7.2f} ms"
        )


def tell_layouts(files: Sequence[File], times: Sequence[float]) -> None:
    """Print the layouts that take longest."""
    by_layout: dict[str, list[float]] = {}
    for (_, _, layout), taken in zip(files, times, strict=True):
        by_layout.setdefault(layout, []).append(taken)
    slowest = sorted(by_layout.items(), key=lambda item: -statistics.fmean(item[1]))[:5]
    print("slowest layouts: " + ", ".join(f"{n} {statistics.fmean(t):.1f} ms" for n, t in slowest))


def profile(files: Sequence[File]) -> None:
    """Print the functions that the time goes to."""
    profiler = cProfile.Profile()
    profiler.runcall(spent, files)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(_HOTTEST)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--profile", action="store_true", help="print the hottest functions too")
    given = parser.parse_args()
    files = corpus(given.format, given.reports)
    spent(files[:100])
    calm_collector()
    times = spent(files)
    tell(speeds(given.format, files, times))
    tell_layouts(files, times["together"])
    if given.profile:
        profile(files[:300])


if __name__ == "__main__":
    main()
