"""Fields that show today's date: the converter fills in its own day, which is no date of the report.

What the file last showed is put back where it can be found, else the field is emptied and said so.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Final

from lxml import etree

from services.normalize.core.ooxml import Package, W
from shared.report.document import Observation

_MAIN: Final = "word/document.xml"
_CURRENT = re.compile(r"^\s*(?:DATE|TIME)\b")
_MOST_BETWEEN: Final = 400
_LONGEST: Final = 60
_OPEN_TEXT = re.compile(
    rb'<text:(?:date|time)\b(?![^>]*text:fixed="true")[^>]*>([^<]{0,200})</text:(?:date|time)>'
)
_RTF = re.compile(
    rb"\\fldinst\b[^{}]{0,80}(?:\{[^{}]{0,120}?)?\b(?:DATE|TIME)\b[^{}]{0,200}\}*\s*"
    rb"\{\\fldrslt\b(\s*\{[^{}]{0,200}\}|[^{}]{0,200})"
)
_RTF_WORD = re.compile(
    rb"\\u(-?\d{1,6}) ?(?:\\'[0-9a-fA-F]{2}|\?)?|\\'([0-9a-fA-F]{2})|\\[a-z]{1,20}-?\d{0,9} ?|[{}]|(.)",
    re.DOTALL,
)


def settle(converted: bytes, original: bytes, name: str) -> tuple[bytes, list[Observation]]:
    """Return the converted .docx with its date fields as the original showed them."""
    package = Package(converted, name)
    data = package.part(_MAIN)
    if data is None or not re.search(rb"\b(?:DATE|TIME)\b", data):
        return converted, []
    root = package.tree(data, _MAIN)
    fields = list(_date_fields(root))
    if not fields:
        return converted, []
    shown = _shown(original)
    if len(shown) != len(fields):
        # a field more or less, in a page header perhaps: only what is the same everywhere is sure
        shown = [shown[0] if len(set(shown)) == 1 else ""] * len(fields)
    lost = 0
    for texts, before in zip(fields, shown, strict=True):
        lost += not before
        for i, text in enumerate(texts):
            text.text = before if i == 0 else ""
    note = f"DATE ×{lost}"
    return (
        _replaced(converted, etree.tostring(root, encoding="UTF-8", xml_declaration=True)),
        [Observation("e_date_chars_lost", note)] if lost else [],
    )


def _date_fields(root: etree._Element) -> Iterator[list[etree._Element]]:
    """Yield the elements that hold the result of each field of the current date."""
    instruction, texts, depth = "", [], 0
    in_result = False
    for element in root.iter(f"{W}fldChar", f"{W}instrText", f"{W}t", f"{W}fldSimple"):
        if element.tag == f"{W}fldSimple" and _CURRENT.match(element.get(f"{W}instr", "")):
            yield list(element.iter(f"{W}t"))
        elif element.tag == f"{W}instrText" and not in_result:
            instruction += element.text or ""
        elif element.tag == f"{W}t" and in_result and depth == 1:
            texts.append(element)
        elif element.tag == f"{W}fldChar":
            kind = element.get(f"{W}fldCharType")
            depth += {"begin": 1, "end": -1}.get(str(kind), 0)
            if kind == "begin" and depth == 1:
                instruction, texts = "", []
            in_result = kind == "separate" or (in_result and kind != "end" and depth > 0)
            if kind == "end" and depth == 0 and texts and _CURRENT.match(instruction):
                yield texts


def _shown(original: bytes) -> list[str]:
    """Return what the date fields of the original last showed, in order."""
    if original[:2] == b"PK":
        try:
            with (
                zipfile.ZipFile(io.BytesIO(original)) as opened,
                opened.open("content.xml") as part,
            ):
                return _open_text(part.read(32 << 20))
        except (zipfile.BadZipFile, KeyError, OSError, ValueError, EOFError):
            return []
    if original.lstrip()[:5] == b"{\\rtf":
        return [_rtf_text(m[1]) for m in _RTF.finditer(original)]
    return _word(original, "utf-16-le") or _word(original, "latin-1") or _open_text(original)


def _open_text(data: bytes) -> list[str]:
    return [m[1].decode("utf-8", "replace") for m in _OPEN_TEXT.finditer(data)]


def _word(data: bytes, encoding: str) -> list[str]:
    """Find fields in the text of an old Word file: 13, what it is, 14, what it shows, 15."""
    begin, middle, end = (c.encode(encoding) for c in "\x13\x14\x15")
    found: list[str] = []
    at = data.find(begin)
    while at >= 0:
        start = at + len(begin)
        stop = data.find(middle, start, start + _MOST_BETWEEN)
        if stop > 0 and _CURRENT.match(data[start:stop].decode(encoding, "replace")):
            after = stop + len(middle)
            close = data.find(end, after, after + 2 * _LONGEST)
            if close > 0:
                found.append(data[after:close].decode(encoding, "replace"))
        at = data.find(begin, start)
    return found


def _rtf_text(data: bytes) -> str:
    """Return the characters of a piece of RTF."""
    text = bytearray()
    for code, byte, char in _RTF_WORD.findall(data):
        if code:
            text += chr(int(code) % 65536).encode("gb18030", "replace")
        else:
            text += bytes.fromhex(byte.decode()) if byte else char
    return text.decode("gb18030", "replace").strip()


def _replaced(package: bytes, main: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(buffer, "w") as out:
        for info in old.infolist():
            data = main if info.filename == _MAIN else old.read(info)
            out.writestr(zipfile.ZipInfo(info.filename), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
