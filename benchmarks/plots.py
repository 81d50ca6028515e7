"""Pictures of measurements, by matplotlib from the extra `bench`.

`python -m benchmarks.plots soak.csv soak.png` draws the samples of `benchmarks.soak`.
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.whole_line import Run

mpl.use("Agg")
_INK = "#20364b"
_SHADES = ("#2b6cb0", "#dd6b20", "#38a169", "#805ad5", "#c53030", "#718096", "#b7791f", "#319795")


def draw_run(run: Run, path: Path) -> None:
    """Draw one run over time: reports a second, memory and open files by process, latencies of probes."""
    figure, (rate, memory, files, latency) = plt.subplots(
        4, 1, figsize=(9, 11), sharex=True, layout="constrained"
    )
    looks = run.looks
    steps = max(1, len(looks) // 120)
    some = looks[::steps]
    times = [one.at for one in some]
    rates = [
        (after.ended - before.ended) / max(after.at - before.at, 1e-3)
        for before, after in pairwise(some)
    ]
    rate.step(times[1:], rates, where="pre", color=_INK)
    rate.set_ylabel("reports/s")
    rate.set_title(f"{run.plan.reports:,} reports, {run.plan.database}: {run.rate:.0f}/s")
    for shade, name in zip(_SHADES, sorted(looks[-1].megabytes), strict=False):
        memory.plot(times, [one.megabytes.get(name, 0) for one in some], label=name, color=shade)
        files.plot(times, [one.files.get(name, 0) for one in some], label=name, color=shade)
    memory.set_ylabel("resident MB")
    memory.legend(ncols=4, fontsize="small")
    files.set_ylabel("open files")
    for what, found, mark in (("in the burst", run.probes, "o"), ("idle", run.idle, ".")):
        if found:
            latency.plot(
                [one.at for one in found], [one.took / 1000 for one in found], mark, label=what
            )
    latency.set_yscale("log")
    latency.set_ylabel("drop to row, s")
    latency.set_xlabel("seconds")
    latency.legend()
    _save(figure, path)


def draw_soak(samples: Path, path: Path) -> None:
    """Draw the samples of a soak: events a second, memory and open files by process."""
    with samples.open(encoding="utf-8", newline="") as file:
        rows = [{name: float(v) for name, v in row.items()} for row in csv.DictReader(file)]
    some = rows[:: max(1, len(rows) // 120)]
    minutes = [row["seconds"] / 60 for row in some]
    figure, (rate, memory, files) = plt.subplots(
        3, 1, figsize=(9, 8), sharex=True, layout="constrained"
    )
    rates = [
        (after["events"] - before["events"]) / max(after["seconds"] - before["seconds"], 1e-3)
        for before, after in pairwise(some)
    ]
    rate.step(minutes[1:], rates, where="pre", color=_INK)
    rate.set_ylabel("events/s")
    rate.set_title(f"{rows[-1]['events']:,.0f} events in {minutes[-1]:.0f} minutes")
    names = [name.removesuffix(" MB") for name in rows[0] if name.endswith(" MB")]
    for shade, name in zip(_SHADES, names, strict=False):
        memory.plot(minutes, [row[f"{name} MB"] for row in some], label=name, color=shade)
        files.plot(minutes, [row[f"{name} files"] for row in some], label=name, color=shade)
    memory.set_ylabel("resident MB")
    memory.set_ylim(bottom=0)
    memory.legend(ncols=4, fontsize="small")
    files.set_ylabel("open files")
    files.set_ylim(bottom=0)
    files.set_xlabel("minutes")
    _save(figure, path)


def draw_bench(lines: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw the chief ratios of one `make bench`: cores, whole line beside the ceiling, growth."""
    figure, axes = plt.subplots(2, 2, figsize=(11, 8), layout="constrained")
    _bars(axes[0][0], "reports/s of one core, bytes to judgement", {
        one["format"]: one["rate"] for one in lines
        if one["part"] == "core" and one["stage"] == "together"
    })  # fmt: skip
    wholes = {one["label"]: one["rate"] for one in lines if one["part"] == "whole"}
    chains = {"empty chain": next((o["rate"] for o in lines if o["part"] == "ceiling"), 0.0)}
    _bars(axes[0][1], "reports/s of the whole line", wholes | chains)
    _bars(axes[1][0], "reports/s of one stage by itself", {
        f"{one['stage']} x {one['copies']}": one["rate"] for one in lines if one["part"] == "copies"
    })  # fmt: skip
    growth = axes[1][1]
    for shade, database in zip(_SHADES, ("sqlite", "postgresql"), strict=False):
        found = [one for one in lines if one["part"] == "growth" and one["database"] == database]
        sizes = [one["reports"] for one in found]
        growth.plot(
            sizes, [sum(one["seconds"].values()) for one in found], "o-",
            color=shade, label=f"{database}: all questions, s",
        )  # fmt: skip
        growth.plot(
            sizes, [one["rate"] for one in found], "s--",
            color=shade, label=f"{database}: written/s",
        )  # fmt: skip
    growth.set_xscale("log")
    growth.set_yscale("log")
    growth.set_xlabel("reports in the database")
    if growth.has_data():
        growth.legend(fontsize="small")
    _save(figure, path)


def _bars(axes: Any, title: str, values: Mapping[str, float]) -> None:
    axes.set_title(title, fontsize="medium")
    bars = axes.barh(list(values), list(values.values()), color=_SHADES[0])
    axes.bar_label(bars, fmt=" %.0f", padding=2)
    axes.margins(x=0.15)
    axes.invert_yaxis()


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> None:
    """Draw the samples of a soak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", type=Path, help="CSV of benchmarks.soak")
    parser.add_argument("picture", type=Path, help="PNG to write")
    given = parser.parse_args()
    draw_soak(given.samples, given.picture)


if __name__ == "__main__":
    main()
