"""The sink's database: each event is written whole or not at all, safe to repeat at any time.

Events that wait at the same moment share one transaction: the disk is asked once for all of them.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection

from services.sink.adapters import migrating
from services.sink.adapters.statements import PARTS, statements
from services.sink.adapters.transactions import transact
from services.sink.core import rows
from services.sink.core.values import Row
from shared.contracts.events import (
    DeadLetter,
    ReportDuplicate,
    ReportExpanded,
    ReportRefused,
    ReportValidated,
)
from shared.database.engine import database_url, open_engine

_TOGETHER = 16


@dataclass(slots=True, eq=False)
class _Waiting:
    """The rows of one event, and what became of them."""

    found: rows.Rows
    written: bool = False
    error: Exception | None = None


class Database:
    """SQLite or PostgreSQL by URL. Threads may share one; any number of processes may write at once.

    Every method raises `Unavailable` when the database does not answer or is locked for long.
    """

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first use."""
        self._engine = open_engine(url, writing=True)
        self._statements = statements(database_url(url).get_backend_name())
        self._turn = Lock()
        self._waiting: deque[_Waiting] = deque()

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

    def expand(self, event: ReportExpanded) -> None:
        """Keep which files an archive held."""
        self._write(rows.expanded(event))

    def bury(self, letter: DeadLetter) -> None:
        """Keep our own failure, unless the file got through all the same."""
        self._write(rows.dead(letter))

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _write(self, found: rows.Rows) -> None:
        """Return when these rows are safe: whoever's turn it is writes for all that wait."""
        mine = _Waiting(found)
        self._waiting.append(mine)
        with self._turn:
            while not mine.written and mine.error is None:
                count = min(len(self._waiting), _TOGETHER)
                self._write_together([self._waiting.popleft() for _ in range(count)])
        if mine.error is not None:
            raise mine.error

    def _write_together(self, group: Sequence[_Waiting]) -> None:
        """Write all in one transaction; if that fails, each in its own, so that one harms nobody."""
        try:
            self._write_in_one(group)
        except Exception as error:  # noqa: BLE001 - told to the thread whose rows they are
            if len(group) == 1:
                group[0].error = error
                return
            for one in group:
                self._write_together([one])

    def _write_in_one(self, group: Sequence[_Waiting]) -> None:
        def put_all(connection: Connection) -> None:
            for one in group:
                self._put(connection, one.found)

        self._transact(put_all)
        for one in group:
            one.written = True

    def _put(self, connection: Connection, found: rows.Rows) -> None:
        """Write in one fixed order of tables, so that two writers never wait for each other."""
        for table, statement in self._statements.keep.items():
            for row in found.get(table, ()):
                connection.exec_driver_sql(statement, row)
        for revision in found.get("revisions", ()):
            if self._is_news(connection, revision):
                self._put_parts(connection, found)

    def _is_news(self, connection: Connection, revision: Row) -> bool:
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
            for insert, values in self._statements.add[table].of(found[table]):
                connection.exec_driver_sql(insert, values)

    def _transact(self, work: Callable[[Connection], None]) -> None:
        """Do `work` in one transaction, again when another writer got in between."""
        transact(self._engine, work)
