"""Asks the database what became of files."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, inspect, select

from services.sink.adapters.database import Database
from shared.database.engine import open_engine, shown_url
from shared.database.outages import unavailable_when_silent
from shared.database.tables import FileRow


@dataclass(frozen=True, slots=True)
class FileState:
    """One dropped name and its terminal state as the database has it."""

    name: str | None
    document_id: str | None
    state: str
    reason: str | None
    replay: str | None
    members: list[dict[str, str]] | None


def migrate(url: str) -> None:
    """Bring a database up to date; raises `Unavailable` when it does not answer."""
    database = Database(url)
    try:
        database.migrate()
    finally:
        database.close()


def shown(url: str) -> str:
    """Return a database URL without its password."""
    return shown_url(url)


def file_states(url: str, documents: Sequence[str] | None = None) -> list[FileState]:
    """Return every file in the database, or those of some documents (a few hundred at once), by name.

    Nothing where nothing was ever recorded. Raises `Unavailable` when the database does not answer.
    """
    wanted = select(
        FileRow.name, FileRow.document_id, FileRow.state, FileRow.reason, FileRow.replay,
        FileRow.members,
    ).order_by(FileRow.name, FileRow.id)  # fmt: skip
    if documents is not None:
        wanted = wanted.where(FileRow.document_id.in_(documents))
    return [FileState(*row) for row in _asked(url, wanted)]


def state_counts(url: str) -> Counter[str]:
    """Return how many names are in which state; raises `Unavailable` when the database does not answer."""
    counted = _asked(url, select(FileRow.state, func.count()).group_by(FileRow.state))
    return Counter({str(row[0]): int(row[1]) for row in counted})


def _asked(url: str, wanted: Select[*tuple[Any, ...]]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Ask one question about files; a database that nothing was ever recorded in has no rows."""
    engine = open_engine(url, writing=False)
    try:
        with unavailable_when_silent(), engine.connect() as connection:
            if not inspect(connection).has_table(FileRow.__tablename__):
                return []
            return connection.execute(wanted).all()
    finally:
        engine.dispose()
