"""The ceiling: a chain of four FastStream services that do nothing, on the same bus: `python -m benchmarks.ceiling`.

JetStream on files, every write synced, one process a stage, bodies as large as those of gouji's events, pydantic models
in and out, results published with a message id and confirmed before the message is acknowledged. What a line of this
shape cannot exceed on this machine.
"""

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

import nats
from faststream import FastStream
from faststream.middlewares import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.js.api import AckPolicy as Explicit
from nats.js.api import ConsumerConfig, StorageType, StreamConfig
from pydantic import BaseModel

from shared.runtime.connections.embedded import NatsServer

STREAM = "CHAIN"
HOPS = ("received", "normalized", "extracted", "validated", "recorded")
SIZES = {"received": 500, "normalized": 22_000, "extracted": 31_000, "validated": 37_000,
         "recorded": 900}  # fmt: skip
"""Bytes of the bodies, as measured of made-up text reports."""
_LOOPS = 8


class Body(BaseModel):
    """What travels: an id and as much text as the event of the hop."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Ceiling:
    """What the empty chain did: messages a second that came through all four hops, and bytes of each hop."""

    messages: int
    rate: float
    sizes: dict[str, int]


def body(number: int, hop: str) -> Body:
    """Return a body of a hop."""
    text = f"{Random(number).getrandbits(256):064x}" * (SIZES[hop] // 64 + 1)
    return Body(id=f"{number:064x}", text=text[: SIZES[hop]])


def stage(url: str, hop: int) -> FastStream:
    """Return the service that takes this hop's messages and publishes the next."""
    broker = NatsBroker(url, logger=None)
    taken, given = HOPS[hop], HOPS[hop + 1]
    text = body(0, given).text

    async def handle(received: Body, message: NatsMessage) -> None:
        result = Body(id=received.id, text=text)
        headers = {"Nats-Msg-Id": f"{received.id}.{given}"}
        js = broker.config.connection_state.stream
        await js.publish(f"chain.{given}", result.model_dump_json().encode(), 30, STREAM, headers)
        await message.ack()

    for _ in range(_LOOPS):
        broker.subscriber(
            f"chain.{taken}",
            stream=JStream(STREAM, declare=False),
            durable=taken,
            pull_sub=PullSub(batch_size=1, timeout=5),
            config=ConsumerConfig(filter_subjects=[]),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
        )(handle)
    return FastStream(broker, logger=None)


@contextmanager
def _stages(url: str) -> Iterator[None]:
    with ExitStack() as stack:
        for hop in range(len(HOPS) - 1):
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.ceiling", "--hop", str(hop), "--url", url]
            )
            stack.callback(process.wait, 20)
            stack.callback(process.send_signal, signal.SIGTERM)
        yield


async def _chain(url: str, count: int) -> Ceiling:
    client = await nats.connect(url)
    js = client.jetstream()
    await js.add_stream(
        StreamConfig(
            name=STREAM, subjects=["chain.>"], storage=StorageType.FILE, duplicate_window=86400
        )
    )
    for hop in HOPS[:-1]:
        await js.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=hop,
                filter_subjects=[f"chain.{hop}"],
                ack_policy=Explicit.EXPLICIT,
                max_ack_pending=1024,
            ),
        )
    through, done = 0, asyncio.Event()

    async def hear(_: object) -> None:
        nonlocal through
        through += 1
        if through in {1, count + 1}:
            done.set()

    await client.subscribe("chain.recorded", cb=hear)
    with _stages(url):
        # all stages started before the clock runs
        await js.publish("chain.received", body(count, "received").model_dump_json().encode())
        await done.wait()
        done.clear()
        began = perf_counter()
        for number in range(0, count, 8):
            await asyncio.gather(
                *(
                    js.publish(
                        "chain.received", body(n, "received").model_dump_json().encode(), timeout=30
                    )
                    for n in range(number, min(number + 8, count))
                )
            )
        await done.wait()
        took = perf_counter() - began
    await client.close()
    return Ceiling(count, count / took, SIZES)


def run(count: int) -> Ceiling:
    """Measure once, on a bus of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="gouji-bench-") as folder,
        NatsServer(Path(folder)) as server,
    ):
        return asyncio.run(_chain(server.url, count))


def main() -> None:
    """Run and print; with a hop, be the service of that hop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=3000)
    parser.add_argument("--hop", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.hop is not None:
        asyncio.run(stage(given.url, given.hop).run())
        return
    found = run(given.messages)
    print(
        f"empty chain of four hops, {found.messages} messages: {found.rate:.0f}/s,"
        f" load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
