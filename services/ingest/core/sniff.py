"""What kind of file this is, from its leading bytes and its name."""

from pathlib import PurePosixPath

_LEADING = (
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"{\\rtf", "application/rtf"),
)
_ZIP = b"PK\x03\x04"
_OFFICE = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ofd": "application/ofd",
}
_TEXT = {".md": "text/markdown", ".markdown": "text/markdown"}
_HTML_SIGNS = (b"<!doctype html", b"<html", b"<head", b"<body")


def media_type(data: bytes, file: str) -> str:
    """Return the media type; a guess for the next stage, which looks for itself."""
    for lead, kind in _LEADING:
        if data.startswith(lead):
            return kind
    suffix = PurePosixPath(file).suffix.lower()
    if data.startswith(_ZIP):
        return _OFFICE.get(suffix, "application/zip")
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_HTML_SIGNS):
        return "text/html"
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\x00" in data[:1024] and not utf16:
        return "application/octet-stream"
    return _TEXT.get(suffix, "text/plain")
