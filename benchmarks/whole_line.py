"""How fast the whole line is: `python -m benchmarks.whole_line [--reports N] [--singles N] [--copies extract=2]`.

Starts `gouji up` in a folder of its own, drops generated reports all at once and then one by one,
and listens as any outside subscriber would.
"""

import argparse
import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter

import nats
import psutil
from nats.aio.msg import Msg

from tests.support.fill import fill
from tests.support.render import LAYOUTS, render

ENDS = (
    "gouji.v1.report.recorded",
    "gouji.v1.report.refused",
    "gouji.v1.report.duplicate",
    "gouji.v1.dead.>",
)


@dataclass
class Ends:
    """When each document reached its end, by document id, and how many of each kind."""

    at: dict[str, float] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def hear(self, message: Msg) -> None:
        """Note one terminal event."""
        body = json.loads(message.data)
        kind = ".".join(message.subject.split(".")[2:4])
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.at.setdefault(str(body.get("document_id")), perf_counter())
        self.news.set()

    async def reach(self, count: int, patience: float = 60.0) -> bool:
        """Wait until so many documents have ended; False when nothing happens for a while."""
        while len(self.at) < count:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), patience)
            except TimeoutError:
                return False
        return True


def drop_all(inbox: Path, count: int) -> None:
    """Write so many generated reports."""
    for number in range(count):
        drop(inbox, number)


def drop(inbox: Path, number: int) -> None:
    """Write one generated report whole under its name, as a careful feeder does."""
    report = render(fill(number), LAYOUTS[number % len(LAYOUTS)], Random(number))
    aside = inbox / f".{report.name}.part"
    aside.write_bytes(report.data)
    aside.replace(inbox / f"{number:06d}_{report.name}")


def start(folder: Path, copies: list[str]) -> subprocess.Popen[bytes]:
    """Start the embedded line."""
    wishes = [word for wish in copies for word in ("--copies", wish)]
    command = [
        sys.executable, "-m", "services.cli", "up", "--inbox", str(folder / "inbox"),
        "--data", str(folder / "data"), *wishes,
    ]  # fmt: skip
    with (folder / "up.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


async def address(folder: Path) -> str:
    """Wait until the line says where its bus is."""
    path = folder / "data" / "up.json"
    for _ in range(600):
        if path.exists():
            return str(json.loads(path.read_text(encoding="utf-8"))["nats_url"])
        await asyncio.sleep(0.1)
    raise TimeoutError(f"the line did not start; see {folder / 'up.log'}")


def memory(process: psutil.Process, peaks: dict[str, float]) -> None:
    """Raise the peak of resident megabytes of every part of the line."""
    for child in [process, *process.children(recursive=True)]:
        try:
            words = " ".join(child.cmdline())
            size = child.memory_info().rss / 2**20
        except psutil.Error:
            continue
        name = next(
            (w.rpartition(".")[2] for w in words.split() if w.startswith("services.")),
            "nats-server",
        )
        peaks[name] = max(peaks.get(name, 0.0), size)


async def watch_memory(pid: int, peaks: dict[str, float]) -> None:
    """Look at the memory twice a second until cancelled."""
    process = psutil.Process(pid)
    while True:
        memory(process, peaks)
        await asyncio.sleep(0.5)


async def burst(inbox: Path, ends: Ends, count: int) -> float:
    """Drop all at once; return reports per second from the first drop to the last end."""
    begin = perf_counter()
    before = len(ends.at)
    await asyncio.to_thread(drop_all, inbox, count)
    written = perf_counter() - begin
    if not await ends.reach(before + count):
        print(f"only {len(ends.at) - before} of {count} ended", file=sys.stderr)
    last = max(ends.at.values(), default=begin)
    print(f"writing the files took {written:.1f} s of {last - begin:.1f} s")
    return (len(ends.at) - before) / (last - begin)


async def one_by_one(inbox: Path, ends: Ends, count: int) -> list[float]:
    """Drop into an idle line; return the milliseconds from drop to row of each."""
    latencies = []
    for number in range(500_000, 500_000 + count):
        before = set(ends.at)
        begin = perf_counter()
        drop(inbox, number)
        if await ends.reach(len(before) + 1, patience=15):
            latencies += [1000 * (ends.at[d] - begin) for d in set(ends.at) - before]
        await asyncio.sleep(0.15)
    return latencies


async def measure(folder: Path, reports: int, singles: int, copies: list[str]) -> None:
    """Run the line and print what it did."""
    (folder / "inbox").mkdir(parents=True)
    line = start(folder, copies)
    peaks: dict[str, float] = {}
    try:
        client = await nats.connect(await address(folder))
        ends = Ends()
        for subject in ENDS:
            await client.subscribe(subject, cb=ends.hear)
        drop(folder / "inbox", 999_999)  # everything started and loaded before the clock runs
        await ends.reach(1)
        watcher = asyncio.create_task(watch_memory(line.pid, peaks))
        rate = await burst(folder / "inbox", ends, reports)
        print(f"burst of {reports}: {rate:.0f} reports/s; ends {ends.kinds}")
        await asyncio.sleep(2)
        latencies = sorted(await one_by_one(folder / "inbox", ends, singles))
        watcher.cancel()
        if len(latencies) > 2:
            p99 = latencies[min(len(latencies) - 1, int(0.99 * len(latencies)))]
            print(
                f"idle, drop to row, {len(latencies)} files:"
                f" p50 {statistics.median(latencies):.0f} ms   p99 {p99:.0f} ms"
            )
        print(
            "resident MB, highest: " + ", ".join(f"{n} {m:.0f}" for n, m in sorted(peaks.items()))
        )
        await client.close()
    finally:
        os.kill(line.pid, signal.SIGTERM)
        line.wait(30)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--singles", type=int, default=40)
    parser.add_argument("--copies", action="append", default=[], help="such as extract=2")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gouji-bench-") as folder:
        asyncio.run(measure(Path(folder), args.reports, args.singles, args.copies))


if __name__ == "__main__":
    main()
