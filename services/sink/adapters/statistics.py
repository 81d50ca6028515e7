"""What SQLite plans its questions by: how many rows share a key. Nobody counts that unless told to.

PostgreSQL does it by itself. `PRAGMA optimize` is not enough: before SQLite 3.46 it looks only at tables that
its own connection asked questions of, and the sink writes.
"""

import sqlite3
import time
from threading import Lock, Thread
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from shared.errors import GoujiError
from shared.runtime.logs import log

_FIRST_AFTER: Final = 200
_AT_THE_LATEST_AFTER: Final = 20_000
"""Events between two counts: at first a few, then twice as many each time, as the proportions settle."""
_ROWS_LOOKED_AT: Final = 400
"""Of each index; the count then takes as long in a large database as in a small one."""


class Statistics:
    """Counts anew when much was written, beside the writers; it gives way where somebody writes."""

    def __init__(self, engine: Engine) -> None:
        """Count through this engine; nothing is done for PostgreSQL."""
        self._engine = engine
        self._is_wanted = engine.dialect.name == "sqlite"
        self._written = 0
        self._due = _FIRST_AFTER
        self._turn = Lock()
        self._thread: Thread | None = None

    def wrote(self, *, busy: bool) -> None:
        """Hear that an event was written; begin to count when it is time and nobody is `busy`."""
        self._written += 1
        if not self._is_wanted or busy or self._written < self._due:
            return
        if self._turn.acquire(blocking=False):
            self._thread = Thread(target=self._count, name="statistics")
            self._thread.start()

    def close(self) -> None:
        """Count what was written since the last time, unless another process writes just now."""
        if self._thread is not None:
            self._thread.join()
        if self._is_wanted and self._written:
            self._turn.acquire()
            self._count()

    def _count(self) -> None:
        """Count, if the database takes it at once: whoever writes is not held up, and nobody is waited for."""
        began, written = time.perf_counter(), self._written
        try:
            connection = self._engine.raw_connection()
            driver = connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            # kept from the pool: whoever writes next would lack the patience that is given up here
            connection.detach()
            try:
                driver.execute("PRAGMA busy_timeout = 0")
                driver.execute(f"PRAGMA analysis_limit = {_ROWS_LOOKED_AT}")
                driver.execute("ANALYZE")
            finally:
                connection.close()
        except (sqlite3.Error, DBAPIError, GoujiError):
            # plans are as good as before; the next event is the next occasion
            return
        else:
            self._written -= written
            self._due = min(2 * self._due, _AT_THE_LATEST_AFTER)
            seconds = round(time.perf_counter() - began, 3)
            log("debug", "database.counted", events=written, seconds=seconds)
        finally:
            self._turn.release()
