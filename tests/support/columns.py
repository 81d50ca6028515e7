"""Tables as pdftotext gives them: fixed columns with wrapped labels, or column after column."""

from collections import defaultdict
from random import Random
from unicodedata import east_asian_width

from tests.support.sheets import WRAPPED, Box, Sheet

WIDTHS = {
    "active_disclosure": (26, 20, 20, 20),
    "applications": (6, 12, 30, 8, 8, 8, 8, 8, 8, 8),
    "review_litigation": (6,) * 15,
}
"""Width of the printed columns in half-width characters."""


def width(text: str) -> int:
    """Return how many half-width places a text takes."""
    return sum(2 if east_asian_width(c) in "WFA" else 1 for c in text)


def wrap(text: str, limit: int) -> list[str]:
    """Break a text into lines of at most `limit` half-width places."""
    lines, line = [], ""
    for char in text:
        if line and width(line + char) > limit:
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]


def layout_columns(sheet: Sheet, rng: Random) -> list[str]:
    """Return the sheet as `pdftotext -layout` prints it.

    Heights are in half lines: a number beside a label of two lines stands between them.
    """
    widths = WIDTHS[sheet.table_id]
    lefts = [sum(widths[:i]) + 2 for i in range(len(widths) + 1)]
    wrapped = {b: _lines(b, lefts) for b in sheet.boxes}
    tops = _tops(sheet, wrapped)
    pieces: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for box, lines in wrapped.items():
        room = tops[box.row + box.rows] - tops[box.row]
        start = tops[box.row] + (room - 2 * len(lines)) // 2
        for i, line in enumerate(lines):
            if line:
                span = lefts[box.column + box.columns] - lefts[box.column]
                x = lefts[box.column] + _indent(box, line, span)
                pieces[start + 2 * i].append((x, line))
    return [_compose(pieces[y]) for y in sorted(pieces)]


def _lines(box: Box, lefts: list[int]) -> list[str]:
    limit = lefts[box.column + box.columns] - lefts[box.column] - 2
    if box.header and box.text in WRAPPED and width(box.text) > limit:
        return list(WRAPPED[box.text])
    return wrap(box.text, max(limit, 2))


def _tops(sheet: Sheet, wrapped: dict[Box, list[str]]) -> list[int]:
    heights = [2] * sheet.row_count
    for box, lines in wrapped.items():
        if box.rows == 1:
            heights[box.row] = max(heights[box.row], 2 * len(lines))
    for box, lines in wrapped.items():
        covered = sum(heights[box.row : box.row + box.rows])
        if covered < 2 * len(lines):
            heights[box.row + box.rows - 1] += 2 * len(lines) - covered
    return [sum(heights[:i]) for i in range(sheet.row_count + 1)]


def _indent(box: Box, line: str, span: int) -> int:
    if box.address is None and not box.header and box.columns < 4:
        return 0
    return max(0, (span - 2 - width(line)) // 2)


def _compose(pieces: list[tuple[int, str]]) -> str:
    line = ""
    for x, text in sorted(pieces):
        line += " " * max(1 if line else 0, x - width(line)) + text
    return line


def column_by_column(sheet: Sheet, rng: Random) -> list[str]:
    """Return the sheet in pdftotext's default order: titles, labels, then numbers by column.

    The wide table of applications is read column after column; the others row after row.
    """
    if sheet.table_id != "applications":
        return _row_after_row(sheet)
    return [*_titles(sheet), "", *_labels(sheet), "", *_numbers(sheet), ""]


def numbers_before_labels(sheet: Sheet, rng: Random) -> list[str]:
    """Return the sheet with its number columns before the labels."""
    if sheet.table_id != "applications":
        return _row_after_row(sheet)
    return [*_titles(sheet), "", *_numbers(sheet), "", *_labels(sheet), ""]


def _titles(sheet: Sheet) -> list[str]:
    titles = (b for b in sheet.boxes if b.header)
    return [b.text for b in sorted(titles, key=lambda b: (b.row, b.column))]


def _labels(sheet: Sheet) -> list[str]:
    labels = (b for b in sheet.boxes if not b.header and b.address is None)
    ordered = sorted(labels, key=lambda b: (b.row, b.column))
    return [line for b in ordered for line in wrap(b.text, 30)]


def _numbers(sheet: Sheet) -> list[str]:
    numbers = sorted((b for b in sheet.boxes if b.address), key=lambda b: (b.column, b.row))
    lines: list[str] = []
    for index, box in enumerate(numbers):
        if index and box.column != numbers[index - 1].column:
            lines.append("")
        lines.append(box.text)
    return lines


def _row_after_row(sheet: Sheet) -> list[str]:
    lines: list[str] = []
    for row in range(sheet.row_count):
        boxes = [b for b in sheet.row(row) if b.row == row]
        lines += [line for b in boxes for line in (b.text, "")]
    return lines
