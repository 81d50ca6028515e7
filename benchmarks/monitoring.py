"""What metrics and spans cost: the same messages through one service on a real bus, three ways by turns.

Run `python -m benchmarks.monitoring`. It prints messages per second of this process's processor time with nothing,
with metrics, and with metrics and spans, and what remains of the first: ratios of one run, so that a busy machine
does not matter. The handler does next to nothing, so the share is the worst there can be; beside it stands what it
is of a real extraction. Spans go to a receiver in a process of its own; "by itself" is without sending them.
"""

import argparse
import asyncio
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from services.extract.core.extraction import extract
from services.normalize.core.reading import read_document
from shared.contracts.events import ReportNormalized, ReportReceived
from shared.monitoring import measuring, spans
from shared.monitoring.catalogue import SERVICE_METRICS
from shared.monitoring.exposition import Registry
from shared.monitoring.otlp import OtlpTracer
from shared.report.document import Document, Paragraph
from shared.runtime.bus import Bus
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.messages import accounts
from shared.runtime.messages.delivery import Delivery
from shared.runtime.streams import topology
from tests.support.bus import client, fresh, publish, received, running, settings_for, settled
from tests.support.fill import fill
from tests.support.render import LAYOUTS, render

_COLLECTOR = """
import time
from tests.support.monitoring import Collector
with Collector() as collector:
    print(collector.endpoint, flush=True)
    time.sleep(3600)
"""
WAYS = ("nothing", "metrics", "metrics and spans")


async def handle(event: ReportReceived) -> tuple[ReportNormalized, ...]:
    document = Document(blocks=(Paragraph(text=event.file, line=1),), reader="bench")
    return (
        ReportNormalized(
            document_id=event.document_id, file=event.file, received_at=event.received_at,
            document=document,
        ),
    )  # fmt: skip


def seconds_of_processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def measured(url: str, way: str, count: int, first: int) -> float:
    """Return the processor seconds that handling so many messages took."""
    registry = Registry([m for m in SERVICE_METRICS if m.kind != "gauge"], dict)
    if way != "nothing":
        measuring.record_with(registry)
    if way.endswith("spans"):
        spans.trace_with(OtlpTracer("bench", "0"))
    bus = Bus("normalize", settings_for(url, ack_wait="30s"))
    bus.bind(topology.NORMALIZE, consumes=(ReportReceived,), produces=(ReportNormalized,),
             handle=handle)  # fmt: skip
    try:
        async with client(url) as js:
            for number in range(first, first + count):
                await publish(js, received(f"{number}.txt"))
            began = seconds_of_processor()
            async with running(bus.app()):
                await settled(js, topology.NORMALIZE, within=120)
                return seconds_of_processor() - began
    finally:
        if way != "nothing":
            measuring.forget(registry)
        if (tracer := spans.tracer()) is not None:
            spans.forget()
            await asyncio.to_thread(tracer.close)


async def compare(url: str, count: int, rounds: int) -> dict[str, float]:
    """Return the processor seconds of each way, by turns so that all meet the same machine."""
    spent: dict[str, list[float]] = {way: [] for way in WAYS}
    async with client(url) as js:
        await fresh(js)
    first = 0
    for number in range(rounds + 1):
        for way in WAYS:
            took = await measured(url, way, count, first)
            first += count
            if number:
                # the first round warms up
                spent[way].append(took)
    # the least disturbed round of each
    return {way: min(found) for way, found in spent.items()}


def by_itself(way: str, count: int = 20_000) -> float:
    """Return the processor seconds that one message costs in the accounts alone."""
    registry = Registry([m for m in SERVICE_METRICS if m.kind != "gauge"], dict)
    delivery = Delivery("gouji.v1.report.normalized", "REPORTS", "extract", 1, 1, 0.0)
    delivery.noted_document = "ab" * 32
    if way != "nothing":
        measuring.record_with(registry)
    if way.endswith("spans"):
        spans.trace_with(OtlpTracer("bench", "0"))
    tracer = spans.tracer()
    began = time.process_time()
    for _ in range(count):
        delivery.span_id = None if tracer is None else tracer.fresh_id()
        accounts.enter(delivery, 0.01, {})
    took = (time.process_time() - began) / count
    if way != "nothing":
        measuring.forget(registry)
    spans.forget()
    return took


def of_extraction(count: int = 40) -> float:
    """Return processor seconds of reading and extracting one made-up report."""
    made = [render(fill(n), LAYOUTS[n % len(LAYOUTS)], Random(n)) for n in range(count)]
    began = time.process_time()
    for number, report in enumerate(made):
        document = read_document(report.data, report.name)
        extract(document, document_id=f"{number:064x}", file=report.name)
    return (time.process_time() - began) / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    collector = subprocess.Popen(
        [sys.executable, "-c", _COLLECTOR], stdout=subprocess.PIPE, text=True
    )
    assert collector.stdout is not None
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.stdout.readline().strip()
    try:
        with TemporaryDirectory() as folder, NatsServer(Path(folder), sync="2m") as server:
            found = asyncio.run(compare(server.url, asked.messages, asked.rounds))
        alone = {way: by_itself(way) * 1e6 for way in WAYS}
    finally:
        collector.kill()
    base = found["nothing"]
    print("| | messages a processor second | ratio | by itself, µs a message |")
    print("|---|---|---|---|")
    for way, took in found.items():
        print(f"| {way} | {asked.messages / took:,.0f} | {base / took:.2f} | {alone[way]:.1f} |")
    print(f"\nextraction of one report: {of_extraction() * 1e6:,.0f} µs")


if __name__ == "__main__":
    main()
