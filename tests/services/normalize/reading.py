"""Short ways to look at a document: rows as lists of texts, paragraphs as texts."""

from collections import Counter
from pathlib import Path

import pytest

from services.normalize.core.reading import read_document
from shared.report.document import Document, GridCell, Paragraph, Table

REPORTS = Path(__file__).resolve().parents[4] / "shared" / "reports"


def read(text: str, name: str = "report.txt") -> Document:
    return read_document(text.encode(), name)


def tables(document: Document) -> list[Table]:
    return [b for b in document.blocks if isinstance(b, Table)]


def rows(document: Document) -> list[list[str]]:
    return [[c.text for c in row.cells] for table in tables(document) for row in table.rows]


def paragraphs(document: Document) -> list[str]:
    return [b.text for b in document.blocks if isinstance(b, Paragraph)]


def rules(document: Document) -> set[str]:
    return {o.rule for o in document.observations}


def _pieces(block: Paragraph | Table) -> list[Paragraph | GridCell]:
    if isinstance(block, Paragraph):
        return [block]
    return [c for row in block.rows for c in row.cells]


def found(document: Document) -> Counter[str]:
    """Count the letters and digits of everything handed on, as found in the source."""
    counted: Counter[str] = Counter()
    for block in (*document.blocks, *document.furniture):
        for piece in _pieces(block):
            text = piece.text if piece.raw is None else piece.raw
            counted.update(c for c in text if c.isalnum())
    return counted


def real(number: int) -> Document:
    found = sorted(REPORTS.glob(f"{number:03d}_*.txt"))
    if not found:
        pytest.skip("the five real reports lie in ../shared/reports, which is not there")
    return read_document(found[0].read_bytes(), found[0].name)
