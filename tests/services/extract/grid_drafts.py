"""Made-up reports as grids, the way formats with real tables show them, without any file format.

Printed sheets become slots, `compose` makes the document, `extract` the record.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from services.extract.core.extraction import extract
from services.normalize.core.composing import Block, Grid, Slot, Text, compose
from shared.report.document import Document
from shared.report.record import Record
from tests.support.fill import fill
from tests.support.sheets import WRAPPED, Box, Sheet
from tests.support.truth import Truth
from tests.support.typeset import Piece, typeset

NAME = "made-up.grid"
T2, T3, T4 = "active_disclosure", "applications", "review_litigation"


@dataclass
class Draft:
    """A report about to be printed: its truth and its pieces, both open to change."""

    truth: Truth
    pieces: list[Piece]

    def sheets(self) -> list[Sheet]:
        """Return the tables in printed order."""
        return [p for p in self.pieces if isinstance(p, Sheet)]

    def redraw(self, change: Callable[[Sheet], list[Sheet]]) -> None:
        """Put other sheets in the place of every sheet."""
        self.pieces = [x for p in self.pieces for x in (change(p) if isinstance(p, Sheet) else [p])]

    def blocks(self) -> list[Block]:
        """Return the report as a reader of a format hands it to `compose`."""
        return [
            Grid(tuple(map(slot_of, p.boxes))) if isinstance(p, Sheet) else Text(text_of(p))
            for p in self.pieces
        ]


def text_of(piece: Piece) -> str:
    return getattr(piece, "full", None) or getattr(piece, "text", "")


def slot_of(box: Box) -> Slot:
    """Return a printed box as the slot of a grid; narrow titles break inside their cell."""
    text = "\n".join(WRAPPED.get(box.text, (box.text,)))
    return Slot(text, box.row, box.column, box.rows, box.columns)


def draft(seed: int, *, empty: bool = False, kind: str | None = None) -> Draft:
    """Return the made-up report of a seed, ready to be reshaped; `empty` leaves cells out."""
    truth = fill(seed, kind=kind)
    truth = with_empty_cells(truth, Random(seed)) if empty else truth
    return Draft(truth, typeset(truth, Random(seed)))


def with_empty_cells(truth: Truth, rng: Random) -> Truth:
    """Leave single cells, rows or columns of the tables blank or marked."""
    way = rng.choice(("some", "many", "row", "column", "group"))
    three = [a for a in truth.cells if a.startswith(T3)]
    if way in ("some", "many"):
        share = {"some": 0.03, "many": 0.3}[way]
        chosen = [a for a in truth.cells if rng.random() < share]
    elif way == "group":
        row = rng.choice(("review", "litigation_direct", "litigation_after_review"))
        chosen = [a for a in truth.cells if a.startswith(f"{T4}.{row}@")]
    else:
        part = {"row": 0, "column": 1}[way]
        one = rng.choice(three).split("@")[part]
        chosen = [a for a in three if a.split("@")[part] == one]
    state = rng.choice(("blank", "blank", "mark"))
    return truth.with_cells(dict.fromkeys(chosen, state))


def read_back(blocks: list[Block], recognised: tuple[int, ...] = ()) -> tuple[Document, Record]:
    """Compose and extract."""
    document = compose(blocks, NAME, reader="test", recognised=recognised)
    return document, extract(document, document_id="0" * 64, file=NAME)
