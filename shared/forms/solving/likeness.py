"""How much a change looks like a slip of a person: digits first, then copied figures, then the rest."""

from collections.abc import Iterable

from shared.forms.solving.puzzle import Changes, Puzzle
from shared.report.record import Number

DIGITS, COPIED, ANY = 0, 1, 2
"""A slip of digits · a neighbour's figure, a figure left out or counted twice, a sum · any number."""
_TELLING = 10
"""Below this a figure has one digit, and every change looks like a slip of digits."""


def likeness(puzzle: Puzzle, changes: Changes) -> tuple[int, int]:
    """Return the rank of a change of cells: how unlike a slip it is, and how many are no totals."""
    totals = puzzle.system.totals
    return (
        sum(_slip(puzzle, cell, new) for cell, new in changes.items()),
        sum(cell not in totals for cell in changes),
    )


def _slip(puzzle: Puzzle, cell: int, new: Number) -> int:
    old = puzzle.values[cell]
    if looks_mistyped(old, new):
        return DIGITS
    # a total is added up by hand: any wrong number is likely there
    if cell in puzzle.system.totals or _is_copied(puzzle, cell, old, new):
        return COPIED
    return ANY


def _is_copied(puzzle: Puzzle, cell: int, old: Number, new: Number) -> bool:
    """Tell whether the printed figure stands beside it too, or is off by one that does."""
    around = {v for c in _neighbours(puzzle, cell) if (v := puzzle.values.get(c)) is not None}
    return any(v >= _TELLING and v in around for v in (old, abs(new - old)))


def _neighbours(puzzle: Puzzle, cell: int) -> Iterable[int]:
    line, _ = puzzle.system.line_of[cell]
    every = (*puzzle.system.lines[line], *puzzle.system.stacks.get(cell, ()))
    return (c for c in every if c != cell)


def looks_mistyped(old: Number, new: Number) -> bool:
    """Tell whether two figures differ by one digit, a digit more or less, or two digits exchanged."""
    if max(old, new) < _TELLING or not (isinstance(old, int) and isinstance(new, int)):
        return False
    one, other = sorted((str(old), str(new)), key=len)
    if len(other) - len(one) == 1:
        return one != "0" and any(other[:i] + other[i + 1 :] == one for i in range(len(other)))
    if len(one) != len(other):
        return False
    unlike = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(unlike) == 1:
        return True
    return (
        len(unlike) == 2
        and unlike[1] == unlike[0] + 1
        and one[unlike[0]] == other[unlike[1]]
        and one[unlike[1]] == other[unlike[0]]
    )
