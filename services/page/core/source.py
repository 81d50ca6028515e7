"""The source as it was read: its lines in order, and which of them a cell stands on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from services.page.core.passages import Veil
from shared.report.document import Document, GridCell, Paragraph, Place, Row

MOST_LINES: Final = 4000
"""Lines drawn at most: a report has some 500."""
_LONGEST_LINE: Final = 5000


@dataclass(frozen=True, slots=True)
class Bit:
    """One text of a line: a paragraph has one, a table row one for each cell."""

    text: str
    line: int | None = None
    column: int | None = None
    lit: bool = False


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One paragraph or table row, where it stood, and whether it is lit."""

    number: int | None
    page: int | None
    bits: tuple[Bit, ...]
    is_row: bool = False
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader saw in a document; `more` lines were left out."""

    lines: tuple[SourceLine, ...]
    reader: str
    pages: int | None = None
    recognised: tuple[int, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Leaf:
    """Which page of a PDF is shown as a picture, and the boxes to draw on it (in points)."""

    number: int
    pages: int | None
    boxes: tuple[tuple[float, float, float, float], ...] = ()


def source_of(document: Document) -> Source:
    """Return the lines of a document in reading order."""
    found: list[SourceLine] = []
    for block in document.blocks:
        if isinstance(block, Paragraph):
            bit = Bit(block.text[:_LONGEST_LINE], block.line)
            found.append(SourceLine(block.line, block.page, (bit,)))
        else:
            found += [_row(row) for row in block.rows]
    return Source(
        tuple(found[:MOST_LINES]),
        document.reader,
        document.pages,
        document.recognised,
        max(0, len(found) - MOST_LINES),
    )


def shown(source: Source, places: Iterable[Place], veil: Veil) -> Iterator[SourceLine]:
    """Yield the lines with those lit on which something stood, and with texts masked by `veil`."""
    wanted = list(places)
    for line in source.lines:
        bits = tuple(
            Bit(veil(bit.text), bit.line, bit.column, any(_holds(bit, p) for p in wanted))
            for bit in line.bits
        )
        yield SourceLine(line.number, line.page, bits, line.is_row, any(b.lit for b in bits))


def leaf_of(
    source: Source | None, file: str, places: Iterable[Place], wanted: int | None
) -> Leaf | None:
    """Return the page of a PDF to show: the one asked for, else where the first place is; None for other formats.

    Places on recognised pages are in pixels of another picture: nothing is boxed there.
    """
    found = list(places)
    is_pdf = source.reader == "pdf" if source is not None else file.lower().endswith(".pdf")
    if not is_pdf:
        return None
    pages = source.pages if source is not None else None
    number = wanted or next((p.page for p in found if p.page is not None), 1)
    number = min(number, pages) if pages else number
    if source is None or number in source.recognised:
        return Leaf(number, pages)
    boxes = (p.bbox for p in found if p.page == number and p.bbox is not None)
    return Leaf(number, pages, tuple(boxes))


def _row(row: Row) -> SourceLine:
    # a merged cell is shown once, where it begins
    bits = tuple(_bit(cell, row) for cell in row.cells if not cell.covered)
    page = next((c.page for c in row.cells if c.page is not None), None)
    number = row.line or next((c.line for c in row.cells if c.line is not None), None)
    return SourceLine(number, page, bits, is_row=True)


def _bit(cell: GridCell, row: Row) -> Bit:
    return Bit(cell.text[:_LONGEST_LINE], cell.line or row.line, cell.column + 1)


def _holds(bit: Bit, place: Place) -> bool:
    """Tell whether something that stood at a place is this text: same line, and same column if both have one."""
    if place.line is None or bit.line != place.line:
        return False
    return place.column is None or bit.column is None or bit.column == place.column
