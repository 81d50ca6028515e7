"""Where work runs: small things at once, large or blocking things beside the event loop."""

import asyncio
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class ThreadWork:
    """Runs work in threads where it would keep the event loop from its heartbeats."""

    def __init__(self, thread_bytes: int) -> None:
        """Set the input size above which computing leaves the event loop."""
        self._thread_bytes = thread_bytes

    async def compute(self, size: int, call: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run a pure function on an input of `size` bytes."""
        if size <= self._thread_bytes:
            return call(*args)
        return await asyncio.to_thread(call, *args)

    async def wait(self, call: Callable[[*Ts], T], *args: *Ts) -> T:
        """Run a function that waits for a disk or a database."""
        return await asyncio.to_thread(call, *args)
