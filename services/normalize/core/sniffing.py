"""Which format do the first bytes show? Text is what is left when nothing else is recognised."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A recognised file format with its names for people."""

    name: str
    zh: str
    en: str


_MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"%PDF-", Format("pdf", "PDF 文件", "a PDF file")),
    (b"PK\x03\x04", Format("zip", "压缩包或 Office 文档（zip）", "a zip or Office document")),
    (b"PK\x05\x06", Format("zip", "空的压缩包（zip）", "an empty zip archive")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format("ole", "旧版 Office 文档", "an old Office document")),
    (b"{\\rtf", Format("rtf", "RTF 文档", "an RTF document")),
    (b"\x89PNG\r\n", Format("png", "PNG 图片", "a PNG image")),
    (b"\xff\xd8\xff", Format("jpeg", "JPEG 图片", "a JPEG image")),
    (b"GIF8", Format("gif", "GIF 图片", "a GIF image")),
    (b"II*\x00", Format("tiff", "TIFF 图片", "a TIFF image")),
    (b"MM\x00*", Format("tiff", "TIFF 图片", "a TIFF image")),
    (b"Rar!\x1a\x07", Format("rar", "RAR 压缩包", "a RAR archive")),
    (b"7z\xbc\xaf\x27\x1c", Format("7z", "7z 压缩包", "a 7z archive")),
    (b"\x1f\x8b\x08", Format("gzip", "gzip 压缩文件", "a gzip file")),
    (b"\x7fELF", Format("program", "可执行程序", "a program")),
    (b"SQLite format 3\x00", Format("sqlite", "SQLite 数据库", "an SQLite database")),
)  # fmt: skip
_HTML = Format("html", "网页（HTML）", "a web page (HTML)")
_XML = Format("xml", "XML 文件", "an XML file")
_BITMAP = Format("bmp", "BMP 图片", "a BMP image")
_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|frameset)\b", re.IGNORECASE)
_OPENING = 2048


def recognise(data: bytes) -> Format | None:
    """Return the format that the opening bytes prove, None for what may be text."""
    opening = data[:_OPENING].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, found in _MAGIC:
        if opening.startswith(magic):
            return found
    if opening.startswith(b"BM") and b"\x00\x00" in opening[:16]:
        return _BITMAP
    if opening.startswith(b"<?xml"):
        return _HTML if _WEB_PAGE.search(opening) else _XML
    # a page saved in UTF-16 shows the same marks with a zero after every character
    narrow = opening.replace(b"\x00", b"").lstrip(b"\xff\xfe \t\r\n")
    return _HTML if narrow.startswith(b"<") and _WEB_PAGE.search(narrow) else None
