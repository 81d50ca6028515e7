"""Let the form's equations choose among readings that the evidence leaves open, and say so.

Only open readings are touched: look-alike characters, cells with candidates. A printed digit of an
undamaged source is never changed. What the document does not show is never filled in: it may be
*derived*, in a field of its own, with the equations as proof. That equations agree with the first
reading of recognition chooses nothing: `recognised.weigh` calls it confirmed.
"""

from collections.abc import Iterable
from dataclasses import replace

from services.extract.core.trust.equality import numbers_only
from services.extract.core.trust.mending import mend, mend_together
from shared import forms
from shared.forms import Equation
from shared.forms.solving import implied
from shared.report.record import Cell, Edition

_PROVEN = 0.85
_CHOSEN = frozenset(("by_equation", "column_lost"))


def arbitrate(
    cells: dict[str, Cell], templates: dict[str, Edition]
) -> tuple[dict[str, Cell], tuple[str, ...]]:
    """Return the cells with open readings settled, and the equations that did it."""
    equations = [e for t, ed in templates.items() for e in forms.equations(ed, t)]
    noted = {c.address for c in cells.values() if c.notes and _CHOSEN.intersection(c.notes)}
    used: set[str] = set()
    if noted:
        used = {
            e.key
            for e in equations
            if e.rule == "t3_row_total" and noted.intersection((*e.left, *e.right))
        }
    if any(c.candidates for c in cells.values()):
        used |= mend(cells, equations)
        used |= mend_together(cells, templates)
    open_cells = [
        c for c in cells.values() if "look_alike" in c.notes or (c.candidates and c.value is None)
    ]
    for cell in open_cells:
        settled, proof = _settle(cell, cells, equations)
        if settled is not None:
            cells[cell.address] = settled
            used.update(proof)
    absent = [c for c in cells.values() if c.state in ("absent", "unreadable")]
    if absent and len(absent) < len(cells):
        _derive(absent, cells, equations)
    return cells, tuple(sorted(used))


def _settle(
    cell: Cell, cells: dict[str, Cell], equations: Iterable[Equation]
) -> tuple[Cell | None, tuple[str, ...]]:
    """Return the cell with the reading that every equation around it accepts."""
    # a number that was read may be replaced by `mend` alone, which asks for rivals
    options = cell.candidates if cell.value is None else (cell.value,)
    around = [e for e in equations if cell.address in e.left or cell.address in e.right]
    look = numbers_only(cells)
    told = [(e, implied(e, cell.address, look)) for e in around]
    told = [(e, value) for e, value in told if value is not None]
    if not told:
        return None, ()
    fitting = [o for o in options if all(o == value for _, value in told)]
    if len(fitting) != 1:
        return None, ()
    proof = tuple(e.key for e, _ in told)
    return replace(
        cell,
        state="number",
        value=fitting[0],
        confidence=max(cell.confidence, _PROVEN),
        notes=tuple(dict.fromkeys((*cell.notes, "by_equation"))),
        proof=proof,
        candidates=tuple(o for o in cell.candidates if o != fitting[0]),
    ), proof


def _derive(absent: Iterable[Cell], cells: dict[str, Cell], equations: list[Equation]) -> None:
    by_address: dict[str, list[Equation]] = {}
    for equation in equations:
        for address in (*equation.left, *equation.right):
            by_address.setdefault(address, []).append(equation)
    look = numbers_only(cells)
    for cell in absent:
        told = [
            (e.key, value)
            for e in by_address.get(cell.address, ())
            if (value := implied(e, cell.address, look)) is not None
        ]
        if told and told[0][1] >= 0 and len({value for _, value in told}) == 1:
            proof = tuple(key for key, _ in told)
            cells[cell.address] = replace(cell, derived=told[0][1], proof=proof)
