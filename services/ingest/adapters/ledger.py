"""What the database says of files: which have an end, and which documents it has read. Never written here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from shared.database.snapshots import Snapshots
from shared.database.tables import DocumentRow, FileRow, RevisionRow

_AT_ONCE: Final = 500
_UNREAD: Final = ("too_large", "missing_bytes")


@dataclass(slots=True)
class Ends:
    """Ids of rows of files; names and arrival of the documents that were read.

    `refused` are those whose bytes a later stage missed, `unread` those that ingest refused without a look,
    `turned_away` those that were read and are no reports. `dead` are our failures by row.
    """

    rows: set[str] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    received: dict[str, datetime] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    turned_away: set[str] = field(default_factory=set)
    dead: dict[str, str] = field(default_factory=dict)


class Ledger:
    """SQLite or PostgreSQL by URL, for reading. Raises `Unavailable` when it does not answer."""

    def __init__(self, url: str) -> None:
        """Remember where; nothing is opened before the first use."""
        self._snapshots = Snapshots(url)

    def ends(self, documents: Iterable[str] | None = None) -> Ends:
        """Return what is known of these documents, of all where none are named."""
        found = Ends()
        with self._snapshots.reading() as connection:
            for part in _parts(documents):
                _read(connection, part, found)
        return found

    def read_otherwise(self, engine: str) -> dict[str, str]:
        """Return documents on record, by name, that no reading by this engine version is known of."""
        by_it = select(RevisionRow.document_id).where(RevisionRow.engine_version == engine)
        wanted = (
            select(RevisionRow.document_id, DocumentRow.file)
            .join(DocumentRow, DocumentRow.id == RevisionRow.document_id)
            .where(RevisionRow.document_id.not_in(by_it))
            .distinct()
        )
        with self._snapshots.reading() as connection:
            return {row.document_id: row.file for row in connection.execute(wanted)}

    def close(self) -> None:
        """Let go of all connections."""
        self._snapshots.close()


def _parts(documents: Iterable[str] | None) -> Iterator[list[str] | None]:
    if documents is None:
        yield None
        return
    wanted = sorted(documents)
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]


def _read(connection: Connection, part: list[str] | None, found: Ends) -> None:
    files = select(FileRow.id, FileRow.document_id, FileRow.state, FileRow.stage, FileRow.reason)
    documents = select(DocumentRow.id, DocumentRow.file, DocumentRow.received_at)
    if part is not None:
        files = files.where(FileRow.document_id.in_(part))
        documents = documents.where(DocumentRow.id.in_(part))
    for row in connection.execute(files):
        found.rows.add(row.id)
        if row.document_id is None:
            continue
        if row.state == "dead":
            found.dead[row.id] = row.document_id
        elif row.state == "refused":
            _note_refusal(row.document_id, row.stage, row.reason, found)
    for document_id, file, received_at in connection.execute(documents):
        if document_id not in found.unread:
            found.names[document_id] = file
            found.received[document_id] = received_at


def _note_refusal(document_id: str, stage: str, reason: str, found: Ends) -> None:
    if stage == "ingest" and reason in _UNREAD:
        found.unread.add(document_id)
    elif reason == "missing_bytes":
        found.refused.add(document_id)
    elif stage != "ingest":
        found.turned_away.add(document_id)
