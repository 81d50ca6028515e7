"""Reading one database over and over, each time as it is at that moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from shared.database.engine import snapshot_engine
from shared.database.outages import unavailable_when_silent


class Snapshots:
    """SQLite or PostgreSQL by URL, for reading; threads may share one."""

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first use."""
        self._url = url
        self._engine: Engine | None = None

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold one snapshot: what is written meanwhile does not show. Raises `Unavailable`."""
        if self._engine is None:
            self._engine = snapshot_engine(self._url)
        with unavailable_when_silent(), self._engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Let go of all connections; the next use opens anew."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
