"""Tables written as HTML inside a markdown file: rows, cells and their spans."""

import re
from html import unescape

from services.normalize.core.layouts.run import Group, Loose, Run
from services.normalize.core.source import Source, cell_text
from shared.report.document import GridCell, Row, Table

_MARK = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]{0,300})>", re.IGNORECASE)
_ANY_MARK = re.compile(r"<[/!a-zA-Z][^<>]{0,300}>")
_SPAN = re.compile(r"(col|row)span\s*=\s*[\"']?(\d{1,3})", re.IGNORECASE)
_WIDEST_SPAN = 40
# a small file can ask for millions of covered cells; beyond this spans are not drawn out
_MOST_CELLS = 50_000


def mark(source: Source, kinds: list[str]) -> None:
    """Mark the lines from `<table` to `</table>` with `h`."""
    if not any("<table" in line.lower() for line in source.texts if "<" in line):
        return
    inside = False
    for index, line in enumerate(source.texts):
        if "<" not in line and not inside:
            continue
        low = line.lower()
        begins = "<table" in low
        if inside or begins:
            kinds[index] = "h"
        inside = (inside or begins) and "</table" not in low[low.rfind("<table") + 1 :]
    if inside and "</tr" not in source.texts[-1].lower():
        _unmark_tail(source, kinds)


def _unmark_tail(source: Source, kinds: list[str]) -> None:
    """Leave a table that never ends only the lines up to its last cell."""
    for index in range(len(kinds) - 1, -1, -1):
        if kinds[index] != "h" or _MARK.search(source.texts[index]):
            return
        kinds[index] = "x" if source.texts[index].strip() else "b"


class _Grid:
    """Rows as they are read; cells that hang down from above are kept as empty cells."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.hanging: dict[int, int] = {}
        self.cells: Group = []
        self.line: int | None = None
        self.spent = 0

    def fill(self) -> None:
        """Put the empty cells that spans from above leave at this place."""
        while self.hanging and self.hanging.get(len(self.cells), 0) > 0:
            self.hanging[len(self.cells)] -= 1
            self.cells.append(GridCell("", len(self.cells), self.line))

    def put(self, text: str, raw: str, line: int, spans: dict[str, int]) -> None:
        """Put a cell and what its spans cover."""
        self.fill()
        if not spans:
            self.spent += 1
            cell = GridCell(text, len(self.cells), line, None if raw == text else raw)
            self.cells.append(cell)
            return
        self.spent += spans.get("col", 1) * spans.get("row", 1)
        for part in range(spans.get("col", 1) if self.spent < _MOST_CELLS else 1):
            column = len(self.cells)
            if spans.get("row", 1) > 1 and self.spent < _MOST_CELLS:
                self.hanging[column] = spans["row"] - 1
            shown = text if not part else ""
            self.cells.append(
                GridCell(shown, column, line, raw if not part and raw != text else None)
            )

    def end_row(self) -> None:
        """Close the row that was open."""
        if self.cells:
            self.fill()
            self.rows.append(Row(tuple(self.cells), self.line))
        self.cells = []


def read(source: Source, kinds: str, start: int) -> Run:
    """Read the marked lines from `start`; text around the tables stays text."""
    pieces: list[Table | Loose] = []
    grid = _Grid()
    open_cell: tuple[list[str], int, dict[str, int]] | None = None
    index = start
    while index < len(kinds) and kinds[index] == "h":
        line, number = source.texts[index], source.numbers[index]
        at = 0
        for found in (*_MARK.finditer(line), None):
            between = line[at : found.start() if found else len(line)]
            if open_cell is not None:
                open_cell[0].append(between)
            elif between.strip():
                _end_table(grid, pieces)
                pieces.append(
                    Loose(index, _plain("".join(between)) or between.strip(), source.raw(index))
                )
            if found is None:
                break
            at = found.end()
            name, closes = found[2].lower(), bool(found[1])
            if open_cell is not None:
                texts, begun, spans = open_cell
                grid.put(_plain("".join(texts)), "\n".join(texts), begun, spans)
                open_cell = None
            if name in ("td", "th") and not closes:
                open_cell = ([], number, _spans(found[3]))
            elif name in ("tr", "table"):
                grid.end_row()
                grid.line = number
        index += 1
    if open_cell is not None:
        grid.put(_plain("".join(open_cell[0])), "\n".join(open_cell[0]), open_cell[1], open_cell[2])
    _end_table(grid, pieces)
    return Run(tuple(pieces), index)


def _end_table(grid: _Grid, pieces: list[Table | Loose]) -> None:
    grid.end_row()
    if grid.rows:
        pieces.append(Table(tuple(grid.rows), "grid"))
        grid.rows = []
        grid.hanging.clear()


def _plain(text: str) -> str:
    if "<" in text:
        text = _ANY_MARK.sub("", text)
    return cell_text(unescape(text) if "&" in text else text)


def _spans(attributes: str) -> dict[str, int]:
    if not attributes:
        return {}
    return {
        kind.lower(): max(1, min(int(n), _WIDEST_SPAN)) for kind, n in _SPAN.findall(attributes)
    }
