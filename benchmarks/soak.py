"""Does the line wear out: `python -m benchmarks.soak [--events N] [--minutes M] [--under-way N] [--share S]`.

Starts `gouji up` and drops small files until the streams have seen so many events: mostly texts that are no reports,
some bytes that are there already, some reports (`--share 1`: nothing but reports; `--files N` ends after so many).
Every few seconds a fresh report goes in and its way to the row is timed. Prints how memory, open files and latency
went; ends 1 when a file is lost or doubled.
"""

import argparse
import asyncio
import csv
import json
import math
import os
import signal
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter

import nats
import psutil
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext

from benchmarks.lines import address, start
from benchmarks.stock import report
from services.commands.reaching.records import file_states
from shared.errors import Unavailable
from shared.runtime.streams import topology
from shared.runtime.streams.inbox import Inbox

ENDS = ("recorded", "refused", "duplicate")
SAMPLE_SECONDS = 10.0
PROBE_SECONDS = 5.0
FEEDERS = 4
PROBE_PATIENCE = 120.0
_FIRST_PROBE = 330_000
WARM = 0.2
"""Share of the run that counts as warming up: caches, pools and allocators fill."""
_COUNTED = (topology.REPORTS, topology.ISSUES, topology.DEAD, topology.REVIEWS)


def small_files(seed: int, share: float) -> Iterator[tuple[str, bytes]]:
    """Yield names and bytes for ever: a share of reports, of the others a ninth known bytes, the rest no reports."""
    rng = Random(seed)
    known = "关于报送年度报告的通知\n请各单位按时报送。\n".encode()
    number = 0
    while True:
        number += 1
        kind = rng.random()
        if kind < 8 / 9 * (1 - share):
            yield f"n{number}.txt", f"第{number}号通知：请各单位于本周五前报送材料。\n".encode()
        elif kind < 1 - share:
            yield f"d{number}.txt", known
        else:
            yield from one_report(number)


def one_report(number: int) -> Iterator[tuple[str, bytes]]:
    """Yield one made-up report."""
    yield report(number)


@dataclass
class Sample:
    """One look: seconds since the start, events so far, and per process megabytes, files, threads."""

    at: float
    events: int
    megabytes: dict[str, float] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)


@dataclass
class Soak:
    """The state of one run."""

    inbox: Inbox
    under_way: int
    began: float = field(default_factory=perf_counter)
    put: int = 0
    ended: int = 0
    samples: list[Sample] = field(default_factory=list)
    latencies: list[tuple[float, float]] = field(default_factory=list)
    probes: dict[str, asyncio.Future[float]] = field(default_factory=dict)
    unanswered: list[float] = field(default_factory=list)
    """When the bucket did not answer within the client's time, in seconds since the start."""
    room: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False

    async def hear(self, message: Msg) -> None:
        """Note one end; a probe's end is timed."""
        self.ended += 1
        self.room.set()
        probe = self.probes.pop((message.headers or {}).get("ce-subject", ""), None)
        if probe is not None and not probe.done():
            probe.set_result(perf_counter())

    async def feed(self, files: Iterator[tuple[str, bytes]]) -> None:
        """Put files, never more than so many ahead of their ends, until it is over."""
        for name, data in files:
            if self.over:
                return
            while self.put - self.ended >= self.under_way:
                self.room.clear()
                await self.room.wait()
            self.put += 1
            await self._put(data, name)

    async def _put(self, data: bytes, name: str) -> str:
        """Put one file as a feeder does, again and again while the bucket does not answer; return its document."""
        while True:
            try:
                return (await self.inbox.put(data, name)).document_id
            except Unavailable:
                self.unanswered.append(perf_counter() - self.began)
                await asyncio.sleep(1)

    async def probe(self) -> None:
        """Time one fresh report after another."""
        number = _FIRST_PROBE
        while not self.over:
            number += 1
            (name, data) = next(one_report(number))
            begin = perf_counter()
            document_id = await self._put(data, name)
            self.put += 1
            done = self.probes[document_id] = asyncio.get_running_loop().create_future()
            try:
                end = await asyncio.wait_for(done, PROBE_PATIENCE)
            except TimeoutError:
                # its end was told before anybody listened; whether it was lost the rows tell
                continue
            self.latencies.append((begin - self.began, 1000 * (end - begin)))
            await asyncio.sleep(PROBE_SECONDS)


async def events_of(js: JetStreamContext) -> int:
    """Return how many events the streams have seen: those of the stages, and the notices of the bucket."""
    while True:
        try:
            told = [(await js.stream_info(name)).state.last_seq for name in _COUNTED]
            bucket = await js.stream_info(topology.INBOX_STREAM)
            break
        except NatsTimeout:
            continue
    # a small file is one chunk and one notice
    return sum(told) + bucket.state.last_seq // 2


def look(line: psutil.Process, sample: Sample) -> None:
    """Add memory and open files of every long-lived process of the line."""
    for child in [line, *line.children(recursive=True)]:
        try:
            words = child.cmdline()
            named = next((w for w in words if w.startswith("services.")), None)
            if named is None and "nats-server" not in " ".join(words):
                continue
            name = named.rpartition(".")[2] if named else "nats-server"
            sample.megabytes[name] = child.memory_info().rss / 2**20
            sample.files[name] = child.num_fds()
        except psutil.Error:
            continue


async def watch(soak: Soak, js: JetStreamContext, pid: int, args: argparse.Namespace) -> None:
    """Look every few seconds until there were enough events or files, or the time is over."""
    line = psutil.Process(pid)
    told = 0.0
    while True:
        sample = Sample(perf_counter() - soak.began, await events_of(js))
        look(line, sample)
        soak.samples.append(sample)
        if sample.at - told >= 60:
            told = sample.at
            print(
                f"  {sample.at / 60:5.1f} min  {sample.events} events  {soak.ended} files"
                f"  {sum(sample.megabytes.values()):.0f} MB",
                flush=True,
            )
        enough = sample.events >= args.events or soak.ended >= args.files
        if enough or sample.at >= 60 * args.minutes:
            return
        await asyncio.sleep(SAMPLE_SECONDS)


def slope(points: list[tuple[float, float]]) -> float:
    """Return how fast a quantity grows, in percent of its middle value an hour."""
    times, values = zip(*points, strict=True)
    middle = statistics.median(values)
    grown: float = statistics.linear_regression(times, values).slope
    return 100 * grown * 3600 / middle if middle else 0.0


def tell(soak: Soak) -> None:
    """Print slopes and drift after the warm-up."""
    last = soak.samples[-1]
    warm = [s for s in soak.samples if s.at >= WARM * last.at]
    rate = (last.events - soak.samples[0].events) / last.at
    print(
        f"{last.events} events, {soak.ended} files in {last.at / 60:.1f} min: {rate:.0f} events/s"
    )
    print("process        MB warm   MB end   slope %/h   files warm   files end")
    for name in sorted(last.megabytes):
        sizes = [(s.at, s.megabytes[name]) for s in warm if name in s.megabytes]
        files = [s.files[name] for s in warm if name in s.files]
        print(
            f"{name:<12} {sizes[0][1]:9.1f} {sizes[-1][1]:8.1f} {slope(sizes):11.1f}"
            f" {files[0]:12d} {files[-1]:11d}"
        )
    if soak.unanswered:
        when = ", ".join(f"{at / 60:.1f}" for at in soak.unanswered[:10])
        print(
            f"the bucket did not answer within 5 s {len(soak.unanswered)} times, at minutes {when}"
        )
    thirds: list[list[float]] = [[], [], []]
    for at, took in soak.latencies:
        if at >= WARM * last.at:
            thirds[min(2, int(3 * (at / last.at - WARM) / (1 - WARM)))].append(took)
    for part, found in enumerate(thirds):
        if len(found) > 1:
            tail = statistics.quantiles(found, n=100, method="inclusive")[98]
            print(
                f"drop to row, third {part + 1}: {len(found)} probes,"
                f" p50 {statistics.median(found):.0f} ms, p99 {tail:.0f} ms"
            )


def keep(soak: Soak, path: Path) -> None:
    """Write every sample as a line of a CSV file."""
    names = sorted({name for s in soak.samples for name in s.megabytes})
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["seconds", "events", *(f"{n} MB" for n in names), *(f"{n} files" for n in names)]
        )
        for s in soak.samples:
            sizes = [f"{s.megabytes.get(n, 0):.1f}" for n in names]
            writer.writerow([f"{s.at:.0f}", s.events, *sizes, *(s.files.get(n, 0) for n in names)])


async def drain(soak: Soak) -> None:
    """Wait until all that was put has ended, or nothing ends any more."""
    while soak.ended < soak.put:
        soak.room.clear()
        try:
            await asyncio.wait_for(soak.room.wait(), PROBE_PATIENCE)
        except TimeoutError:
            return


def account(soak: Soak, database: str) -> int:
    """Hold the rows against what was put; return the exit code."""
    states = Counter(row.state for row in file_states(database))
    print(f"put {soak.put}, ended {soak.ended}, rows {dict(states)}")
    return 0 if sum(states.values()) == soak.put else 1


async def run(folder: Path, args: argparse.Namespace) -> int:
    """Run the line and soak it."""
    (folder / "inbox").mkdir(parents=True, exist_ok=True)
    line = start(folder, [])
    try:
        client = await nats.connect(await address(folder), max_reconnect_attempts=-1)
        js = client.jetstream()
        soak = Soak(Inbox(js), args.under_way)
        for kind in ENDS:
            await client.subscribe(f"gouji.v1.report.{kind}", cb=soak.hear)
        files = small_files(args.seed, args.share)
        work = [asyncio.create_task(soak.feed(files)) for _ in range(FEEDERS)]
        work.append(asyncio.create_task(soak.probe()))
        await watch(soak, js, line.pid, args)
        soak.over = True
        await asyncio.gather(*work)
        await drain(soak)
        await client.close()
        keep(soak, Path(args.samples))
        tell(soak)
        database = json.loads((folder / "data" / "up.json").read_text())["database_url"]
        return account(soak, database)
    finally:
        os.kill(line.pid, signal.SIGTERM)
        line.wait(30)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--files", type=float, default=math.inf, help="end after so many")
    parser.add_argument("--share", type=float, default=0.1, help="of reports among the files")
    parser.add_argument("--minutes", type=float, default=150.0)
    parser.add_argument("--under-way", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", default="soak.csv", help="where every sample goes")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gouji-soak-") as folder:
        sys.exit(asyncio.run(run(Path(folder), args)))


if __name__ == "__main__":
    main()
