"""Which errors of a database mean "not now" and which mean that the work is wrong."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.errors import Unavailable
from shared.language import spoken

_CONFLICTS: Final = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock: the same transaction may work now."""

_NOT_NOW: Final = frozenset({"25006", "42P01", "42703", "42501", "XX001", "XX002"})
"""SQLSTATE of what an operator mends while the work waits.

In order: read-only or a standby, tables or columns that are not migrated yet, rights that are lacking,
pages and indexes that are damaged.
"""

_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""What SQLite says of a file that a disk has damaged; nothing may be judged by it, nothing is lost yet."""


@contextmanager
def unavailable_when_silent() -> Iterator[None]:
    """Turn "does not answer", "is locked", "is not migrated", "is damaged" into Unavailable; conflicts pass."""
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable(f"database: {error}") from error
    except DBAPIError as error:
        if not is_conflict(error) and is_outage(error):
            raise Unavailable(f"database: {said(error)}") from error
        raise


def is_outage(error: DBAPIError) -> bool:
    """Tell whether the database, and not the work, is what is wrong."""
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return True
    return _state(error) in _NOT_NOW or _damage(error) in _DAMAGED


def is_conflict(error: DBAPIError) -> bool:
    """Tell whether another writer got in between, so that the transaction may be tried again."""
    return _state(error) in _CONFLICTS


def said(error: DBAPIError) -> str:
    """Return what the database itself said, in one line, and what a person does about damage."""
    words = " ".join(str(error.orig).split())
    if _damage(error) in _DAMAGED:
        mend = spoken(
            "文件已损坏，请从备份恢复", "the file is damaged, restore it from a backup", " "
        )
        return f"{words}; {mend}"
    return words


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)


def _damage(error: DBAPIError) -> int:
    """Return SQLite's primary error code: the low byte, whatever the extended code adds."""
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
