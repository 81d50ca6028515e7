"""One process of a stage against two, where that stage is the bottleneck: `python -m benchmarks.copies`.

Messages wait for one stage alone; then one copy of it starts, or two, and the time is taken between results. Nothing
else runs but the bus: on two cores it takes its part of what the second copy could have. Normalize reads PDF with one
reader process a copy, as a machine of one core would. What the machine itself gives to two processes that share
nothing, no bus either, is measured too: cores of a rented machine are often halves of one.
"""

import argparse
import asyncio
import multiprocessing
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final, Literal

import nats

from benchmarks.again import ARRIVED
from benchmarks.in_process import corpus
from services.commands.run import command_of
from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from shared.contracts.events import Event, ReportNormalized, ReportReceived
from shared.contracts.ports import Arrival
from shared.report.identity import document_id
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from tests.support.bus import publish

Stage = Literal["extract", "normalize"]
_OUT = {"extract": "gouji.v1.report.extracted", "normalize": "gouji.v1.report.normalized"}
_FILES = {"extract": ("text", 240), "normalize": ("pdf", 60)}
"""Format and number of different files that the messages are made of."""
NO_BUS: Final = "extract, no bus"
_ALONE_SECONDS: Final = 8.0


@dataclass(frozen=True, slots=True)
class Copies:
    """Reports a second of one stage by itself, with so many processes of it."""

    stage: str
    copies: int
    reports: int
    rate: float


def messages(stage: Stage, count: int, archive: FolderArchive) -> Iterator[Event]:
    """Yield so many messages for a stage, each of a document of its own; what they refer to is archived."""
    files = corpus(*_FILES[stage])
    read = [read_document(data, name) if stage == "extract" else None for name, data, _ in files]
    for number in range(count):
        (name, data, _), document = files[number % len(files)], read[number % len(files)]
        # a comment after the end of a PDF says nothing
        data += f"\n%{number}".encode()
        at, key = ARRIVED + timedelta(seconds=number), document_id(data)
        if document is not None:
            yield ReportNormalized(document_id=key, file=name, received_at=at, document=document)
            continue
        archive.put(data, Arrival(key, name, f"{key}/{name}", at))
        yield ReportReceived(
            document_id=key, file=name, received_at=at, media_type="application/pdf", size=len(data)
        )


@contextmanager
def running(stage: Stage, copies: int, told: dict[str, str]) -> Iterator[None]:
    """Run so many processes of a stage."""
    environment = {**os.environ, **told}
    processes = [
        subprocess.Popen(
            command_of(stage), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(copies)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(30)


async def measure(stage: Stage, copies: int, count: int, folder: Path, url: str) -> Copies:
    """Let so many messages wait, start the copies, and take the time."""
    archive = FolderArchive(folder / "archive")
    client = await nats.connect(url)
    js = client.jetstream()
    await topology.provision(js, total_bytes=8 << 30, ack_wait=timedelta(seconds=30))
    for event in messages(stage, count, archive):
        await publish(js, event)
    seen: list[float] = []

    async def hear(_: object) -> None:
        seen.append(perf_counter())

    await client.subscribe(_OUT[stage], cb=hear)
    told = {
        "GOUJI_NATS_URL": url,
        "GOUJI_ARCHIVE_PATH": str(archive.folder),
        "GOUJI_DATABASE_URL": f"sqlite:///{folder}/none.db",
        "GOUJI_READER_WORKERS": "1",
        "GOUJI_PROVISION": "false",
    }
    with running(stage, copies, told):
        while len(seen) < count:
            before = len(seen)
            await asyncio.sleep(10 if before else 30)
            if len(seen) == before and before < count:
                raise SystemExit(f"{stage}: only {before} of {count} came out")
    await client.close()
    # the copies do not start at the same moment: the first tenth does not count
    first = count // 10
    return Copies(stage, copies, count, (count - 1 - first) / (seen[count - 1] - seen[first]))


def run(stage: Stage, copies: int, count: int) -> Copies:
    """Measure once, on a bus of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="gouji-bench-") as place,
        NatsServer(Path(place) / "nats") as server,
    ):
        return asyncio.run(measure(stage, copies, count, Path(place), server.url))


def alone(copies: int) -> Copies:
    """Let so many processes extract for some seconds with nothing between them."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(copies) as pool:
        pool.map(_extracted, [1.0] * copies, chunksize=1)
        done = pool.map(_extracted, [_ALONE_SECONDS] * copies, chunksize=1)
    return Copies(NO_BUS, copies, sum(done), sum(done) / _ALONE_SECONDS)


def _extracted(seconds: float) -> int:
    """Extract the same texts again and again; return how many were done in so many seconds."""
    documents = [(name, read_document(data, name)) for name, data, _ in corpus("text", 100)]
    count, end = 0, perf_counter() + seconds
    while perf_counter() < end:
        name, document = documents[count % len(documents)]
        extract(document, document_id=document_id(name.encode()), file=name)
        count += 1
    return count


def tell(found: Copies) -> None:
    """Print one measurement."""
    print(f"{found.stage} x {found.copies}: {found.rate:.1f} reports/s", flush=True)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", choices=("extract", "normalize"), default="extract")
    parser.add_argument("--reports", type=int, default=2000)
    given = parser.parse_args()
    for measured in (alone, partial(run, given.stage, count=given.reports)):
        one, two = measured(copies=1), measured(copies=2)
        tell(one)
        tell(two)
        print(f"two against one: {two.rate / one.rate:.2f}")


if __name__ == "__main__":
    main()
