"""What counts as known of a cell when the equations of the form are asked about a reading."""

from collections.abc import Mapping

from shared.forms import Equation
from shared.forms.solving import Look
from shared.forms.solving import holds as holds_in
from shared.forms.solving import implied as implied_in
from shared.report.record import Cell, Number


def numbers_only(cells: Mapping[str, Cell]) -> Look:
    """Return a look-up of the numbers that were read; a blank proves nothing."""

    def look(address: str) -> Number | None:
        cell = cells.get(address)
        return cell.value if cell is not None and cell.state == "number" else None

    return look


def blanks_as_nothing(
    cells: Mapping[str, Cell], address: str | None = None, value: Number | None = None
) -> Look:
    """Return a look-up in which blank cells and marks count nothing.

    With `address` that cell is taken to hold `value`.
    """

    def look(asked: str) -> Number | None:
        if asked == address:
            return value
        cell = cells.get(asked)
        if cell is None:
            return None
        return 0 if cell.state in ("blank", "mark") else cell.value

    return look


def holds(
    equation: Equation,
    cells: Mapping[str, Cell],
    address: str | None = None,
    value: Number | None = None,
) -> bool | None:
    """Tell whether both sides are equal, None when a term is not known.

    Blank cells and marks count nothing. With `address` that cell is taken to hold `value`.
    """
    return holds_in(equation, blanks_as_nothing(cells, address, value))


def implied(equation: Equation, address: str, cells: Mapping[str, Cell]) -> Number | None:
    """Return what the equation says one of its cells must be, None when another is not known."""
    return implied_in(equation, address, blanks_as_nothing(cells))
