"""What a reader hands on: ordered paragraphs and table rows, each with the place it stood at."""

from dataclasses import dataclass
from typing import Literal

from shared.report.values import value

Layout = Literal["tabs", "cell_per_line", "pipes", "markdown", "columns", "stream", "grid"]
"""How a table was laid out in the source; a note for people, never a branch for the aligner.

`stream` means that row boundaries were not visible and rows were regrouped from single cells;
`grid` is for formats with real tables (docx, HTML, PDF).
"""


@value
class Place:
    """Where something stood in the source. Lines, rows, columns and pages count from 1.

    Formats without lines (Word, web pages, sheets) count paragraphs and table rows in reading
    order. `bbox` is left, top, right, bottom from the top left corner of the page: in points for
    PDF and OFD, in pixels of the picture as recognised for scans.
    """

    line: int | None = None
    page: int | None = None
    row: int | None = None
    column: int | None = None
    bbox: tuple[float, float, float, float] | None = None


@value
class GridCell:
    """One cell of a table row: cleaned text, the line it stood on, its text as found.

    `column` counts from 0 within the row after spans are resolved. `raw` is None when the text
    was taken over unchanged. An empty `text` is a cell that is there with nothing in it, unless
    `covered` says that a merged cell begun above or to the left lies over it, or `unread` that
    there is ink which recognition could not read. `rows` and `columns` are the span of the cell.
    `alternatives` are other readings of a recognised cell, best first, each with its confidence.
    """

    text: str
    column: int
    line: int | None = None
    raw: str | None = None
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    confidence: float = 1.0
    covered: bool = False
    unread: bool = False
    rows: int = 1
    columns: int = 1
    alternatives: tuple[tuple[str, float], ...] = ()


@value
class Row:
    """One printed row of a table, cells in order."""

    cells: tuple[GridCell, ...]
    line: int | None = None


@value
class Table:
    """Consecutive rows that stood together; a page break may cut one form table into several."""

    rows: tuple[Row, ...]
    layout: Layout
    kind: Literal["table"] = "table"


@value
class Paragraph:
    """One paragraph of running text or one heading line, cleaned.

    `level` is the heading level that markup gave (`##` = 2), None without markup: a hint, never
    a boundary (report 000 mixes levels).
    """

    text: str
    line: int | None = None
    page: int | None = None
    level: int | None = None
    raw: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    confidence: float = 1.0
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True, slots=True)
class Observation:
    """Something seen while reading that a reviewer should know; becomes an issue downstream.

    `rule` is an id of the rulebook (`e_page_lost`, `e_artifact`, ...). `text` is the evidence as
    found, `addresses` the cells concerned. Severity and origin come from the rulebook unless set.
    """

    rule: str
    text: str
    line: int | None = None
    addresses: tuple[str, ...] = ()
    severity: Literal["error", "warning", "info"] | None = None
    origin: Literal["source", "extraction", "unknown"] | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The neutral document every reader produces, whatever the format.

    `furniture` holds lines set aside on purpose (breadcrumbs, page numbers, share bars), so that
    nothing is thrown away silently. `encoding` is the one that decoded the bytes, `script` the
    script of the source before conversion to simplified characters. `recognised` are the pages (or
    pictures, counted from 1) whose characters were recognised from an image.
    """

    blocks: tuple[Paragraph | Table, ...]
    reader: str
    encoding: str | None = None
    script: Literal["simplified", "traditional"] = "simplified"
    pages: int | None = None
    lines: int | None = None
    furniture: tuple[Paragraph, ...] = ()
    observations: tuple[Observation, ...] = ()
    recognised: tuple[int, ...] = ()
