"""What attributes and text nodes of a web page mean: addresses, spans, sizes, blanks."""

import re
from urllib.parse import unquote, urlsplit

WIDEST_SPAN = 2_000
SMALLEST_IMAGE = 24
"""Pixels; smaller pictures are icons."""
_FILE = re.compile(
    r"\.(?:docx?|wps|rtf|odt|pdf|ofd|xlsx?|et|csv|zip|rar|7z|jpe?g|png|tiff?)$", re.IGNORECASE
)
_BLANKS = re.compile("[ \t\r\n\f]+")
_WIDE = re.compile("[\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff60“”‘’]")


def file_of(address: str) -> str:
    """Return the file name in an address, percent signs decoded; empty for none."""
    try:
        path = urlsplit(address.strip()).path
    except ValueError:
        path = address
    return unquote(path).replace("\\", "/").rpartition("/")[2]


def is_file(address: str) -> bool:
    """Tell whether an address is that of a document, an archive or a picture."""
    return _FILE.search(file_of(address)) is not None


def viewed(address: str) -> str:
    """Return the address of the file that a viewer page shows."""
    return unquote(address.rpartition("file=")[2].partition("&")[0]) or address


def span(text: str | None, *, least: int) -> int:
    """Return a span as browsers understand it: digits at the beginning, else 1."""
    if text is None:
        return 1
    found = re.match(r"\s*\+?(\d{1,9})", text)
    return min(max(int(found[1]), least), WIDEST_SPAN) if found else 1


def pixels(text: str | None) -> int:
    """Return a length in pixels; one that is not given is large enough."""
    found = re.match(r"\s*(\d{1,6})(?:px)?\s*$", text or "")
    return int(found[1]) if found else SMALLEST_IMAGE


def collapsed(text: str) -> str:
    """Join blanks as browsers do; a line feed of the markup between Chinese characters is none."""
    if "\n" not in text and "  " not in text and "\t" not in text and "\r" not in text:
        return text.strip(" ")
    return _BLANKS.sub(_one_blank, text.strip(" \t\r\n\f"))


def _one_blank(found: re.Match[str]) -> str:
    text = found.string
    if "\n" in found[0] and _WIDE.match(text[found.start() - 1]) and _WIDE.match(text, found.end()):
        return ""
    return " "
