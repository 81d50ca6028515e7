"""Opening a PDF file, and why it cannot be opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pypdfium2.raw as pdfium

from shared.errors import BadInput

MOST_PAGES: Final = 500
"""A long report has some 60."""

_LOCKED = (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Any]:
    """Open a file for reading; raises `BadInput` when it is no PDF with pages."""
    if _is_cut_off(data):
        raise BadInput(
            "broken",
            f"“{name}”不完整：PDF 文件的结尾缺失。请重新下载或导出。",
            f"{name!r} is incomplete: the end of the PDF file is missing. Fetch or export it again.",
        )
    document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
    if not document:
        raise _refusal(pdfium.FPDF_GetLastError(), name)
    try:
        _check_pages(document, name)
        yield document
    finally:
        pdfium.FPDF_CloseDocument(document)


def _is_cut_off(data: bytes) -> bool:
    """Tell whether objects follow the last end mark, or there is no end mark at all."""
    end = max(data.rfind(b"%%EOF"), data.rfind(b"startxref"))
    return end < 0 or b" obj" in data[end:]


def _refusal(error: int, name: str) -> BadInput:
    if error in _LOCKED:
        return BadInput(
            "encrypted",
            f"“{name}”有打开密码，请去掉密码后重新传送。",
            f"{name!r} is locked with a password. Remove it and send the file again.",
        )
    return BadInput(
        "broken",
        f"“{name}”不是完好的 PDF 文件（PDFium 错误 {error}）。请重新下载或导出。",
        f"{name!r} is no sound PDF file (PDFium error {error}). Fetch or export it again.",
    )


def _check_pages(document: Any, name: str) -> None:
    count = page_count(document)
    if count > MOST_PAGES:
        raise BadInput(
            "too_large",
            f"“{name}”有 {count} 页，超出上限 {MOST_PAGES} 页，不可能是年度报告。",
            f"{name!r} has {count} pages, more than the limit of {MOST_PAGES}; no report has.",
        )
    if count <= 0:
        raise BadInput("broken", f"“{name}”没有一页。", f"{name!r} has no pages.")


def page_count(document: Any) -> int:
    """Return the number of pages."""
    return int(pdfium.FPDF_GetPageCount(document))


def attachments(document: Any) -> int:
    """Return the number of files that are embedded in the document."""
    return max(0, int(pdfium.FPDFDoc_GetAttachmentCount(document)))


@contextmanager
def loaded(document: Any, index: int) -> Iterator[Any]:
    """Load one page (index from 0) for reading; yields None when it is damaged.

    What was filled into a form or put on top of the page becomes part of the page.
    """
    page = pdfium.FPDF_LoadPage(document, index)
    if page and _has_notes(page):
        pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY)
        pdfium.FPDF_ClosePage(page)
        page = pdfium.FPDF_LoadPage(document, index)
    try:
        yield page or None
    finally:
        if page:
            pdfium.FPDF_ClosePage(page)


_SHOWN_NOTES = (
    pdfium.FPDF_ANNOT_WIDGET,
    pdfium.FPDF_ANNOT_FREETEXT,
    pdfium.FPDF_ANNOT_STAMP,
)
_MOST_NOTES = 2_000


def _has_notes(page: Any) -> bool:
    """Tell whether a form was filled in, or text put on top of the page."""
    for i in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page, i)
        kind = pdfium.FPDFAnnot_GetSubtype(note)
        pdfium.FPDFPage_CloseAnnot(note)
        if kind in _SHOWN_NOTES:
            return True
    return False
