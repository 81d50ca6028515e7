"""The reports on file, read from the database that the sink writes; nothing is ever written here."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, text

from services.validate.adapters import kin
from services.validate.adapters.records import Records
from services.validate.adapters.rows import correction_of, moment_of
from services.validate.core.across.family import Family
from services.validate.core.stored import Reading, Relatives
from shared.database.snapshots import Snapshots
from shared.report.stored import read_record

T = TypeVar("T")

_SIGN_OF_LIFE = text("SELECT 1")
_READING = text("""
    SELECT v.document_id, v.file, v.received_at, v.engine_version, v.record
    FROM revisions v
    WHERE v.document_id = :document_id AND CAST(v.corrections AS VARCHAR) = '[]'
    ORDER BY v.precedence DESC LIMIT 1
""")
_CORRECTIONS = text("""
    SELECT id, address, state, value, unit FROM corrections
    WHERE document_id = :document_id ORDER BY at, id
""")
_CURRENT = text("""
    SELECT c.report_id, c.revision_id, c.document_id, c.file, c.received_at, c.series, c.year,
           c.scope, c.place, c.upper_place, v.precedence, k.position AS compared_at
    FROM current_reports c JOIN revisions v ON v.id = c.revision_id
    LEFT JOIN comparisons k ON k.report_id = c.report_id
    WHERE c.report_id = :report_id
""")


class DatabaseShelf:
    """SQLite or PostgreSQL by URL, for reading; threads may share one."""

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first use."""
        self._snapshots = Snapshots(url)
        self._records = Records()

    def answers(self) -> None:
        """Return when the database answers."""
        self._ask(lambda connection: connection.execute(_SIGN_OF_LIFE))

    def reading(self, document_id: str) -> Reading | None:
        """Return the newest reading of a document, None when it is not on file."""

        def read(connection: Connection) -> Reading | None:
            named = {"document_id": document_id}
            row = connection.execute(_READING, named).mappings().first()
            if row is None:
                return None
            corrections = connection.execute(_CORRECTIONS, named).mappings()
            return Reading(
                row["document_id"],
                row["file"],
                moment_of(row["received_at"]),
                row["engine_version"],
                read_record(row["record"]),
                tuple(map(correction_of, corrections)),
            )

        return self._ask(read)

    def concerned(self, report_id: str) -> Sequence[str]:
        """Return the reports that must be compared anew when this one was recorded; itself first."""

        def read(connection: Connection) -> Sequence[str]:
            row = self._current(connection, report_id)
            if row is None or row["year"] is None:
                return ()
            return tuple(dict.fromkeys((report_id, *kin.concerned(connection, row))))

        return self._ask(read)

    def relatives(self, report_id: str) -> Relatives | None:
        """Return a report with its neighbours, None when it is not on file."""

        def read(connection: Connection) -> Relatives | None:
            row = self._current(connection, report_id)
            if row is None or row["year"] is None:
                return None
            version = (row["revision_id"], row["precedence"])
            me = self._records.one(connection, version, report_id)
            before = kin.year_before(connection, row, self._records)
            alike = kin.alike(connection, row, before, self._records)
            members = kin.members(connection, row)
            return Relatives(
                row["document_id"],
                row["file"],
                moment_of(row["received_at"]),
                row["revision_id"],
                Family(report_id, me.record, before, alike, members, me.wording),
                beside=kin.named(before, alike, members),
                compared_at=row["compared_at"],
            )

        return self._ask(read)

    def compared_with(self, report_id: str, among: Sequence[str]) -> Sequence[str]:
        """Return those `among` these reports whose text is compared with that of `report_id`, in their order."""

        def read(connection: Connection) -> Sequence[str]:
            me = self._current(connection, report_id)
            if me is None:
                return ()
            return tuple(other for other in among if self._is_compared(connection, other, me))

        return self._ask(read)

    def close(self) -> None:
        """Let go of all connections."""
        self._snapshots.close()

    def _ask(self, question: Callable[[Connection], T]) -> T:
        """Ask in one snapshot: what is written meanwhile does not show."""
        with self._snapshots.reading() as connection:
            return question(connection)

    def _is_compared(self, connection: Connection, report_id: str, me: RowMapping) -> bool:
        row = self._current(connection, report_id)
        if row is None or row["year"] is None:
            return False
        chosen = kin.chosen_by_marks(connection, row)
        return any(me["revision_id"] in group for group in chosen.values())

    def _current(self, connection: Connection, report_id: str) -> RowMapping | None:
        return connection.execute(_CURRENT, {"report_id": report_id}).mappings().first()
