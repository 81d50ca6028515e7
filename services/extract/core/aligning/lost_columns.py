"""A page of table three that lost one column, so that its totals slid to the left (report 003).

Six numbers stand under seven titles. The last is the total when that is what the rows say together;
which applicant column is gone is told by the column sums of the whole table, or stays open.
"""

from collections.abc import Iterable, Sequence

from services.extract.core.aligning.columns import Placement, Slot
from services.extract.core.aligning.readings import read_cell
from services.extract.core.aligning.rows import RowMatch
from shared import forms
from shared.report.record import Edition, Number

TABLE = "applications"
_Values = dict[tuple[str, int], Number | None]


def restore_lost_columns(
    matches: Sequence[RowMatch], placed: dict[int, tuple[Placement, ...]], edition: Edition
) -> None:
    """Put totals that slid to the left back, fragment by fragment, changing `placed`."""
    fragments: dict[int, list[int]] = {}
    for number, match in enumerate(matches):
        if match.declared.table == TABLE and len(placed[number]) == 1:
            fragments.setdefault(match.lines[0].fragment, []).append(number)
    for numbers in fragments.values():
        if not _slid(placed[n][0] for n in numbers):
            continue
        lost, certain = _which_column(matches, placed, numbers, edition)
        for n in numbers:
            placed[n] = (_with_gap(placed[n][0], lost, certain=certain),)


def _slid(placements: Iterable[Placement]) -> bool:
    """Tell whether the last numbers of these rows are totals under the wrong title.

    True when every row shows nothing under 总计, no last number is smaller than the sum of those
    before it, and at least one is not zero: as figures of 其他 that would be most unlikely.
    """
    telling = False
    for placement in placements:
        *parts, last = placement.slots
        shown = [s for s in parts if s is not None]
        if last is not None and last.text:
            return False
        if len(shown) != len(parts) or any(read_cell(s.text).state != "number" for s in shown):
            return False
        values = [read_cell(s.text).value or 0 for s in shown]
        if values[-1] < sum(values[:-1]):
            return False
        telling = telling or values[-1] > 0
    return telling


def _with_gap(placement: Placement, lost: int, *, certain: bool) -> Placement:
    shown = placement.slots[:-1]
    slots: list[Slot] = [*shown[:lost], None, *shown[lost:]]
    return Placement(tuple(slots), certain=certain, by_equation=True, lost=True)


def _which_column(
    matches: Sequence[RowMatch],
    placed: dict[int, tuple[Placement, ...]],
    numbers: Sequence[int],
    edition: Edition,
) -> tuple[int, bool]:
    """Return the lost column and whether the column sums leave no other choice."""
    width = len(placed[numbers[0]][0].slots)
    broken = {
        lost: _broken_sums(_values(matches, placed, frozenset(numbers), lost), width, edition, lost)
        for lost in range(width - 1)
    }
    least = min(broken.values())
    best = [lost for lost, count in broken.items() if count == least]
    if len(best) == 1 and least == 0:
        return best[0], True
    # the last applicant column by convention; equal neighbours read the same wherever the gap is
    rows = [placed[n][0].slots[:-2] for n in numbers]
    same = all(
        len({read_cell(s.text).value for s in row[1:] if s is not None}) <= 1 for row in rows
    )
    return width - 2, same and width - 2 in best


def _values(
    matches: Sequence[RowMatch],
    placed: dict[int, tuple[Placement, ...]],
    fragment: frozenset[int],
    lost: int,
) -> _Values:
    values: _Values = {}
    for number, match in enumerate(matches):
        if match.declared.table != TABLE or len(placed[number]) != 1:
            continue
        placement = placed[number][0]
        if number in fragment:
            placement = _with_gap(placement, lost, certain=True)
        for column, slot in enumerate(placement.slots):
            reading = read_cell(slot.text) if slot is not None else None
            values[match.declared.row, column] = reading.value if reading else None
    return values


def _broken_sums(values: _Values, width: int, edition: Edition, lost: int) -> int:
    """Count the column equations that the values break; those with unknown terms do not count."""
    broken = 0
    for family in forms.table(edition, TABLE).equations:
        if family.over != "columns":
            continue
        for column in range(width):
            left = [values.get((r, column)) for r in family.left]
            right = [values.get((r, column)) for r in family.right]
            known = [v for v in (*left, *right) if v is not None]
            if column != lost and len(known) == len(left) + len(right):
                half = sum(v for v in left if v is not None)
                broken += half != sum(v for v in right if v is not None)
    return broken
