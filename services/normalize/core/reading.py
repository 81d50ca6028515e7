"""The one door: the bytes of any dropped file become a document or a refusal with its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from services.normalize.core.sniffing import Format, recognise
from services.normalize.core.text_reader import read_text
from shared.errors import BadInput
from shared.report.document import Document

LARGEST_FILE = 16 * 1024 * 1024
"""Bytes; refused before anything is decoded. A long report as text has some 30 kB."""

_SURE = 2
_POSSIBLE = 1
_TEXT_SUFFIXES = (".txt", ".md", ".markdown", ".text")


@dataclass(frozen=True, slots=True)
class Reader:
    """One way to read a format.

    `bid` says how sure it is to be the right one (0 = not at all) from the suffix and the format
    that the first bytes show; `read` returns the document or raises BadInput.
    """

    name: str
    bid: Callable[[str, Format | None], int]
    read: Callable[[bytes, str], Document]


def _bid_for_text(suffix: str, shown: Format | None) -> int:
    if shown is not None:
        return 0
    return _SURE if suffix in _TEXT_SUFFIXES else _POSSIBLE


READERS: tuple[Reader, ...] = (Reader("text", _bid_for_text, read_text),)
"""All readers; the highest bid reads, order breaks ties."""


def read_document(data: bytes, name: str) -> Document:
    """Return the neutral document in a file; raises BadInput naming the file and the reason."""
    if not data.strip():
        raise BadInput("empty", f"“{name}”是空文件。", f"{name!r} is empty.")
    if len(data) > LARGEST_FILE:
        raise BadInput(
            "too_large",
            f"“{name}”有 {len(data)} 字节，超出上限 {LARGEST_FILE} 字节。",
            f"{name!r} has {len(data)} bytes, more than the limit of {LARGEST_FILE}.",
        )
    shown = recognise(data)
    suffix = PurePath(name).suffix.lower()
    bids = [(reader.bid(suffix, shown), reader) for reader in READERS]
    sureness, reader = max(bids, key=lambda b: b[0])
    if not sureness:
        zh, en = (shown.zh, shown.en) if shown else ("未知格式", "of an unknown format")
        raise BadInput(
            "unsupported_format",
            f"“{name}”是{zh}，目前只读取文本（.txt、.md）。",
            f"{name!r} is {en}; only text (.txt, .md) is read.",
        )
    return reader.read(data, name)
