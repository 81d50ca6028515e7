"""A page of a PDF as a picture: runs inside a worker process, never where requests are answered."""

from typing import Any, Final

import pypdfium2.raw as pdfium

from services.normalize.core.readers.pdf.file import loaded, opened, page_count
from services.normalize.core.readers.pdf.picture import picture_of

_MOST_POINTS: Final = 14_400.0
"""The largest page that PDF allows."""


def draw(data: bytes, name: str, number: int) -> tuple[bytes, float, float] | None:
    """Return a page as PNG, with its width and height in points; None if there is no such page."""
    with opened(data, name) as document:
        if not 1 <= number <= page_count(document):
            return None
        with loaded(document, number - 1) as page:
            if page is None:
                return None
            width, height = _size(page)
            return picture_of(page, number, (width, height)).data, width, height


def _size(page: Any) -> tuple[float, float]:
    width, height = pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    return min(max(width, 1.0), _MOST_POINTS), min(max(height, 1.0), _MOST_POINTS)
