"""The archive in a local folder: bytes by their hash, and beside them who brought them first.

`<2 hex>/<sha256>` holds the bytes, `<2 hex>/<sha256>.json` the first arrival. Both appear whole or
not at all (written aside, synced, then linked), and never change. Bytes come first: after a crash
in between, the next attempt finds them and adds the arrival. Bytes that no longer have their hash are
never handed out: the same file put again, or `gouji reconcile`, takes their place.
"""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

import orjson

from shared.contracts.ports import Arrival
from shared.errors import BadInput, Unavailable
from shared.report.identity import document_id as identity_of

_SHARD = re.compile(r"[0-9a-f]{2}")
_KEPT = re.compile(r"([0-9a-f]{64}|[0-9a-f]{32})(\.json)?")


class Holding(NamedTuple):
    """What the archive has of one document: its bytes, and who brought them first."""

    document_id: str
    has_bytes: bool
    has_arrival: bool


_ID = re.compile(r"(?:[0-9a-f]{32}){1,2}")


class FolderArchive:
    """`shared.contracts.ports.Archive` in a folder that any number of processes may share."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when first needed."""
        self.folder = folder
        self._sure: set[Path] = set()

    def prepare(self) -> None:
        """Make the folder, so that an archive that is empty is not taken for one that is away.

        Where that fails whoever writes into it will say so.
        """
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)

    def is_there(self) -> None:
        """Return when the folder is there and can be read; raises `Unavailable`."""
        if not os.access(self.folder, os.R_OK | os.X_OK):
            raise Unavailable(f"the archive does not answer: {self.folder}")

    def takes_files(self) -> None:
        """Return when the folder is there and can be written to; raises `Unavailable`."""
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise Unavailable(f"the archive cannot be written: {self.folder}")

    def put(self, data: bytes, arrival: Arrival) -> Arrival:
        """Keep the bytes durably, then register the arrival; return the one that came first."""
        path = self.path_of(arrival.document_id)
        try:
            if not path.exists():
                _write_once(path, data)
            elif path.read_bytes() != data:
                # the disk lost them: what arrives now is whole
                _write_over(path, data)
        except OSError as error:
            raise Unavailable(f"the archive cannot be written: {error}") from error
        # one sync of the folder, after both: a power cut in between leaves what `put` mends
        return self.register(arrival)

    def register(self, arrival: Arrival) -> Arrival:
        """Note an arrival without bytes (a file refused unread); return the one that came first."""
        path = self.arrival_path(arrival.document_id)
        try:
            if not path.exists():
                _write_once(path, orjson.dumps(arrival._asdict()))
            _sync_folder(path.parent)
            self._make_sure_of(path.parent)
            return _arrival(path.read_bytes())
        except OSError as error:
            raise Unavailable(f"the archive does not answer: {error}") from error

    def get(self, document_id: str) -> bytes:
        """Return the bytes; raises `BadInput` when they are gone for good, or not these bytes any more."""
        try:
            data = self.path_of(document_id).read_bytes()
        except FileNotFoundError as error:
            if not self.folder.is_dir():
                raise Unavailable(f"the archive is not there: {error}") from error
            raise BadInput(
                "missing_bytes",
                "存档中没有该文件的内容。",
                "The archive does not hold the bytes of this file.",
            ) from error
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error}") from error
        if identity_of(data) != document_id:
            raise BadInput(
                "missing_bytes",
                "存档中该文件的内容已损坏（与哈希不符），请重新投递或运行 gouji reconcile。",
                "The bytes of this file in the archive are damaged (their hash is another one); "
                "drop it again, or call gouji reconcile.",
            )
        return data

    def arrival(self, document_id: str) -> Arrival | None:
        """Return the first arrival of a document, or None if it never arrived."""
        try:
            return _arrival(self.arrival_path(document_id).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error}") from error

    def shards(self) -> Iterator[Path]:
        """Yield the folders that hold documents, in order; none when the archive is not there yet."""
        try:
            yield from sorted(p for p in self.folder.iterdir() if _SHARD.fullmatch(p.name))
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error}") from error

    def holdings(self, shard: Path) -> Iterator[Holding]:
        """Yield what one of the `shards` holds, by document; leftovers of a crash are passed over."""
        found: dict[str, set[str | None]] = {}
        try:
            for entry in os.scandir(shard):
                kept = _KEPT.fullmatch(entry.name)
                if kept is not None:
                    found.setdefault(kept[1], set()).add(kept[2])
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error}") from error
        for document_id, parts in sorted(found.items()):
            yield Holding(document_id, None in parts, ".json" in parts)

    def newer(self, shard: Path, moment: float) -> dict[str, float]:
        """Return the documents of a shard whose arrival was noted after a moment, and when.

        Moments are seconds since the epoch.
        """
        found = {}
        try:
            for entry in os.scandir(shard):
                kept = _KEPT.fullmatch(entry.name)
                if kept is not None and kept[2] is not None:
                    noted = entry.stat().st_mtime
                    if noted > moment:
                        found[kept[1]] = noted
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error}") from error
        return found

    def holding(self, document_id: str) -> Holding:
        """Return what there is of one document."""
        there = (self.path_of(document_id).exists(), self.arrival_path(document_id).exists())
        return Holding(document_id, *there)

    def is_whole(self, document_id: str) -> bool:
        """Tell whether the bytes are there and have their hash."""
        try:
            self.get(document_id)
        except BadInput:
            return False
        return True

    def changed(self, document_id: str) -> datetime:
        """Return when the bytes of a document were written; the epoch if they are not there."""
        try:
            return datetime.fromtimestamp(self.path_of(document_id).stat().st_mtime, UTC)
        except FileNotFoundError:
            return datetime.fromtimestamp(0, UTC)
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error}") from error

    def _make_sure_of(self, folder: Path) -> None:
        """Sync the names of the folders above a file, once: whoever made them may have had no time to."""
        if folder in self._sure:
            return
        _sync_folder(folder.parent)
        _sync_folder(folder.parent.parent)
        self._sure.add(folder)

    def path_of(self, document_id: str) -> Path:
        """Return where the bytes of a document are, or would be; raises ValueError for what is no id."""
        if not _ID.fullmatch(document_id):
            raise ValueError("no id of a document")
        return self.folder / document_id[:2] / document_id

    def arrival_path(self, document_id: str) -> Path:
        """Return where the first arrival of a document is noted, or would be."""
        path = self.path_of(document_id)
        return path.with_name(f"{path.name}.json")


def _arrival(data: bytes) -> Arrival:
    fields = orjson.loads(data)
    fields["received_at"] = datetime.fromisoformat(fields["received_at"])
    return Arrival(**fields)


def _write_once(path: Path, data: bytes) -> None:
    """Write a file that is whole or absent; if another process was first, its file stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = _written_aside(path, data)
    try:
        # a link fails where a rename would overwrite: the first one wins
        path.hardlink_to(aside)
    except FileExistsError:
        pass
    finally:
        aside.unlink(missing_ok=True)


def _write_over(path: Path, data: bytes) -> None:
    """Put a file in the place of another; at every moment there is one of the two."""
    _written_aside(path, data).replace(path)


def _written_aside(path: Path, data: bytes) -> Path:
    """Write a hidden file beside `path`, synced; nothing is left of it when that fails."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.{token_hex(4)}")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return aside


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
