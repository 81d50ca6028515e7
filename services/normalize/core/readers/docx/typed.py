"""Word files whose tables are no tables: rows typed with tabs, cells as lines, a page put in whole."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from services.normalize.core.composing import Block, Grid, Text
from services.normalize.core.outcomes import Aids
from services.normalize.core.readers.text import read as read_text
from services.normalize.core.vocabulary import label_kind
from shared.report.document import Document, Observation, Paragraph

_FEWEST_LABELS: Final = 6
"""Different labels of the form that only a typed table has; a sentence names one or two."""


def is_typed(blocks: Sequence[Block]) -> bool:
    """Tell whether labels of the form stand in paragraphs and no table holds any."""
    if any(_labels(slot.text for slot in b.slots) for b in blocks if isinstance(b, Grid)):
        return False
    texts = [b.text for b in blocks if isinstance(b, Text) and not b.aside]
    cells = (cell for text in texts for line in text.split("\n") for cell in line.split("\t"))
    return len(_labels(cells)) >= _FEWEST_LABELS


def _labels(texts: Iterable[str]) -> set[str]:
    found = {"".join(text.split()) for text in texts}
    return {text for text in found if label_kind(text) is not None}


def as_text(blocks: Sequence[Block], name: str, observations: Sequence[Observation]) -> Document:
    """Return the document that the text reader makes of the lines of a Word file."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Grid):
            lines += _rows(block)
        elif not block.aside:
            lines.append(block.text)
    document = read_text("\n".join(lines).encode("utf-8", "replace"), name, Aids())
    aside = tuple(
        Paragraph(b.text.strip())
        for b in blocks
        if isinstance(b, Text) and b.aside and b.text.strip()
    )
    return replace(
        document,
        reader="docx",
        encoding=None,
        furniture=(*document.furniture, *aside),
        observations=(*observations, *document.observations),
    )


def _rows(grid: Grid) -> list[str]:
    rows: dict[int, list[str]] = {}
    for slot in sorted(grid.slots, key=lambda s: (s.row, s.column)):
        rows.setdefault(slot.row, []).append(" ".join(slot.text.split()))
    return ["\t".join(cells) for cells in rows.values()]
