"""The archive in a local folder: bytes by their hash, and beside them who brought them first.

`<2 hex>/<sha256>` holds the bytes, `<2 hex>/<sha256>.json` the first arrival. Both appear whole or
not at all (written aside, synced, then linked), and never change. Bytes come first: after a crash
in between, the next attempt finds them and adds the arrival.
"""

import os
import re
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import orjson

from shared.contracts.ports import Arrival
from shared.errors import BadInput, Unavailable

_ID = re.compile(r"(?:[0-9a-f]{32}){1,2}")


class FolderArchive:
    """`shared.contracts.ports.Archive` in a folder that any number of processes may share."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when first needed."""
        self.folder = folder

    def put(self, data: bytes, arrival: Arrival) -> Arrival:
        """Keep the bytes durably, then register the arrival; return the one that came first."""
        path = self.path_of(arrival.document_id)
        try:
            if not path.exists():
                _write_once(path, data)
        except OSError as error:
            raise Unavailable(f"the archive cannot be written: {error}") from error
        # one sync of the folder, after both: a power cut in between leaves what `put` mends
        return self.register(arrival)

    def register(self, arrival: Arrival) -> Arrival:
        """Note an arrival without bytes (a file refused unread); return the one that came first."""
        path = self._arrival_path(arrival.document_id)
        try:
            if not path.exists():
                _write_once(path, orjson.dumps(arrival._asdict()))
            _sync_folder(path.parent)
            return _arrival(path.read_bytes())
        except OSError as error:
            raise Unavailable(f"the archive does not answer: {error}") from error

    def get(self, document_id: str) -> bytes:
        """Return the bytes; raises `BadInput` when they are gone for good."""
        try:
            return self.path_of(document_id).read_bytes()
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

    def arrival(self, document_id: str) -> Arrival | None:
        """Return the first arrival of a document, or None if it never arrived."""
        try:
            return _arrival(self._arrival_path(document_id).read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"the archive cannot be read: {error}") from error

    def path_of(self, document_id: str) -> Path:
        """Return where the bytes of a document are, or would be; raises ValueError for what is no id."""
        if not _ID.fullmatch(document_id):
            raise ValueError("no id of a document")
        return self.folder / document_id[:2] / document_id

    def _arrival_path(self, document_id: str) -> Path:
        path = self.path_of(document_id)
        return path.with_name(f"{path.name}.json")


def _arrival(data: bytes) -> Arrival:
    fields = orjson.loads(data)
    fields["received_at"] = datetime.fromisoformat(fields["received_at"])
    return Arrival(**fields)


def _write_once(path: Path, data: bytes) -> None:
    """Write a file that is whole or absent; if another process was first, its file stays."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        _sync_folder(path.parent.parent)
    aside = path.with_name(f".{path.name}.{os.getpid()}.{token_hex(4)}")
    try:
        with aside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # a link fails where a rename would overwrite: the first one wins
        path.hardlink_to(aside)
    except FileExistsError:
        pass
    finally:
        aside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
