"""Readings of the database, each read once: of one family many reports are compared, each beside the others."""

from collections import OrderedDict
from collections.abc import Collection
from threading import Lock
from typing import Final

from sqlalchemy import Connection, bindparam, text

from shared.report.record import Record
from shared.report.stored import read_record

Version = tuple[str, str]
"""A revision's id and precedence: one that was judged anew keeps its id and has another record."""

_MOST: Final = 64
"""Records in memory: some 0.2 MB each."""
_RECORDS: Final = text("""
    SELECT id, precedence, record FROM revisions WHERE id IN :revisions
""").bindparams(bindparam("revisions", expanding=True))


class Records:
    """Remembers the records that were read last; threads may share it."""

    def __init__(self, most: int = _MOST) -> None:
        """Keep at most so many."""
        self._most = most
        self._known: OrderedDict[Version, Record] = OrderedDict()
        self._lock = Lock()

    def of(self, connection: Connection, wanted: Collection[Version]) -> dict[Version, Record]:
        """Return these versions; `connection` must be in the snapshot that named them."""
        found = self._remembered(wanted)
        missing = sorted({revision for revision, _ in set(wanted) - found.keys()})
        if missing:
            for row in connection.execute(_RECORDS, {"revisions": missing}):
                version = (row.id, row.precedence)
                found[version] = read_record(row.record)
                self._remember(version, found[version])
        return found

    def one(self, connection: Connection, revision: str, precedence: str) -> Record:
        """Return the record of one version."""
        version = (revision, precedence)
        return self.of(connection, (version,))[version]

    def _remembered(self, wanted: Collection[Version]) -> dict[Version, Record]:
        with self._lock:
            found = {version: self._known[version] for version in wanted if version in self._known}
            for version in found:
                self._known.move_to_end(version)
            return found

    def _remember(self, version: Version, record: Record) -> None:
        with self._lock:
            self._known[version] = record
            if len(self._known) > self._most:
                self._known.popitem(last=False)
