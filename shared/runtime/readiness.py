"""Whether a service could work now: the one judgement behind the health file and /readyz."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from shared.errors import Unavailable
from shared.monitoring.checks import OK, is_ready

Check = Callable[[], object]
"""Asks a store for a sign of life, in a thread; raises `Unavailable` without one."""

_PATIENCE: Final = 2.0
"""Seconds a store has for its answer; a late one counts at the next look."""
_STALE_AFTER: Final = 30.0
"""Seconds after which the last look says nothing any more: the health check of containers waits as long."""


class Readiness:
    """The last look at the bus and at the stores that a service needs."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        """Nothing was looked at yet."""
        self._checks = checks
        self._asking: dict[str, asyncio.Task[object]] = {}
        self._found: dict[str, str] = {"bus": "starting"}
        self._looked = time.monotonic()

    async def look(self, bus: str) -> bool:
        """Ask all stores, take over how the bus is, and tell whether all is well."""
        found = await asyncio.gather(*map(self._ask, self._checks))
        self._found = {"bus": bus, **dict(zip(self._checks, found, strict=True))}
        self._looked = time.monotonic()
        return is_ready(self._found)

    def stopping(self) -> None:
        """Say from now on that nothing new should be sent here."""
        self._checks, self._found = {}, {"bus": "stopping"}
        for task in self._asking.values():
            task.cancel()

    def found(self) -> dict[str, str]:
        """Return what was found by name: `ok`, else why not."""
        if time.monotonic() - self._looked > _STALE_AFTER:
            return {**self._found, "look": "stale"}
        return self._found

    async def _ask(self, name: str) -> str:
        """Ask one store; one that still owes an answer is not asked a second time meanwhile."""
        task = self._asking.get(name)
        if task is None:
            task = self._asking[name] = asyncio.create_task(asyncio.to_thread(self._checks[name]))
        done, _ = await asyncio.wait((task,), timeout=_PATIENCE)
        if not done:
            return "silent"
        del self._asking[name]
        return "away" if isinstance(_error_of(task), Unavailable) else _said(task)


def _error_of(task: "asyncio.Task[object]") -> BaseException | None:
    return asyncio.CancelledError() if task.cancelled() else task.exception()


def _said(task: "asyncio.Task[object]") -> str:
    error = _error_of(task)
    return OK if error is None else type(error).__name__
