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

Region = tuple[float, float, float, float]


def picture_of(
    page: Any,
    number: int,
    size: tuple[float, float],
    *,
    turn: int = 0,
    region: Region | None = None,
) -> Picture:
    """Return a page, or a region of it, as a grey PNG.

    `size` is width and height of the page as turned, in points; `turn` counts quarters clockwise
    beyond the rotation of the page; `region` is left, top, right, bottom in points.

    The red channel serves as grey: red seals fade, and what they cover can be read.
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
    rows = (raw[y * stride + 2 : y * stride + 4 * width : 4] for y in range(height))
    data = _png(width, height, b"".join(b"\0" + row for row in rows))
    return Picture(sha256(data).hexdigest(), number, data)


def _scale(width: float, height: float) -> float:
    """Return the pixels per point."""
    usual = DPI / 72
    area, side = max(width * height, 1.0), max(width, height, 1.0)
    return min(usual, sqrt(_MOST_PIXELS / area), _LONGEST_SIDE / side)


def _png(width: int, height: int, rows: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    dots = struct.pack(">IIB", round(DPI / 0.0254), round(DPI / 0.0254), 1)
    parts = ((b"IHDR", head), (b"pHYs", dots), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
