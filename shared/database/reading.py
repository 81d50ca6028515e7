"""Reads the database for people: short transactions, clear words when it is silent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, TextClause, bindparam, text

from shared.database.base import Instant
from shared.database.engine import open_engine
from shared.database.outages import unavailable_when_silent

Row = Mapping[str, Any]
"""One row by column name."""


class Reader:
    """Asks one database, over and over; raises `Unavailable` when it does not answer or is not migrated."""

    def __init__(self, url: str) -> None:
        """Open it; an SQLite file that is not there is named, not made."""
        self._engine = open_engine(url, writing=False)

    def rows(self, query: str | TextClause, **values: object) -> list[Row]:
        """Return what a query finds; it names its parameters `:so`. Lists and moments are welcome."""
        with self._connected() as connection:
            return self._rows(connection, query, values)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with unavailable_when_silent(), self._engine.connect() as connection:
            yield connection

    def _rows(
        self, connection: Connection, query: str | TextClause, values: Mapping[str, object]
    ) -> list[Row]:
        statement = text(query) if isinstance(query, str) else query
        for name, value in values.items():
            if isinstance(value, list):
                statement = statement.bindparams(bindparam(name, expanding=True))
            elif isinstance(value, datetime):
                statement = statement.bindparams(bindparam(name, type_=Instant))
        given = {name: self._bound(value) for name, value in values.items()}
        return [row._asdict() for row in connection.execute(statement, given)]

    def _bound(self, value: object) -> object:
        """Return a moment as the database keeps it: SQLite has it as text of fixed width."""
        if isinstance(value, datetime) and self._engine.dialect.name == "sqlite":
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        return value


@contextmanager
def reading(url: str) -> Iterator[Reader]:
    """Hold a reader for as long as it is needed."""
    reader = Reader(url)
    try:
        yield reader
    finally:
        reader.close()


def moment(value: datetime | str) -> datetime:
    """Return a moment of a row in UTC, whichever database it comes from."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(UTC)


def listed(value: object) -> list[Any]:
    """Return the list in a JSON column, which SQLite hands out as text."""
    found = orjson.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, list) else []


def shown_moment(value: datetime | str) -> str:
    """Return a moment of a row for people: date and minute, UTC."""
    return moment(value).strftime("%Y-%m-%d %H:%M UTC")
