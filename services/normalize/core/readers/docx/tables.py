"""One Word table as a grid of printed cells; tables within cells come out in reading order."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree

from services.normalize.core.composing import Grid, Slot, Text
from services.normalize.core.ooxml import W
from services.normalize.core.readers.docx.numbering import is_on, number_of
from services.normalize.core.squeezing import squeeze

if TYPE_CHECKING:
    from services.normalize.core.readers.docx.story import Piece, Story

_VAL: Final = f"{W}val"
_ROW, _CELL, _ROW_LOOK, _CELL_LOOK = (f"{W}{n}" for n in ("tr", "tc", "trPr", "tcPr"))
_SPAN, _DOWN, _ACROSS = (f"{W}{n}" for n in ("gridSpan", "vMerge", "hMerge"))
_DELETED = f"{W}cellDel"
_MOST_COLUMNS: Final = 63
"""The most columns that Word itself allows in a table; wider spans are cut."""
_WRAPPERS: Final = frozenset(f"{W}{n}" for n in ("sdt", "sdtContent", "customXml", "ins", "moveTo",
                                                 "smartTag"))  # fmt: skip
_ALTERNATIVE: Final = (
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
)


@dataclass(slots=True)
class _Cell:
    """A printed cell while its spans still grow.

    `inner` holds all of it, in order, where there is more than text: a table, a picture.
    """

    text: str
    row: int
    column: int
    columns: int
    rows: int = 1
    inner: "list[Piece]" = field(default_factory=list)


@dataclass(slots=True)
class _Shape:
    """What the properties of a cell say: its width in columns, and how it merges."""

    columns: int = 1
    down: str | None = None
    across: str | None = None
    removed: bool = False


def pieces(story: "Story", table: etree._Element) -> "list[Piece]":
    """Return a table as one grid, in several parts where cells hold tables of their own."""
    rows: dict[int, list[_Cell]] = {}
    for cell in _cells(story, table):
        rows.setdefault(cell.row, []).append(cell)
    out: list[Piece] = []
    kept: list[_Cell] = []
    late: list[Piece] = []
    for row in rows.values():
        if not _lays_out(row):
            kept += row
            # a seal or an icon in a cell takes no part in the row
            late += [p for c in row for p in c.inner if not isinstance(p, Text)]
            continue
        _close(kept, out)
        kept = []
        for cell in row:
            out += cell.inner or ([Text(cell.text)] if cell.text else [])
    _close(kept, out)
    return out + late


def _lays_out(row: list[_Cell]) -> bool:
    """Tell whether a row is part of the page's layout: a table in a cell, or only a picture."""
    inner = [piece for cell in row for piece in cell.inner]
    if any(isinstance(piece, Grid) for piece in inner):
        return True
    return bool(inner) and not any(cell.text for cell in row if not cell.inner)


def _close(kept: list[_Cell], out: "list[Piece]") -> None:
    if len({c.column for c in kept}) == 1:
        # one column is a frame around text, no table of the form
        out += [Text(c.text) for c in kept if c.text]
    elif kept:
        slots = [Slot(c.text, c.row, c.column, c.rows, c.columns) for c in kept]
        out.append(Grid(squeeze(slots)))


def _cells(story: "Story", table: etree._Element) -> list[_Cell]:
    cells: list[_Cell] = []
    open_down: dict[int, _Cell] = {}
    row = 0
    for node in _inside(table, _ROW):
        properties = node.find(_ROW_LOOK)
        if properties is not None and _is_gone(story, node, properties):
            continue
        before = None if properties is None else number_of(properties.find(f"{W}gridBefore"))
        # a vertical merge goes on only where every row between carries it
        open_down = _row(story, node, row, _bounded(before or 0), open_down, cells)
        row += 1
    return cells


def _is_gone(story: "Story", node: etree._Element, properties: etree._Element) -> bool:
    """Tell whether a row is deleted or hidden; both are noted."""
    if properties.find(f"{W}del") is not None:
        story.notes.deleted += 1
        return True
    if not is_on(properties.find(f"{W}hidden")):
        return False
    text = " ".join(t.text for t in node.iter(f"{W}t") if t.text)
    if text.strip():
        story.notes.hidden.append(text)
    return True


def _row(
    story: "Story", node: etree._Element, row: int, column: int, above: dict[int, _Cell],
    cells: list[_Cell],
) -> dict[int, _Cell]:  # fmt: skip
    """Add the cells of a row; return the merges that may go on below, by their first column."""
    below: dict[int, _Cell] = {}
    last: _Cell | None = None
    goes_on = False
    for item in _inside(node, _CELL):
        shape = _shape(item.find(_CELL_LOOK))
        if shape.removed:
            story.notes.deleted += 1
            continue
        if shape.across == "continue" and (last is not None or goes_on):
            if last is not None:
                last.columns += shape.columns
            _hide(story, item)
            column += shape.columns
            continue
        merged = above.get(column) if shape.down == "continue" else None
        goes_on = merged is not None
        if merged is not None:
            merged.rows += 1
            below[column] = merged
            last = None
            _hide(story, item)
        else:
            last = _Cell("", row, column, shape.columns)
            _fill(story, item, last)
            cells.append(last)
            if shape.down is not None:
                below[column] = last
        column += shape.columns
    return below


def _fill(story: "Story", item: etree._Element, cell: _Cell) -> None:
    found = story.pieces(item)
    if len(found) == 1 and isinstance(found[0], Text):
        cell.text = found[0].text
        return
    cell.text = "\n".join(piece.text for piece in found if isinstance(piece, Text))
    if not all(isinstance(piece, Text) for piece in found):
        cell.inner = found


def _hide(story: "Story", item: etree._Element) -> None:
    """Note text in a cell that another one covers: Word does not print it."""
    text = "".join(t.text for t in item.iter(f"{W}t") if t.text)
    if text.strip():
        story.notes.hidden.append(text)


def _shape(properties: etree._Element | None) -> _Shape:
    shape = _Shape()
    for item in () if properties is None else properties:
        tag = item.tag
        if tag == _SPAN:
            shape.columns = _bounded(number_of(item) or 1, least=1)
        elif tag == _DOWN:
            shape.down = str(item.get(_VAL, "continue"))
        elif tag == _ACROSS:
            shape.across = str(item.get(_VAL, "continue"))
        elif tag == _DELETED:
            shape.removed = True
    return shape


def _bounded(columns: int, least: int = 0) -> int:
    return max(least, min(columns, _MOST_COLUMNS))


def _inside(node: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """Yield rows of a table or cells of a row, through the wrappers that may stand around them."""
    for child in node:
        tag = child.tag
        if tag == wanted:
            yield child
        elif tag in _WRAPPERS:
            yield from _inside(child, wanted)
        elif tag == _ALTERNATIVE and len(child):
            yield from _inside(child[0], wanted)
