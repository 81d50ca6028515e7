"""Draw one sheet as text lines in the layouts in which reports reach us (one function a layout)."""

from collections.abc import Callable
from random import Random

from tests.support.sheets import WRAPPED, Box, Sheet

Draw = Callable[[Sheet, Random], list[str]]


def grid(sheet: Sheet, row: int) -> list[str]:
    """Return a row with every column present: a span leaves empty cells behind its text."""
    texts = [""] * sheet.column_count
    for box in sheet.row(row):
        if box.row == row:
            texts[box.column] = box.text
    dropped = _unused_label_columns(sheet)
    return [t for i, t in enumerate(texts) if i not in dropped]


def _unused_label_columns(sheet: Sheet) -> set[int]:
    """Return label columns without any text of their own: converters drop them page by page."""
    used = {b.column for b in sheet.boxes if b.text}
    return {c for c in range(1, sheet.label_columns) if c not in used}


def collapsed(sheet: Sheet, row: int) -> list[str]:
    """Return a row whose label spans take one cell, while number columns stay in place."""
    labels, numbers = [], [""] * (sheet.column_count - sheet.label_columns)
    for box in sheet.row(row):
        text = box.text if box.row == row else ""
        if box.column < sheet.label_columns:
            labels.append(text)
        elif box.row == row:
            numbers[box.column - sheet.label_columns] = text
    return labels + numbers


def compact(sheet: Sheet, row: int, *, covered: bool = True) -> list[str]:
    """Return one cell a box; boxes begun above give an empty cell or, if not `covered`, nothing."""
    return [b.text if b.row == row else "" for b in sheet.row(row) if covered or b.row == row]


def filled(sheet: Sheet, row: int) -> list[str]:
    """Return a row in which every covered position repeats the text of its span."""
    texts = [""] * sheet.column_count
    for box in sheet.row(row):
        for column in range(box.column, box.column + box.columns):
            texts[column] = box.text
    return texts


def tabs_grid(sheet: Sheet, rng: Random) -> list[str]:
    """Rectangular tab-separated rows."""
    return ["\t".join(grid(sheet, r)) for r in range(sheet.row_count)]


def tabs_left(sheet: Sheet, rng: Random) -> list[str]:
    """Tab rows pushed to the left and padded at the right, as PDF converters give them."""
    rows = [collapsed(sheet, r) for r in range(sheet.row_count)]
    width = max(len(r) for r in rows)
    return ["\t".join(r + [""] * (width - len(r))) for r in rows]


def tabs_ragged(sheet: Sheet, rng: Random) -> list[str]:
    """Tab rows of different lengths without padding."""
    return ["\t".join(collapsed(sheet, r)) for r in range(sheet.row_count)]


def tabs_wide(sheet: Sheet, rng: Random) -> list[str]:
    """Rectangular tab rows with many idle columns at the right."""
    extra = "\t" * rng.randint(1, 7)
    return [line + extra for line in tabs_grid(sheet, rng)]


def cell_per_line(sheet: Sheet, rng: Random) -> list[str]:
    """One cell a line with a leading tab, an empty line after each row, titles broken inside."""
    broken = rng.random() < 0.5
    pads = rng.choice((("",), ("",), ("", "\u00a0"), ("", "\u2002"), ("", "\u3000")))
    lines: list[str] = []
    for row in range(sheet.row_count):
        for box in sheet.row(row):
            text = box.text if box.row == row else ""
            if box.address and text:
                text = rng.choice(pads) + text + rng.choice(pads)
            lines += _cell_lines(text, broken=broken and box.header)
        lines.append("")
    return lines


def _cell_lines(text: str, *, broken: bool) -> list[str]:
    parts = WRAPPED.get(text, (text,)) if broken and text.startswith("本年新") else (text,)
    return ["\t" + parts[0], *parts[1:]]


def cell_and_blank(sheet: Sheet, rng: Random) -> list[str]:
    """One cell a line and an empty line after every cell; spans show once."""
    return [
        line for row in range(sheet.row_count) for t in compact(sheet, row, covered=False)
        for line in (t, "")
    ]  # fmt: skip


def plain_lines(sheet: Sheet, rng: Random) -> list[str]:
    """One cell a line and nothing else: neither rows nor covered cells can be seen."""
    return [t for row in range(sheet.row_count) for t in compact(sheet, row, covered=False)]


def lines_rows_apart(sheet: Sheet, rng: Random) -> list[str]:
    """One cell a line without tabs, rows parted by an empty line, covered cells not shown."""
    lines: list[str] = []
    for row in range(sheet.row_count):
        lines += [*compact(sheet, row, covered=False), ""]
    return lines


def pipes_right(sheet: Sheet, rng: Random) -> list[str]:
    """`a | b | c |`."""
    return [" | ".join(grid(sheet, r)).lstrip(" ") + " |" for r in range(sheet.row_count)]


def pipes_both(sheet: Sheet, rng: Random) -> list[str]:
    """`| a | b | c |`."""
    return ["| " + " | ".join(grid(sheet, r)) + " |" for r in range(sheet.row_count)]


def pipes_between(sheet: Sheet, rng: Random) -> list[str]:
    """`a|b|c` without outer pipes."""
    return ["|".join(grid(sheet, r)) for r in range(sheet.row_count)]


def pipes_spans(sheet: Sheet, rng: Random) -> list[str]:
    """`| a | b |||`: a span leaves one more pipe for each column it covers."""
    lines = []
    for row in range(sheet.row_count):
        line = "|"
        for box in sheet.row(row):
            line += f" {box.text if box.row == row else ''} " + "|" * box.columns
        lines.append(line)
    return lines


def markdown(sheet: Sheet, rng: Random) -> list[str]:
    """A markdown table: the first row is its header, a rule of dashes follows."""
    lines = pipes_both(sheet, rng)
    columns = len(grid(sheet, 0))
    return [lines[0], "|" + rng.choice((" --- |", "---|", ":---:|")) * columns, *lines[1:]]


def markdown_filled(sheet: Sheet, rng: Random) -> list[str]:
    """A markdown table whose spans repeat their text in every covered cell."""
    rows = ["| " + " | ".join(filled(sheet, r)) + " |" for r in range(sheet.row_count)]
    return [rows[0], "|" + "---|" * sheet.column_count, *rows[1:]]


def markdown_empty_header(sheet: Sheet, rng: Random) -> list[str]:
    """A markdown table under an empty header row, as converters write it."""
    columns = len(grid(sheet, 0))
    return ["|" + "  |" * columns, "|" + " --- |" * columns, *pipes_both(sheet, rng)]


def pipe_lines(sheet: Sheet, rng: Random) -> list[str]:
    """Each cell on its line, a line with one pipe after each; rows parted by an empty line."""
    lines: list[str] = []
    for row in range(sheet.row_count):
        for text in compact(sheet, row):
            lines += [text, "|"] if text else ["|"]
        lines.append("")
    return lines


def page_table(sheet: Sheet, rng: Random) -> list[str]:
    """The sheet inside a layout table of the whole page: idle pipes on both sides."""
    left, right = "|" * rng.randint(1, 3), "|" * rng.randint(1, 12)
    rows = [" | ".join(grid(sheet, r)) for r in range(sheet.row_count)]
    return [f"{left} {row} {right}" for row in rows]


def spaces(sheet: Sheet, rng: Random) -> list[str]:
    """Words and numbers parted by single blanks, as text copied from a PDF."""
    return [
        " ".join(t for t in compact(sheet, r, covered=False) if t) for r in range(sheet.row_count)
    ]


def tabs_apart(sheet: Sheet, rng: Random) -> list[str]:
    """Tab rows with an empty line after each."""
    return [line for row in tabs_grid(sheet, rng) for line in (row, "")]


def box_drawing(sheet: Sheet, rng: Random) -> list[str]:
    """Cells between box-drawing lines."""
    rule = "├" + "┼".join("────" for _ in grid(sheet, 0)) + "┤"
    rows = ["│ " + " │ ".join(grid(sheet, r)) + " │" for r in range(sheet.row_count)]
    return [line for row in rows for line in (rule, row)] + [rule]


def html_table(sheet: Sheet, rng: Random) -> list[str]:
    """An HTML table left in the text, as document converters embed it in markdown."""
    rows = []
    for row in range(sheet.row_count):
        cells = "".join(_td(b) for b in sheet.row(row) if b.row == row)
        rows.append(f"<tr>{cells}</tr>")
    joint = rng.choice(("", "\n"))
    return ("<table>" + joint + joint.join(rows) + joint + "</table>").split("\n")


def _td(box: Box) -> str:
    spans = f' colspan="{box.columns}"' if box.columns > 1 else ""
    spans += f' rowspan="{box.rows}"' if box.rows > 1 else ""
    return f"<td{spans}>{box.text}</td>"
