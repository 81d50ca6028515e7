"""Faults in single cells: states, signs, units, sizes."""

from dataclasses import replace
from random import Random

from shared import forms
from tests.support.figures import APPLICANTS, T2, T3
from tests.support.planting import touching
from tests.support.truth import Expected, Truth, Value


@touching("t3")
def blank_cells(truth: Truth, rng: Random) -> Truth | None:
    """Leave a row that the balance needs empty."""
    row = rng.choice(("received_new", "total"))
    changes: dict[str, Value] = {f"{T3}.{row}@{c}": "blank" for c in (*APPLICANTS, "total")}
    return truth.with_cells(changes, Expected("c_blank", f"{T3}.{row}@total"))


@touching("t2")
def marks(truth: Truth, rng: Random) -> Truth | None:
    """Print a mark for what the agency has no power to do."""
    block = forms.table(truth.templates[T2], T2).blocks[0]
    mark = rng.choice(("/", "-", "—", "无", "--", "／"))
    addresses = [f"{T2}.regulations@{c.id}" for c in block.columns]
    changed = truth.with_cells(dict.fromkeys(addresses, "mark"), Expected("c_mark", addresses[0]))
    return replace(changed, printed={**changed.printed, **dict.fromkeys(addresses, mark)})


@touching("t2")
def words_for_a_number(truth: Truth, rng: Random) -> Truth | None:
    """Write words where a number belongs."""
    address = f"{T2}.{rng.choice(('licensing', 'penalty'))}@decisions"
    changed = truth.with_cells({address: "unreadable"}, Expected("c_unreadable", address))
    words = rng.choice(("详见附件", "若干", "见网站"))
    return replace(changed, printed={**changed.printed, address: words})


@touching("t2")
def no_unit(truth: Truth, rng: Random) -> Truth | None:
    """Print the amount of procurement without a unit."""
    address = f"{T2}.procurement@amount"
    if truth.cells.get(address, 0) == 0:
        return None
    changed = truth.with_cells({address: truth.cells[address]}, Expected("c_unit_missing", address))
    return replace(changed, units={**truth.units, address: None})


@touching("t2")
def wrong_unit(truth: Truth, rng: Random) -> Truth | None:
    """Print the amount of fees with another unit than its column title."""
    address = f"{T2}.fees@amount_wanyuan"
    if truth.templates[T2] != "2021":
        return None
    amount = rng.randint(2, 40) / 10
    changed = truth.with_cells({address: amount}, Expected("c_unit_conflict", address))
    return replace(
        changed,
        printed={**changed.printed, address: f"{amount}亿元"},
        units={**changed.units, address: "亿元"},
    )


@touching("t2")
def negative_count(truth: Truth, rng: Random) -> Truth | None:
    """Print a negative number of decisions."""
    address = f"{T2}.{rng.choice(('licensing', 'penalty'))}@decisions"
    return truth.with_cells({address: -rng.randint(2, 40)}, Expected("c_negative", address))


@touching("t2")
def not_integer(truth: Truth, rng: Random) -> Truth | None:
    """Print a count with a decimal."""
    address = f"{T2}.penalty@decisions"
    return truth.with_cells({address: rng.randint(1, 40) + 0.5}, Expected("c_not_integer", address))


@touching("t2")
def sign_on_a_count(truth: Truth, rng: Random) -> Truth | None:
    """Print a plus before a count that is no change, or two minus signs before a change."""
    if truth.templates[T2] == "2021":
        address = f"{T2}.penalty@decisions"
        value, shown = 12, "+12"
    elif rng.random() < 0.5:
        address = f"{T2}.penalty@prior_items"
        value, shown = 22, "+22"
    else:
        address = f"{T2}.penalty@change"
        value, shown = -3, "--3"
    changes: dict[str, Value] = {address: value}
    if truth.templates[T2] == "2019":
        changes |= {f"{T2}.penalty@decisions": 777}
        if address.endswith("@change"):
            changes |= {f"{T2}.penalty@prior_items": 30}
    changed = truth.with_cells(changes, Expected("c_sign", address))
    return replace(changed, printed={**changed.printed, address: shown})


@touching("t2", "who")
def items_by_the_hundred(truth: Truth, rng: Random) -> Truth | None:
    """Enter the year's cases as new kinds of item, in a small body."""
    small = truth.level in ("township", "county") and truth.agency_kind in (
        "department", "township_government", "subdistrict_office",
    )  # fmt: skip
    if truth.templates[T2] != "2019" or not small:
        return None
    row = f"{T2}.penalty"
    changes: dict[str, Value] = {
        f"{row}@prior_items": 3,
        f"{row}@change": 127 + rng.randint(0, 90),
        f"{row}@decisions": 11,
    }
    return truth.with_cells(changes, Expected("c_magnitude", f"{row}@change"))
