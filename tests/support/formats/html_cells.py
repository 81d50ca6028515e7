"""Tables of made-up web pages: cells as each program writes them, ghost columns, sizing rows."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from random import Random

from tests.support.sheets import WRAPPED, Box, Sheet

Cell = Callable[[Box, Random], str]


def table(
    sheet: Sheet, rng: Random, cell: Cell, *,
    closed: bool = True, sizing_row: bool = False, columns: bool = False,
) -> str:  # fmt: skip
    """Return a sheet as a table; `closed=False` leaves out what ends rows and cells."""
    parts = ["<table border=1 cellspacing=0 cellpadding=0>" if closed else "<TABLE BORDER=1>"]
    if columns:
        parts.append('<col width="60*"/>' * sheet.column_count)
    end_row, end_cell = ("</tr>\n", "</td>") if closed else ("\n", "")
    for row in range(sheet.row_count):
        parts.append("<tr>")
        for box in sheet.row(row):
            if box.row == row:
                spans = f" colspan={box.columns}" if box.columns > 1 else ""
                spans += f' rowspan="{box.rows}"' if box.rows > 1 else ""
                parts.append(f"<td{spans}{cell(box, rng)}{end_cell}")
        parts.append(end_row)
    if sizing_row:
        widths = "<td width=57 style='border:none'></td>" * sheet.column_count
        parts.append(f"<![if !supportMisalignedColumns]>\n<tr height=0>\n{widths}</tr>\n<![endif]>")
    parts.append("</table>")
    return "".join(parts)


def bare_cell(box: Box, rng: Random) -> str:
    """A cell with nothing but its text; blank ones hold nothing or a no-break space."""
    return f">{escape(box.text) or rng.choice(('', '&nbsp;'))}"


def paired_cell(box: Box, rng: Random) -> str:
    """A cell with paragraph and runs, its text split anywhere, digits too."""
    cut = rng.randrange(len(box.text) + 1)
    first, second = escape(box.text[:cut]), escape(box.text[cut:])
    return f' style="border:1px solid"><p style="text-align: center;"><span>{first}</span><span style="font-size:12px">{second}</span></p>'


def mso_cell(box: Box, rng: Random) -> str:
    """A cell as Word saves it: lines of the markup broken anywhere between characters."""
    text = wrapped_source(escape(box.text), rng) or "<o:p>&nbsp;</o:p>"
    space = "<span style='mso-spacerun:yes'>&nbsp;</span>" if rng.random() < 0.1 else ""
    return (
        f" width=57 style='width:42.55pt;border:solid windowtext 1.0pt;padding:0cm 0cm 0cm 0cm'>\n  <p class=MsoNormal align=center\n  style='text-align:center'>"
        f"<span lang=EN-US style='font-size:10.5pt'>{space}{text}<o:p></o:p></span></p>\n  "
    )


def libreoffice_cell(box: Box, rng: Random) -> str:
    """A cell as LibreOffice writes it: a line break in blank ones."""
    text = wrapped_source(escape(box.text), rng) or "<br/>\n"
    return f' style="border: 1px solid #000000; padding: 0cm"><p align="center">\n\t\t<font face="宋体">{text}</font></p>\n\t\t'


def broken_cell(box: Box, _: Random) -> str:
    """A cell whose marks are never closed."""
    return f" align=center><font size=2>{escape(box.text)}"


def wps_cell(box: Box, rng: Random) -> str:
    """A cell as WPS writes it: font marks inside runs, a run for each piece of text."""
    cut = rng.randrange(len(box.text) + 1)
    runs = "".join(
        f'<span style="mso-spacerun:\'yes\';font-family:宋体;" ><font face="宋体" >{escape(t)}</font></span>'
        for t in (box.text[:cut], box.text[cut:])
        if t
    )
    return f' width=47  valign=center  style="width:35.6500pt;border:1.0000pt solid windowtext;" ><p class=MsoNormal  align=center >{runs}<span ><o:p></o:p></span></p>'


def split_cell(box: Box, rng: Random) -> str:
    """A cell whose label breaks as in narrow columns, with line breaks or paragraphs."""
    if box.address is None and box.text in WRAPPED:
        parts = [escape(t) for t in WRAPPED[box.text]]
        return ">" + (
            "<br>".join(parts) if rng.random() < 0.5 else "".join(f"<div>{t}</div>" for t in parts)
        )
    if box.address is None and len(box.text) > 8 and rng.random() < 0.5:
        cut = len(box.text) // 2
        return f">{escape(box.text[:cut])}<br />{escape(box.text[cut:])}"
    return f"> <font size=2><b>{escape(box.text)}</b></font> <br>"


def ghosted(sheet: Sheet, rng: Random) -> Sheet:
    """Return a sheet with a column that rounding made: edges that should meet lie on both sides of it."""
    if sheet.column_count < 5 or rng.random() < 0.2:
        return sheet
    at = rng.randrange(sheet.label_columns + 1, sheet.column_count)
    early = {r for r in range(sheet.row_count) if rng.random() < 0.5}
    # cells over several rows tie their rows together: their edge is one
    for box in sorted(sheet.boxes, key=lambda b: b.row):
        if at in (box.column, box.column + box.columns):
            rows = set(range(box.row, box.row + box.rows))
            early = early | rows if box.row in early else early - rows
    boxes: list[Box] = []
    for box in sheet.boxes:
        left, right, late = box.column, box.column + box.columns, box.row not in early
        left += left > at or (left == at and late)
        right += right > at or (right == at and late)
        boxes.append(replace(box, column=left, columns=right - left))
    return replace(sheet, boxes=tuple(boxes), column_count=sheet.column_count + 1)


def wrapped_source(text: str, rng: Random) -> str:
    """Break the line of the markup once between two Chinese characters, as editors do at column 80."""
    places = [
        i
        for i in range(1, len(text))
        if all("\u4e00" <= c <= "\u9fff" for c in text[i - 1 : i + 1])
    ]
    if not places or rng.random() < 0.5:
        return text
    at = rng.choice(places)
    return f"{text[:at]}\n  {text[at:]}"
