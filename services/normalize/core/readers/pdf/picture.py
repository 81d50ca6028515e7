"""Pages of a PDF drawn as pictures, for recognition."""

import ctypes
import struct
import zlib
from hashlib import sha256
from math import sqrt
from typing import Any, Final

import pypdfium2.raw as pdfium

from services.normalize.core.outcomes import Picture

DPI: Final = 200
_MOST_PIXELS = 20_000_000
"""Of one picture; larger pages are drawn coarser, so that memory stays bounded."""
_LONGEST_SIDE = 30_000
_WHITE = 0xFFFFFFFF

_FEW_DOTS = 100
_RED = tuple(
    (
        bytes(level >= middle + 24 for level in range(256)),
        bytes(level < middle - 24 for level in range(256)),
    )
    for middle in (80, 128, 176)
)
"""Pairs of tables: a level of red that is high, one of green that is low, as 1 (else 0)."""

Region = tuple[float, float, float, float]


def picture_of(
    page: Any,
    number: int,
    size: tuple[float, float],
    *,
    turn: int = 0,
    region: Region | None = None,
) -> Picture:
    """Return a page, or a region of it, as a PNG: grey, or in colour where anything is red.

    `size` is width and height of the page as turned, in points; `turn` counts quarters clockwise
    beyond the rotation of the page; `region` is left, top, right, bottom in points.

    Whoever recognises it sees red titles and red seals as such, and can tell one from the other.
    """
    left, top, right, bottom = region or (0.0, 0.0, *size)
    scale = _scale(right - left, bottom - top)
    width, height = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    bitmap = pdfium.FPDFBitmap_Create(width, height, 0)
    try:
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
        pdfium.FPDF_RenderPageBitmap(
            bitmap, page, round(-left * scale), round(-top * scale), round(size[0] * scale),
            round(size[1] * scale), turn, pdfium.FPDF_ANNOT,
        )  # fmt: skip
        stride = pdfium.FPDFBitmap_GetStride(bitmap)
        raw = ctypes.string_at(pdfium.FPDFBitmap_GetBuffer(bitmap), stride * height)
    finally:
        pdfium.FPDFBitmap_Destroy(bitmap)
    dots = (
        raw
        if stride == 4 * width
        else b"".join(raw[y * stride : y * stride + 4 * width] for y in range(height))
    )
    data = _png(width, height, _channels(dots))
    return Picture(sha256(data).hexdigest(), number, data)


def _scale(width: float, height: float) -> float:
    """Return the pixels per point."""
    usual = DPI / 72
    area, side = max(width * height, 1.0), max(width, height, 1.0)
    return min(usual, sqrt(_MOST_PIXELS / area), _LONGEST_SIDE / side)


def _channels(dots: bytes) -> bytes:
    """Return red, green and blue of every dot, or one grey where nothing is red.

    The red channel is that grey: it drops yellow ground and keeps blue writing.
    """
    blue, green, red = dots[0::4], dots[1::4], dots[2::4]
    if red == green or not _has_red(red, green):
        return red
    coloured = bytearray(3 * len(red))
    coloured[0::3], coloured[1::3], coloured[2::3] = red, green, blue
    return bytes(coloured)


def _has_red(red: bytes, green: bytes) -> bool:
    """Tell whether there is more red than some stray dots: writing or a seal."""
    return any(
        (_marked(red, high) & _marked(green, low)).bit_count() > _FEW_DOTS for high, low in _RED
    )


def _marked(channel: bytes, levels: bytes) -> int:
    return int.from_bytes(channel.translate(levels), "little")


def _png(width: int, height: int, channels: bytes) -> bytes:
    step = len(channels) // height
    rows = b"".join(b"\0" + channels[at : at + step] for at in range(0, len(channels), step))
    # colour type 2 is red, green, blue, type 0 is grey
    kind_of_colour = 2 if step > width else 0
    head = struct.pack(">IIBBBBB", width, height, 8, kind_of_colour, 0, 0, 0)
    dots = struct.pack(">IIB", round(DPI / 0.0254), round(DPI / 0.0254), 1)
    parts = ((b"IHDR", head), (b"pHYs", dots), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
