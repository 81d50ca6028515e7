"""One table with its numbers, the equations that can be tested, and how far each is from holding."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from shared.forms.solving.arithmetic import equal
from shared.forms.solving.system import System
from shared.report.record import Number

Kind = Literal["change", "shift", "swap", "move"]
"""change: cells get other numbers · shift: the figures of a row slide one place · swap: two cells or two
whole rows trade their figures · move: a figure goes to a cell that holds 0."""
Changes = Mapping[int, Number]
"""New numbers by the number of the cell."""
MOST_STEPS = 600
"""Changes that are tried for one table; what is not found by then counts as no small repair."""


@dataclass(frozen=True, slots=True)
class Fix:
    """Cells with other numbers, after which the equations in `mends` hold and none is broken.

    `changes` are (address, old, new) in form order. `rank` orders repairs, the likeliest slip first.
    """

    kind: Kind
    changes: tuple[tuple[str, Number, Number], ...]
    mends: tuple[str, ...]
    rank: tuple[int, ...] = ()


@dataclass(slots=True)
class Puzzle:
    """What is to be solved.

    `values` are the known numbers by cell, `free` those that may change, `options` (when given)
    the only numbers a cell may change to. `gaps` is what the left side lacks, for every equation that
    can be tested. `steps` counts the changes tried.
    """

    system: System
    values: Mapping[int, Number]
    free: frozenset[int]
    gaps: dict[int, Number]
    options: Mapping[int, tuple[Number, ...]] | None = None
    steps: int = 0
    _touching: dict[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        system: System,
        values: Mapping[str, Number],
        tested: Iterable[str],
        *,
        fixed: Mapping[str, Number] | None = None,
        options: Mapping[str, tuple[Number, ...]] | None = None,
    ) -> "Puzzle":
        """Return the puzzle of a table.

        `tested` are the keys of the equations that must hold; those with an unknown cell are left
        out. `fixed` counts for cells that may not change (blanks that stand for nothing).
        """
        numbers = system.numbers
        known = {numbers[a]: v for a, v in (fixed or {}).items() if a in numbers}
        free = {numbers[a]: v for a, v in values.items() if a in numbers}
        every = {**known, **free}
        wanted = set(tested)
        gaps: dict[int, Number] = {}
        for n, key in enumerate(system.keys):
            if key in wanted and (gap := _gap(system.sides[n], every)) is not None:
                gaps[n] = gap
        told = None if options is None else {numbers[a]: o for a, o in options.items()}
        return cls(system, every, frozenset(free), gaps, told)

    @property
    def broken(self) -> list[int]:
        """The equations that do not hold, as declared."""
        return [n for n, gap in self.gaps.items() if gap]

    def exhausted(self) -> bool:
        """Whether as much was tried as is allowed."""
        return self.steps >= MOST_STEPS

    def touching(self, cell: int) -> tuple[tuple[int, int], ...]:
        """Return the equations under test in which a cell takes part, with its sign there."""
        found = self._touching.get(cell)
        if found is None:
            found = tuple(x for x in self.system.touching[cell] if x[0] in self.gaps)
            self._touching[cell] = found
        return found

    def allowed(self, cell: int, new: Number) -> bool:
        """Tell whether a cell may hold this number: a count, and one of its options if it has any."""
        if new < 0 or new != int(new):
            return False
        return self.options is None or new in self.options.get(cell, ())

    def mended(self, changes: Changes) -> tuple[int, ...] | None:
        """Return the broken equations that hold after the changes, None when one it touches does not."""
        self.steps += 1
        gaps: dict[int, Number] = {}
        for cell, new in changes.items():
            by = new - self.values[cell]
            for equation, sign in self.touching(cell):
                gaps[equation] = gaps.get(equation, self.gaps[equation]) - sign * by
        if not all(equal(gap, 0) for gap in gaps.values()):
            return None
        return tuple(e for e in gaps if self.gaps[e])

    def tightest(self, broken: Iterable[int]) -> int:
        """Return the broken equation with the fewest cells: one of them must change."""
        return min(broken, key=lambda e: (len(self.system.members[e]), e))

    def fix(self, kind: Kind, changes: Changes, mends: Iterable[int], *rank: int) -> Fix:
        """Return a fix in words of addresses and keys."""
        system = self.system
        return Fix(
            kind,
            tuple(
                (system.addresses[c], self.values[c], _whole(changes[c])) for c in sorted(changes)
            ),
            tuple(system.keys[e] for e in sorted(mends)),
            (*rank, *sorted(changes)),
        )


def _gap(
    sides: tuple[tuple[int, ...], tuple[int, ...]], values: Mapping[int, Number]
) -> Number | None:
    """Return right minus left, None when a cell is not known."""
    look = values.__getitem__
    try:
        gap = sum(map(look, sides[1])) - sum(map(look, sides[0]))
    except KeyError:
        return None
    return 0 if equal(gap, 0) else gap


def _whole(value: Number) -> Number:
    return int(value)
