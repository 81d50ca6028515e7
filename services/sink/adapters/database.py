"""The sink's database: each event is written whole or not at all, safe to repeat at any time.

Events that wait at the same moment share one transaction: the disk is asked once for all of them.
"""

import time
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import Connection, delete

from services.sink.adapters import journal, migrating, standing
from services.sink.adapters.statements import COMPARED, PARTS, statements
from services.sink.adapters.statistics import Statistics
from services.sink.adapters.transactions import transact
from services.sink.core import changes, rows
from services.sink.core.changes import Change, Judged
from services.sink.core.values import Row
from shared.contracts.events import (
    DeadLetter,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportRefused,
    ReportValidated,
)
from shared.database.engine import database_url, open_engine
from shared.database.probe import DatabaseProbe
from shared.database.tables import FileRow
from shared.errors import Unavailable
from shared.monitoring import measuring

_TOGETHER = 16


@dataclass(slots=True, eq=False)
class _Waiting:
    """The rows of one event, and what became of them."""

    found: rows.Rows
    event: Judged | None = None
    change: Change | None = None
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
        self._statistics = Statistics(self._engine)
        self._probe = DatabaseProbe(url)
        self._turn = Lock()
        self._waiting: deque[_Waiting] = deque()

    def migrate(self) -> None:
        """Bring the schema up to date; several processes may do so at the same time."""
        transact(self._engine, migrating.upgrade)

    def record(self, event: ReportValidated) -> Change | None:
        """Keep a judged report whole; a repeated or outdated judgement changes nothing.

        Returns what changed for a report that had been judged before, the same at every repetition.
        """
        return self._write(rows.recorded(event), event)

    def compare(self, event: ReportCompared) -> Change | None:
        """Keep a report's judgement beside its neighbours; return what changed, as `record` does."""
        return self._write(rows.compared(event), event)

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

    def forget_dead(self, files: Collection[str]) -> None:
        """Remove the rows of these files, by id, that are still dead; other ends stay."""
        gone = delete(FileRow).where(FileRow.id.in_(files), FileRow.state == "dead")
        transact(self._engine, lambda connection: connection.execute(gone))

    def answers(self) -> None:
        """Return when the database answers; not through a writer's transaction, which locks."""
        self._probe.answers()

    def close(self) -> None:
        """Let go of all connections, with the statistics of what was written."""
        self._statistics.close()
        self._probe.close()
        self._engine.dispose()

    def _write(self, found: rows.Rows, event: Judged | None = None) -> Change | None:
        """Return when these rows are safe: whoever's turn it is writes for all that wait."""
        mine = _Waiting(found, event)
        self._waiting.append(mine)
        with self._turn:
            while not mine.written and mine.error is None:
                count = min(len(self._waiting), _TOGETHER)
                self._write_together([self._waiting.popleft() for _ in range(count)])
        if mine.error is not None:
            raise mine.error
        self._statistics.wrote(busy=bool(self._waiting))
        return mine.change

    def _write_together(self, group: Sequence[_Waiting]) -> None:
        """Write all in one transaction; if that fails, each in its own, so that one harms nobody.

        What does not answer is asked once for all: sixteen waits in a row would be minutes.
        """
        try:
            self._write_in_one(group)
        except Unavailable as error:
            for one in group:
                one.error = error
        except Exception as error:  # noqa: BLE001 - told to the thread whose rows they are
            if len(group) == 1:
                group[0].error = error
                return
            for one in group:
                self._write_together([one])

    def _write_in_one(self, group: Sequence[_Waiting]) -> None:
        def put_all(connection: Connection) -> None:
            for one in group:
                one.change = self._put(connection, one)

        began = time.perf_counter()
        transact(self._engine, put_all)
        measuring.observe("gouji_database_write_duration_seconds", time.perf_counter() - began)
        measuring.observe("gouji_database_batch_events", len(group))
        for one in group:
            one.written = True

    def _put(self, connection: Connection, one: _Waiting) -> Change | None:
        """Write in one fixed order of tables, so that two writers never wait for each other."""
        for table, statement in self._statements.keep.items():
            for row in one.found.get(table, ()):
                connection.exec_driver_sql(statement, row)
        if isinstance(one.event, ReportCompared):
            return self._put_comparison(connection, one.event, one.found)
        if one.event is not None:
            return self._put_revision(connection, one.event, one.found)
        return None

    def _put_revision(
        self, connection: Connection, event: ReportValidated, found: rows.Rows
    ) -> Change | None:
        before = journal.current_revision(connection, event.report_id)
        told = [] if before is None else journal.issues_of(connection, before)
        (revision,) = found["revisions"]
        if not self._is_news(connection, revision):
            return journal.noted(connection, event)
        self._put_parts(connection, found, PARTS)
        standing.settle(connection, revision, self._statements.add["marks"])
        if (
            before is None
            or journal.current_revision(connection, event.report_id) != revision["id"]
        ):
            return None
        change = changes.change(event, told, changes.cause_of(event, before))
        connection.exec_driver_sql(self._statements.log, changes.row(change))
        return change

    def _put_comparison(
        self, connection: Connection, event: ReportCompared, found: rows.Rows
    ) -> Change | None:
        (comparison,) = found["comparisons"]
        if connection.exec_driver_sql(self._statements.compare, comparison).rowcount != 1:
            return journal.noted(connection, event)
        told = journal.compared_issues_of(connection, event.report_id)
        for table in COMPARED:
            connection.exec_driver_sql(self._statements.clear[table], {"key": event.report_id})
        self._put_parts(connection, found, COMPARED)
        change = changes.change(event, told, "neighbours")
        if change.is_none:
            return None
        connection.exec_driver_sql(self._statements.log, changes.row(change))
        return change

    def _is_news(self, connection: Connection, revision: Row) -> bool:
        """Write the revision if it is unknown or better than the known one; tell whether it was."""
        if connection.exec_driver_sql(self._statements.first, revision).rowcount == 1:
            return True
        known = {"key": revision["id"], "better": revision["precedence"]}
        renewed = connection.exec_driver_sql(self._statements.renew, {**revision, **known})
        if renewed.rowcount != 1:
            return False
        for table in PARTS:
            connection.exec_driver_sql(self._statements.clear[table], known)
        return True

    def _put_parts(self, connection: Connection, found: rows.Rows, tables: Sequence[str]) -> None:
        for table in tables:
            for insert, values in self._statements.add[table].of(found[table]):
                connection.exec_driver_sql(insert, values)
