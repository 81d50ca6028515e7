"""The sink's database: each event one transaction, safe to repeat and to run many times over."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from services.sink.adapters import migrating
from services.sink.adapters.engine import database_url, open_engine
from services.sink.adapters.statements import PARTS, statements
from services.sink.core import rows
from shared.contracts.events import DeadLetter, ReportDuplicate, ReportRefused, ReportValidated
from shared.errors import Unavailable

_CONFLICTS = frozenset({"40001", "40P01"})
"""SQLSTATE of a serialisation failure and of a deadlock: the same transaction may work now."""
_READ_ONLY = "25006"
"""SQLSTATE of a server that is a standby at the moment."""
_TRIES = 5


class Database:
    """SQLite or PostgreSQL by URL. Threads may share one; any number of processes may write at once.

    Every method raises `Unavailable` when the database does not answer or is locked for long.
    """

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first use."""
        self._engine = open_engine(url, writing=True)
        self._statements = statements(database_url(url).get_backend_name())

    def migrate(self) -> None:
        """Bring the schema up to date; several processes may do so at the same time."""
        self._transact(migrating.upgrade)

    def record(self, event: ReportValidated) -> None:
        """Keep a judged report whole; a repeated or outdated judgement changes nothing."""
        self._write(rows.recorded(event))

    def refuse(self, event: ReportRefused) -> None:
        """Keep why a file can never become a record."""
        self._write(rows.refused(event))

    def alias(self, event: ReportDuplicate) -> None:
        """Keep a further name of a known document."""
        self._write(rows.duplicate(event))

    def bury(self, letter: DeadLetter) -> None:
        """Keep our own failure, unless the file got through all the same."""
        self._write(rows.dead(letter))

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _write(self, found: rows.Rows) -> None:
        self._transact(lambda connection: self._put(connection, found))

    def _put(self, connection: Connection, found: rows.Rows) -> None:
        """Write in one fixed order of tables, so that two writers never wait for each other."""
        for table, statement in self._statements.keep.items():
            for row in found.get(table, ()):
                connection.exec_driver_sql(statement, row)
        for revision in found.get("revisions", ()):
            if self._is_news(connection, revision):
                self._put_parts(connection, found)

    def _is_news(self, connection: Connection, revision: rows.Row) -> bool:
        """Write the revision if it is unknown or better than the known one; tell whether it was."""
        if connection.exec_driver_sql(self._statements.first, revision).rowcount == 1:
            return True
        known = {"key": revision["id"], "better": revision["precedence"]}
        renewed = connection.exec_driver_sql(self._statements.renew, {**revision, **known})
        if renewed.rowcount != 1:
            return False
        for statement in self._statements.clear.values():
            connection.exec_driver_sql(statement, known)
        return True

    def _put_parts(self, connection: Connection, found: rows.Rows) -> None:
        for table in PARTS:
            if found[table]:
                connection.exec_driver_sql(self._statements.add[table], found[table])

    def _transact(self, work: Callable[[Connection], None]) -> None:
        """Do `work` in one transaction, again when another writer got in between."""
        for last in (*[False] * (_TRIES - 1), True):
            try:
                with _unavailable_when_silent(), self._engine.begin() as connection:
                    work(connection)
            except DBAPIError as error:
                if last or _state(error) not in _CONFLICTS:
                    raise
            else:
                return


@contextmanager
def _unavailable_when_silent() -> Iterator[None]:
    """Turn "does not answer" into Unavailable; conflicts of rows pass, they are tried again."""
    try:
        yield
    except PoolTimeoutError as error:
        raise Unavailable(f"database: {error}") from error
    except DBAPIError as error:
        gone = isinstance(error, OperationalError) or error.connection_invalidated
        if (gone or _state(error) == _READ_ONLY) and _state(error) not in _CONFLICTS:
            raise Unavailable(f"database: {error.orig}") from error
        raise


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
