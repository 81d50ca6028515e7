"""One transaction on the sink's database, tried again when another writer got in between."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.database.outages import is_conflict, unavailable_when_silent

T = TypeVar("T")
_TRIES = 5


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Do `work` in one transaction and return what it returns; raises `Unavailable` when silent."""
    for _ in range(_TRIES - 1):
        try:
            return _once(engine, work)
        except DBAPIError as error:
            if not is_conflict(error):
                raise
    return _once(engine, work)


def _once(engine: Engine, work: Callable[[Connection], T]) -> T:
    with unavailable_when_silent(), engine.begin() as connection:
        return work(connection)
