"""Other readings of recognition, chosen by the equations they mend.

A digit that recognition saw in two ways is decided by the sums: a reading is taken when it makes
broken equations hold, breaks none, and no other open cell could mend the same ones. Where one cell alone
decides nothing, several are taken together if theirs is the only smallest way to mend all that is
broken. What was chosen says so and keeps the reading it replaced among its candidates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.extract.core.trust.equality import holds
from shared.forms import Equation
from shared.forms.solving import Fix, Puzzle, solve, system
from shared.report.record import Cell, Edition, Number

_ROUNDS = 12
_CHOSEN, _CHOSEN_TWICE = 0.75, 0.85
"""Confidence of a reading that one equation chose, or two."""
_READ_WELL = 0.9
"""From this confidence one equation alone does not overrule what was read."""


@dataclass(frozen=True, slots=True)
class Change:
    """One cell read otherwise, and the equations that hold then."""

    address: str
    value: Number
    mends: frozenset[str]


def mend(cells: dict[str, Cell], equations: Sequence[Equation]) -> set[str]:
    """Take other readings that mend equations, changing `cells`; return the equations that chose."""
    used: set[str] = set()
    around = _around(cells, equations)
    for _ in range(_ROUNDS):
        changes = [c for a in around for c in _changes(cells, cells[a], around[a])]
        chosen = _without_rivals(changes)
        if not chosen:
            return used
        for change in chosen:
            cells[change.address] = _changed(cells[change.address], change)
            used |= change.mends
    return used


def mend_together(cells: dict[str, Cell], templates: Mapping[str, Edition]) -> set[str]:
    """Take other readings of several cells at once, changing `cells`; return the equations that chose.

    They must be the only smallest set that mends everything broken by one cause, with more equations
    than cells for it.
    """
    used: set[str] = set()
    for table, edition in templates.items():
        options = {
            a: c.candidates
            for a, c in cells.items()
            if c.candidates and c.state == "number" and _is_of(a, table) and not _is_chosen(c)
        }
        if len(options) < 2:
            continue
        net = system(edition, table)
        known = {a: c.value for a in net.addresses if (c := cells.get(a)) and c.value is not None}
        nothing = {a: 0 for a in net.addresses if (c := cells.get(a)) and _is_empty(c)}
        puzzle = Puzzle.of(net, known, net.keys, fixed=nothing, options=options)
        for solution in solve(puzzle):
            if len(solution.fixes) == 1 and _is_proven(solution.fixes[0], cells, edition, table):
                used |= _take(solution.fixes[0], cells, _by_cell(edition, table))
    return used


def _is_of(address: str, table: str) -> bool:
    return address.startswith(f"{table}.")


def _is_chosen(cell: Cell) -> bool:
    return "by_equation" in cell.notes


def _is_empty(cell: Cell) -> bool:
    return cell.state in ("blank", "mark")


def _by_cell(edition: Edition, table: str) -> dict[str, frozenset[str]]:
    """Return the keys of the equations through every cell."""
    net = system(edition, table)
    return {a: frozenset(net.keys[e] for e, _ in net.touching[n]) for a, n in net.numbers.items()}


def _is_proven(fix: Fix, cells: Mapping[str, Cell], edition: Edition, table: str) -> bool:
    if not 1 < len(fix.changes) < len(fix.mends):
        return False
    through = _by_cell(edition, table)
    return all(
        len(through[a].intersection(fix.mends)) >= _needed(cells[a]) for a, _, _ in fix.changes
    )


def _take(fix: Fix, cells: dict[str, Cell], through: Mapping[str, frozenset[str]]) -> set[str]:
    for address, _, new in fix.changes:
        mends = through[address].intersection(fix.mends)
        cells[address] = _changed(cells[address], Change(address, new, mends))
    return set(fix.mends)


def _needed(cell: Cell) -> int:
    """Return how many equations it takes to overrule what was read."""
    return 2 if cell.confidence >= _READ_WELL else 1


def _around(
    cells: Mapping[str, Cell], equations: Sequence[Equation]
) -> dict[str, tuple[Equation, ...]]:
    """Return the equations of every cell that has other readings."""
    found: dict[str, tuple[Equation, ...]] = {}
    for address, cell in cells.items():
        if cell.candidates and not _is_chosen(cell):
            about = tuple(e for e in equations if address in e.left or address in e.right)
            if about:
                found[address] = about
    return found


def _changes(cells: Mapping[str, Cell], cell: Cell, around: Sequence[Equation]) -> list[Change]:
    if _is_chosen(cell):
        return []
    before = {e.key: holds(e, cells, cell.address, cell.value) for e in around}
    found: list[Change] = []
    for option in cell.candidates:
        after = {e.key: holds(e, cells, cell.address, option) for e in around}
        mends = frozenset(k for k, held in after.items() if held and not before[k])
        broken = any(held is False and before[k] is not False for k, held in after.items())
        if not broken and len(mends) >= _needed(cell):
            found.append(Change(cell.address, option, mends))
    return found


def _without_rivals(changes: Sequence[Change]) -> list[Change]:
    """Keep the changes that mend more than every other one which would mend the same equation."""
    kept: list[Change] = []
    for change in changes:
        rivals = [c for c in changes if c is not change and not c.mends.isdisjoint(change.mends)]
        if all(len(c.mends) < len(change.mends) for c in rivals):
            kept.append(change)
    return kept


def _changed(cell: Cell, change: Change) -> Cell:
    others = [] if cell.value is None else [cell.value]
    others += [c for c in cell.candidates if c != change.value]
    return replace(
        cell,
        state="number",
        value=change.value,
        confidence=_CHOSEN_TWICE if len(change.mends) > 1 else _CHOSEN,
        notes=tuple(dict.fromkeys((*cell.notes, "by_equation"))),
        proof=tuple(sorted(change.mends)),
        candidates=tuple(dict.fromkeys(others)),
    )
