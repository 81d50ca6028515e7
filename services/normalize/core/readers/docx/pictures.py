"""Pictures inside documents: how large they are, and whether the form's tables may be among them."""

import hashlib
import struct
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from services.normalize.core.composing import Grid
from services.normalize.core.outcomes import Picture
from shared import forms
from shared.report.characters import fold

_LEAST_WIDTH: Final = 400
_LEAST_HEIGHT: Final = 150
"""Pixels below which a picture can hold no table of the form: seals, logos, photographs of heads."""
_ENOUGH_LABELS: Final = 3
_JPEG_SIZES: Final = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_JPEG_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_SHORT = 3

Size = tuple[int, int]
"""Width and height in pixels."""


def picture_size(data: bytes) -> Size | None:
    """Return width and height in pixels as the head of an image file gives them.

    None stands for everything recognition does not read: drawings (WMF, EMF, SVG) and damage.
    """
    for mark, size in _HEADS:
        if data.startswith(mark):
            try:
                return size(data)
            except struct.error:
                return None
    return None


def _jpeg_size(data: bytes) -> Size | None:
    at = 2
    while at + 9 <= len(data):
        mark = data[at + 1]
        if data[at] != 0xFF or mark == 0xFF or mark in _JPEG_BARE:
            at += 1 if data[at] != 0xFF or mark == 0xFF else 2
        elif mark in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        else:
            at += 2 + max(2, int(struct.unpack_from(">H", data, at + 2)[0]))
    return None


def _tiff_size(data: bytes) -> Size | None:
    order = "<" if data[:2] == b"II" else ">"
    start = int(struct.unpack_from(f"{order}I", data, 4)[0])
    count = int(struct.unpack_from(f"{order}H", data, start)[0])
    found: dict[int, int] = {}
    for entry in range(count):
        at = start + 2 + 12 * entry
        tag, kind = struct.unpack_from(f"{order}HH", data, at)
        form = "H" if kind == _TIFF_SHORT else "I"
        found[tag] = int(struct.unpack_from(f"{order}{form}", data, at + 8)[0])
    if _TIFF_WIDTH in found and _TIFF_HEIGHT in found:
        return found[_TIFF_WIDTH], found[_TIFF_HEIGHT]
    return None


def _png_size(data: bytes) -> Size | None:
    width, height = struct.unpack_from(">II", data, 16)
    return int(width), int(height)


def _gif_size(data: bytes) -> Size | None:
    width, height = struct.unpack_from("<HH", data, 6)
    return int(width), int(height)


def _bitmap_size(data: bytes) -> Size | None:
    width, height = struct.unpack_from("<ii", data, 18)
    return int(width), abs(int(height))


_HEADS: Final[tuple[tuple[bytes, Callable[[bytes], Size | None]], ...]] = (
    (b"\x89PNG\r\n\x1a\n", _png_size),
    (b"\xff\xd8", _jpeg_size),
    (b"GIF8", _gif_size),
    (b"BM", _bitmap_size),
    (b"II*\x00", _tiff_size),
    (b"MM\x00*", _tiff_size),
)


def may_hold_table(size: Size) -> bool:
    """Tell whether a picture of this size in pixels can hold a table of the form."""
    return size[0] >= _LEAST_WIDTH and size[1] >= _LEAST_HEIGHT


def picture(data: bytes, order: int) -> Picture:
    """Return what recognition is asked with; `order` counts the pictures of the file from 1."""
    return Picture(hashlib.sha256(data).hexdigest(), order, data)


@cache
def _labels() -> dict[str, frozenset[str]]:
    """Return the folded labels that only one table of the form has, by table."""
    own: dict[str, set[str]] = {}
    for edition in forms.editions():
        for table in edition.tables:
            labels = own.setdefault(table.id, set())
            for block in table.blocks:
                for item in (*block.rows, *block.columns):
                    labels.update(fold(text) for text in item.labels)
    return {
        table: frozenset(labels.difference(*(o for t, o in own.items() if t != table)))
        for table, labels in own.items()
    }


def has_all_tables(grids: Iterable[Grid]) -> bool:
    """Tell whether the tables of the form stand in the file as text, each by a few of its labels."""
    shown = {fold(slot.text) for grid in grids for slot in grid.slots if slot.text}
    return all(len(labels & shown) >= _ENOUGH_LABELS for labels in _labels().values())
