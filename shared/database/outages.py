"""Which errors of a database mean "not now" and which mean that the work is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.errors import Unavailable

_CONFLICTS = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock: the same transaction may work now."""

_NOT_NOW = frozenset({"25006", "42P01"})
"""SQLSTATE of a server that is a standby at the moment, and of tables that are not there yet."""


@contextmanager
def unavailable_when_silent() -> Iterator[None]:
    """Turn "does not answer", "is locked", "is not migrated" into Unavailable; conflicts pass."""
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable(f"database: {error}") from error
    except DBAPIError as error:
        gone = isinstance(error, OperationalError) or error.connection_invalidated
        if not is_conflict(error) and (gone or _state(error) in _NOT_NOW):
            raise Unavailable(f"database: {error.orig}") from error
        raise


def is_conflict(error: DBAPIError) -> bool:
    """Tell whether another writer got in between, so that the transaction may be tried again."""
    return _state(error) in _CONFLICTS


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
