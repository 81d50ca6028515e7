"""What just happened, for all pages that are open: one reader of the bus, any number of listeners."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Final

from services.page.core.doors import Doors, News
from services.page.core.telling import told
from shared.errors import GoujiError

_KEPT: Final = 100
"""Events that a slow listener may be behind; what is more is left out, its page says so at the next load."""
_AGAIN_SECONDS: Final = 3.0

Told = dict[str, Any]


class Feed:
    """Hands every event to everybody who listens; goes on by itself when the bus is back."""

    def __init__(self, doors: Doors, *, most: int, masks: bool) -> None:
        """Serve `most` listeners at a time; `masks` personal data in names of files."""
        self._doors, self._most, self._masks = doors, most, masks
        self._listeners: set[asyncio.Queue[Told]] = set()
        self._task: asyncio.Task[None] | None = None
        self._alive = False

    @property
    def is_full(self) -> bool:
        """Tell whether there are as many listeners as may be."""
        return len(self._listeners) >= self._most

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @property
    def is_alive(self) -> bool:
        """Tell whether the bus is heard."""
        return self._alive

    async def listen(self) -> AsyncIterator[Told]:
        """Yield what happens from now on, first whether the bus is heard at all."""
        mine: asyncio.Queue[Told] = asyncio.Queue(_KEPT)
        self._listeners.add(mine)
        if self._task is None or self._task.done():
            # nobody reads the bus before somebody looks
            self._task = asyncio.create_task(self._read())
        try:
            yield {"kind": "state", "alive": self._alive}
            while True:
                yield await mine.get()
        finally:
            self._listeners.discard(mine)

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _read(self) -> None:
        while self._listeners:
            try:
                async for news in self._doors.news():
                    self._is_heard(alive=True)
                    if news.kind != "heard":
                        self._tell(told(News(news.kind, news.body), masks=self._masks))
                    if not self._listeners:
                        break
            except (GoujiError, OSError):
                # the bus is away: said on the page, and asked again
                pass
            self._is_heard(alive=False)
            await asyncio.sleep(_AGAIN_SECONDS)

    def _is_heard(self, *, alive: bool) -> None:
        if alive != self._alive:
            self._alive = alive
            self._tell({"kind": "state", "alive": alive})

    def _tell(self, what: Told | None) -> None:
        if what is None:
            return
        for queue in self._listeners:
            with contextlib.suppress(asyncio.QueueFull):
                queue.put_nowait(what)
