"""The oracle: what was dropped, what must have become of it, and whether it did.

Nothing is taken from the line's own word but what it finally says of each file: the database's rows,
the archived bytes, and the ends told on the bus are compared with what the ledger knows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from services.sink.adapters.export import export_lines
from shared.database.engine import open_engine
from shared.database.tables import CellRow, DocumentRow, FileRow, RevisionRow
from shared.runtime.archive import FolderArchive
from tests.endurance.load import Drop, hash_of

_AT_DOOR: Final = frozenset({"too_large"})
"""Reasons for which a file is refused unread: its bytes are not kept."""


@dataclass
class Balance:
    """What the ledger found: names (with what is odd about them) under each kind of fault."""

    files: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        """Tell whether nothing is lost, doubled, foreign, wrong, or dead for no reason."""
        return not (self.lost or self.doubled or self.foreign or self.wrong or self.dead)

    def faults(self) -> dict[str, list[str]]:
        """Return what was found, by kind, where anything was."""
        kinds = {n: getattr(self, n) for n in ("lost", "doubled", "foreign", "wrong", "dead")}
        return {name: found for name, found in kinds.items() if found}


Key = tuple[str | None, str | None]
"""A dropped name and the document it stands for."""


class Ledger:
    """Every accepted drop, by name and document."""

    def __init__(self) -> None:
        """Nothing was dropped yet."""
        self._drops: dict[Key, Drop] = {}

    def __len__(self) -> int:
        return len(self._drops)

    def accept(self, drop: Drop) -> None:
        """Note a file before it is dropped; the same once more says what is expected by now."""
        self._drops[drop.name, drop.document_id] = drop

    @property
    def due(self) -> frozenset[Key]:
        """Return every name and document that must come to an end."""
        return frozenset(key for key, drop in self._drops.items() if not drop.expected.optional)

    @property
    def drops(self) -> tuple[Drop, ...]:
        """Return everything that was dropped, in order."""
        return tuple(self._drops.values())

    def examine(
        self, database_url: str, archive: Path, told: Mapping[str, Iterable[str]] | None = None
    ) -> Balance:
        """Compare the books with the world; `told` are the ends told on the bus by document id."""
        balance = Balance(files=len(self))
        self._rows(database_url, balance)
        self._lines(database_url, balance)
        self._bytes(archive, balance)
        self._told(told or {}, balance)
        return balance

    def _rows(self, database_url: str, balance: Balance) -> None:
        """Count rows: one file for each name, one document and one revision for each content."""
        engine = open_engine(database_url, writing=False)
        try:
            with engine.connect() as connection:
                files = connection.execute(select(FileRow.name, FileRow.document_id)).all()
                documents = set(connection.scalars(select(DocumentRow.id)))
                revisions = Counter(connection.scalars(select(RevisionRow.document_id)))
                counted = connection.execute(
                    select(RevisionRow.document_id, func.count(CellRow.address))
                    .join(CellRow, CellRow.revision_id == RevisionRow.id)
                    .group_by(RevisionRow.document_id)
                )
                cells: dict[str, int] = {row[0]: row[1] for row in counted}
                owned = set(connection.scalars(select(CellRow.revision_id).distinct()))
                known = set(connection.scalars(select(RevisionRow.id)))
        finally:
            engine.dispose()
        found = Counter((name, document) for name, document in files)
        balance.doubled += [f"{key[0]}: {n} rows" for key, n in found.items() if n > 1]
        balance.lost += [f"{key[0]}: no row" for key in self.due - found.keys()]
        balance.foreign += [f"file {key[0]} {key[1]}" for key in found.keys() - self._drops.keys()]
        ids = {d.document_id for d in self.drops}
        balance.foreign += [f"document {one}" for one in documents - ids]
        balance.foreign += [f"cells of revision {one}" for one in owned - known]
        balance.doubled += [f"document {d}: {n} revisions" for d, n in revisions.items() if n > 1]
        for drop in self.drops:
            rows = cells.get(drop.document_id, 0)
            if rows and drop.expected.line is not None and rows != drop.expected.cells:
                balance.wrong.append(f"{drop.name}: {rows} cells, not {drop.expected.cells}")

    def _lines(self, database_url: str, balance: Balance) -> None:
        """Compare each file's end, and each report cell by cell and issue by issue."""
        seen: Counter[Key] = Counter()
        for line in export_lines(database_url, every_revision=True):
            drop = self._drops.get((line["file"], line["document_id"]))
            if drop is None:
                continue
            seen[drop.name, drop.document_id] += 1
            balance.states[line["status"]] += 1
            fault = _fault(drop, line)
            if fault is not None:
                (balance.dead if line["status"] == "dead" else balance.wrong).append(fault)
        balance.doubled += [f"{key[0]}: {n} lines" for key, n in seen.items() if n > 1]
        known = {entry.partition(":")[0] for entry in balance.lost}
        missing = {key for key in self.due - seen.keys() if key[0] not in known}
        balance.lost += [f"{key[0]}: no line" for key in missing]

    def _bytes(self, folder: Path, balance: Balance) -> None:
        """Read back every archived file."""
        archive = FolderArchive(folder)
        for drop in self.drops:
            path = archive.path_of(drop.document_id)
            at_door = drop.expected.reasons and drop.expected.reasons <= _AT_DOOR
            if not path.exists():
                if drop.expected.optional or at_door:
                    continue
                balance.lost.append(f"{drop.name}: its bytes are not archived")
            elif sha256(path.read_bytes()).hexdigest() != drop.document_id:
                balance.wrong.append(f"{drop.name}: its archived bytes are others")

    def _told(self, told: Mapping[str, Iterable[str]], balance: Balance) -> None:
        """Hold what subscribers were told against the books: one end each, and no stranger."""
        by_id: dict[str, list[Drop]] = defaultdict(list)
        for drop in self.drops:
            by_id[drop.document_id].append(drop)
        for document, ends in told.items():
            drops = by_id.get(document)
            if drops is None:
                balance.foreign.append(f"told of {document}: {sorted(ends)}")
                continue
            allowed = frozenset().union(*(d.expected.states for d in drops))
            odd = set(ends) - allowed
            if odd:
                balance.wrong.append(f"{drops[0].name}: subscribers were told {sorted(odd)}")


def _fault(drop: Drop, line: Mapping[str, Any]) -> str | None:
    """Say what is wrong with the end of a file, None if nothing is."""
    expected, status, reason = drop.expected, line["status"], line.get("reason")
    if status not in expected.states:
        return f"{drop.name}: {status} ({reason}) and not {sorted(expected.states)}"
    if status != "recorded" and expected.reasons and reason not in expected.reasons:
        return f"{drop.name}: {status} for {reason} and not for {sorted(expected.reasons)}"
    if status == "recorded" and expected.line is not None and hash_of(dict(line)) != expected.line:
        return f"{drop.name}: its record or its issues differ"
    return None
