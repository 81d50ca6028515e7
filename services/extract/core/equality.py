"""Whether an equation of the form holds among the cells that were read."""

from collections.abc import Mapping

from shared.forms import Equation
from shared.report.record import Cell, Number

_TOLERANCE = 1e-6


def holds(
    equation: Equation,
    cells: Mapping[str, Cell],
    address: str | None = None,
    value: Number | None = None,
) -> bool | None:
    """Tell whether both sides are equal, None when a term is not known.

    Blank cells and marks count nothing. With `address` that cell is taken to hold `value`.
    """
    sides = [_sum(side, cells, address, value) for side in (equation.left, equation.right)]
    left, right = sides
    return None if left is None or right is None else abs(left - right) < _TOLERANCE


def _sum(
    terms: tuple[str, ...], cells: Mapping[str, Cell], address: str | None, value: Number | None
) -> Number | None:
    total: Number = 0
    for term in terms:
        cell = cells.get(term)
        if term == address:
            known = value
        elif cell is not None and cell.state in ("blank", "mark"):
            known = 0
        else:
            known = None if cell is None else cell.value
        if known is None:
            return None
        total += known
    return total


def implied(equation: Equation, address: str, cells: Mapping[str, Cell]) -> Number | None:
    """Return what the equation says one of its cells must be, None when another is not known."""
    left = _sum(equation.left, cells, address, 0)
    right = _sum(equation.right, cells, address, 0)
    if left is None or right is None:
        return None
    return right - left if address in equation.left else left - right
