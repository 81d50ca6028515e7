"""Faults in the figures of the tables: sums, balances, columns, powers."""

from dataclasses import replace
from random import Random

from shared import forms
from tests.support.figures import APPLICANTS, T2, T3, T4
from tests.support.planting import touching
from tests.support.truth import Expected, Truth, Value

_GROUPS = ("review", "litigation_direct", "litigation_after_review")


def outcome_rows(truth: Truth) -> list[str]:
    """Return the row ids of table three that are outcomes, without the total."""
    rows = [r.id for r in forms.table(truth.templates[T3], T3).blocks[0].rows]
    return rows[2 : rows.index("total")]


@touching("t3")
def break_row_total(truth: Truth, rng: Random) -> Truth | None:
    """Change the total of one outcome row."""
    row = rng.choice([r for r in outcome_rows(truth) if "." in r])
    address = f"{T3}.{row}@total"
    value = truth.number(address) + rng.randint(1, 9)
    return truth.with_cells({address: value}, Expected("t3_row_total", address))


@touching("t3")
def break_balance(truth: Truth, rng: Random) -> Truth | None:
    """Carry more applications over than the balance allows; rows still add up."""
    column = rng.choice(APPLICANTS[:2])
    extra = rng.randint(1, 5)
    one, total = f"{T3}.carried_over_out@{column}", f"{T3}.carried_over_out@total"
    return truth.with_cells(
        {one: truth.number(one) + extra, total: truth.number(total) + extra},
        Expected("t3_balance", one),
    )


@touching("t3")
def break_outcome_total(truth: Truth, rng: Random) -> Truth | None:
    """Change one outcome and its row total, so that the outcomes no longer make the total."""
    row, column = rng.choice(outcome_rows(truth)), rng.choice(APPLICANTS)
    extra = rng.randint(1, 20)
    one, total = f"{T3}.{row}@{column}", f"{T3}.{row}@total"
    return truth.with_cells(
        {one: truth.number(one) + extra, total: truth.number(total) + extra},
        Expected("t3_outcome_total", one),
    )


@touching("t3")
def more_handled_than_came_in(truth: Truth, rng: Random) -> Truth | None:
    """Count more outcomes than came in and leave out the row of what is carried over."""
    row_out = f"{T3}.carried_over_out"
    extra = 1 + truth.number(f"{row_out}@total") + rng.randint(0, 6)
    changes: dict[str, Value] = {f"{row_out}@{c}": "absent" for c in (*APPLICANTS, "total")}
    for row in ("granted", "total"):
        for column in ("natural_person", "total"):
            address = f"{T3}.{row}@{column}"
            changes[address] = truth.number(address) + extra
    changed = truth.with_cells(
        changes,
        Expected("t3_outflow_le_inflow", f"{T3}.total@total"),
        Expected("s_row_missing", f"{row_out}@total"),
    )
    return replace(changed, omitted=frozenset({row_out}))


@touching("t4")
def break_t4(truth: Truth, rng: Random) -> Truth | None:
    """Change the total of one group of table four."""
    address = f"{T4}.{rng.choice(_GROUPS)}@total"
    return truth.with_cells(
        {address: truth.number(address) + rng.randint(1, 4)}, Expected("t4_sum", address)
    )


@touching("t4")
def totals_of_four_zero(truth: Truth, rng: Random) -> Truth | None:
    """Leave the totals of table four at 0 beside filled results, as a county did for years."""
    told: dict[str, Value] = {}
    for group in _GROUPS:
        if truth.number(f"{T4}.{group}@total"):
            told[f"{T4}.{group}@total"] = 0
    return truth.with_cells(told, *(Expected("t4_sum", a) for a in told)) if told else None


@touching("t3", "t4")
def reviews_above_applications(truth: Truth, rng: Random) -> Truth | None:
    """Have more reviews than applications were handled."""
    more = truth.number(f"{T3}.total@total") + 3
    changes: dict[str, Value] = {f"{T4}.review@{c}": 0 for c in ("corrected", "other", "pending")}
    changes |= {f"{T4}.review@{c}": more for c in ("maintained", "total")}
    return truth.with_cells(changes, Expected("t4_vs_t3", f"{T4}.review@total"))


@touching("t2", "who")
def regulations_without_power(truth: Truth, rng: Random) -> Truth | None:
    """Let a department or township claim to have made regulations."""
    if truth.agency_kind == "government":
        return None
    block = forms.table(truth.templates[T2], T2).blocks[0]
    changes: dict[str, Value] = {f"{T2}.regulations@{c.id}": 0 for c in block.columns}
    first, last = (f"{T2}.regulations@{block.columns[i].id}" for i in (0, -1))
    changes |= {first: 1, last: 2}
    return truth.with_cells(changes, Expected("t2_rulemaking_authority", last))


@touching("t2")
def columns_as_sum(truth: Truth, rng: Random) -> Truth | None:
    """Fill decisions as items of last year plus change, in every row."""
    if truth.templates[T2] != "2019":
        return None
    changes: dict[str, Value] = {}
    for row in ("licensing", "other_services", "penalty", "coercion"):
        prior, change = rng.randint(3, 30), rng.randint(1, 9)
        values = {"prior_items": prior, "change": change, "decisions": prior + change}
        changes |= {f"{T2}.{row}@{c}": v for c, v in values.items()}
    return truth.with_cells(
        changes, Expected("t2_2019_columns_as_sum", f"{T2}.licensing@decisions")
    )


@touching("t2")
def items_negative(truth: Truth, rng: Random) -> Truth | None:
    """Take away more kinds of items than there were."""
    if truth.templates[T2] != "2019":
        return None
    row = f"{T2}.{rng.choice(('licensing', 'coercion'))}"
    changes: dict[str, Value] = {
        f"{row}@prior_items": 3,
        f"{row}@change": -5,
        f"{row}@decisions": 4,
    }
    return truth.with_cells(changes, Expected("t2_2019_items_nonnegative", f"{row}@change"))


@touching("t2")
def decisions_without_items(truth: Truth, rng: Random) -> Truth | None:
    """Make decisions under a power of which no item is on the list."""
    if truth.templates[T2] != "2019":
        return None
    row = f"{T2}.{rng.choice(('licensing', 'penalty', 'coercion'))}"
    values = {"prior_items": 0, "change": 0, "decisions": rng.randint(3, 900)}
    changes: dict[str, Value] = {f"{row}@{c}": v for c, v in values.items()}
    return truth.with_cells(changes, Expected("t2_2019_decisions_no_items", f"{row}@decisions"))


@touching("t2")
def stock_bound(truth: Truth, rng: Random) -> Truth | None:
    """Have fewer documents in force than were issued and not repealed this year."""
    row = f"{T2}.normative_documents"
    if truth.templates[T2] == "2021":
        changes: dict[str, Value] = {f"{row}@issued": 9, f"{row}@repealed": 1, f"{row}@in_force": 3}
        return truth.with_cells(changes, Expected("t2_2021_stock_bound", f"{row}@in_force"))
    changes = {f"{row}@newly_made": 9, f"{row}@newly_disclosed": 9, f"{row}@total_disclosed": 4}
    return truth.with_cells(
        changes, Expected("t2_2019_disclosed_le_total", f"{row}@total_disclosed")
    )


@touching("t2")
def fee_in_yuan(truth: Truth, rng: Random) -> Truth | None:
    """Print the amount of fees in yuan, unit and all."""
    address = f"{T2}.fees@amount_wanyuan"
    if truth.templates[T2] != "2021":
        return None
    amount = 100 * rng.randint(12, 9000)
    changed = truth.with_cells({address: amount}, Expected("t2_fee_unit", address))
    return replace(
        changed,
        printed={**changed.printed, address: f"{amount}元"},
        units={**changed.units, address: "元"},
    )


@touching("t2", "fee")
def fee_not_among_fees(truth: Truth, rng: Random) -> Truth | None:
    """Report no administrative fees beside a processing fee that was taken."""
    fee = next((f for f in truth.figures if f.key == "processing_fee" and f.value), None)
    address = f"{T2}.fees@amount_wanyuan"
    if fee is None or truth.templates[T2] != "2021":
        return None
    changed = truth.with_cells({address: 0}, Expected("t2_fee_vs_processing_fee", address))
    return replace(changed, printed={**changed.printed, address: "0"})
