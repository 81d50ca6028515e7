"""Paragraphs and grids as a format shows them become the neutral document.

Every reader of a format with real tables ends here, so that script, residue, page furniture and
tables that only lay out the page are treated in one way, whatever the format.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.normalize.core.furniture import is_furniture
from services.normalize.core.paragraphs import heading_styles
from services.normalize.core.source import Source, read_lines
from services.normalize.core.vocabulary import (
    is_running_text,
    is_section_heading,
    is_value,
    label_kind,
)
from shared.errors import BadInput
from shared.report.document import Document, GridCell, Observation, Paragraph, Row, Table

BBox = tuple[float, float, float, float]
_LONGEST_PAGE_NUMBER = 3
_PARTS = re.compile("[\t-\r\x07\x1c-\x1e\x85\u2028\u2029]")
_PARTING = {0x07: " "}
_MOST_CELLS = 200_000
"""Cells of one document, covered ones included; a report has some 500."""


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph as the format shows it.

    `level` is the heading level of the markup. `aside` marks what the format itself sets apart
    from the text (running heads, page numbers, navigation): it becomes furniture.
    """

    text: str
    level: int | None = None
    page: int | None = None
    bbox: BBox | None = None
    confidence: float = 1.0
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """One printed cell of a grid: where it begins, how far it spans, what it says.

    Rows and columns count from 0. A line feed in `text` parts paragraphs or printed lines.
    `unread` and `alternatives` as in `GridCell`.
    """

    text: str
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    page: int | None = None
    bbox: BBox | None = None
    confidence: float = 1.0
    unread: bool = False
    alternatives: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """One table as the format shows it, its printed cells in any order."""

    slots: tuple[Slot, ...]


Block = Text | Grid


def compose(  # noqa: PLR0913 - facts about the source, each with its name
    blocks: Sequence[Block],
    name: str,
    *,
    reader: str,
    encoding: str | None = None,
    pages: int | None = None,
    observations: Iterable[Observation] = (),
    recognised: tuple[int, ...] = (),
) -> Document:
    """Return the document made of these blocks; raises `BadInput` when they hold no text."""
    lines = _lines_of(_without_page_layout(blocks), name)
    source = read_lines("\n".join(_one_line(text) for line in lines for text in line.texts))
    found: list[Paragraph | Table] = []
    furniture: list[Paragraph] = []
    table: list[Row] = []
    index = 0
    for number, line in enumerate(lines, 1):
        if table and (line.text is not None or line.begins):
            found.append(Table(tuple(table), "grid"))
            table = []
        if line.text is not None:
            paragraph, aside = _paragraph(source, index, line.text, number)
            (furniture if aside else found).append(paragraph)
        else:
            table.append(_row(source, index, line, number))
        index += len(line.texts)
    if table:
        found.append(Table(tuple(table), "grid"))
    if not found:
        raise BadInput("empty", f"“{name}”没有内容。", f"{name!r} has no content.")
    heading_styles([b for b in found if isinstance(b, Paragraph)], source.tally)
    return Document(
        blocks=tuple(found),
        reader=reader,
        encoding=encoding,
        script="traditional" if source.traditional else "simplified",
        pages=pages,
        lines=len(lines),
        furniture=tuple(furniture),
        observations=(*observations, *source.tally.observations()),
        recognised=recognised,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """One paragraph, or one row of a grid: its own cells and the columns covered from elsewhere."""

    text: Text | None = None
    slots: tuple[Slot, ...] = ()
    covered: tuple[int, ...] = ()
    begins: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text.text,) if self.text is not None else tuple(s.text for s in self.slots)


def _lines_of(blocks: Iterable[Block], name: str) -> list[_Line]:
    lines: list[_Line] = []
    spent = 0
    for block in blocks:
        if isinstance(block, Text):
            lines.append(_Line(block))
            continue
        spent += sum(s.rows * s.columns for s in block.slots)
        if spent > _MOST_CELLS:
            raise BadInput(
                "hostile",
                f"“{name}”的表格超过 {_MOST_CELLS} 格，不可能是年度报告。",
                f"The tables of {name!r} have more than {_MOST_CELLS} cells; no report has.",
            )
        lines += _grid_lines(block)
    return lines


def _grid_lines(grid: Grid) -> Iterable[_Line]:
    own: dict[int, list[Slot]] = {}
    covered: dict[int, set[int]] = {}
    for slot in grid.slots:
        own.setdefault(slot.row, []).append(slot)
        for row in range(slot.row, slot.row + slot.rows):
            covered.setdefault(row, set()).update(range(slot.column, slot.column + slot.columns))
    for order, row in enumerate(sorted(covered)):
        slots = sorted(own.get(row, ()), key=lambda s: s.column)
        free = covered[row].difference(s.column for s in slots)
        yield _Line(None, tuple(slots), tuple(sorted(free)), begins=order == 0)


def _without_page_layout(blocks: Sequence[Block]) -> Iterable[Block]:
    """Turn rows that are no rows of a form into text, which parts their grid."""
    for block in blocks:
        if isinstance(block, Text):
            yield from _paragraphs_of(block.text, block)
            continue
        by_row: dict[int, list[Slot]] = {}
        for slot in block.slots:
            by_row.setdefault(slot.row, []).append(slot)
        rows = [by_row[row] for row in sorted(by_row)]
        kept: list[Slot] = []
        for slots, text in zip(rows, _texts_among(rows), strict=True):
            if text is None:
                kept += slots
                continue
            if kept:
                yield Grid(tuple(kept))
                kept = []
            yield from _paragraphs_of(text.text, text)
        if kept:
            yield Grid(tuple(kept))


def _texts_among(rows: Sequence[Sequence[Slot]]) -> list[Slot | None]:
    """Return for each row the slot that makes it text: a heading, sentences, or what goes with them.

    A line that is neither is text too where it stands in a run of rows of one cell that holds such
    text or lies at the edge of the grid.
    """
    found = [_sentence_in(slots) for slots in rows]
    lone = [_lone(slots) for slots in rows]
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and (found[end] or lone[end]):
            end += 1
        if any(found[start:end]) or start == 0 or end == len(rows):
            found[start:end] = [
                f or x for f, x in zip(found[start:end], lone[start:end], strict=True)
            ]
        start = end + 1
    return found


def _sentence_in(slots: Sequence[Slot]) -> Slot | None:
    filled = [s for s in slots if s.text.strip() or s.unread]
    return filled[0] if len(filled) == 1 and _lays_out(filled[0].text) else None


def _lone(slots: Sequence[Slot]) -> Slot | None:
    """Return the only cell of a row if it is neither label nor value."""
    if len(slots) != 1 or not slots[0].text.strip():
        return None
    text = "".join(slots[0].text.split())
    return None if label_kind(text) is not None or is_value(text) else slots[0]


def _paragraphs_of(text: str, of: Text | Slot) -> Iterable[Text]:
    level, aside = (of.level, of.aside) if isinstance(of, Text) else (None, False)
    for part in text.split("\n"):
        if part.strip():
            yield Text(part, level, of.page, of.bbox, of.confidence, aside)


def _lays_out(text: str) -> bool:
    """Tell whether the only text of a row is no cell of a form: a heading, sentences."""
    parts = [p.strip() for p in text.split("\n") if p.strip()]
    whole = "".join(parts)
    if label_kind(whole) is not None:
        return False
    return any(is_section_heading(p) or is_running_text(p) for p in parts)


def _one_line(text: str) -> str:
    """Return the text as one line: what parts lines, pages and cells becomes a blank."""
    return (
        " ".join(text.split())
        if any(c in text for c in "\n\r\t\f\v\x1c\x1d\x1e\x85\u2028\u2029\x07")
        else text
    )


def _row(source: Source, first: int, line: _Line, number: int) -> Row:
    """Return a row of the grid; the texts of its cells stand in the source from `first` on."""
    cells = [_cell(source, first + i, slot, number) for i, slot in enumerate(line.slots)]
    if line.covered:
        cells += [GridCell("", column, number, covered=True) for column in line.covered]
        cells.sort(key=lambda c: c.column)
    return Row(tuple(cells), number)


def _cell(source: Source, index: int, slot: Slot, number: int) -> GridCell:
    found = source.cell(index, slot.column, source.texts[index], source.raws.get(index))
    return GridCell(
        found.text, slot.column, number, found.raw, slot.page, slot.bbox, slot.confidence,
        unread=slot.unread, rows=slot.rows, columns=slot.columns, alternatives=slot.alternatives,
    )  # fmt: skip


def _paragraph(source: Source, index: int, part: Text, number: int) -> tuple[Paragraph, bool]:
    """Return a paragraph, and whether it is page furniture."""
    text = source.texts[index].strip()
    paragraph = Paragraph(
        text or source.raw(index).strip(), number, part.page, part.level,
        source.raws.get(index), part.bbox, part.confidence,
    )  # fmt: skip
    is_number = text.isdigit() and len(text) <= _LONGEST_PAGE_NUMBER
    return paragraph, part.aside or not text or is_number or is_furniture(text)
