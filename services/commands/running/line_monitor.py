"""The one exporter of the line: looks every few seconds, answers scrapes with what it last found."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from nats.js import JetStreamContext

from services.commands.running import line_state
from services.commands.running.line_state import Books, Gauges
from shared.errors import GoujiError
from shared.monitoring.address import parse
from shared.monitoring.checks import OK
from shared.runtime.logs import log
from shared.runtime.monitor import Monitor
from shared.secrets import BadSetting

EXPORTER: Final = "line"
"""How it calls itself where services give their names."""
_EVERY_SECONDS: Final = 5.0
_STALE_AFTER: Final = 60.0
_RESTS: Final = 20
"""A look may take a twentieth of the time: counting a million files takes a while."""
_PATIENCE: Final = 30.0

Look = Callable[[], Awaitable[Gauges]]


@dataclass(slots=True)
class _Store:
    """One thing that is looked at: how, how it went, and when it is due again."""

    look: Look
    gauges: Gauges = field(default_factory=dict)
    seen: float | None = None
    due: float = 0.0
    state: str = "starting"


class LineMonitor:
    """Keeps the gauges of the line; what does not answer has none, instead of old ones."""

    def __init__(self, js: JetStreamContext, database_url: str, backups: Path | None) -> None:
        """Nothing is looked at yet."""
        self._books = Books(database_url)
        self._stores = {
            "bus": _Store(lambda: line_state.of_bus(js, time.time())),
            "database": _Store(partial(asyncio.to_thread, self._books.gauges)),
        }
        if backups is not None:
            self._stores["backups"] = _Store(
                partial(asyncio.to_thread, line_state.of_backups, backups)
            )

    async def look(self) -> None:
        """Look once at what is due, each by itself: one that hangs holds up nobody else's figures."""
        await asyncio.gather(*(self._look_at(*item) for item in self._stores.items()))

    async def keep_looking(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_SECONDS)

    def checks(self) -> dict[str, str]:
        """Return how each store that work depends on was found."""
        return {name: s.state for name, s in self._stores.items() if name != "backups"}

    def gauges(self) -> Gauges:
        """Return what was found last, unless that is long ago."""
        now = time.monotonic()
        found: Gauges = {"gouji_line_store_up": {}}
        for name, store in self._stores.items():
            fresh = store.seen is not None and now - store.seen < _STALE_AFTER
            up = fresh and store.state == OK
            found["gouji_line_store_up"][(name,)] = float(up)
            if fresh:
                found |= store.gauges
        return found

    def close(self) -> None:
        """Let go of the database."""
        self._books.close()

    async def _look_at(self, name: str, store: _Store) -> None:
        began = time.monotonic()
        if began < store.due:
            return
        try:
            async with asyncio.timeout(_PATIENCE):
                store.gauges = await store.look()
            store.state, store.seen = OK, time.monotonic()
        except (GoujiError, OSError, TimeoutError) as error:
            if store.state != "away":
                log("warning", "monitor.waiting", store=name, error=str(error) or repr(error))
            store.state = "away"
        store.due = time.monotonic() + _RESTS * (time.monotonic() - began)


def addresses(http: str | None, names: Sequence[str]) -> dict[str, str]:
    """Return the address of each process beside the line's own, one port after the other.

    Nothing, in place of an address, keeps a process from taking one out of the environment. Raises
    `BadSetting`.
    """
    if not http:
        return dict.fromkeys(names, "")
    try:
        own = parse(http)
        return {name: str(own.further(number)) for number, name in enumerate(names, 1)}
    except ValueError as error:
        raise BadSetting(str(error)) from None


@asynccontextmanager
async def showing(
    js: JetStreamContext,
    database_url: str,
    *,
    http_address: str | None,
    backups: Path | None = None,
) -> AsyncIterator[None]:
    """Show the state of the line at an address, if there is one, while the block runs.

    Raises `BadSetting` when the address cannot be had.
    """
    if not http_address:
        yield
        return
    line = LineMonitor(js, database_url, backups)
    monitor = Monitor(
        EXPORTER,
        http_address,
        checks=line.checks,
        values=line.gauges,
        recorded=(),
    )
    await monitor.open()
    looking = asyncio.create_task(line.keep_looking())
    try:
        yield
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await monitor.close()
        line.close()
