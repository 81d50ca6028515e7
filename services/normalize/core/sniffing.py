"""Which format do the bytes show? Names are never believed; text is what is left over."""

import re
from dataclasses import dataclass
from typing import Final

from services.normalize.core.containers import ole_kind, zip_kind


@dataclass(frozen=True, slots=True)
class Format:
    """A recognised file format with its names for people and the suffixes it goes by."""

    name: str
    zh: str
    en: str
    suffixes: frozenset[str] = frozenset()


def _format(name: str, zh: str, en: str, suffixes: str = "") -> tuple[str, Format]:
    return name, Format(name, zh, en, frozenset(suffixes.split()))


FORMATS: Final = dict(
    (
        _format("html", "网页（HTML）", "a web page (HTML)",
                "html htm xhtml shtml shtm asp aspx jsp php do action"),
        _format("mhtml", "网页归档（MHTML）", "a web archive (MHTML)", "mht mhtml eml"),
        _format("xml", "XML 文件", "an XML file", "xml"),
        _format("docx", "Word 文档（docx）", "a Word document (docx)", "docx docm dotx dotm wps"),
        _format("xlsx", "Excel 工作簿（xlsx）", "an Excel workbook (xlsx)", "xlsx xlsm xlsb xltx et"),
        _format("pptx", "演示文稿（pptx）", "a presentation (pptx)", "pptx ppsx dps"),
        _format("doc", "Word 97-2003 文档", "an old Word document", "doc dot wps wpt"),
        _format("xls", "Excel 97-2003 工作簿", "an old Excel workbook", "xls xlt et ett"),
        _format("ppt", "PowerPoint 97-2003 演示文稿", "an old presentation", "ppt pps dps"),
        _format("msg", "Outlook 邮件", "an Outlook message", "msg"),
        _format("ole", "旧版 Office 容器（OLE）", "an OLE file of another program"),
        _format("damaged", "不完整的旧版 Office 文档", "an old Office document that is cut off",
                "doc xls ppt wps et dps dot msg"),
        _format("encrypted", "加密的文档", "an encrypted document",
                "doc docx xls xlsx wps et odt ods dot"),
        _format("odt", "ODF 文本文档", "an OpenDocument text", "odt ott fodt"),
        _format("ods", "ODF 电子表格", "an OpenDocument spreadsheet", "ods ots fods"),
        _format("odp", "ODF 演示文稿", "an OpenDocument presentation", "odp fodp"),
        _format("wordxml", "Word XML 文档", "a Word document as XML", "xml doc"),
        _format("excelxml", "Excel XML 工作簿", "an Excel workbook as XML", "xml xls"),
        _format("uof", "UOF 文档", "a UOF document", "uof uot xml"),
        _format("epub", "EPUB 电子书", "an EPUB book", "epub"),
        _format("rtf", "RTF 文档", "an RTF document", "rtf doc"),
        _format("pdf", "PDF 文件", "a PDF file", "pdf"),
        _format("ofd", "OFD 版式文档", "an OFD document", "ofd"),
        _format("png", "PNG 图片", "a PNG image", "png"),
        _format("jpeg", "JPEG 图片", "a JPEG image", "jpg jpeg jpe jfif"),
        _format("gif", "GIF 图片", "a GIF image", "gif"),
        _format("tiff", "TIFF 图片", "a TIFF image", "tif tiff"),
        _format("bmp", "BMP 图片", "a BMP image", "bmp dib"),
        _format("webp", "WebP 图片", "a WebP image", "webp"),
        _format("jp2", "JPEG 2000 图片", "a JPEG 2000 image", "jp2 j2k jpf jpx"),
        _format("heic", "HEIC 图片", "a HEIC image", "heic heif avif"),
        _format("metafile", "Windows 图元文件", "a Windows metafile", "wmf emf"),
        _format("zip", "压缩包（zip）", "a zip archive", "zip"),
        _format("rar", "RAR 压缩包", "a RAR archive", "rar"),
        _format("7z", "7z 压缩包", "a 7z archive", "7z"),
        _format("tar", "tar 归档", "a tar archive", "tar"),
        _format("gzip", "gzip 压缩文件", "a gzip file", "gz tgz"),
        _format("packed", "压缩文件", "a compressed file", "bz2 tbz xz txz cab lzh lha"),
        _format("media", "音视频文件", "a film or sound", "mp4 m4a mov mp3 wav avi wmv"),
        _format("program", "可执行程序", "a program", "exe dll so com scr"),
        _format("sqlite", "SQLite 数据库", "an SQLite database", "db sqlite"),
    )
)  # fmt: skip
"""Every format that is known by its bytes, whether a reader exists or not."""

TEXT_SUFFIXES: Final = frozenset(["txt", "text", "md", "markdown", "csv", "tsv", "log"])

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK00PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rt", "rtf"),
    (b"\x89PNG\r\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"\x00\x00\x00\x0cjP  ", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\xd7\xcd\xc6\x9a", "metafile"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"\xfd7zXZ\x00", "packed"),
    (b"MSCF\x00\x00\x00\x00", "packed"),
    (b"ID3\x03", "media"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3\x00", "sqlite"),
)
_INSIDE: tuple[tuple[int, bytes, str], ...] = (
    (257, b"ustar", "tar"),
    *((2, b"-lh%d-" % n, "packed") for n in (0, 1, 4, 5, 6, 7)),
    (4, b"1AY&SY", "packed"),
    (40, b" EMF", "metafile"),
)
"""Marks that stand further in: the place, the bytes, the format."""
_BRANDS = {b"heic": "heic", b"heix": "heic", b"mif1": "heic", b"avif": "heic", b"hevc": "heic"}
_RIFF = {b"WEBP": "webp"}

_WEB_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|frameset)\b", re.IGNORECASE)
_FRAGMENT = re.compile(
    rb"<(?:meta|title|script|style|table|div|center|span|font|article|section|main|p|h[1-6])\b",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(rb"[A-Za-z][A-Za-z-]{1,40}:[ \t]")
_MIME_PAGE = re.compile(rb"content-type:\s*(?:multipart/|text/html)", re.IGNORECASE)
_ASIDE = re.compile(rb"\s+|<!--.*?-->|<\?.*?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_OPENING = 2048
_PROLOG = 65_536
_ROOT = 16_384
_XML_KINDS: tuple[tuple[bytes, str], ...] = (
    (b"http://schemas.microsoft.com/office/word/2003/wordml", "wordxml"),
    (b"http://schemas.microsoft.com/office/2006/xmlPackage", "wordxml"),
    (b"urn:schemas-microsoft-com:office:spreadsheet", "excelxml"),
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
    (b"schemas.uof.org/", "uof"),
)
_JUNK_BEFORE_PDF = re.compile(rb"%PDF-\d\.\d")
_JUNK = 1024


def recognise(data: bytes) -> Format | None:
    """Return the format that the bytes prove, None for what may be text."""
    name = _by_magic(data) or _by_markup(data) or _late_pdf(data)
    return None if name is None else FORMATS[name]


def disguise(name: str, found: Format | None) -> str | None:
    """Return ".doc → html" when the suffix of a name speaks of another format, else None.

    A name without a suffix, or with one that no format goes by, claims nothing.
    """
    _, dot, suffix = name.rpartition(".")
    suffix = suffix.strip().lower()
    if not dot or suffix not in _CLAIMS:
        return None
    own = TEXT_SUFFIXES if found is None else found.suffixes
    return None if suffix in own else f".{suffix} → {found.name if found else 'text'}"


_CLAIMS: Final = TEXT_SUFFIXES.union(*(f.suffixes for f in FORMATS.values()))


def _by_magic(data: bytes) -> str | None:
    opening = data[:_OPENING].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, found in _MAGIC:
        if opening.startswith(magic):
            return _container(data, found)
    for place, magic, found in _INSIDE:
        if data[place : place + len(magic)] == magic:
            return found
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12], "media")
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12], "media")
    if data[:2] in (b"MZ", b"BM") and b"\x00\x00" in data[:16]:
        return "program" if data[:2] == b"MZ" else "bmp"
    return None


def _container(data: bytes, found: str) -> str:
    if found == "zip":
        return zip_kind(data)
    if found == "ole":
        return ole_kind(data)
    return found


def _by_markup(data: bytes) -> str | None:
    # a page saved in UTF-16 shows the same marks with a zero after every character
    opening = data[:_PROLOG].replace(b"\x00", b"").lstrip(b"\xff\xfe\xef\xbb\xbf \t\r\n")
    if _HEADER_LINE.match(opening) and _MIME_PAGE.search(opening[:_OPENING]):
        return "mhtml"
    if opening.startswith(b"<"):
        start = _past_asides(opening)
        root = opening[start : start + _ROOT]
        office = next((kind for mark, kind in _XML_KINDS if mark in root), None)
        # Word writes its own names on the root of the pages it exports
        if office and not re.match(rb"(?i)<(?:!doctype\s+)?html\b", root):
            return office
        if _FRAGMENT.match(root) or _WEB_PAGE.match(root) or _WEB_PAGE.search(opening[:_OPENING]):
            return "html"
        return "xml" if opening.startswith(b"<?xml") else None
    return None


def _past_asides(opening: bytes) -> int:
    at = 0
    while found := _ASIDE.match(opening, at):
        at = found.end()
    return at


def _late_pdf(data: bytes) -> str | None:
    """Return pdf when its mark comes after a little junk, as readers of PDF accept it."""
    return "pdf" if _JUNK_BEFORE_PDF.search(data[:_JUNK]) and b"obj" in data else None
