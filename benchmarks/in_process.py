"""How fast the cores are on one core: `python -m benchmarks.in_process [--reports N]`.

Times are processor time, so that neighbours on the machine do not count.
"""

import argparse
import statistics
import sys
from collections.abc import Callable
from random import Random
from time import process_time

from benchmarks.accuracy import EXTRACT, JUDGE, READ
from shared.report.identity import document_id
from shared.runtime.process import calm_collector
from tests.support.fill import fill
from tests.support.render import LAYOUTS, Rendered, render


def corpus(count: int) -> list[Rendered]:
    """Return generated reports in all layouts by turns."""
    return [render(fill(n), LAYOUTS[n % len(LAYOUTS)], Random(n)) for n in range(count)]


def timed(work: Callable[[], object], into: list[float]) -> object:
    """Do some work and keep its duration in milliseconds."""
    start = process_time()
    result = work()
    into.append(1000 * (process_time() - start))
    return result


def run(reports: list[Rendered]) -> dict[str, list[float]]:
    """Take every report through the cores and return durations by stage."""
    assert READ
    assert EXTRACT
    times: dict[str, list[float]] = {
        s: [] for s in ("normalize", "extract", "validate", "together")
    }
    for report in reports:
        start = process_time()
        try:
            document = timed(lambda r=report: READ(r.data, r.name), times["normalize"])  # type: ignore[misc]
            key = document_id(report.data)
            record = timed(
                lambda d=document, k=key, r=report: EXTRACT(d, document_id=k, file=r.name),  # type: ignore[misc]
                times["extract"],
            )
            if JUDGE:
                timed(lambda r=record: JUDGE(r), times["validate"])  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - a failure is reported, the run goes on
            print(f"{report.name}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        times["together"].append(1000 * (process_time() - start))
    return times


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1000)
    count = parser.parse_args().reports
    if not READ or not EXTRACT:
        sys.exit("the reader or the extractor is not there yet")
    reports = corpus(count)
    size = sum(len(r.data) for r in reports) / len(reports)
    run(reports[:100])  # forms, tables and caches loaded
    calm_collector()  # as every service does
    times = run(reports)
    print(f"{count} reports in {len(LAYOUTS)} layouts, {size:,.0f} bytes on average, one core")
    for stage, spent in times.items():
        if not spent:
            continue
        cuts = statistics.quantiles(spent, n=100)
        print(
            f"{stage:<10} {1000 / statistics.fmean(spent):8.0f} reports/s"
            f"   p50 {cuts[49]:7.2f} ms   p99 {cuts[98]:7.2f} ms   max {max(spent):7.2f} ms"
        )
    by_layout: dict[str, list[float]] = {}
    if len(times["together"]) == len(reports):
        for report, spent_ms in zip(reports, times["together"], strict=True):
            by_layout.setdefault(report.layout, []).append(spent_ms)
        slowest = sorted(by_layout.items(), key=lambda item: -statistics.fmean(item[1]))[:5]
        print(
            "slowest layouts: " + ", ".join(f"{n} {statistics.fmean(t):.1f} ms" for n, t in slowest)
        )


if __name__ == "__main__":
    main()
