"""Many reports on one sheet: a row a report, a column a cell of the form, failing cells filled."""

from collections.abc import Mapping
from typing import Any, Final

from services.commands.outputs.sheets import Book, put
from services.commands.outputs.wordings import STATES
from services.commands.talking.labels import printed
from services.sink.core.tabular import addresses
from shared.forms.official import official

_IDENTITY: Final = ("agency", "year", "file")
_WIDTHS: Final = (30, 8, 36)


class WideSheets:
    """Sheets that take one report after the other and keep none; a full one is followed by the next."""

    def __init__(self, book: Book, last_row: int) -> None:
        """Begin the first sheet in a workbook that is written row by row."""
        self._book, self._last_row = book, last_row
        self._count = 0
        self._begin()

    def add(self, line: Mapping[str, Any]) -> None:
        """Write one report. What is no figure says its state: the mark, or a word for it."""
        if self._row >= self._last_row:
            self._begin()
        self._row += 1
        plain = self._book.style("plain")
        for column, key in enumerate(_IDENTITY):
            put(self._sheet, self._row, column, line[key], plain)
        faces = {
            face.address: face
            for sheet in official(line)
            for face in (*sheet.faces.values(), *sheet.strangers)
            if face.address in line["cells"]
        }
        for column, address in enumerate(addresses(), start=len(_IDENTITY)):
            face = faces.get(address)
            if face is None:
                continue
            shown = face.value if face.state == "number" else face.text or STATES[face.state].zh
            style = self._book.style(face.state, face.level) if face.level else plain
            put(self._sheet, self._row, column, shown, style)

    def _begin(self) -> None:
        self._count += 1
        number = f" {self._count}" if self._count > 1 else ""
        self._sheet: Any = self._book.made.add_worksheet(f"单元格 Cells{number}")
        self._sheet.freeze_panes(2, 1)
        for column, width in enumerate(_WIDTHS):
            self._sheet.set_column(column, column, width)
        head = self._book.style("head")
        for column, key in enumerate((*_IDENTITY, *addresses())):
            put(self._sheet, 0, column, key, head)
        for column, address in enumerate(addresses(), start=len(_IDENTITY)):
            put(self._sheet, 1, column, printed(address), head)
        self._row = 1
