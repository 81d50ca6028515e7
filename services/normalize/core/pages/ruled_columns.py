"""The columns of a table that has upright rules only."""

from collections.abc import Sequence
from itertools import pairwise

from services.normalize.core.pages.page import Ruling
from services.normalize.core.pages.printed import PrintedRow

_ONE_RULE = 2.0
"""Distance in points (or pixels) at which strokes still are one rule."""
_WHOLE = 0.9
"""Share of the height of the rows with figures that a rule must cover."""
_LEAST_COLUMNS = 2

Columns = list[tuple[float, float]]


def ruled_columns(rows: Sequence[PrintedRow], rulings: Sequence[Ruling]) -> Columns:
    """Return the columns for figures between upright rules, empty when the rules show none.

    An open side of the table ends with its text.
    """
    shown = [r for r in rows if r.figures]
    if not shown or not rulings:
        return []
    xs = _rules(rulings, shown[0].line.y0, shown[-1].line.y1)
    if len(xs) < _LEAST_COLUMNS:
        return []
    left, right = min(r.line.x0 for r in shown), max(r.line.x1 for r in shown)
    xs = [*([left] if left < xs[0] else []), *xs, *([right] if right > xs[-1] else [])]
    labels = max((x.x1 for r in shown for x in r.labels), default=xs[0])
    columns = [(a, b) for a, b in pairwise(xs) if (a + b) / 2 > labels]
    return columns if len(columns) >= _LEAST_COLUMNS and _fit(shown, columns) else []


def _rules(rulings: Sequence[Ruling], top: float, bottom: float) -> list[float]:
    """Return where upright rules run through the rows from `top` to `bottom`, all pieces counted."""
    bundles: list[list[Ruling]] = []
    for rule in sorted(r for r in rulings if abs(r.x1 - r.x0) < abs(r.y1 - r.y0)):
        if bundles and rule.x0 - bundles[-1][-1].x0 <= _ONE_RULE:
            bundles[-1].append(rule)
        else:
            bundles.append([rule])
    return [
        b[0].x0
        for b in bundles
        if sum(_shared(r, top, bottom) for r in b) >= _WHOLE * (bottom - top)
    ]


def _shared(rule: Ruling, top: float, bottom: float) -> float:
    return max(0.0, min(max(rule.y0, rule.y1), bottom) - max(min(rule.y0, rule.y1), top))


def _fit(rows: Sequence[PrintedRow], columns: Columns) -> bool:
    """Tell whether every figure stands in a column, no two of a row in the same one."""
    for row in rows:
        held = [
            i
            for x in row.figures
            for i, (left, right) in enumerate(columns)
            if left <= (x.x0 + x.x1) / 2 <= right
        ]
        if len(held) != len(row.figures) or len(set(held)) != len(held):
            return False
    return True
