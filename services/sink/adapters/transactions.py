"""One transaction on the sink's database, tried again when another writer got in between."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.database.outages import is_conflict, said, unavailable_when_silent
from shared.errors import Unavailable

T = TypeVar("T")
_TRIES = 5


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do `work` in one transaction and return what it returns.

    Raises `Unavailable` when the database is silent, or when others got in between every time:
    that is no fault of the work.
    """
    for tried in range(1, _TRIES + 1):
        try:
            return _once(engine, work)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
            if tried == _TRIES:
                raise Unavailable(f"database: {said(error)}") from error
    raise AssertionError("the last try returns or raises")


def _once(engine: Engine, work: Callable[[Connection], T]) -> T:
    with unavailable_when_silent(), engine.begin() as connection:
        return work(connection)
