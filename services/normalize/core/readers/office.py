"""The reader of old Office formats: asks for their conversion, then reads what came of it."""

from dataclasses import replace
from typing import Final

from services.normalize.core.outcomes import Aids, NeedsConversion, Outcome
from services.normalize.core.readers import docx, office_dates, sheet
from services.normalize.core.sniffing import recognise
from shared.errors import BadInput
from shared.report.document import Document

_SUFFIXES: Final = {
    "doc": ".doc",
    "rtf": ".rtf",
    "odt": ".odt",
    "ods": ".ods",
    "uof": ".uof",
    "wordxml": ".xml",
    "excelxml": ".xml",
}
_FLAT: Final = {"odt": ".fodt", "ods": ".fods"}
_XML_OPENING: Final = 1 << 16


def read(data: bytes, name: str, aids: Aids) -> Outcome:
    """Return the document of a converted file, or say which conversion it needs."""
    if aids.converted is None:
        return NeedsConversion(_suffix(data, name))
    made = recognise(aids.converted)
    if made is not None and made.name == "docx":
        settled, notes = office_dates.settle(aids.converted, data, name)
        found = docx.read(settled, name, aids)
    elif made is not None and made.name == "xlsx":
        found, notes = sheet.read(aids.converted, name, aids), []
    else:
        raise BadInput(
            "broken",
            f"“{name}”转换后得到的不是 Word 或 Excel 文档。",
            f"Converting {name!r} gave neither a Word nor an Excel document.",
        )
    if isinstance(found, Document):
        return replace(found, reader="office", observations=(*notes, *found.observations))
    return found


def _suffix(data: bytes, name: str) -> str:
    found = recognise(data)
    kind = "doc" if found is None else found.name
    is_zip = data[:2] == b"PK"
    is_xml = kind in ("uof", "wordxml", "excelxml") or (kind in _FLAT and not is_zip)
    # the converter must not meet entities: it would follow them
    if is_xml and b"<!DOCTYPE" in data[:_XML_OPENING].replace(b"\x00", b""):
        raise BadInput(
            "hostile",
            f"“{name}”带有文档类型声明（DOCTYPE），不予转换。",
            f"{name!r} carries a document type (DOCTYPE) and is not converted.",
        )
    if is_xml and kind in _FLAT:
        return _FLAT[kind]
    return _SUFFIXES[kind]
