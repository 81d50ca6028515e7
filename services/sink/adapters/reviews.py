"""What people decided, written to the database: each act once, whatever the order of arrival."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, select, text

from services.sink.adapters.statements import clearing, latest, once
from services.sink.adapters.transactions import transact
from services.sink.core import reviews
from services.sink.core.reviews import Concerned
from services.sink.core.values import Row
from shared.contracts.reviews import AgenciesListed, CellCorrected, IssueDecided
from shared.database.base import Instant
from shared.database.engine import database_url, open_engine
from shared.database.reviews import AgencyRow
from shared.database.schema import METADATA

_AT_ONCE = 500
"""Values in one list of a query."""

_ROLL_UPS = (
    text(
        "SELECT document_id, file, received_at FROM current_reports"
        " WHERE scope = 'roll_up' AND series IN :series ORDER BY document_id"
    )
    .bindparams(bindparam("series", expanding=True))
    .columns(received_at=Instant)
)


class Reviews:
    """Decisions, corrections and lists in SQLite or PostgreSQL by URL. Threads may share one.

    Every method raises `Unavailable` when the database does not answer or is locked for long.
    """

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first use."""
        self._engine = open_engine(url, writing=True)
        backend = database_url(url).get_backend_name()
        tables = METADATA.tables
        self._once = {
            name: once(backend, tables[name]) for name in ("decisions", "corrections", "agencies")
        }
        self._list = latest(
            backend, tables["agency_lists"], key="name", order=("at", "document_id")
        )
        self._clear = clearing(backend, tables["agencies"], "list_name")

    def decide(self, event: IssueDecided) -> None:
        """Keep a decision beside all earlier ones."""
        self._add("decisions", reviews.decision(event))

    def correct(self, event: CellCorrected) -> None:
        """Keep a corrected cell beside all earlier ones."""
        self._add("corrections", reviews.correction(event))

    def list_agencies(self, event: AgenciesListed) -> Sequence[Concerned]:
        """Keep a list unless a later one of its name is there.

        Returns the current roll-ups of the parents that it names or that the replaced list named:
        what is known of their members may be another now.
        """

        def put(connection: Connection) -> Sequence[Concerned]:
            concerned = self._parents(connection, event.name) | reviews.parents(event)
            row = reviews.agency_list(event)
            if connection.exec_driver_sql(self._list, row).rowcount == 1:
                connection.exec_driver_sql(self._clear, {"key": row["name"]})
                rows = list(reviews.agencies(event))
                if rows:
                    connection.exec_driver_sql(self._once["agencies"], rows)
            return _roll_ups(connection, concerned)

        return transact(self._engine, put)

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def _add(self, table: str, row: Row) -> None:
        def put(connection: Connection) -> None:
            connection.exec_driver_sql(self._once[table], row)

        transact(self._engine, put)

    def _parents(self, connection: Connection, name: str) -> frozenset[str]:
        query = select(AgencyRow.parent).where(
            AgencyRow.list_name == name, AgencyRow.parent.is_not(None)
        )
        return frozenset(row.parent for row in connection.execute(query.distinct()) if row.parent)


def _roll_ups(connection: Connection, series: Iterable[str]) -> list[Concerned]:
    wanted = sorted(series)
    found: list[Concerned] = []
    for start in range(0, len(wanted), _AT_ONCE):
        rows = connection.execute(_ROLL_UPS, {"series": wanted[start : start + _AT_ONCE]})
        found += [Concerned(*row) for row in rows]
    return found
