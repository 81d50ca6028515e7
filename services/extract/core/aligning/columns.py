"""Found values against declared columns: by order when complete, by grid position when not.

The hard cases: ragged rows where spans were lost (report 000), six numbers under seven columns
(report 003), label debris among the numbers (report 004). Where several placements fit, the row's
own equation chooses, and says so; where it cannot, the cells are flagged and never guessed silently.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations

from services.extract.core.aligning.ground import NOWHERE, Ground, zone_of
from services.extract.core.aligning.lines import Line
from services.extract.core.aligning.readings import BLANK, Reading, is_value, read_cell
from services.extract.core.aligning.rows import Declared
from services.extract.core.aligning.spans import (
    Columns,
    is_shown,
    own_cells,
    under,
    without_repeats,
)
from shared import forms
from shared.report.document import GridCell
from shared.report.values import value

Slot = GridCell | None


@value
class Placement:
    """The printed cell under each declared column; None where the document shows none.

    A covered cell stands where a merged neighbour lies over the column. `certain` is False when
    several placements fitted, `by_equation` when the row sum chose.
    `extra` are value cells that fit no column. `lost` tells that a column was not there.
    """

    slots: tuple[Slot, ...]
    certain: bool = True
    by_equation: bool = False
    lost: bool = False
    shifted: bool = False
    trailing: bool = False
    extra: tuple[GridCell, ...] = ()


def place_row(
    line: Line, declared: Declared, ground: Ground = NOWHERE, *, total_last: bool
) -> Placement:
    """Return which printed cell stands under which column of one row.

    `total_last` tells that the last column is the sum of the others, which lets the row itself
    arbitrate between placements.
    """
    placement = _placed(line, declared, ground, total_last=total_last)
    slipped = _is_crowded(line, placement) or _is_under_label(line, placement)
    return replace(placement, certain=False) if slipped else placement


def _is_under_label(line: Line, placement: Placement) -> bool:
    """Tell whether the label reaches over the first column: all cells behind it may have moved."""
    first = placement.slots[0]
    label = line.cells[line.last_label] if line.last_label >= 0 else None
    if first is None or not first.covered or label is None:
        return False
    return label.column + label.columns > first.column


def _is_crowded(line: Line, placement: Placement) -> bool:
    """Tell whether a row shows a number for every column and yet leaves one without.

    Then numbers ran together or slid under a neighbouring title, and each of them may have.
    """
    if all(s is not None and is_shown(s) for s in placement.slots):
        return False
    zone = line.cells[line.value_start :]
    words = [w for c in zone for w in c.text.split() if is_value(w)]
    return len(words) >= len(placement.slots)


def _placed(line: Line, declared: Declared, ground: Ground, *, total_last: bool) -> Placement:
    whole = zone_of(line)
    zone = without_repeats(own_cells(whole), ground.repeats)
    width, reference = declared.width, ground.columns
    values = [c for c in zone if is_shown(c)]
    if reference is not None and (ground.ghosts or len(zone) < len(whole)):
        slots = under(reference, whole, ground.ghosts)
        if slots is not None and _misses_none(slots, values, reference, ground.ghosts):
            return _without_column(slots, ground.lost)
    if len(values) == width:
        first, last = values[0].column, values[-1].column
        between = sum(first <= c.column <= last and c.column not in ground.holes for c in zone)
        return Placement(
            tuple(values),
            shifted=width < 7 and between > width,
            trailing=reference is None and zone[-1].column > last,
        )
    if len(values) > width:
        return _too_many(values, reference, declared, total_last=total_last)
    if reference is None and ground.start is not None:
        zone = _from_start(zone, values, ground.start, width)
    return _too_few(zone, values, ground, width, total_last=total_last)


def _without_column(slots: tuple[Slot, ...], lost: int | None) -> Placement:
    """Return the placement of a row in which one column of the form is not there."""
    if lost is None:
        return Placement(slots)
    return Placement((*slots[:lost], None, *slots[lost:]), lost=True)


def _misses_none(
    slots: tuple[GridCell, ...],
    values: Sequence[GridCell],
    reference: Columns,
    ghosts: frozenset[int],
) -> bool:
    """Tell whether the slots hold every value of the row; a piece in a ghost column was joined."""
    within = range(reference[0], reference[-1] + slots[-1].columns + 1)
    return all(c.column in reference or (c.column in ghosts and c.column in within) for c in values)


def _from_start(
    zone: tuple[GridCell, ...], values: list[GridCell], start: int, width: int
) -> tuple[GridCell, ...]:
    """Cut the zone to the columns at which the other rows of the fragment stand."""
    window = tuple(c for c in zone if start <= c.column < start + width)
    return window if len(window) == width and all(v in window for v in values) else zone


def _too_many(
    values: list[GridCell], reference: Columns | None, declared: Declared, *, total_last: bool
) -> Placement:
    width = declared.width
    if all(c.text == values[width - 1].text for c in values[width:]) and not total_last:
        # a span repeated into every column it covers; none covers more than the table has
        return Placement(tuple(values[:width]), certain=len(values) <= _widest(declared.table))
    kept = [c for c in values if reference is not None and c.column in reference]
    if len(kept) == width and (not total_last or adds_up(kept)):
        return Placement(tuple(kept), extra=tuple(c for c in values if c not in kept))
    chosen = _summing(values, width) if total_last else None
    if chosen is not None:
        return Placement(
            chosen, by_equation=True, extra=tuple(c for c in values if c not in chosen)
        )
    if "." in values[0].text:
        # a number with a fraction among counts is what is left of a label
        return Placement(tuple(values[1 : width + 1]), certain=False, extra=(values[0],))
    if len(kept) == width:
        return Placement(tuple(kept), extra=tuple(c for c in values if c not in kept))
    return Placement(tuple(values[:width]), certain=False, extra=tuple(values[width:]))


@cache
def _widest(table_id: str) -> int:
    """Return the most value columns that any block of the table has in any edition."""
    tables = (table for form in forms.editions() for table in form.tables)
    return max(len(b.columns) for table in tables if table.id == table_id for b in table.blocks)


def _summing(values: Sequence[GridCell], width: int) -> tuple[GridCell, ...] | None:
    """Return the one choice of `width` values whose last is the sum of the others."""
    if len(values) > width + 1:
        return None
    fitting = [k for k in combinations(values, width) if adds_up(k)]
    telling = {tuple(read_cell(c.text).value for c in k) for k in fitting}
    return fitting[-1] if len(telling) == 1 and any(next(iter(telling))) else None


def _too_few(
    zone: Sequence[GridCell],
    values: list[GridCell],
    ground: Ground,
    width: int,
    *,
    total_last: bool,
) -> Placement:
    reference = ground.columns
    by_column = {c.column: c for c in zone}
    if (
        reference is not None
        and all(c in by_column for c in reference)
        and all(c.column in reference for c in values)
    ):
        # one number before nothing but empty cells may belong to a merged cell over them all
        alone = len(values) == 1 and width > 3 and values[0].column == reference[0]
        found = _without_column(tuple(by_column[c] for c in reference), ground.lost)
        return replace(found, certain=not alone)
    if len(zone) == width:
        return Placement(tuple(zone))
    if len(zone) > width:
        return _window(zone, values, width, total_last=total_last)
    return spread(values, width, total_last=total_last)


def _window(
    zone: Sequence[GridCell], values: list[GridCell], width: int, *, total_last: bool
) -> Placement:
    """Choose the run of `width` neighbouring cells that holds all values."""
    starts = range(len(zone) - width + 1)
    windows = [zone[s : s + width] for s in starts]
    holding = [w for w in windows if all(v in w for v in values)]
    if not holding:
        return spread(values, width, total_last=total_last)
    if len(holding) == 1 or not values:
        return Placement(tuple(holding[0]))
    if total_last:
        fitting = [w for w in holding if w[-1].text and adds_up(w)]
        if len(fitting) == 1 and any(read_cell(c.text).value for c in fitting[0]):
            return Placement(tuple(fitting[0]), by_equation=True)
    return Placement(tuple(holding[0]), certain=False)


def spread(values: Sequence[GridCell], width: int, *, total_last: bool) -> Placement:
    """Place too few values without any grid: the last is the total when it is the others' sum."""
    if not values:
        return Placement((None,) * width, lost=True)
    if len(values) == 1:
        return Placement((None,) * width, certain=False, lost=True, extra=tuple(values))
    if total_last and adds_up(values):
        parts = list(values[:-1])
        missing = width - 1 - len(parts)
        slots: list[Slot] = [*parts, *([None] * missing), values[-1]]
        same = len({read_cell(c.text).value for c in parts[1:]}) <= 1
        return Placement(tuple(slots), certain=same, by_equation=True, lost=True)
    return Placement((None,) * width, certain=False, lost=True, extra=tuple(values))


def adds_up(cells: Sequence[GridCell]) -> bool:
    """Tell whether the last number is the sum of those before (blanks count nothing)."""
    readings: list[Reading] = [read_cell(c.text) if c.text else BLANK for c in cells]
    if readings[-1].state != "number" or any(c.unread for c in cells):
        return False
    return sum(r.value or 0 for r in readings[:-1]) == readings[-1].value
