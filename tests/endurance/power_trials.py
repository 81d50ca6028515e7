"""Trials of power cuts: R10. Files come from a client that keeps nothing: what was confirmed must be there."""

import asyncio
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import nats
from nats.errors import Error as NatsError

from shared.errors import Unavailable
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams.inbox import Inbox
from tests.endurance.hearing import ends_told, settle
from tests.endurance.ledger import Ledger
from tests.endurance.load import Drop, drops
from tests.endurance.loose import Loose
from tests.endurance.power import cut_power, image
from tests.endurance.scale import Scale
from tests.endurance.trial import Plan, Result, await_ends

_AT_ONCE = 4
_IN_A_ROW = 3
"""Cuts before the line may catch up: a message whose process ends at every attempt is given up for that."""
_BUS_BYTES = 64 << 20


class Client(threading.Thread):
    """Puts files into the bucket; `confirmed` are those the bus has confirmed."""

    def __init__(self, url: str, files: Sequence[Drop], pause: float) -> None:
        super().__init__(daemon=True)
        self.confirmed: list[Drop] = []
        self._url, self._files, self._pause = url, list(files), pause
        self._ending = threading.Event()

    def end(self) -> None:
        """Put no more."""
        self._ending.set()
        self.join(30)

    def run(self) -> None:
        asyncio.run(self._put_all())

    async def _put_all(self) -> None:
        client = await nats.connect(self._url, allow_reconnect=False, error_cb=_quiet)
        inbox, waiting = Inbox(client.jetstream()), iter(self._files)

        async def put() -> None:
            for drop in waiting:
                if self._ending.is_set():
                    return
                try:
                    await asyncio.wait_for(inbox.put(drop.data, drop.name), 5)
                except (NatsError, Unavailable, TimeoutError):
                    return
                self.confirmed.append(drop)
                await asyncio.sleep(self._pause)

        await asyncio.gather(*(put() for _ in range(_AT_ONCE)))
        await client.close()


def cuts(folder: Path, database: str | None, scale: Scale, *, sync: str = "always") -> Result:
    """R10: the power goes while files come in; what was not synced is lost, what was confirmed is not."""
    times, count = scale.faults_of(1, 10), scale.files_of(60, 100)
    rng = Random(scale.seed)
    files = list(drops(count * times, scale.seed))
    ledger = Ledger()
    plan = Plan("R10", files=len(files), seconds=0, seed=scale.seed, recovery=scale.pick(120, 300))
    began = time.monotonic()
    data = folder / "data"
    with image(folder / "disk.img", data, 512) as disk:
        server = NatsServer(data / "nats", sync=sync, max_store_bytes=_BUS_BYTES)
        env = {"GOUJI_BUS_BYTES": str(_BUS_BYTES)}
        with Loose(folder, database, env=env, quick=scale.quick, server=server) as line:
            confirmed = []
            for number in range(times):
                some = files[number * count : (number + 1) * count]
                client = Client(line.nats_url, some, pause=0.1)
                client.start()
                time.sleep(rng.uniform(0.5, 2.5))
                before = list(client.confirmed)
                cut_power(line, disk)
                client.end()
                confirmed += before
                known = {drop.name for drop in before}
                _put_again(line, [drop for drop in some if drop.name not in known])
                for drop in some:
                    ledger.accept(drop)
                if number % _IN_A_ROW == _IN_A_ROW - 1:
                    await_ends(line, ledger, plan.recovery)
            recovered = time.monotonic()
            await_ends(line, ledger, plan.recovery)
            recovery = time.monotonic() - recovered
            busy = settle(line.nats_url, plan.recovery)
            balance = ledger.examine(line.database_url, line.archive, ends_told(line.nats_url))
    return Result(
        plan=plan, balance=balance, struck={f"power cut, sync {sync}": times}, recovery=recovery,
        alive=True, busy=[str(lag) for lag in busy], took=time.monotonic() - began,
        notes={"confirmed before a cut": len(confirmed)},
    )  # fmt: skip


def relaxed(folder: Path, database: str | None, scale: Scale) -> Result:
    """R10 with a bus that syncs every two minutes: what that costs. No bar: the figure is the result."""
    return cuts(folder, database, scale, sync="2m")


def _put_again(line: Loose, files: Sequence[Drop]) -> None:
    """Let the client try again what was not confirmed, as any client must."""
    client = Client(line.nats_url, files, pause=0.0)
    client.start()
    client.join(60)
    assert len(client.confirmed) == len(files)


async def _quiet(_: Exception) -> None:
    """Say nothing: the power is gone."""
