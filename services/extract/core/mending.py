"""Other readings of recognition, chosen by the equations they mend.

A digit that recognition saw in two ways is decided by the sums: a reading is taken when it makes
broken equations hold, breaks none, and no other open cell could mend the same ones. What was chosen
says so and keeps the reading it replaced among its candidates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.extract.core.equality import holds
from shared.forms import Equation
from shared.report.record import Cell, Number

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


def _around(
    cells: Mapping[str, Cell], equations: Sequence[Equation]
) -> dict[str, tuple[Equation, ...]]:
    """Return the equations of every cell that has other readings."""
    found: dict[str, tuple[Equation, ...]] = {}
    for address, cell in cells.items():
        if cell.candidates and "by_equation" not in cell.notes:
            about = tuple(e for e in equations if address in e.left or address in e.right)
            if about:
                found[address] = about
    return found


def _changes(cells: Mapping[str, Cell], cell: Cell, around: Sequence[Equation]) -> list[Change]:
    if "by_equation" in cell.notes:
        return []
    before = {e.key: holds(e, cells, cell.address, cell.value) for e in around}
    found: list[Change] = []
    for option in cell.candidates:
        after = {e.key: holds(e, cells, cell.address, option) for e in around}
        mends = frozenset(k for k, held in after.items() if held and not before[k])
        broken = any(held is False and before[k] is not False for k, held in after.items())
        enough = 2 if cell.confidence >= _READ_WELL else 1
        if not broken and len(mends) >= enough:
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
