"""Faults planted in clean reports, each with the rule and the cell it must be found by.

A fault returns None where the report gives it nothing to bite on.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

from shared import forms
from tests.support.figures import APPLICANTS, T2, T3, T4
from tests.support.fill import fill
from tests.support.truth import Expected, Figure, Part, Truth, Value

Fault = Callable[[Truth, Random], Truth | None]


def outcome_rows(truth: Truth) -> list[str]:
    """Return the row ids of table three that are outcomes, without the total."""
    rows = [r.id for r in forms.table(truth.templates[T3], T3).blocks[0].rows]
    return rows[2 : rows.index("total")]


def break_row_total(truth: Truth, rng: Random) -> Truth | None:
    """Change the total of one outcome row."""
    row = rng.choice([r for r in outcome_rows(truth) if "." in r])
    address = f"{T3}.{row}@total"
    value = truth.number(address) + rng.randint(1, 9)
    return truth.with_cells({address: value}, Expected("t3_row_total", address))


def break_balance(truth: Truth, rng: Random) -> Truth | None:
    """Carry more applications over than the balance allows; rows still add up."""
    column = rng.choice(APPLICANTS[:2])
    extra = rng.randint(1, 5)
    one, total = f"{T3}.carried_over_out@{column}", f"{T3}.carried_over_out@total"
    return truth.with_cells(
        {one: truth.number(one) + extra, total: truth.number(total) + extra},
        Expected("t3_balance", one),
    )


def break_outcome_total(truth: Truth, rng: Random) -> Truth | None:
    """Change one outcome and its row total, so that the outcomes no longer make the total."""
    row, column = rng.choice(outcome_rows(truth)), rng.choice(APPLICANTS)
    extra = rng.randint(1, 20)
    one, total = f"{T3}.{row}@{column}", f"{T3}.{row}@total"
    return truth.with_cells(
        {one: truth.number(one) + extra, total: truth.number(total) + extra},
        Expected("t3_outcome_total", one),
    )


def break_t4(truth: Truth, rng: Random) -> Truth | None:
    """Change the total of one group of table four."""
    address = f"{T4}.{rng.choice(('review', 'litigation_direct', 'litigation_after_review'))}@total"
    return truth.with_cells(
        {address: truth.number(address) + rng.randint(1, 4)}, Expected("t4_sum", address)
    )


def text_vs_table(truth: Truth, rng: Random) -> Truth | None:
    """State another number of applications received than the table."""
    address = f"{T3}.received_new@total"
    if not truth.number(address):
        return None
    spoken = {address: truth.number(address) + truth.number(f"{T3}.carried_over_in@total") + 7}
    changed = fill(truth.seed, truth.edition, kind=truth.kind, spoken=spoken)
    return replace(changed, expected=(Expected("n_received", address),))


def zero_claim(truth: Truth, rng: Random) -> Truth | None:
    """Say that no application came in while the table shows some."""
    address = f"{T3}.received_new@total"
    if not truth.number(address):
        return None
    spoken = dict.fromkeys((f"{T3}.{r}@total" for r in ("received_new", "carried_over_in")), 0)
    changed = fill(truth.seed, truth.edition, kind=truth.kind, spoken=spoken)
    return replace(changed, expected=(Expected("n_zero_claim", address),))


def breakdown_sum(truth: Truth, rng: Random) -> Truth | None:
    """Raise the stated whole of a complete list by one."""
    whole = next((f for f in truth.figures if f.key == "disclosed_items"), None)
    old = f"{whole.value}条，其中" if whole else "\0"
    told = [p for p in truth.parts[0].before if old in p and "条等" not in p]
    if whole is None or not told:
        return None
    new = f"{int(whole.value) + 1}条，其中"
    texts = tuple(p.replace(old, new) for p in truth.parts[0].before)
    changed = tuple(replace(f, value=f.value + 1) if f is whole else f for f in truth.figures)
    return replace(
        truth,
        parts=(replace(truth.parts[0], before=texts), *truth.parts[1:]),
        figures=changed,
        expected=(Expected("n_breakdown_sum"),),
    )


def late(truth: Truth, rng: Random) -> Truth | None:
    """Publish after the deadline of the kind of agency."""
    month = 4 if truth.scope == "roll_up" else 3
    day = date(truth.year + 1, month, rng.randint(4, 28))
    return replace(truth, published_on=day, expected=(Expected("d_deadline"),))


def wrong_year(truth: Truth, rng: Random) -> Truth | None:
    """Sign in January of the year reported on, as clerks do after New Year."""
    day = date(truth.year, 1, rng.randint(5, 28))
    return replace(truth, published_on=day, expected=(Expected("d_before_period_end"),))


def year_conflict(truth: Truth, rng: Random) -> Truth | None:
    """State a statistical period of another year than the title."""
    wrong = truth.year - 1
    text = f"本报告所列数据的统计期限为{wrong}年1月1日至{wrong}年12月31日。"
    return replace(truth, preamble=(text,), expected=(Expected("d_year_conflict"),))


def missing_section(truth: Truth, rng: Random) -> Truth | None:
    """Leave out section five or six."""
    gone = rng.choice((5, 6))
    parts = tuple(p for p in truth.parts if p.number != gone)
    figures = truth.figures if gone == 5 else _without_fee(truth)
    return replace(truth, parts=parts, figures=figures, expected=(Expected("s_section_missing"),))


def empty_section(truth: Truth, rng: Random) -> Truth | None:
    """Print the heading of section five and nothing under it."""
    parts = tuple(Part(5, p.title) if p.number == 5 else p for p in truth.parts)
    return replace(truth, parts=parts, expected=(Expected("s_section_empty"),))


def missing_table(truth: Truth, rng: Random) -> Truth | None:
    """Leave out table four."""
    kept = {a: v for a, v in truth.cells.items() if not a.startswith(T4)}
    return replace(
        truth,
        lost_tables=frozenset({T4}),
        cells=kept,
        templates={t: e for t, e in truth.templates.items() if t != T4},
        expected=(Expected("s_table_missing"),),
    )


def old_template(truth: Truth, rng: Random) -> Truth | None:
    """Use the tables of 2019 for a later year."""
    changed = fill(truth.seed, "2019", kind=truth.kind, year=rng.choice((2021, 2022, 2023)))
    return replace(changed, expected=(Expected("s_template_outdated"),))


def hybrid(truth: Truth, rng: Random) -> Truth | None:
    """Put the one-row 其他处理 of 2019 into a report of the 2021 edition."""
    new = fill(truth.seed, "2021", kind=truth.kind)
    cells = {a: v for a, v in new.cells.items() if ".other_processing." not in a}
    for column in (*APPLICANTS, "total"):
        cells[f"{T3}.other_processing@{column}"] = sum(
            new.number(f"{T3}.other_processing.{r}@{column}")
            for r in ("no_correction", "fee_unpaid", "other")
        )
    printed = {a: t for a, t in new.printed.items() if a in cells}
    return replace(
        new,
        cells=cells,
        printed=printed,
        templates={**new.templates, T3: "2019"},
        expected=(Expected("s_template_hybrid"),),
    )


def blank_cells(truth: Truth, rng: Random) -> Truth | None:
    """Leave a row that the balance needs empty."""
    row = rng.choice(("received_new", "total"))
    changes: dict[str, Value] = {f"{T3}.{row}@{c}": "blank" for c in (*APPLICANTS, "total")}
    return truth.with_cells(changes, Expected("c_blank", f"{T3}.{row}@total"))


def marks(truth: Truth, rng: Random) -> Truth | None:
    """Print a mark for what the agency has no power to do."""
    block = forms.table(truth.templates[T2], T2).blocks[0]
    mark = rng.choice(("/", "-", "—", "无", "--", "／"))
    addresses = [f"{T2}.regulations@{c.id}" for c in block.columns]
    changed = truth.with_cells(dict.fromkeys(addresses, "mark"), Expected("c_mark", addresses[0]))
    return replace(changed, printed={**changed.printed, **dict.fromkeys(addresses, mark)})


def no_unit(truth: Truth, rng: Random) -> Truth | None:
    """Print the amount of procurement without a unit."""
    address = f"{T2}.procurement@amount"
    if truth.cells.get(address, 0) == 0:
        return None
    changed = truth.with_cells({address: truth.cells[address]}, Expected("c_unit_missing", address))
    return replace(changed, units={**truth.units, address: None})


def regulations_without_power(truth: Truth, rng: Random) -> Truth | None:
    """Let a department or township claim to have made regulations."""
    if truth.agency_kind == "government":
        return None
    block = forms.table(truth.templates[T2], T2).blocks[0]
    changes: dict[str, Value] = {f"{T2}.regulations@{c.id}": 0 for c in block.columns}
    first, last = (f"{T2}.regulations@{block.columns[i].id}" for i in (0, -1))
    changes |= {first: 1, last: 2}
    return truth.with_cells(changes, Expected("t2_rulemaking_authority", last))


def negative_count(truth: Truth, rng: Random) -> Truth | None:
    """Print a negative number of decisions."""
    address = f"{T2}.{rng.choice(('licensing', 'penalty'))}@decisions"
    return truth.with_cells({address: -rng.randint(2, 40)}, Expected("c_negative", address))


def not_integer(truth: Truth, rng: Random) -> Truth | None:
    """Print a count with a decimal."""
    address = f"{T2}.penalty@decisions"
    return truth.with_cells({address: rng.randint(1, 40) + 0.5}, Expected("c_not_integer", address))


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


def placeholder(truth: Truth, rng: Random) -> Truth | None:
    """Leave a placeholder of the model text in place."""
    part = truth.parts[0]
    texts = (*part.before, f"{rng.choice(('XX局', '××局', 'XXX局'))}将继续做好政府信息公开工作。")
    return replace(
        truth,
        parts=(replace(part, before=texts), *truth.parts[1:]),
        expected=(Expected("i_placeholder"),),
    )


def fee_not_stated(truth: Truth, rng: Random) -> Truth | None:
    """Say nothing on the processing fee in a year that asks for it."""
    if truth.year < 2021:
        return None
    parts = tuple(
        replace(p, before=("无其他需要报告的事项。",)) if p.number == 6 else p for p in truth.parts
    )
    return replace(
        truth, parts=parts, figures=_without_fee(truth), expected=(Expected("f_fee_not_stated"),)
    )


def _without_fee(truth: Truth) -> tuple[Figure, ...]:
    """Return the figures without that of section six, which is no longer printed."""
    return tuple(f for f in truth.figures if f.key != "processing_fee")


FAULTS: dict[str, Fault] = {
    f.__name__: f
    for f in (
        break_row_total, break_balance, break_outcome_total, break_t4, text_vs_table, zero_claim,
        breakdown_sum, late, wrong_year, year_conflict, missing_section, empty_section,
        missing_table, old_template, hybrid, blank_cells, marks, no_unit,
        regulations_without_power, negative_count, not_integer, columns_as_sum, items_negative,
        stock_bound, placeholder, fee_not_stated,
    )
}  # fmt: skip
