"""Back-pressure: a stage takes on new work only while the bus has room for what later stages will say.

All stages share one stream. If an early stage filled it to the brim, no later one could publish its
result, nothing would ever be finished, and no room be made: so each stops below the next.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from shared.contracts.events import Stage
from shared.runtime.logs import log

MARKS: Final[dict[Stage, float]] = {
    "ingest": 0.6,
    "normalize": 0.7,
    "extract": 0.8,
    "validate": 0.9,
}
"""How full the stream of the reports may be while a stage begins new work; later stages always may."""
_ASK_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.5
_ASK_PART: Final = 0.01
"""A stage asks again when it has published this part of the stream, however soon that is."""

Ask = Callable[[], Awaitable[tuple[int, int]]]
"""Returns the bytes in the stream and its limit; raises what the client library raises."""


class Room:
    """Knows whether one stage may begin new work."""

    def __init__(self, service: Stage, ask: Ask) -> None:
        """Nothing is asked before the first message."""
        self._mark = MARKS.get(service)
        self._ask = ask
        self._asked = float("-inf")
        self._spent = 0
        self._limit = 0
        self._full = False
        self._closed = False

    def spend(self, size: int) -> None:
        """Note bytes that were published."""
        self._spent += size

    def close(self) -> None:
        """Let nobody wait any longer: the service is being stopped."""
        self._closed = True

    async def wait(self) -> bool:
        """Return True when there is room, False when the service is being stopped before."""
        while not await self.is_there():
            if self._closed:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    async def is_there(self) -> bool:
        """Tell whether there is room; raises what the client library raises."""
        if self._mark is None:
            return True
        now = time.monotonic()
        if now - self._asked < _ASK_SECONDS and self._spent <= _ASK_PART * self._limit:
            return not self._full
        self._asked, self._spent = now, 0
        used, self._limit = await self._ask()
        full = self._limit > 0 and used >= self._mark * self._limit
        if full != self._full:
            self._full = full
            log("warning" if full else "info", "bus.full" if full else "bus.has_room",
                used=used, limit=self._limit)  # fmt: skip
        return not full
