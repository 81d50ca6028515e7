"""Feeders that run beside a test, and a bucket in memory that they feed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from typing import Any, TypeVar

from services.ingest.adapters.feeder import Feeder
from shared.errors import Unavailable

F = TypeVar("F", bound=Feeder[Any])


class MemoryBucket:
    """A bucket that remembers what was put, and can be away for a while."""

    def __init__(self) -> None:
        self.files: dict[str, list[bytes]] = {}
        self.announced: dict[str, int] = {}
        self.away = 0

    async def put(self, data: bytes, file: str) -> str:
        if self.away > 0:
            self.away -= 1
            raise Unavailable("the bucket is away")
        await asyncio.sleep(0)
        self.files.setdefault(file, []).append(data)
        return sha256(data).hexdigest()

    async def announce(self, file: str, document_id: str, size: int) -> None:
        assert len(document_id) == 64
        self.announced[file] = size


@asynccontextmanager
async def running(feeder: F) -> AsyncIterator[F]:
    """Let a feeder run until the block ends."""
    task = asyncio.create_task(feeder.run())
    try:
        yield feeder
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(what: Callable[[], object], within: float = 20.0) -> None:
    async with asyncio.timeout(within):
        while not what():
            await asyncio.sleep(0.01)


async def looked_again(feeder: Feeder[Any], times: int = 3) -> None:
    after = feeder.looks + times
    await until(lambda: feeder.looks >= after)
