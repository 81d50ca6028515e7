"""Tables of a web page: spans resolved into a grid, tables that only lay out the page unwrapped."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from services.normalize.core.composing import Grid, Slot
from services.normalize.core.readers.html.tree import (
    Frame,
    Image,
    Line,
    Piece,
    Sheet,
    images_of,
    lines_of,
)
from services.normalize.core.readers.html.words import is_form_title, is_report_title
from services.normalize.core.squeezing import squeeze
from services.normalize.core.vocabulary import is_running_text, label_kind
from shared.errors import BadInput

_MOST_CELLS = 100_000
"""Cells of one table, covered ones included; the largest table of the form has 300."""
_CUT = 0.3
"""Confidence of the cell that the file breaks off in: half of a number reads like a whole one."""
_LONGEST_CELL = 150
"""Characters; the longest cell of the form has 50."""
_FEWEST_EMPTY = 7
"""Cells without any content are kept from this number on: a row of a form may be all blank."""


@dataclass(slots=True)
class Cell:
    """One `td` or `th`.

    `sizing` marks a cell that is only there to set the width of a column, `filler` one that a
    spreadsheet puts behind the last cell of a row, `cut` the one that the file breaks off in.
    """

    frame: Frame
    rows: int = 1
    columns: int = 1
    sizing: bool = False
    filler: bool = False
    cut: bool = False


@dataclass(slots=True)
class TableRow:
    """One `tr`; `group` numbers the row group (`tbody`) no span may leave."""

    group: int
    cells: list[Cell] = field(default_factory=list)
    sizing: bool = False


@dataclass(slots=True)
class TableParts:
    """A table while it is walked through."""

    frame: Frame
    rows: list[TableRow] = field(default_factory=list)
    foot: list[TableRow] = field(default_factory=list)
    group: int = 0
    in_foot: bool = False
    groups: int = 0

    def begin_group(self, *, foot: bool) -> None:
        """Enter a `thead`, `tbody` or `tfoot`."""
        self.groups += 1
        self.group, self.in_foot = self.groups, foot

    def end_group(self) -> None:
        """Leave it: rows outside of any group are one group."""
        self.group, self.in_foot = 0, False

    def begin_row(self, *, sizing: bool) -> None:
        """Enter a `tr`."""
        (self.foot if self.in_foot else self.rows).append(TableRow(self.group, sizing=sizing))

    @property
    def row(self) -> TableRow | None:
        """The row that cells go into."""
        rows = self.foot if self.in_foot else self.rows
        return rows[-1] if rows else None


def pieces_of(parts: TableParts, name: str) -> list[Piece]:
    """Return a table as data tables and, where it lays out the page, as the content of its cells."""
    rows = [row for row in (*parts.rows, *parts.foot) if not _only_sizes(row)]
    placed = _placed(rows, name)
    pieces: list[Piece] = list(parts.frame.children)
    rich = [any(_is_rich(cell) for cell, _ in row) for row in placed]
    as_text = _text_rows(placed, rich)
    lays_out = any(as_text)
    kept: list[tuple[Cell, Slot]] = []
    for row, is_text in zip(placed, as_text, strict=True):
        if is_text:
            pieces += _sheet(_trimmed(kept))
            kept = []
            pieces += [cell.frame for cell, _ in row if cell.frame.children]
        else:
            kept += row
    return pieces + _sheet(_trimmed(kept) if lays_out else kept)


def _text_rows(placed: Sequence[Sequence[tuple[Cell, Slot]]], rich: Sequence[bool]) -> list[bool]:
    """Tell which rows of a table only lay out the page: their cells are text, not cells of a form.

    A table that has no such row for certain has none at all. In one that has, the lines above the
    first row of a form and those behind a row of text are text as well.
    """
    certain = [r or _is_sentence(row) for row, r in zip(placed, rich, strict=True)]
    if not any(certain) and any(len(row) > 1 for row in placed):
        return [False] * len(placed)
    found: list[bool] = []
    in_text = True
    for row, is_certain in zip(placed, certain, strict=True):
        filled = [slot.text for cell, slot in row if cell.frame.children]
        single = len(filled) == 1 and label_kind("".join(filled[0].split())) is None
        is_text = is_certain or (single and (in_text or len(row) <= 2)) or (in_text and not filled)
        found.append(is_text)
        in_text = is_text
    return found


def _only_sizes(row: TableRow) -> bool:
    """Tell whether a row is an office program's helper for column widths, not shown to anybody."""
    return not any(c.frame.children for c in row.cells) and (
        row.sizing or (bool(row.cells) and all(c.sizing for c in row.cells))
    )


def _placed(rows: Sequence[TableRow], name: str) -> list[list[tuple[Cell, Slot]]]:
    """Give every cell its row and column by the rules of the standard."""
    ends = {row.group: index + 1 for index, row in enumerate(rows)}
    hanging: dict[int, int] = {}
    placed: list[list[tuple[Cell, Slot]]] = []
    spent = 0
    for index, row in enumerate(rows):
        hanging = {column: end for column, end in hanging.items() if end > index}
        column = 0
        found: list[tuple[Cell, Slot]] = []
        for cell in row.cells:
            if cell.filler and not cell.frame.children:
                continue
            while column in hanging:
                column += 1
            end = ends[row.group] if cell.rows == 0 else min(index + cell.rows, ends[row.group])
            spent += (end - index) * cell.columns
            if spent > _MOST_CELLS:
                raise _hostile(name)
            slot = Slot(
                _text_of(cell), index, column, end - index, cell.columns,
                confidence=_CUT if cell.cut else 1.0, unread=cell.cut or _is_picture(cell),
            )  # fmt: skip
            found.append((cell, slot))
            if end - index > 1:
                hanging.update(dict.fromkeys(range(column, column + cell.columns), end))
            column += cell.columns
        placed.append(found)
    return placed


def _hostile(name: str) -> BadInput:
    return BadInput(
        "hostile",
        f"“{name}”中有一张表超过 {_MOST_CELLS} 格，不可能是年度报告。",
        f"A table of {name!r} has more than {_MOST_CELLS} cells; no report has.",
    )


def _text_of(cell: Cell) -> str:
    children = cell.frame.children
    if len(children) == 1 and isinstance(children[0], Line):
        return children[0].text
    return "\n".join(line.text for line in lines_of(cell.frame))


def _is_picture(cell: Cell) -> bool:
    """Tell whether a picture stands where a cell should say something."""
    return (
        bool(cell.frame.children)
        and any(isinstance(c, (Image, Frame)) for c in cell.frame.children)
        and any(not image.is_spacer for image in images_of(cell.frame))
        and not any(line.text.strip() for line in lines_of(cell.frame))
    )


def _is_rich(cell: Cell) -> bool:
    """Tell whether a cell holds more than a cell of the form can: tables, sections, long text."""
    children = cell.frame.children
    if not children or (len(children) == 1 and isinstance(children[0], Line)):
        return bool(children) and children[0].size > _LONGEST_CELL
    if any(_has_sheet(child) for child in children):
        return True
    lines = list(lines_of(cell.frame))
    return sum(line.size for line in lines) > _LONGEST_CELL or (
        len(lines) > 1 and any(is_form_title(line.text) for line in lines)
    )


def _has_sheet(piece: Piece) -> bool:
    if isinstance(piece, Sheet):
        return sum(1 for slot in piece.grid.slots if slot.text) > 1
    return isinstance(piece, Frame) and any(_has_sheet(child) for child in piece.children)


def _is_sentence(row: Sequence[tuple[Cell, Slot]]) -> bool:
    """Tell whether a row can only be text: one filled cell, with a title or sentences in it."""
    filled = [slot.text.strip() for cell, slot in row if cell.frame.children]
    if len(filled) != 1 or not filled[0] or label_kind("".join(filled[0].split())) is not None:
        return False
    text = filled[0]
    return is_form_title(text) or is_running_text(text) or is_report_title(text)


def _trimmed(placed: list[tuple[Cell, Slot]]) -> list[tuple[Cell, Slot]]:
    """Leave out the empty cells that a page-wide table (a spreadsheet) has beside a smaller one."""
    first = min((s.column for _, s in placed if s.text or s.unread), default=0)
    last = max((s.column + s.columns for _, s in placed if s.text or s.unread), default=0)
    return [(c, s) for c, s in placed if s.column + s.columns > first and s.column < last]


def _sheet(placed: Sequence[tuple[Cell, Slot]]) -> list[Piece]:
    if len(placed) < _FEWEST_EMPTY and not any(cell.frame.children for cell, _ in placed):
        return []
    first = placed[0][1].row
    last = placed[-1][1].row
    slots = [
        replace(slot, row=slot.row - first, rows=min(slot.rows, last + 1 - slot.row))
        if first or slot.row + slot.rows > last + 1
        else slot
        for _, slot in placed
    ]
    lines = [line for cell, _ in placed for line in lines_of(cell.frame)]
    return [
        Sheet(
            Grid(squeeze(slots)),
            sum(line.linked for line in lines),
            sum(line.size for line in lines),
        )
    ]
