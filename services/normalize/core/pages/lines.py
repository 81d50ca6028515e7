"""Characters become printed lines: by height, left to right, blanks where the gaps are wide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.normalize.core.pages.page import Glyph

_SAME_LINE, _LINE_BAND = 0.4, 0.7
"""Shares of the type size that the middles of neighbours, and of a whole line, may differ."""
_SAME_CHARACTER = 0.25
"""Share of its size within which the same character drawn twice is one in bold."""
_WORD_GAP, _WIDE_GAP = 0.2, 0.8
"""Gaps that show as a blank, between Latin characters and between any, in type sizes."""
_SPACED, _WIDEST_SPACING = 0.2, 0.5
"""Gap between most characters from which on a line is spaced out; wider ones part columns."""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line: its text, its box, its type size and the lowest confidence in it."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    size: float
    confidence: float = 1.0


def lines_of(glyphs: Iterable[Glyph]) -> list[Line]:
    """Return the lines that characters make, top to bottom."""
    return [line_of(row) for row in rows_of(glyphs)]


def rows_of(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Return the characters of every printed line, left to right, doubled ones once."""
    rows: list[list[Glyph]] = []
    first = last = 0.0
    ordered = list(glyphs)
    if len(ordered) < 2:
        return [ordered] if ordered else []
    for glyph in sorted(ordered, key=_middle):
        middle = _middle(glyph)
        size = glyph.y1 - glyph.y0
        near = middle - last <= _SAME_LINE * size and middle - first <= _LINE_BAND * size
        if rows and near:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
            first = middle
        last = middle
    return [_once(sorted(row, key=_left)) for row in rows]


def _middle(glyph: Glyph) -> float:
    return (glyph.y0 + glyph.y1) / 2


def _left(glyph: Glyph) -> float:
    return glyph.x0


def _once(row: list[Glyph]) -> list[Glyph]:
    """Leave out characters that only thicken the same one under them."""
    if len(row) == 1:
        return row
    kept: list[Glyph] = []
    for glyph in row:
        reach = _SAME_CHARACTER * (glyph.x1 - glyph.x0)
        for other in kept[-2:]:
            if other.text == glyph.text and glyph.x0 - other.x0 < reach:
                break
        else:
            kept.append(glyph)
    return kept


def line_of(row: Sequence[Glyph]) -> Line:
    """Return the line of characters that are in order from left to right."""
    if len(row) == 1:
        one = row[0]
        return Line(*one[:5], one.y1 - one.y0, one.confidence)
    return Line(
        spelled(row),
        row[0].x0,
        min(g.y0 for g in row),
        max(g.x1 for g in row),
        max(g.y1 for g in row),
        max(g.y1 - g.y0 for g in row),
        min(g.confidence for g in row),
    )


def spelled(row: Sequence[Glyph]) -> str:
    """Return the text of characters in order, with a blank at every wide gap.

    Where a line is spaced out throughout, only gaps much wider than the others count.
    """
    if len(row) == 1:
        return row[0].text
    gaps = [(b.x0 - a.x1) / max(a.y1 - a.y0, 0.1) for a, b in pairwise(row)]
    usual = sorted(gaps)[len(gaps) // 2] if len(gaps) > 1 else 0.0
    more = 1.5 * min(usual, _WIDEST_SPACING) if usual > _SPACED else 0.0
    parts = [row[0].text]
    for gap, (before, after) in zip(gaps, pairwise(row), strict=True):
        if gap > _WORD_GAP + more and (
            gap > _WIDE_GAP + more or _is_latin(before.text[-1:], after.text[:1])
        ):
            parts.append(" ")
        parts.append(after.text)
    return "".join(parts)


def _is_latin(before: str, after: str) -> bool:
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()
