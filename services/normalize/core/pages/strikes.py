"""Text that is struck out: printed with its corrections shown, a report holds both readings."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from services.normalize.core.pages.page import Glyph, Ruling

_ABOVE, _BELOW = 0.1, 0.25
"""Shares of the type size, from the middle of a character, between which a rule strikes it."""
_COVERED, _OVERHANG = 0.9, 0.3
"""Share of a striking rule that lies on characters, and by how much of a type size it sticks out."""


def struck_out(glyphs: Sequence[Glyph], rulings: Iterable[Ruling]) -> set[int]:
    """Return the numbers of the characters that a rule of just their length runs through."""
    if not glyphs:
        return set()
    order = sorted(range(len(glyphs)), key=lambda i: glyphs[i].y0 + glyphs[i].y1)
    middles = [(glyphs[i].y0 + glyphs[i].y1) / 2 for i in order]
    largest = max(g.y1 - g.y0 for g in glyphs)
    found: set[int] = set()
    for rule in rulings:
        y = (rule.y0 + rule.y1) / 2
        first = bisect_left(middles, y - _BELOW * largest)
        last = bisect_right(middles, y + _ABOVE * largest)
        if first < last and abs(rule.y1 - rule.y0) < 1:
            near = [i for i in order[first:last] if _crosses(rule, glyphs[i])]
            if near and _fits(rule, [glyphs[i] for i in near]):
                found.update(near)
    return found


def _crosses(rule: Ruling, glyph: Glyph) -> bool:
    size = glyph.y1 - glyph.y0
    off = (rule.y0 + rule.y1) / 2 - (glyph.y0 + glyph.y1) / 2
    middle = (glyph.x0 + glyph.x1) / 2
    return -_ABOVE * size <= off <= _BELOW * size and (
        min(rule.x0, rule.x1) <= middle <= max(rule.x0, rule.x1)
    )


def _fits(rule: Ruling, struck: Sequence[Glyph]) -> bool:
    """Tell whether the rule is as long as the text on it: rules of tables are longer."""
    left, right = min(rule.x0, rule.x1), max(rule.x0, rule.x1)
    size = max(g.y1 - g.y0 for g in struck)
    inside = (
        min(g.x0 for g in struck) - left < _OVERHANG * size
        and right - max(g.x1 for g in struck) < _OVERHANG * size
    )
    ends = _OVERHANG * size
    return inside and sum(g.x1 - g.x0 for g in struck) >= _COVERED * (right - left - ends)
