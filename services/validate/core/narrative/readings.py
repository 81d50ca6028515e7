"""What a stated quantity may legitimately mean in the tables: every accepted sum of cells."""

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from services.validate.core.naming import cell_name
from services.validate.core.narrative.view import (
    APPLICANTS,
    ORGANISATIONS,
    OUTCOME_COLUMNS,
    T2,
    T3,
    T4,
    Operand,
    View,
)
from shared import forms
from shared.report import quantities as q
from shared.report.record import NarrativeFigure

LITIGATION_ROWS: Final = ("litigation_direct", "litigation_after_review")
GROUPS: Final = {
    q.DENIED: "denied", q.UNAVAILABLE: "unavailable", q.NOT_PROCESSED: "not_processed",
    q.OTHER_PROCESSING: "other_processing",
}  # fmt: skip


class Quantity(NamedTuple):
    """A quantity of the text: the rule that tests it and its name in both languages."""

    rule: str
    zh: str
    en: str


QUANTITIES: Final[dict[str, Quantity]] = {
    q.RECEIVED: Quantity("n_received", "收到的申请", "applications received"),
    q.RECEIVED_AND_CARRIED: Quantity(
        "n_received", "收到及结转的申请", "applications received and carried over"
    ),
    q.RECEIVED_NATURAL: Quantity(
        "n_received_by_applicant", "自然人的申请", "applications of natural persons"
    ),
    q.RECEIVED_ORGANISATIONS: Quantity(
        "n_received_by_applicant", "法人或其他组织的申请", "applications of organisations"
    ),
    q.HANDLED: Quantity("n_handled", "办结的申请", "applications handled"),
    q.GRANTED: Quantity("n_outcomes", "予以公开", "granted"),
    q.PARTIALLY_GRANTED: Quantity("n_outcomes", "部分公开", "partially granted"),
    q.DENIED: Quantity("n_outcomes", "不予公开", "denied"),
    q.UNAVAILABLE: Quantity("n_outcomes", "无法提供", "unavailable"),
    q.NOT_PROCESSED: Quantity("n_outcomes", "不予处理", "not processed"),
    q.OTHER_PROCESSING: Quantity("n_outcomes", "其他处理", "other processing"),
    q.CARRIED_IN: Quantity("n_carried", "上年结转", "carried over from last year"),
    q.CARRIED_OUT: Quantity("n_carried", "结转下年度", "carried over to next year"),
    q.REVIEW: Quantity("n_review", "行政复议", "administrative reviews"),
    q.LITIGATION: Quantity("n_litigation", "行政诉讼", "lawsuits"),
    q.REVIEW_AND_LITIGATION: Quantity("n_litigation", "复议和诉讼", "reviews and lawsuits"),
    q.NORMATIVE_DOCUMENTS: Quantity("n_normative", "规范性文件", "normative documents"),
    q.LICENSING: Quantity("n_decisions", "行政许可决定", "licensing decisions"),
    q.PENALTY: Quantity("n_decisions", "行政处罚决定", "penalty decisions"),
    q.COERCION: Quantity("n_decisions", "行政强制决定", "coercion decisions"),
    q.FEES: Quantity("n_fee", "行政事业性收费", "administrative fees"),
}
_CELL_RULES: Final = (
    (f"{T3}.received_new@", "n_received_by_applicant"),
    (f"{T3}.", "n_outcomes"),
    (f"{T4}.review@", "n_review"),
    (f"{T4}.", "n_litigation"),
    (f"{T2}.normative_documents@", "n_normative"),
)


def quantity_of(key: str, view: View) -> Quantity | None:
    """Return the quantity a key names; keys that are cell addresses take the cell's own name."""
    known = QUANTITIES.get(key)
    if known is not None:
        return known
    if key == f"{T3}.received_new@total":
        return Quantity("n_received", "新收的申请", "applications newly received")
    for prefix, rule in _CELL_RULES:
        if key.startswith(prefix):
            edition = view.record.templates.get(key.partition(".")[0])
            if edition is None:
                return Quantity(rule, key, key)
            return Quantity(rule, *cell_name(edition, key))
    return None


def readings(view: View, figure: NarrativeFigure) -> list[Operand]:
    """Return the accepted meanings, the usual one first; empty when no cell answers."""
    key = figure.key or ""
    known = _READINGS.get(key)
    if known is not None:
        return known(view, figure)
    if key in GROUPS:
        return _group(view, key)
    if key in _APPLICANT_COLUMNS:
        return _applicants(view, _APPLICANT_COLUMNS[key])
    if key in _DECISIONS:
        return [view.total((f"{T2}.{_DECISIONS[key]}@decisions",), "处理决定数量")]
    if key.startswith(f"{T3}.received_new@") and not key.endswith("@total"):
        return _applicants(view, (key.partition("@")[2],))
    return [view.total((key,), "")] if "@" in key else []


def _received(view: View, _: NarrativeFigure) -> list[Operand]:
    new, carried = f"{T3}.received_new@total", f"{T3}.carried_over_in@total"
    return [
        view.total((new,), "新收"),
        view.total((new, carried), "新收 + 上年结转"),
        *_by_parts(view, "received_new", "新收各申请人之和"),
    ]


def _by_parts(view: View, row: str, said: str) -> list[Operand]:
    """Add up the row: where its printed total is wrong, t3_row_total says so already."""
    parts = view.total([f"{T3}.{row}@{a}" for a in APPLICANTS], said)
    return [parts] if parts.value is not None else []


def _handled(view: View, figure: NarrativeFigure) -> list[Operand]:
    total, carried = f"{T3}.total@total", f"{T3}.carried_over_in@total"
    usual = view.total((total,), "办理结果总计")
    found = [usual, *_by_parts(view, "total", "总计行各申请人之和")]
    before = view.total((carried,), "")
    if usual.value is not None and before.value:
        # those of this year only
        found.append(Operand(usual.value - before.value, (total, carried), "总计 - 上年结转"))
    if "复" in figure.text and usual.value is not None:
        found += _answered(view, usual)
    if re.search(r"办理|处理|受理", figure.text):
        found += _received(view, figure)
    return found


def _answered(view: View, total: Operand) -> list[Operand]:
    """Answers may leave out what needs none (not processed, other processing)."""
    other = _group(view, q.OTHER_PROCESSING)
    ignored = _group(view, q.NOT_PROCESSED)
    found = []
    for parts in ([*other], [*ignored], [*other, *ignored]):
        values = [p.value for p in parts]
        if total.value is not None and all(v is not None for v in values):
            rest = total.value - sum(v for v in values if v is not None)
            found.append(Operand(rest, total.addresses, "总计 - 无需答复的"))
    return found


def _granted(view: View, figure: NarrativeFigure) -> list[Operand]:
    granted, partially = f"{T3}.granted@total", f"{T3}.partially_granted@total"
    found = [view.total((granted,), "予以公开")]
    if not any(f.key == q.PARTIALLY_GRANTED for f in view.record.figures) or "含" in figure.text:
        found.append(view.total((granted, partially), "予以公开 + 部分公开"))
    return found


def _group(view: View, key: str) -> list[Operand]:
    edition = view.record.templates.get(T3)
    if edition is None:
        return []
    group = GROUPS[key]
    rows = [
        r.id for r in forms.table(edition, T3).blocks[0].rows
        if r.id == group or r.id.startswith(f"{group}.")
    ]  # fmt: skip
    if key == q.OTHER_PROCESSING and not view.there([f"{T3}.{r}@total" for r in rows]):
        rows = [group]
    return [view.total([f"{T3}.{r}@total" for r in rows], QUANTITIES[key].zh)]


_APPLICANT_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    q.RECEIVED_NATURAL: ("natural_person",), q.RECEIVED_ORGANISATIONS: ORGANISATIONS,
}  # fmt: skip
_DECISIONS: Final = {q.LICENSING: "licensing", q.PENALTY: "penalty", q.COERCION: "coercion"}


def _applicants(view: View, columns: tuple[str, ...]) -> list[Operand]:
    new = [f"{T3}.received_new@{c}" for c in columns]
    carried = [f"{T3}.carried_over_in@{c}" for c in columns]
    return [view.total(new, "新收"), view.total([*new, *carried], "新收 + 上年结转")]


def _row(row: str, said: str) -> Callable[[View, NarrativeFigure], list[Operand]]:
    def read(view: View, _: NarrativeFigure) -> list[Operand]:
        return [view.total((f"{T3}.{row}@total",), said), *_by_parts(view, row, said)]

    return read


def _remedies(*rows: str) -> Callable[[View, NarrativeFigure], list[Operand]]:
    def read(view: View, _: NarrativeFigure) -> list[Operand]:
        found = [view.total([f"{T4}.{r}@total" for r in rows], "总计")]
        parts = view.total([f"{T4}.{r}@{c}" for r in rows for c in OUTCOME_COLUMNS], "各结果之和")
        return [*found, parts] if parts.value is not None else found

    return read


def pending_excluded(view: View, key: str) -> Operand | None:
    """Return the same number of cases without those not yet decided."""
    rows = _REMEDY_ROWS.get(key)
    if rows is None:
        return None
    columns = OUTCOME_COLUMNS[:3]
    return view.total([f"{T4}.{r}@{c}" for r in rows for c in columns], "总计 - 尚未审结")


_REMEDY_ROWS: Final[dict[str, tuple[str, ...]]] = {
    q.REVIEW: ("review",), q.LITIGATION: LITIGATION_ROWS,
    q.REVIEW_AND_LITIGATION: ("review", *LITIGATION_ROWS),
}  # fmt: skip


def _normative(view: View, _: NarrativeFigure) -> list[Operand]:
    row = f"{T2}.normative_documents"
    columns = ("newly_made", "newly_disclosed", "total_disclosed", "issued", "in_force")
    return [
        view.total((f"{row}@{c}",), "规范性文件") for c in columns if f"{row}@{c}" in view.cells
    ]


def _fees(view: View, figure: NarrativeFigure) -> list[Operand]:
    """Fees in yuan, to the precision of the text; only the 2021 table gives an amount."""
    address = f"{T2}.fees@amount_wanyuan"
    cell = view.cells.get(address)
    if cell is None or figure.unit not in _YUAN:
        return []
    if cell.state != "number" or cell.value is None:
        return [Operand(None, (address,), "收费金额")]
    amount = cell.value * _YUAN.get(cell.unit or "万元", 10_000)
    stated = figure.value * _YUAN[figure.unit]
    return [
        Operand(
            figure.value if close(stated, amount) else amount / _YUAN[figure.unit],
            (address,),
            "收费金额",
        )
    ]


_YUAN: Final[dict[str | None, int]] = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def in_yuan(value: float, unit: str | None) -> float | None:
    """Return an amount in yuan, None where the unit is none of money."""
    factor = _YUAN.get(unit)
    return None if factor is None else value * factor


def close(stated: float, amount: float) -> bool:
    """Tell whether an amount of the text, written with fewer digits, is that of the table."""
    return abs(stated - amount) <= max(1.0, 0.005 * max(abs(stated), abs(amount)))


_READINGS: Final[dict[str, Callable[[View, NarrativeFigure], list[Operand]]]] = {
    q.RECEIVED: _received,
    q.RECEIVED_AND_CARRIED: lambda view, f: [_received(view, f)[1], _received(view, f)[0]],
    q.HANDLED: _handled,
    q.GRANTED: _granted,
    q.PARTIALLY_GRANTED: _row("partially_granted", "部分公开"),
    q.CARRIED_IN: _row("carried_over_in", "上年结转"),
    q.CARRIED_OUT: _row("carried_over_out", "结转下年度"),
    q.REVIEW: _remedies("review"),
    q.LITIGATION: _remedies(*LITIGATION_ROWS),
    q.REVIEW_AND_LITIGATION: _remedies("review", *LITIGATION_ROWS),
    q.NORMATIVE_DOCUMENTS: _normative,
    q.FEES: _fees,
}
