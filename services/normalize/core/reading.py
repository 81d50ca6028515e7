"""The one door: the bytes of any dropped file become a document, or say what they need first."""

from dataclasses import replace
from importlib import import_module
from typing import Final, Protocol, cast

from services.normalize.core.outcomes import Aids, Outcome
from services.normalize.core.sniffing import Format, disguise, recognise
from shared.errors import BadInput
from shared.report.document import Document, Observation

LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes; refused before anything is decoded. A long report scanned in colour has some 30 MB."""

_READERS: Final = {
    "html": "html",
    "mhtml": "html",
    "docx": "docx",
    "pdf": "pdf",
    "ofd": "ofd",
    "xlsx": "sheet",
    "xls": "sheet",
    "doc": "office",
    "rtf": "office",
    "odt": "office",
    "ods": "office",
    "wordxml": "office",
    "excelxml": "office",
    "uof": "office",
    "png": "picture",
    "jpeg": "picture",
    "tiff": "picture",
    "bmp": "picture",
    "gif": "picture",
    "webp": "picture",
    "jp2": "picture",
    "zip": "archive",
    "7z": "archive",
    "rar": "archive",
    "tar": "archive",
    "gzip": "archive",
    "packed": "archive",
    "encrypted": "encrypted",
    "damaged": "damaged",
}
"""The module of `core/readers` for each format. Loaded when first needed: a process that only reads
text never holds the PDF library."""


class Reader(Protocol):
    """One format. Raises `BadInput` for a file that can never be read, with the reason."""

    def __call__(self, data: bytes, name: str, aids: Aids) -> Outcome:
        """Return the document in the bytes, or what is needed to get it."""
        ...


def read(data: bytes, name: str, aids: Aids | None = None) -> Outcome:
    """Return what is in a file; raises `BadInput` naming the file and the reason."""
    if not data.strip():
        raise BadInput("empty", f"“{name}”是空文件。", f"{name!r} is empty.")
    if len(data) > LARGEST_FILE:
        raise BadInput(
            "too_large",
            f"“{name}”有 {len(data)} 字节，超出上限 {LARGEST_FILE} 字节。",
            f"{name!r} has {len(data)} bytes, more than the limit of {LARGEST_FILE}.",
        )
    shown = recognise(data)
    found = reader_for(shown, name)(data, name, aids or Aids())
    disguised = disguise(name, shown)
    if disguised is None or not isinstance(found, Document):
        return found
    noted = Observation("e_disguised", disguised)
    return replace(found, observations=(*found.observations, noted))


def reader_for(shown: Format | None, name: str) -> Reader:
    """Return the reader of a format; text is read where no format was recognised."""
    module = "text" if shown is None else _READERS.get(shown.name)
    if module is None:
        zh, en = (shown.zh, shown.en) if shown else ("", "")
        raise BadInput(
            "unsupported_format",
            f"“{name}”是{zh}，不是能读取的文档。",
            f"{name!r} is {en}, which is no kind of document that is read.",
        )
    try:
        found = import_module(f"services.normalize.core.readers.{module}")
    except ImportError as error:
        raise BadInput(
            "needs_extra",
            f"读取“{name}”需要未安装的组件 {error.name}。",
            f"Reading {name!r} needs {error.name}, which is not installed.",
        ) from error
    return cast("Reader", found.read)


def read_document(data: bytes, name: str) -> Document:
    """Return the document of a file that can be read at once, without conversion or recognition."""
    found = read(data, name)
    if not isinstance(found, Document):
        raise BadInput(
            "needs_extra",
            f"“{name}”需要转换、识别或解压才能读取。",
            f"{name!r} must be converted, recognised or unpacked before it can be read.",
        )
    return found
