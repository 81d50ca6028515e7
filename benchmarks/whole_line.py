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
from collections.abc import Iterable
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


def stage(folder: Path, numbers: Iterable[int]) -> list[Path]:
    """Write generated reports aside, before any clock runs."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number in numbers:
        report = render(fill(number), LAYOUTS[number % len(LAYOUTS)], Random(number))
        paths.append(folder / f"{number:06d}_{report.name}")
        paths[-1].write_bytes(report.data)
    return paths


def drop(path: Path, inbox: Path) -> None:
    """Put a file into the inbox whole, as a careful feeder does."""
    path.replace(inbox / path.name)


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


@dataclass
class Use:
    """What the parts of the line took: highest resident megabytes and processor seconds, by part."""

    megabytes: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)


def look(process: psutil.Process, use: Use) -> None:
    """Add one look at every part of the line."""
    seconds: dict[str, float] = {}
    for child in [process, *process.children(recursive=True)]:
        try:
            words = child.cmdline()
            size, times = child.memory_info().rss / 2**20, child.cpu_times()
        except psutil.Error:
            continue
        named = (w.rpartition(".")[2] for w in words if w.startswith("services."))
        name = next(named, "nats-server")
        use.megabytes[name] = max(use.megabytes.get(name, 0.0), size)
        seconds[name] = seconds.get(name, 0.0) + times.user + times.system
    use.seconds = seconds


async def watch(pid: int, use: Use) -> None:
    """Look twice a second until cancelled."""
    process = psutil.Process(pid)
    while True:
        look(process, use)
        await asyncio.sleep(0.5)


async def burst(files: list[Path], inbox: Path, ends: Ends) -> float:
    """Drop all at once; return reports per second from the first drop to the last end."""
    before = len(ends.at)
    begin = perf_counter()
    for path in files:
        drop(path, inbox)
    if not await ends.reach(before + len(files)):
        print(f"only {len(ends.at) - before} of {len(files)} ended", file=sys.stderr)
    return (len(ends.at) - before) / (max(ends.at.values()) - begin)


async def one_by_one(files: list[Path], inbox: Path, ends: Ends) -> list[float]:
    """Drop into an idle line; return the milliseconds from drop to row of each."""
    latencies = []
    for path in files:
        before = set(ends.at)
        begin = perf_counter()
        drop(path, inbox)
        if await ends.reach(len(before) + 1, patience=15):
            latencies += [1000 * (ends.at[d] - begin) for d in set(ends.at) - before]
        await asyncio.sleep(0.15)
    return latencies


async def measure(folder: Path, reports: int, singles: int, copies: list[str]) -> None:
    """Run the line and print what it did."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    many = stage(folder / "aside", range(reports))
    few = stage(folder / "aside", range(500_000, 500_000 + singles))
    line = start(folder, copies)
    use = Use()
    try:
        client = await nats.connect(await address(folder))
        ends = Ends()
        for subject in ENDS:
            await client.subscribe(subject, cb=ends.hear)
        # everything started and loaded before the clock runs
        drop(stage(folder / "aside", [999_999])[0], inbox)
        await ends.reach(1)
        process = psutil.Process(line.pid)
        look(process, use)
        before = use.seconds
        watcher = asyncio.create_task(watch(line.pid, use))
        rate = await burst(many, inbox, ends)
        look(process, use)
        print(f"burst of {reports}: {rate:.0f} reports/s; ends {ends.kinds}")
        spent = {n: 1000 * (s - before.get(n, 0.0)) / reports for n, s in use.seconds.items()}
        listed = ", ".join(f"{n} {ms:.1f}" for n, ms in sorted(spent.items(), key=lambda i: -i[1]))
        print(f"processor ms a report: {listed}; together {sum(spent.values()):.1f}")
        await asyncio.sleep(2)
        print_latency(await one_by_one(few, inbox, ends))
        watcher.cancel()
        highest = ", ".join(f"{n} {m:.0f}" for n, m in sorted(use.megabytes.items()))
        print(f"resident MB, highest: {highest}")
        await client.close()
    finally:
        os.kill(line.pid, signal.SIGTERM)
        line.wait(30)


def print_latency(latencies: list[float]) -> None:
    """Print the middle and the tail."""
    if latencies:
        tail = sorted(latencies)[min(len(latencies) - 1, int(0.99 * len(latencies)))]
        print(
            f"idle, drop to row, {len(latencies)} files:"
            f" p50 {statistics.median(latencies):.0f} ms   p99 {tail:.0f} ms"
        )


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
