"""Rows on lines, cells parted by tabs, as spreadsheets and PDF converters print them.

Trailing tabs are cells: nothing says which of them is only an edge.
"""

import re

from services.normalize.core.layouts.run import Group, Loose, Run, evidence, joined, row_of
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import (
    is_running_text,
    is_section_heading,
    is_value,
    label_kind,
)
from shared.report.document import Row, Table

_NUMBERED = re.compile(r"\s*[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．]*\t+[^\t]+\t*")
_WIDE = 3


def read(source: Source, kinds: str, start: int, end: int) -> Run | None:
    """Read the lines `start` to `end`; None when they are text that merely holds tabs."""
    pieces: list[Table | Loose] = []
    groups: list[Group] = []
    is_table = False
    for index in range(start, end):
        found = source.texts[index]
        loose = _as_text(found, kinds[index])
        if loose is not None:
            _flush(groups, pieces)
            pieces.append(Loose(index, loose, source.raw(index)))
            continue
        cells = source.row(index, "\t")
        is_table = is_table or sum(1 for c in cells if c.text) >= _WIDE
        groups.append(cells)
    everything = [c.text for g in groups for c in g]
    _flush(groups, pieces)
    tables = [p for p in pieces if isinstance(p, Table)]
    if not is_table and not evidence(
        everything + [c.text for t in tables for r in t.rows for c in r.cells]
    ):
        return None
    return Run(tuple(pieces), end)


def _flush(groups: list[Group], pieces: list[Table | Loose]) -> None:
    if groups:
        pieces.append(Table(tuple(_rows(groups)), "tabs"))
        groups.clear()


def _as_text(found: str, kind: str) -> str | None:
    """Return the text of a line that is no row: a numbered paragraph, a heading, a sentence."""
    if kind == "x":
        text = found.strip()
        return text if is_section_heading(text) or is_running_text(text) else None
    if kind == "e" or found[-1].isdigit():
        return None
    cells = found.split()
    if not cells:
        return None
    if (
        found.count("\t") < _WIDE
        and _NUMBERED.fullmatch(found)
        and not is_value(cells[-1])
        and label_kind("".join(cells)) is None
    ):
        return " ".join(found.split("\t")).strip()
    text = found.strip()
    if "\t" not in text and (is_section_heading(text) or is_running_text(text)):
        return text
    return None


def _rows(groups: list[Group]) -> list[Row]:
    """Return rows; a title broken inside its cell (two lines of a spreadsheet cell) is mended."""
    rows: list[Group] = []
    for cells in groups:
        if rows and cells and _continues(rows[-1][-1].text, cells[0].text):
            rows[-1] = [*rows[-1][:-1], joined([rows[-1][-1], cells[0]]), *cells[1:]]
        else:
            rows.append(cells)
    return [row_of(cells) for cells in rows]


def _continues(end: str, begin: str) -> bool:
    if not end or not begin or is_value(end) or is_value(begin):
        return False
    return label_kind(end + begin) is not None and not (label_kind(end) and label_kind(begin))
