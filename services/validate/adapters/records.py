"""Readings of the database, each read once: of one family many reports are compared, each beside the others."""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from threading import Lock
from typing import Final, Generic, TypeVar

from sqlalchemy import Connection, bindparam, text

from services.validate.core.across.family import Neighbour
from services.validate.core.across.wording import Wording, wording_of
from shared.report.stored import read_gist, read_record

Version = tuple[str, str]
"""A revision's id and precedence: one that was judged anew keeps its id and has another record."""
V = TypeVar("V")

_MOST: Final = 128
"""Readings in memory: some 80 kB each, with their wordings."""
_MOST_WORDINGS: Final = 1_000
"""Wordings in memory: some 30 kB each."""
_RECORDS: Final = text("""
    SELECT id, precedence, record FROM revisions WHERE id IN :revisions
""").bindparams(bindparam("revisions", expanding=True))


class _Remembered(Generic[V]):
    """What was used last, by version; threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Version, V] = OrderedDict()
        self._lock = Lock()

    def these(self, wanted: Collection[Version]) -> dict[Version, V]:
        """Return those of these versions that are known."""
        with self._lock:
            found = {version: self._known[version] for version in wanted if version in self._known}
            for version in found:
                self._known.move_to_end(version)
            return found

    def __len__(self) -> int:
        """Return how many are known."""
        return len(self._known)

    def keep(self, found: Mapping[Version, V]) -> None:
        with self._lock:
            self._known.update(found)
            while len(self._known) > self._most:
                self._known.popitem(last=False)


class Records:
    """Remembers the readings and wordings that were asked for last; threads may share it.

    A `connection` must be in the snapshot that named the versions that are asked for, each with its report's id.
    """

    def __init__(self, most: int = _MOST, most_wordings: int = _MOST_WORDINGS) -> None:
        """Keep at most so many."""
        self._readings = _Remembered[Neighbour](most)
        self._wordings = _Remembered[Wording](most_wordings)

    def one(self, connection: Connection, version: Version, report_id: str) -> Neighbour:
        """Return the reading of one version; its wording is remembered longer than itself."""
        found = self._of(connection, {version: report_id})[version]
        self._wordings.keep({version: found.wording})
        return found

    def wordings(
        self, connection: Connection, wanted: Mapping[Version, str]
    ) -> dict[Version, Wording]:
        """Return the wordings of these versions; of a record that is not at hand only the gist is read."""
        found = self._wordings.these(wanted)
        left = {version: wanted[version] for version in wanted if version not in found}
        made = {v: one.wording for v, one in self._readings.these(left).items()}
        missing = {version: left[version] for version in left if version not in made}
        for version, stored in _stored(connection, missing):
            made[version] = wording_of(wanted[version], read_gist(stored))
        self._wordings.keep(made)
        return found | made

    def _of(
        self, connection: Connection, wanted: Mapping[Version, str]
    ) -> dict[Version, Neighbour]:
        found = self._readings.these(wanted)
        missing = {version: wanted[version] for version in wanted if version not in found}
        read = {
            version: Neighbour(wanted[version], read_record(stored))
            for version, stored in _stored(connection, missing)
        }
        self._readings.keep(read)
        return found | read


def _stored(connection: Connection, wanted: Collection[Version]) -> Iterator[tuple[Version, bytes]]:
    """Yield the records of these versions as they are stored."""
    if not wanted:
        return
    revisions = sorted({version[0] for version in wanted})
    for row in connection.execute(_RECORDS, {"revisions": revisions}):
        version = (row.id, row.precedence)
        if version in wanted:
            yield version, row.record
