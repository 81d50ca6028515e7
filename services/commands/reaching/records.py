"""Asks the database what became of files."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import inspect, select

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

    None when nothing was ever recorded. Raises `Unavailable` when the database does not answer.
    """
    engine = open_engine(url, writing=False)
    wanted = select(
        FileRow.name, FileRow.document_id, FileRow.state, FileRow.reason, FileRow.replay,
        FileRow.members,
    ).order_by(FileRow.name, FileRow.id)  # fmt: skip
    if documents is not None:
        wanted = wanted.where(FileRow.document_id.in_(documents))
    try:
        with unavailable_when_silent(), engine.connect() as connection:
            if not inspect(connection).has_table(FileRow.__tablename__):
                return []
            return [FileState(*row) for row in connection.execute(wanted)]
    finally:
        engine.dispose()
