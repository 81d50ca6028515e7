"""Cells of recognised pages: what the form's equations say about how well they were read.

Two independent equations (the row's and the column's) that hold through a number read with some
doubt confirm it: only errors that cancel out four times over could look the same. They did not
choose the reading, so they stay evidence about the report. A number that equations contradict, and
no equation of the other kind supports, is never given with confidence; and where the digit that
would mend them looks like the one that was read, the report is not blamed for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.extract.core.trust.equality import holds, implied
from shared import forms
from shared.forms import Equation
from shared.report.record import Cell, Edition, Number

CONFIRMED = 0.97
_READ_AT_LEAST = 0.5
_CONTRADICTED = 0.75
_UNCONFIRMED = 0.79
SURE = 0.95
"""Confidence from which a recognised number is held against the report and not against the reading."""
_MISPLACED = frozenset(
    ("position", "column_lost", "uncertain_place", "merged_rows", "split_digits")
)
_LOOK_ALIKES = {
    "0": "689", "1": "74", "2": "7", "3": "589", "4": "19", "5": "369", "6": "058", "7": "12",
    "8": "0369", "9": "03458",
}  # fmt: skip
_BY_ROW = frozenset(("t3_row_total", "t4_sum"))


@dataclass(slots=True)
class _Verdicts:
    """How the equations through one cell came out, those over its row and those over its column."""

    holding: set[bool] = field(default_factory=set)
    failing: set[bool] = field(default_factory=set)


def weigh(
    cells: Mapping[str, Cell], templates: Mapping[str, Edition], pages: frozenset[int]
) -> dict[str, Cell]:
    """Return the cells with those of recognised pages marked, confirmed or called in doubt."""
    equations = [e for t, ed in templates.items() for e in forms.equations(ed, t)]
    verdicts = _verdicts(cells, equations)
    misread = _look_alike_culprits(cells, equations)
    return {
        a: _weighed(c, verdicts.get(a), misread=a in misread)
        if _is_recognised(c, pages)
        else _doubted_if_absent(c)
        for a, c in cells.items()
    }


def _doubted_if_absent(cell: Cell) -> Cell:
    """Call an absent cell doubtful: what is not shown may have been lost by recognition."""
    if cell.state != "absent" or cell.place is not None:
        return cell
    return replace(cell, confidence=min(cell.confidence, _CONTRADICTED))


def _look_alike_culprits(
    cells: Mapping[str, Cell], equations: Sequence[Equation]
) -> frozenset[str]:
    """Return the numbers that another look of their digits would make fit: 8 for 0, 7 for 1."""
    wanted: dict[str, set[Number | None]] = {}
    for equation in equations:
        if holds(equation, cells) is not False:
            continue
        for address in (*equation.left, *equation.right):
            wanted.setdefault(address, set()).add(implied(equation, address, cells))
    return frozenset(
        a
        for a, values in wanted.items()
        if len(values) == 1 and _looks_alike(cells[a].value, next(iter(values)))
    )


def _looks_alike(printed: Number | None, meant: Number | None) -> bool:
    if printed is None or meant is None or meant < 0:
        return False
    one, other = str(printed), str(meant)
    differing = [(a, b) for a, b in zip(one, other, strict=False) if a != b]
    same_length = len(one) == len(other)
    return same_length and all(b in _LOOK_ALIKES.get(a, "") for a, b in differing)


def _is_recognised(cell: Cell, pages: frozenset[int]) -> bool:
    if cell.place is None:
        return False
    return cell.place.page is None or cell.place.page in pages


def _verdicts(cells: Mapping[str, Cell], equations: Sequence[Equation]) -> dict[str, _Verdicts]:
    found: dict[str, _Verdicts] = {}
    for equation in equations:
        terms = (*equation.left, *equation.right)
        result = holds(equation, cells)
        if result is None:
            continue
        by_row = equation.rule in _BY_ROW
        weak = result and any(_is_weak(cells[a]) for a in terms)
        for address in terms:
            verdict = found.setdefault(address, _Verdicts())
            if not result:
                verdict.failing.add(by_row)
            elif not weak:
                verdict.holding.add(by_row)
    return found


def _is_weak(cell: Cell) -> bool:
    """Tell whether a cell is too doubtful for an equation with it to confirm anything."""
    return cell.confidence < _READ_AT_LEAST or not _MISPLACED.isdisjoint(cell.notes)


def _weighed(cell: Cell, verdict: _Verdicts | None, *, misread: bool) -> Cell:
    notes = (*cell.notes, "recognised")
    if cell.state != "number":
        return replace(cell, notes=notes)
    verdict = verdict or _Verdicts()
    if verdict.failing and not verdict.holding - verdict.failing:
        # how surely it was read is kept as a note: it decides whom the finding points at
        how = "contradicted"
        if cell.confidence >= SURE and not cell.candidates and not misread:
            how = "contradicted_though_sure"
        return replace(cell, notes=(*notes, how), confidence=min(cell.confidence, _CONTRADICTED))
    confirmed = len(verdict.holding) == 2 and not verdict.failing
    if confirmed and _READ_AT_LEAST <= cell.confidence < CONFIRMED and "by_equation" not in notes:
        return replace(cell, notes=(*notes, "confirmed_by_equation"), confidence=CONFIRMED)
    if not verdict.holding and cell.confidence < SURE:
        # nothing but recognition vouches for it, and that not surely
        return replace(cell, notes=notes, confidence=min(cell.confidence, _UNCONFIRMED))
    return replace(cell, notes=notes)
