"""Cells parted by pipes: rows on lines, markdown tables, one pipe a line, a page in one table."""

import re
from dataclasses import dataclass, field

from services.normalize.core.layouts.run import (
    Group,
    Loose,
    Run,
    evidence,
    joined,
    row_of,
    rows_of_groups,
)
from services.normalize.core.residue import CELL_BREAK
from services.normalize.core.source import Source, cell_text
from services.normalize.core.vocabulary import (
    is_running_text,
    is_section_heading,
    is_value,
    label_kind,
)
from shared.report.document import GridCell, Layout, Table

PIPES = "|｜│┃║"
_PIPE = re.compile(r"(?<!\\)\|")
_OTHER_PIPE = re.compile(f"[{PIPES[1:]}]")
_DRAWN = "─━═┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬"
_RULE = re.compile(rf"(?=[\s|:+\-={_DRAWN}]*?[-=─━═]{{2}})[\s|:+\-={_DRAWN}]*+")
_RULE_SIGNS = "|:+-= \t" + _DRAWN
_GRID_OPENINGS = "+┌├└╔╠╚"
_WIDEST_ROW = 40
_SINGLE_ROW = 8
_FEWEST_IN_ROWS = 4
_NO_CELLS: list[str] = []


def is_rule(text: str) -> bool:
    """Tell whether a line only draws: `|---|:--:|`, `+----+`, `├──┼──┤`."""
    # two dashes alone are the mark of an empty cell
    if len(text) < 2 or text.strip() == "--" or text.strip(_RULE_SIGNS):
        return False
    return _RULE.fullmatch(text) is not None


@dataclass(slots=True)
class _Lines:
    """The lines of a run as lists of cells; `left` and `right` say that pipes frame the table."""

    source: Source
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    grid: bool = False
    left: bool = False
    right: bool = False

    def cells(self, index: int, parts: list[str]) -> Group:
        """Return the cells of one line without the frame."""
        found = parts[1:] if self.left and len(parts) > 1 and not parts[0].strip() else parts
        if self.right and len(found) > 1 and not found[-1].strip():
            found = found[:-1]
        cell, raw = self.source.cell, self.source.raws.get(index)
        texts = [part.replace("\\|", "|") for part in found]
        if raw is None:
            return [cell(index, column, text) for column, text in enumerate(texts)]
        # a line that cleaning changed is kept whole with its first filled cell
        filled = next((c for c, text in enumerate(texts) if text.strip()), 0)
        return [
            cell(index, column, text, raw if column == filled else None)
            for column, text in enumerate(texts)
        ]


def read(source: Source, start: int, end: int) -> Run | None:
    """Read the lines `start` to `end`; None when they are text that merely holds pipes."""
    lines = _split(source, start, end)
    filled = [parts for _, parts in lines.rows if parts]
    if not filled:
        return Run((), end, tuple(lines.rules))
    framed = lines.left and lines.right
    if any(_holds_rows(parts) for parts in filled) or (not framed and _is_one_by_one(filled)):
        pieces = _cell_by_cell(lines)
    elif lines.grid:
        pieces = _pieces(source, _grid_rows(lines), "pipes")
    else:
        pieces = _pieces(source, _rows(lines), "markdown" if lines.rules else "pipes")
    tables = [p for p in pieces if isinstance(p, Table)]
    texts = (c.text for t in tables for r in t.rows for c in r.cells)
    if tables and not lines.rules and not framed and not evidence(texts):
        return None
    return Run(tuple(pieces), end, tuple(lines.rules))


def _is_one_by_one(filled: list[list[str]]) -> bool:
    """Tell whether hardly a line holds more than one cell."""
    several = sum(1 for parts in filled if len(parts) > 1 and _count_filled(parts) > 1)
    return several < 3 and several * 3 < len(filled)


def _count_filled(parts: list[str]) -> int:
    return len(parts) - list(map(str.strip, parts)).count("")


def _holds_rows(parts: list[str]) -> bool:
    """Tell whether one line holds several rows of the form, or headings beside rows."""
    if len(parts) <= _SINGLE_ROW:
        return False
    texts = {p.strip() for p in parts} - {""}
    if len(texts) < _FEWEST_IN_ROWS:
        return False
    rows = sum(1 for t in texts if label_kind(t) == "row")
    return rows > 1 or len(parts) > _WIDEST_ROW or any(is_section_heading(t) for t in texts)


def _parted(text: str) -> list[str]:
    return _PIPE.split(text) if "\\" in text else text.split("|")


def _split(source: Source, start: int, end: int) -> _Lines:
    lines = _Lines(source)
    for index in range(start, end):
        text = _OTHER_PIPE.sub("|", source.texts[index])
        if not text.strip():
            lines.rows.append((index, _NO_CELLS))
        elif is_rule(text):
            lines.rules.append(index)
            if text.strip()[0] in _GRID_OPENINGS:
                lines.grid = True
                lines.rows.append((index, _NO_CELLS))
        else:
            lines.rows.append((index, _parted(text)))
    piped = [parts for _, parts in lines.rows if len(parts) > 1 and any(map(str.strip, parts))]
    if piped:
        lines.left = 5 * sum(1 for p in piped if not p[0].strip()) >= 3 * len(piped)
        lines.right = 5 * sum(1 for p in piped if not p[-1].strip()) >= 3 * len(piped)
    return lines


def _rows(lines: _Lines) -> list[tuple[int, Group]]:
    """One row a line; a line feed inside a cell leaves a row open until its closing pipe."""
    rows: list[tuple[int, Group]] = []
    is_open = False
    for index, parts in lines.rows:
        if not parts:
            is_open = False
            continue
        text = lines.source.texts[index]
        cells = lines.cells(index, parts)
        if rows and (
            (is_open and not text.lstrip().startswith("|")) or (len(parts) == 1 and _is_tail(text))
        ):
            row = rows[-1][1]
            row[-1] = joined([row[-1], cells[0]])
            row += cells[1:]
        else:
            rows.append((index, cells))
        is_open = lines.right and lines.left and not text.rstrip().endswith("|") and len(parts) > 1
    return rows


def _is_tail(text: str) -> bool:
    """Tell whether a line without pipe below a row can be the rest of its last cell."""
    found = text.strip()
    if is_value(found) or label_kind(found) is not None:
        return False
    return not is_section_heading(found) and not is_running_text(found)


def _grid_rows(lines: _Lines) -> list[tuple[int, Group]]:
    """Rows between drawn lines: cells wrapped over several lines are put together."""
    rows: list[tuple[int, Group]] = []
    fresh = True
    for index, parts in lines.rows:
        if not parts:
            fresh = True
            continue
        cells = lines.cells(index, parts)
        if fresh or len(cells) != len(rows[-1][1]) or _has_own_figures(cells, rows[-1][1]):
            rows.append((index, cells))
        else:
            row = rows[-1][1]
            for column, cell in enumerate(cells):
                if cell.text:
                    row[column] = joined([row[column], cell]) if row[column].text else cell
        fresh = False
    return rows


def _has_own_figures(cells: Group, row: Group) -> bool:
    pairs = zip(cells, row, strict=True)
    return any(is_value(a.text) and is_value(b.text) for a, b in pairs if a.text and b.text)


def _pieces(source: Source, rows: list[tuple[int, Group]], layout: Layout) -> list[Table | Loose]:
    """Part rows of a table from the paragraphs of a page that was laid out in one table."""
    pieces: list[Table | Loose] = []
    table: list[Group] = []
    for index, cells in rows:
        if not _is_text(cells, in_table=bool(table)):
            table.append(cells)
            continue
        if table:
            pieces.append(Table(tuple(row_of(g) for g in table), layout))
            table = []
        pieces += [_loose(source, index, c) for c in cells if c.text]
    if table:
        pieces.append(Table(tuple(row_of(g) for g in table), layout))
    return pieces


def _is_text(cells: Group, *, in_table: bool) -> bool:
    filled = [c.text for c in cells if c.text]
    if len(filled) == 1:
        text = filled[0]
        if is_section_heading(text) or is_running_text(text):
            return True
        return not in_table and label_kind(text) is None
    if not filled or any(is_value(t) or label_kind(t) for t in filled):
        return False
    return any(is_running_text(t) for t in filled)


def _loose(source: Source, index: int, cell: GridCell) -> Loose:
    """Return a paragraph that stood in a cell; line feeds in it part paragraphs later."""
    text = cell.text
    line = source.texts[index]
    if CELL_BREAK in line:
        text = next((p for p in _PIPE.split(line) if cell_text(p) == text), text).strip()
    return Loose(index, text, cell.raw)


class _Cells:
    """Loose cells between pipes, gathered into rows as far as the pipes show them."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.pieces: list[Table | Loose] = []
        self.groups: list[Group] = [[]]
        self.after = ""

    def new_row(self) -> None:
        """Begin a row, if the last one holds anything."""
        if self.groups[-1]:
            self.groups.append([])

    def pipe(self, index: int) -> None:
        """Take a pipe: two in a row hold an empty cell."""
        if self.after == "pipe" and self.groups[-1]:
            self.groups[-1].append(self.source.cell(index, 0, ""))
        self.after = "pipe"

    def cell(self, index: int, part: str, raw: str | None) -> None:
        """Take a filled cell; two without a pipe between them belong to two rows."""
        text = part.strip()
        if is_section_heading(text) or is_running_text(text):
            self.close()
            self.pieces.append(Loose(index, text, raw))
        else:
            if self.after == "cell":
                self.new_row()
            self.groups[-1].append(self.source.cell(index, 0, part, raw))
        self.after = "cell"

    def close(self) -> None:
        """End the table that was open."""
        filled = [g for g in self.groups if g]
        if filled:
            rows, _ = rows_of_groups(filled, parted=len(filled) > 2)
            self.pieces.append(Table(tuple(rows), "pipes"))
        self.groups = [[]]


def _cell_by_cell(lines: _Lines) -> list[Table | Loose]:
    """One cell a line with pipes between, or hundreds of cells in one line: regroup the rows."""
    source = lines.source
    cells = _Cells(source)
    for index, parts in lines.rows:
        if not parts:
            cells.new_row()
            cells.after = ""
        raw = source.raws.get(index)
        for order, part in enumerate(parts):
            if order:
                cells.pipe(index)
            if part.strip():
                cells.cell(index, part, raw)
                raw = None
        if raw is not None:
            lines.rules.append(index)
    cells.close()
    return cells.pieces
