"""Repairs of a whole table: fewest acts first, faults that have nothing to do with each other apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.forms.solving.likeness import likeness
from shared.forms.solving.puzzle import Fix, Puzzle
from shared.forms.solving.search import LARGEST, changes_of, clean_singles
from shared.forms.solving.slips import slips_of


@dataclass(frozen=True, slots=True)
class Solution:
    """Broken equations with one cause, and the smallest fixes that mend them all.

    `fixes` are ranked and all equally small; empty when there is no small fix.
    """

    equations: tuple[str, ...]
    fixes: tuple[Fix, ...]


def solve(puzzle: Puzzle) -> list[Solution]:
    """Return the solutions of a table; every broken equation is in exactly one of them."""
    broken = puzzle.broken
    if not broken:
        return []
    parts = puzzle.system.parts
    if len({parts[e] for e in broken}) > 1 and puzzle.options is None:
        # figures that slid along a line of several groups are one fault
        slips = slips_of(puzzle, broken)
        if slips:
            return [_solution(puzzle, broken, slips)]
    found: list[Solution] = []
    for part in dict.fromkeys(parts[e] for e in broken):
        found += _solve_part(puzzle, [e for e in broken if parts[e] == part])
    return found


def _solve_part(puzzle: Puzzle, broken: list[int]) -> list[Solution]:
    fixes = _smallest(puzzle, broken)
    if fixes:
        return _apart(puzzle, broken, fixes)
    singles = clean_singles(puzzle, broken)
    if not singles:
        return [Solution(tuple(puzzle.system.keys[e] for e in broken), ())]
    found = [Solution(single.mends, (single,)) for single in singles]
    mended = {key for single in singles for key in single.mends}
    rest = [e for e in broken if puzzle.system.keys[e] not in mended]
    if not rest:
        return found
    # singles touch only what they mend, so that the rest can be solved as if they were done
    return found + _apart(puzzle, rest, _smallest(puzzle, rest))


def _smallest(puzzle: Puzzle, broken: list[int]) -> list[Fix]:
    single = changes_of(puzzle, broken, (1,))
    if single:
        return single
    slips = [] if puzzle.options is not None else slips_of(puzzle, broken)
    return slips or changes_of(puzzle, broken, range(2, LARGEST + 1))


def _solution(puzzle: Puzzle, broken: Sequence[int], fixes: Iterable[Fix]) -> Solution:
    return Solution(tuple(puzzle.system.keys[e] for e in broken), tuple(fixes))


def _apart(puzzle: Puzzle, broken: list[int], fixes: list[Fix]) -> list[Solution]:
    """Part the faults when every fix consists of the same independent pieces."""
    whole = [_solution(puzzle, broken, fixes)]
    if not fixes or fixes[0].kind != "change" or len(fixes[0].changes) == 1:
        return whole
    pieces = [_pieces(puzzle, r, set(broken)) for r in fixes]
    blocks = {tuple(p.mends for p in each) for each in pieces}
    if len(blocks) != 1 or len(pieces[0]) == 1:
        return whole
    return [
        Solution(first.mends, tuple(sorted(dict.fromkeys(each[n] for each in pieces),
                                           key=lambda r: r.rank)))
        for n, first in enumerate(pieces[0])
    ]  # fmt: skip


def _pieces(puzzle: Puzzle, fix: Fix, broken: set[int]) -> list[Fix]:
    """Return the changes of a fix by the equations that join them."""
    groups: list[tuple[set[int], list[int]]] = []
    numbers = puzzle.system.numbers
    for cell in (numbers[a] for a, _, _ in fix.changes):
        touched = {e for e, _ in puzzle.touching(cell)}
        joined = [g for g in groups if not touched.isdisjoint(g[0])]
        groups = [g for g in groups if g not in joined]
        groups.append((
            touched.union(*(g[0] for g in joined)),
            sorted([cell, *(c for g in joined for c in g[1])]),
        ))  # fmt: skip
    new = {numbers[a]: value for a, _, value in fix.changes}
    made: list[Fix] = []
    for touched, cells in groups:
        changes = {c: new[c] for c in cells}
        mends = sorted(touched & broken)
        made.append(puzzle.fix("change", changes, mends, *likeness(puzzle, changes)))
    return sorted(made, key=lambda p: p.mends)
