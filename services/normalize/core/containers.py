"""What a zip archive and an OLE file hold: one Office document, something locked, or mere files."""

import io
import re
import struct
import zipfile
from collections.abc import Collection, Iterable

import olefile

_EXPECTED = (OSError, ValueError, IndexError, KeyError, struct.error, AttributeError, TypeError,
             NotImplementedError, RuntimeError, MemoryError, EOFError, zipfile.BadZipFile)  # fmt: skip
"""What the two libraries raise on damaged containers."""
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_MOST_HEADERS = 2_000
_MIMETYPES = (
    (b"opendocument.text", "odt"),
    (b"opendocument.spreadsheet", "ods"),
    (b"opendocument.presentation", "odp"),
    (b"application/epub", "epub"),
)
_MOST_LISTED = 20_000
"""Members beyond which a zip is no document, and its directory is not even listed."""
_SMALL_PART = 1 << 20
_SPLIT_MARK = 4
"""Bytes that may stand before the first entry: the mark of an archive made in parts."""
_ENCRYPTED = 0x0100
"""The bit fEncrypted of the flags at byte 10 of a Word file's header (MS-DOC 2.5.2)."""
_FILEPASS = 0x002F
_BIFF_HEAD = 4096


def zip_kind(data: bytes) -> str:
    """Return the name of the format that the members of a zip show, "zip" for mere files."""
    if data.count(b"PK\x01\x02") > _MOST_LISTED:
        return "zip"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            members = opened.infolist()
            # a directory that leaves out the beginning is that of a member: the outer one is lost
            if min((i.header_offset for i in members), default=0) > _SPLIT_MARK:
                return _cut_zip_kind(data)
            kind = _kind_by_names(_plain(i.filename for i in members))
            if kind != "odf":
                return kind
            return _open_document(_part(opened, "mimetype"), _part(opened, "META-INF/manifest.xml"))
    except _EXPECTED:
        return _cut_zip_kind(data)


def _cut_zip_kind(data: bytes) -> str:
    kind = _kind_by_names(_plain(_local_names(data)))
    return _open_document(data[30:120], b"") if kind == "odf" else kind


def _plain(names: Iterable[str]) -> set[str]:
    return {n.replace("\\", "/").removeprefix("/").lower() for n in names}


def _kind_by_names(names: Collection[str]) -> str:
    if any(n.startswith("word/") and n.endswith(".xml") for n in names):
        return "docx"
    if any(n.startswith("xl/workbook.") for n in names):
        return "xlsx"
    if "ppt/presentation.xml" in names:
        return "pptx"
    if "ofd.xml" in names:
        return "ofd"
    if "content.xml" in names or "mimetype" in names:
        return "odf"
    return "zip"


def _part(opened: zipfile.ZipFile, name: str) -> bytes:
    try:
        with opened.open(name) as part:
            return part.read(_SMALL_PART)
    except _EXPECTED:
        return b""


def _open_document(mimetype: bytes, manifest: bytes) -> str:
    if b"encryption-data" in manifest:
        return "encrypted"
    found = next((name for mark, name in _MIMETYPES if mark in mimetype + manifest), None)
    return found or "zip"


def _local_names(data: bytes) -> Iterable[str]:
    """Yield the names in front of the members: a cut file has lost the directory at its end."""
    at = data.find(b"PK\x03\x04")
    for _ in range(_MOST_HEADERS):
        if at < 0 or at + _LOCAL.size > len(data):
            return
        _, _, flags, _, _, _, _, size, _, length, extra = _LOCAL.unpack_from(data, at)
        start = at + _LOCAL.size
        yield data[start : start + length].decode("utf-8", "replace")
        # members inside a stored member are not members of this archive
        after = start + length + extra + (0 if flags & 8 else size)
        at = data.find(b"PK\x03\x04", after)


def ole_kind(data: bytes) -> str:
    """Return the name of the format an OLE file holds; "ole" for others, "damaged" when cut off."""
    try:
        with olefile.OleFileIO(data) as opened:
            names = {path[0].lower() for path in opened.listdir(streams=True, storages=True)}
            if not names:
                return _ole_by_marks(data)
            kind = _ole_by_names(names)
            if kind == "doc" and _locked_word(opened.openstream("WordDocument").read(32)):
                return "encrypted"
            if kind == "xls":
                stream = "Workbook" if "workbook" in names else "Book"
                if _locked_sheet(opened.openstream(stream).read(_BIFF_HEAD)):
                    return "encrypted"
    except _EXPECTED:
        return _ole_by_marks(data)
    return kind


def _ole_by_names(names: Collection[str]) -> str:
    for name, kind in _STREAMS:
        if name.lower() in names:
            return kind
    return "ole"


_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("EncryptionInfo", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)


def _ole_by_marks(data: bytes) -> str:
    """Look for the stream names of the directory in a file too damaged to walk it."""
    for name, kind in _STREAMS:
        # a directory entry: the name in UTF-16, ended by a zero
        if re.search(re.escape(f"{name}\0".encode("utf-16-le")), data):
            return kind
    return "damaged"


def _locked_word(header: bytes) -> bool:
    return len(header) >= 12 and bool(struct.unpack_from("<H", header, 10)[0] & _ENCRYPTED)


def _locked_sheet(stream: bytes) -> bool:
    """Tell whether the record FILEPASS is among the first records of a workbook (MS-XLS 2.4.117)."""
    at = 0
    while at + 4 <= len(stream):
        record, size = struct.unpack_from("<HH", stream, at)
        if record == _FILEPASS:
            return True
        at += 4 + size
    return False
