"""A whole line for a measurement: started in a folder of its own, heard as anybody outside would hear it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

from nats.aio.msg import Msg
from nats.js import JetStreamContext

from services.commands.running.lags import is_worked_off
from tests.support.postgres import Cluster

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
        kind = message.subject.split(".")[3 if ".report." in message.subject else 2]
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.at.setdefault(str(body.get("document_id")), perf_counter())
        self.news.set()

    async def reach(self, count: int, patience: float = 60.0) -> bool:
        """Wait until so many documents have ended; False when nothing happens for so many seconds."""
        while len(self.at) < count:
            if not await self._news(patience):
                return False
        return True

    async def end_of(self, document_id: str, patience: float = 60.0) -> float | None:
        """Return when a document ended; None when nothing at all happens for so many seconds."""
        while document_id not in self.at:
            if not await self._news(patience):
                return None
        return self.at[document_id]

    async def _news(self, patience: float) -> bool:
        self.news.clear()
        try:
            await asyncio.wait_for(self.news.wait(), patience)
        except TimeoutError:
            return False
        return True


def start(
    folder: Path,
    copies: Sequence[str],
    database: str | None = None,
    told: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.Popen[bytes]:
    """Start the embedded line; `told` are settings of its services."""
    wishes = [word for wish in copies for word in ("--copies", wish)]
    wishes += ["--database", database] if database else []
    command = [
        sys.executable, "-m", "services.cli", "up", "--inbox", str(folder / "inbox"),
        "--data", str(folder / "data"), *wishes,
    ]  # fmt: skip
    with (folder / "up.log").open("wb") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, env={**os.environ, **told}
        )


@contextmanager
def line(
    folder: Path,
    copies: Sequence[str],
    database: str | None,
    told: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the embedded line."""
    running = start(folder, copies, database, told)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(60)


@contextmanager
def store(kind: str) -> Iterator[str | None]:
    """Give the URL of an empty database that waits for the disk; None is SQLite in the line's folder."""
    if kind == "sqlite":
        yield None
        return
    with Cluster(durable=True) as cluster:
        yield cluster.new_database()


async def address(folder: Path) -> str:
    """Wait until the line says where its bus is."""
    path = folder / "data" / "up.json"
    for _ in range(600):
        if path.exists():
            return str(json.loads(path.read_text(encoding="utf-8"))["nats_url"])
        await asyncio.sleep(0.1)
    raise TimeoutError(f"the line did not start; see {folder / 'up.log'}")


async def rest(js: JetStreamContext) -> float:
    """Wait until reports are compared with one another too; return the seconds."""
    began = perf_counter()
    while not await is_worked_off(js):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.2)
    return perf_counter() - began
