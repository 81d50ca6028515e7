"""A made-up report as a workbook: all in one sheet, or every table in a sheet of its own."""

import io
from datetime import UTC, datetime
from random import Random
from typing import Any

import xlsxwriter

from tests.support.sheets import Box, Sheet
from tests.support.truth import Truth
from tests.support.typeset import Body, Heading, typeset

VARIANTS = ("one_sheet", "sheet_per_table", "unmerged_text", "formulas", "margins")
_COLUMNS = 15
_LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def render(truth: Truth, rng: Random, variant: str = "one_sheet") -> bytes:
    """Return the .xlsx bytes of one variant."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"created": _LONG_AGO})
    _Writer(book, rng, variant).write(truth)
    book.close()
    return buffer.getvalue()


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, rng: Random, variant: str) -> None:
        self.book = book
        self.rng = rng
        self.variant = variant
        self.border = book.add_format({"border": 1})
        self.page: Any = None
        self.row = 0
        self.left = 1 if variant == "margins" else 0

    def write(self, truth: Truth) -> None:
        self._open("年报")
        for piece in typeset(truth, self.rng):
            if isinstance(piece, Heading):
                self._text(piece.full)
            elif isinstance(piece, Body):
                self._text(piece.text)
            else:
                self._sheet(piece)
        if self.variant == "sheet_per_table":
            self.book.add_worksheet("草稿").hide()

    def _open(self, name: str) -> None:
        self.page = self.book.add_worksheet(name)
        self.row = 2 if self.variant == "margins" else 0

    def _text(self, text: str) -> None:
        if self.variant == "unmerged_text":
            self.page.write_string(self.row, self.left, text)
        else:
            self.page.merge_range(
                self.row, self.left, self.row, self.left + _COLUMNS - 1, text, self.border
            )
        self.row += 1

    def _sheet(self, sheet: Sheet) -> None:
        if self.variant == "sheet_per_table":
            self._open(f"表{len(self.book.worksheets())}")
        for box in sheet.boxes:
            self._box(box)
        self.row += sheet.row_count
        if self.variant == "sheet_per_table":
            self._open(f"续{len(self.book.worksheets())}")
        elif self.variant == "margins":
            self.row += 1

    def _box(self, box: Box) -> None:
        row, column = self.row + box.row, self.left + box.column
        if box.rows > 1 or box.columns > 1:
            last = (row + box.rows - 1, column + box.columns - 1)
            self.page.merge_range(row, column, *last, "", self.border)
        if box.address is None or not box.text.isdigit():
            self.page.write(row, column, box.text or None, self.border)
        elif self.variant == "formulas" and self.rng.random() < 0.5:
            self.page.write_formula(row, column, "=1+1", self.border, int(box.text))
        else:
            self.page.write_number(row, column, int(box.text), self.border)
