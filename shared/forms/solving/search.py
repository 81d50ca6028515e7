"""The smallest sets of cells that, changed, make all broken equations hold.

One cell of a broken equation must change; by how much, one of the broken equations through it says.
Of a smallest set without rings some cell is always the only one of an equation, so that trying the
cells of the tightest broken equation finds every set of up to three cells.
"""

from collections.abc import Iterable, Iterator

from shared.forms.solving.arithmetic import equal
from shared.forms.solving.likeness import likeness
from shared.forms.solving.puzzle import Fix, Puzzle
from shared.report.record import Number

LARGEST = 3
"""Cells that a repair may change; more are no explanation."""
_Gaps = dict[int, Number]
_Found = dict[tuple[tuple[int, Number], ...], None]


def changes_of(puzzle: Puzzle, broken: list[int], sizes: Iterable[int]) -> list[Fix]:
    """Return the repairs of the first of these sizes that has any, the likeliest first."""
    for size in sizes:
        found: _Found = {}
        gaps = {e: puzzle.gaps[e] for e in broken}
        _extend(puzzle, gaps, size, {}, found)
        if found:
            made = [
                puzzle.fix("change", dict(c), broken, *likeness(puzzle, dict(c))) for c in found
            ]
            return sorted(made, key=lambda r: r.rank)
    return []


def _extend(
    puzzle: Puzzle, gaps: _Gaps, left: int, chosen: dict[int, Number], found: _Found
) -> None:
    """Add to `found` the sets that close all `gaps` with `left` more cells than `chosen`."""
    # with no gaps left fewer cells would have done
    if not gaps or not _can_close(puzzle, gaps, left):
        return
    if left == 1:
        for cell, new in _last(puzzle, gaps, chosen):
            found[tuple(sorted({**chosen, cell: new}.items()))] = None
        return
    for cell, new in _tries(puzzle, gaps, chosen):
        if puzzle.exhausted():
            return
        puzzle.steps += 1
        _extend(puzzle, _after(puzzle, gaps, cell, new), left - 1, {**chosen, cell: new}, found)


def _last(puzzle: Puzzle, gaps: _Gaps, chosen: dict[int, Number]) -> Iterator[tuple[int, Number]]:
    """Yield the single cells that take part in all equations with a gap, in no other, and close them."""
    for cell, new in _tries(puzzle, gaps, chosen):
        touched = puzzle.touching(cell)
        by = new - puzzle.values[cell]
        if len(touched) == len(gaps) and all(
            e in gaps and equal(gaps[e], sign * by) for e, sign in touched
        ):
            yield cell, new


def _can_close(puzzle: Puzzle, gaps: _Gaps, left: int) -> bool:
    """Tell whether so few cells can do; each is in one equation of a family at most."""
    if not gaps:
        return False  # fewer cells would have done
    counts: dict[int, int] = {}
    families = puzzle.system.families
    for equation in gaps:
        family = families[equation]
        counts[family] = counts.get(family, 0) + 1
    return max(counts.values()) <= left


def _tries(puzzle: Puzzle, gaps: _Gaps, chosen: dict[int, Number]) -> Iterator[tuple[int, Number]]:
    """Yield the cells of the tightest broken equation with the numbers that they may be given."""
    for cell, _ in puzzle.system.members[puzzle.tightest(gaps)]:
        if cell in puzzle.free and cell not in chosen:
            for new in _asked(puzzle, gaps, cell):
                if puzzle.allowed(cell, new):
                    yield cell, new


def _asked(puzzle: Puzzle, gaps: _Gaps, cell: int) -> Iterable[Number]:
    """Return a cell's options, or where it has any choice what the broken equations ask for."""
    old = puzzle.values[cell]
    if puzzle.options is not None:
        return [new for new in puzzle.options.get(cell, ()) if new != old]
    return dict.fromkeys(old + sign * gaps[e] for e, sign in puzzle.touching(cell) if e in gaps)


def _after(puzzle: Puzzle, gaps: _Gaps, cell: int, new: Number) -> _Gaps:
    """Return the gaps that are left, or opened, when a cell holds another number."""
    after = dict(gaps)
    by = new - puzzle.values[cell]
    for equation, sign in puzzle.touching(cell):
        gap = after.get(equation, 0) - sign * by
        if equal(gap, 0):
            after.pop(equation, None)
        else:
            after[equation] = gap
    return after


def clean_singles(puzzle: Puzzle, broken: list[int]) -> list[Fix]:
    """Return single changes that mend all equations through their cell, two at least, without rivals.

    Where there is too much to mend it at once, these are the faults that stand for themselves.
    """
    found: dict[tuple[int, Number], tuple[int, ...]] = {}
    claims: dict[int, set[int]] = {}
    among = set(broken)
    for cell in sorted(puzzle.free):
        touched = puzzle.touching(cell)
        if len(touched) < 2 or not all(e in among for e, _ in touched):
            continue
        asked = {puzzle.values[cell] + sign * puzzle.gaps[e] for e, sign in touched}
        if len(asked) == 1 and puzzle.allowed(cell, new := asked.pop()):
            found[cell, new] = tuple(e for e, _ in touched)
            for equation, _ in touched:
                claims.setdefault(equation, set()).add(cell)
    return [
        puzzle.fix("change", {cell: new}, mends, *likeness(puzzle, {cell: new}))
        for (cell, new), mends in found.items()
        if all(len(claims[e]) == 1 for e in mends)
    ]
