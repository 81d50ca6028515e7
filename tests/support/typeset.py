"""A made-up report as blocks for formats with real structure: headings, paragraphs, printed sheets.

Every renderer of a format (docx, HTML, PDF, OFD, spreadsheet) draws from this one list, so that all
formats show the same report and are read back against the same truth.
"""

from dataclasses import dataclass
from random import Random

from tests.support.agencies import chinese_date
from tests.support.sheets import Sheet, sheet
from tests.support.truth import Part, Truth
from tests.support.wordings import vary_labels

TABLES = {2: "active_disclosure", 3: "applications", 4: "review_litigation"}


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of the report (level 0) or of a section (level 1); `number` stands before the text."""

    text: str
    level: int
    number: int | None = None

    @property
    def full(self) -> str:
        """The heading with its number as printed."""
        return f"{'一二三四五六'[self.number - 1]}、{self.text}" if self.number else self.text


@dataclass(frozen=True, slots=True)
class Body:
    """One paragraph. `align` is left, right (signature and date) or center."""

    text: str
    align: str = "left"


Piece = Heading | Body | Sheet


def typeset(truth: Truth, rng: Random, *, variants: bool = False) -> list[Piece]:
    """Return the report in printed order; `variants` prints some labels in another spelling."""
    pieces: list[Piece] = [Heading(truth.title, 0)]
    pieces += [Body(p) for p in truth.preamble]
    for part in truth.parts:
        pieces += _part(truth, part, rng, variants=variants)
    if truth.published_on is not None:
        if truth.signature:
            pieces.append(Body(truth.signature, "right"))
        pieces.append(Body(chinese_date(truth.published_on, rng), "right"))
    return pieces


def _part(truth: Truth, part: Part, rng: Random, *, variants: bool) -> list[Piece]:
    pieces: list[Piece] = [Heading(part.title, 1, part.number)]
    pieces += [Body(p) for p in part.before]
    table = TABLES.get(part.number)
    if table and table not in truth.lost_tables:
        whole = sheet(truth, table)
        pieces.append(vary_labels(whole, rng) if variants else whole)
    pieces += [Body(p) for p in part.after]
    return pieces
