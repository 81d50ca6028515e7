"""The arithmetic of one equation: its two sides, whether they agree, what one cell must be."""

from collections.abc import Callable, Iterable
from typing import Protocol

from shared.report.record import Number

Look = Callable[[str], Number | None]
"""What is known of a cell by its address; None when nothing is."""
_TOLERANCE = 1e-6


class Sums(Protocol):
    """An equation: the sum of the `left` cells is the sum of the `right` cells."""

    @property
    def key(self) -> str:
        """`rule:scope`."""

    @property
    def left(self) -> tuple[str, ...]:
        """Addresses on the left."""

    @property
    def right(self) -> tuple[str, ...]:
        """Addresses on the right."""


def equal(one: Number, other: Number) -> bool:
    """Tell whether two sums are the same but for the noise of binary fractions."""
    return one == other or abs(one - other) < _TOLERANCE


def side(terms: Iterable[str], look: Look, but: str | None = None) -> Number | None:
    """Return the sum of the terms without `but`, None when one of them is not known."""
    total: Number = 0
    for term in terms:
        if term == but:
            continue
        known = look(term)
        if known is None:
            return None
        total += known
    return total


def holds(equation: Sums, look: Look) -> bool | None:
    """Tell whether both sides are equal, None when a term is not known."""
    left, right = side(equation.left, look), side(equation.right, look)
    return None if left is None or right is None else equal(left, right)


def implied(equation: Sums, address: str, look: Look) -> Number | None:
    """Return what the equation says one of its cells must be, None when another is not known."""
    left, right = side(equation.left, look, address), side(equation.right, look, address)
    if left is None or right is None:
        return None
    return right - left if address in equation.left else left - right
