"""Slips that move figures instead of changing them: shifted rows, swapped cells and rows, misplaced figures.

Each is one act of a clerk (or of a reader), although several cells hold other numbers after it is undone.
Only acts that mend every broken equation at hand and break none are returned.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from shared.forms.solving.puzzle import Fix, Kind, Puzzle
from shared.report.record import Number

_Act = tuple[Kind, dict[int, Number], int]
"""What was done, the cells as they would be, and how far apart the places are."""
_SHORTEST_SHIFT = 3


def slips_of(puzzle: Puzzle, broken: list[int]) -> list[Fix]:
    """Return the acts that mend all of `broken`, the likeliest first; it takes two equations to tell."""
    if len(broken) < 2:
        return []
    found: dict[tuple[tuple[int, Number], ...], Fix] = {}
    for kind, changes, apart in _acts(puzzle, broken):
        if puzzle.exhausted():
            break
        mends = puzzle.mended(changes)
        if mends is not None and set(mends) == set(broken):
            key = tuple(sorted(changes.items()))
            found.setdefault(key, puzzle.fix(kind, changes, mends, len(changes), apart))
    return sorted(found.values(), key=lambda f: f.rank)


def _acts(puzzle: Puzzle, broken: list[int]) -> Iterator[_Act]:
    """Yield the acts that could close the gap of one equation; whether they do more is seen later.

    An act within a line disturbs the sum of that line alone, one between two cells of a column the
    sums of both their lines, and whole rows take their sums along.
    """
    at = puzzle.tightest(broken)
    along = puzzle.system.along
    lines = {line for e in broken if (line := along[e]) is not None}
    acts: Iterator[_Act] = chain(
        _within(puzzle, at, lines) if len(lines) < 2 else (),
        _across(puzzle, at, lines) if len(lines) < 3 else (),
        _rows(puzzle, at) if not lines else (),
    )
    for act in acts:
        if all(c in puzzle.free and puzzle.allowed(c, new) for c, new in act[1].items()):
            yield act


def _closes(gap: Number, sign: int, other: int, by: Number) -> bool:
    """Tell whether a cell that gains `by` and another that loses it close the gap."""
    return bool(by) and (sign - other) * by == gap


def _within(puzzle: Puzzle, at: int, lines: set[int]) -> Iterator[_Act]:
    """Yield the acts within one line; where the sum of a line is broken, within that line."""
    system = puzzle.system
    signs = dict(system.members[at])
    for number in lines or dict.fromkeys(system.line_of[c][0] for c in signs):
        line = system.lines[number]
        for place, cell in enumerate(line):
            if cell in signs:
                others = ((other, abs(n - place)) for n, other in enumerate(line) if n != place)
                yield from _pairs(puzzle, at, cell, others)
        yield from _shifts(puzzle, at, line)


def _across(puzzle: Puzzle, at: int, lines: set[int]) -> Iterator[_Act]:
    """Yield two cells of a column that trade their figures, where the sums of their lines allow it."""
    system = puzzle.system
    along = system.along
    firm = {along[e] for e in puzzle.gaps} - lines
    for cell, _ in system.members[at]:
        stack = system.stacks.get(cell, ())
        if not stack or system.line_of[cell][0] in firm:
            continue
        place = stack.index(cell)
        others = (
            (other, abs(n - place))
            for n, other in enumerate(stack)
            if n != place and system.line_of[other][0] not in firm
        )
        yield from _pairs(puzzle, at, cell, others)


def _pairs(puzzle: Puzzle, at: int, cell: int, others: Iterable[tuple[int, int]]) -> Iterator[_Act]:
    """Yield a cell and others that trade their figures; far ones only where one is 0."""
    signs = dict(puzzle.system.members[at])
    mine = puzzle.values.get(cell)
    for other, apart in others:
        theirs = puzzle.values.get(other)
        if mine is None or theirs is None:
            continue
        if not _closes(puzzle.gaps[at], signs[cell], signs.get(other, 0), theirs - mine):
            continue
        if mine == 0 or theirs == 0:
            yield "move", {cell: theirs, other: mine}, apart
        elif apart == 1:
            yield "swap", {cell: theirs, other: mine}, apart


def _rows(puzzle: Puzzle, at: int) -> Iterator[_Act]:
    """Yield whole rows that trade their figures."""
    system, values = puzzle.system, puzzle.values
    signs = dict(system.members[at])
    for cell, sign in signs.items():
        mine, place = system.line_of[cell]
        for number, line in enumerate(system.lines):
            if number == mine or len(line) != len(system.lines[mine]):
                continue
            other = line[place]
            theirs = values.get(other)
            if theirs is None or not _closes(
                puzzle.gaps[at], sign, signs.get(other, 0), theirs - values[cell]
            ):
                continue
            changes = _traded(puzzle, system.lines[mine], line)
            if len(changes) > 2:
                yield "swap", changes, abs(number - mine)


def _traded(puzzle: Puzzle, one: tuple[int, ...], other: tuple[int, ...]) -> dict[int, Number]:
    changes: dict[int, Number] = {}
    for a, b in zip(one, other, strict=True):
        mine, theirs = puzzle.values.get(a), puzzle.values.get(b)
        if mine is None or theirs is None:
            return {}
        if mine != theirs:
            changes |= {a: theirs, b: mine}
    return changes


def _shifts(puzzle: Puzzle, at: int, line: tuple[int, ...]) -> Iterator[_Act]:
    """Yield runs of figures that slide one place into an empty cell (0) at their end."""
    signs = dict(puzzle.system.members[at])
    places = [n for n, c in enumerate(line) if c in signs]
    if not places or any(c not in puzzle.values for c in line):
        return
    empty = [puzzle.values[c] == 0 for c in line]
    for first in range(len(line)):
        for last in range(first + _SHORTEST_SHIFT - 1, len(line)):
            # the equation is of a column or of this line: the run must reach into it
            if (empty[first] or empty[last]) and first <= places[-1] and places[0] <= last:
                yield from _slid(puzzle, line[first : last + 1], signs, puzzle.gaps[at])


def _slid(
    puzzle: Puzzle, run: tuple[int, ...], signs: Mapping[int, int], gap: Number
) -> Iterator[_Act]:
    values = [puzzle.values[c] for c in run]
    for empty, moved in ((values[0], [*values[1:], 0]), (values[-1], [0, *values[:-1]])):
        if empty != 0:
            continue
        changes = {c: new for c, old, new in zip(run, values, moved, strict=True) if old != new}
        closes = sum(signs.get(c, 0) * (new - puzzle.values[c]) for c, new in changes.items())
        if len(changes) >= _SHORTEST_SHIFT and closes == gap:
            yield "shift", changes, len(run)
