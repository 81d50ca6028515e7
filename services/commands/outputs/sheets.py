"""One report on a sheet of a workbook: the three tables as the form prints them, failing cells lit."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from rich.cells import cell_len

from services.commands.outputs.wordings import STATES, heading, issue_text
from shared.forms.official import Box, Face, Layout, Sheet, elsewhere, official
from shared.report.printable import printable
from shared.report.record import Number

Line = Mapping[str, Any]
Format = Any
"""A format of xlsxwriter, which has no types."""

FILLS: Final = {"error": "#F6A9A9", "warning": "#FFD27F", "info": "#D6E6F7"}
_NAME_LENGTH: Final = 31
_LONGEST: Final = 32_000
"""Characters that fit into one cell."""
_COMMENT: Final = 1_800
_ISSUES_IN_COMMENT: Final = 4
_LABEL_WIDTHS: Final = (7, 13, 38)
_VALUE_WIDTH: Final = 10
_COLUMNS: Final = 18
_LINE_HEIGHT: Final = 15
_A4: Final = 9
_BASE: Final = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True}
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "head": {"bold": True, "bg_color": "#E8E8E8", "border": 1, "align": "center"},
    "wrapped": {"valign": "top"},
    "plain": {"text_wrap": False, "valign": "top"},
    "name": {"bold": True, "font_size": 14, "text_wrap": False},
    "section": {"bold": True, "font_size": 11, "text_wrap": False},
    "note": {"font_color": "#555555", "text_wrap": False},
    "link": {"font_color": "#0563C1", "underline": 1, "text_wrap": False, "valign": "top"},
    "caption": {"border": 1, "align": "left"},
    "title": {"border": 1, "align": "center"},
    "label": {"border": 1, "align": "left"},
    "number": {"border": 1, "align": "center"},
    "blank": {"border": 1, "align": "center", "bg_color": "#EFEFEF"},
    "mark": {"border": 1, "align": "center", "italic": True, "font_color": "#666666"},
    "unreadable": {"border": 1, "align": "center", "font_color": "#7A2E8E", "italic": True},
    "absent": {"border": 1, "align": "center", "font_color": "#8A8A8A", "bg_color": "#D9D9D9"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook under way, and the formats it has so far."""

    made: Any
    styles: dict[tuple[str, str | None, bool], Format] = field(default_factory=dict)

    def style(self, name: str, level: str | None = None, *, unsure: bool = False) -> Format:
        """Return a format by name; a failing cell is filled, a doubtful reading is underlined."""
        key = (name, level, unsure)
        if key not in self.styles:
            told = {**_BASE, **_STYLES[name]}
            if level is not None:
                told |= {"bg_color": FILLS[level], "bold": level != "info"}
            if unsure:
                told["underline"] = 1
            self.styles[key] = self.made.add_format(told)
        return self.styles[key]


def on_paper(sheet: Any) -> None:
    """Let a sheet be printed on A4, crosswise, as wide as it is."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)


def put(sheet: Any, row: int, column: int, value: Number | str | None, style: Format) -> None:
    """Write a number as a number and anything else as text: no text is ever run."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        sheet.write_number(row, column, value, style)
    elif value:
        sheet.write_string(row, column, clean(str(value)), style)
    else:
        sheet.write_blank(row, column, None, style)


def clean(text: str) -> str:
    """Return text as a sheet may hold it: no control characters but line feeds, not too long."""
    return "\n".join(map(printable, text.split("\n")))[:_LONGEST]


def sheet_name(number: int, line: Line) -> str:
    """Return a name that no other sheet has, in the letters that Excel allows."""
    who = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "", printable(line["agency"] or "机关不明"))
    year = f" {line['year']}" if line["year"] else ""
    room = _NAME_LENGTH - len(f"{number:03d} {year}")
    return f"{number:03d} {who[:room]}{year}"


def draw_report(book: Book, name: str, line: Line) -> None:
    """Add a sheet with one report: who, the three tables, and what was found outside the tables."""
    sheet = book.made.add_worksheet(name)
    on_paper(sheet)
    sheet.hide_gridlines(2)
    for column, width in enumerate((*_LABEL_WIDTHS, *[_VALUE_WIDTH] * (_COLUMNS - 3))):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, clean(heading(line)), book.style("name"))
    sheet.write_string(1, 0, clean(f"文件 file: {line['file']}"), book.style("note"))
    sheet.write_url(2, 0, "internal:'目录 Index'!A1", book.style("link"), "← 目录 Index")
    at = 4
    for found in official(line):
        if found.layout.id == "review_litigation":
            # table four on a page of its own: the two above fill one
            sheet.set_h_pagebreaks([at])
        at = _draw_table(book, sheet, found, line["issues"], at) + 1
    rest = [line["issues"][n] for n in elsewhere(line)]
    if rest:
        sheet.write_string(
            at, 0, "表格以外的问题 Findings outside the tables", book.style("section")
        )
    for n, issue in enumerate(rest, start=1):
        for text in issue_text(issue):
            at += 1
            sheet.write_string(at, 0, clean(text), book.style("plain"))
        at += n < len(rest)


def _draw_table(
    book: Book, sheet: Any, found: Sheet, issues: Sequence[Mapping[str, Any]], top: int
) -> int:
    layout = found.layout
    title = f"{'〇一二三四五六'[layout.section]}、{layout.title}（{layout.edition} 年格式 edition）"
    if not found.found:
        title += "  文件中没有此表 · the document shows no such table"
    sheet.write_string(top, 0, title, book.style("section"))
    for number, row in enumerate(layout.rows, start=top + 1):
        sheet.set_row(number, _height(layout, row))
        for box in row:
            _draw_box(book, sheet, found, box, top + 1)
    for address, text in _comments(found, issues):
        box = next(b for b in layout.boxes if b.kind == "value" and b.address == address)
        at, column = top + 1 + box.row, _columns(layout, box)[0]
        sheet.write_comment(at, column, text, {"x_scale": 3, "y_scale": 2.5, "author": "gouji"})
    at = top + 1 + len(layout.rows)
    for face in found.strangers:
        text = f"不在此表中的一格 cell of another edition: {face.address} = {face.text or STATES[face.state]}"
        sheet.write_string(at, 0, clean(text), book.style("note"))
        at += 1
    return at


def _draw_box(book: Book, sheet: Any, found: Sheet, box: Box, top: int) -> None:
    first, last = _columns(found.layout, box)
    mark = found.marks.get(box.address or "")
    style = book.style(box.kind if box.kind != "value" else "number", mark.level if mark else None)
    value: Number | str | None = box.text
    if box.kind == "value":
        assert box.address is not None
        face = found.faces[box.address]
        style = book.style(face.state, face.level, unsure=face.unsure)
        value = _content(face, box)
    row = top + box.row
    if box.rows > 1 or last > first:
        sheet.merge_range(row, first, row + box.rows - 1, last, "", style)
    put(sheet, row, first, value, style)


def _content(face: Face, box: Box) -> Number | str | None:
    """Return what a cell holds: the figure as a number, but for money whose unit must stand beside it."""
    if face.state == "absent":
        return STATES["absent"].zh
    if face.state != "number":
        return face.text
    return f"{face.text}{face.unit}" if box.money and face.unit and box.unit is None and (
        not face.address.endswith("_wanyuan")
    ) else face.value  # fmt: skip


def _columns(layout: Layout, box: Box) -> tuple[int, int]:
    """Return the first and last column of a box: labels of every table lie in the first three."""
    labels = len(_LABEL_WIDTHS)
    shift = labels - layout.label_columns
    first = 0 if layout.label_columns and box.column == 0 else box.column + shift
    return first, box.column + box.columns - 1 + shift


def _height(layout: Layout, row: Sequence[Box]) -> float:
    """Return the height at which every text of a row is seen whole: Excel fits no merged cells."""
    lines = 1
    for box in row:
        first, last = _columns(layout, box)
        if box.rows == 1:
            room = sum(
                _LABEL_WIDTHS[c] if c < len(_LABEL_WIDTHS) else _VALUE_WIDTH
                for c in range(first, last + 1)
            )
            lines = max(lines, ceil(cell_len(box.text) / (room - 1)))
    return lines * _LINE_HEIGHT + 4


def _comments(found: Sheet, issues: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for face in found.faces.values():
        if face.issues:
            named = [issues[n] for n in face.issues]
            told = [text for one in named[:_ISSUES_IN_COMMENT] for text in (*issue_text(one), "")]
            if len(named) > _ISSUES_IN_COMMENT:
                told.append(f"… 共 {len(named)} 条 · {len(named)} in all")
            yield face.address, clean("\n".join(told).strip())[:_COMMENT]
