"""The same look at an old workbook (.xls, .et): errors and hidden lines in its binary records."""

import io
import struct
from collections.abc import Iterator
from typing import Final

import olefile

from services.normalize.core.readers.sheet.audit import Audit

# record numbers of MS-XLS 2.3
_BOUND_SHEET, _END, _ERROR, _FORMULA, _ROW, _COLUMNS = 0x85, 0x0A, 0x0205, 0x0006, 0x0208, 0x7D
_ROW_HIDDEN: Final = 0x20
_COLUMN_HIDDEN: Final = 0x01
_LAST_COLUMN: Final = 255
_WORDS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_DAMAGE: Final = (
    OSError,
    ValueError,
    IndexError,
    KeyError,
    TypeError,
    AttributeError,
    struct.error,
)


def audit_old(data: bytes) -> dict[int, Audit]:
    """Return what is peculiar in each sheet by its order; nothing where the file is damaged.

    Whether a damaged file can be read at all is for the library that reads the values to say.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as opened:
            stream = "Workbook" if opened.exists("Workbook") else "Book"
            records = opened.openstream(stream).read()
        begins = [
            struct.unpack_from("<I", body)[0]
            for number, body in _records(records, 0)
            if number == _BOUND_SHEET
        ]
        return {order: _sheet(records, at) for order, at in enumerate(begins)}
    except _DAMAGE:
        return {}


def _records(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records from `at` to the end of their substream."""
    while at + 4 <= len(data):
        number, size = struct.unpack_from("<HH", data, at)
        if number == _END:
            return
        yield number, data[at + 4 : at + 4 + size]
        at += 4 + size


def _sheet(data: bytes, at: int) -> Audit:
    found = Audit()
    for number, body in _records(data, at):
        if number == _ERROR and body[7]:
            found.errors[struct.unpack_from("<HH", body)] = _WORDS.get(body[6], "#")
        elif number == _FORMULA and body[12:14] == b"\xff\xff" and body[6] == 2:
            found.errors[struct.unpack_from("<HH", body)] = _WORDS.get(body[8], "#")
        elif number == _ROW and body[12] & _ROW_HIDDEN:
            found.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif number == _COLUMNS and body[8] & _COLUMN_HIDDEN:
            first, last = struct.unpack_from("<HH", body)
            found.hidden_columns.update(range(first, min(last, _LAST_COLUMN) + 1))
    return found
