"""How fast the cores are on one core: `python -m benchmarks.in_process [--reports N]`.

Times are processor time, so that neighbours on the machine do not count.
"""

import argparse
import statistics
from random import Random
from time import process_time

from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from services.validate.core.judging import judge
from shared.report.identity import document_id
from shared.runtime.process import calm_collector
from tests.support.fill import fill
from tests.support.render import LAYOUTS, Rendered, render


def corpus(count: int) -> list[Rendered]:
    """Return generated reports in all layouts by turns."""
    return [render(fill(n), LAYOUTS[n % len(LAYOUTS)], Random(n)) for n in range(count)]


def run(reports: list[Rendered]) -> dict[str, list[float]]:
    """Take every report through the cores and return durations in milliseconds by stage."""
    times: dict[str, list[float]] = {
        s: [] for s in ("normalize", "extract", "validate", "together")
    }
    for report in reports:
        key = document_id(report.data)
        start = process_time()
        document = read_document(report.data, report.name)
        normalized = process_time()
        record = extract(document, document_id=key, file=report.name)
        extracted = process_time()
        judge(record)
        judged = process_time()
        times["normalize"].append(1000 * (normalized - start))
        times["extract"].append(1000 * (extracted - normalized))
        times["validate"].append(1000 * (judged - extracted))
        times["together"].append(1000 * (judged - start))
    return times


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1000)
    count = parser.parse_args().reports
    reports = corpus(count)
    size = sum(len(r.data) for r in reports) / len(reports)
    run(reports[:100])  # forms, tables and caches loaded
    calm_collector()  # as every service does
    times = run(reports)
    print(f"{count} reports in {len(LAYOUTS)} layouts, {size:,.0f} bytes on average, one core")
    for stage, spent in times.items():
        cuts = statistics.quantiles(spent, n=100)
        print(
            f"{stage:<10} {1000 / statistics.fmean(spent):8.0f} reports/s"
            f"   p50 {cuts[49]:7.2f} ms   p99 {cuts[98]:7.2f} ms   max {max(spent):7.2f} ms"
        )
    by_layout: dict[str, list[float]] = {}
    for report, spent_ms in zip(reports, times["together"], strict=True):
        by_layout.setdefault(report.layout, []).append(spent_ms)
    slowest = sorted(by_layout.items(), key=lambda item: -statistics.fmean(item[1]))[:5]
    print("slowest layouts: " + ", ".join(f"{n} {statistics.fmean(t):.1f} ms" for n, t in slowest))


if __name__ == "__main__":
    main()
