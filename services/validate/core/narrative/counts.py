"""Figures of the text against the tables: applications, reviews, documents, decisions, fees."""

import re
from typing import Final, NamedTuple

from services.validate.core.naming import Name, number
from services.validate.core.narrative.causes import by_cause
from services.validate.core.narrative.readings import (
    Quantity,
    pending_excluded,
    quantity_of,
    readings,
)
from services.validate.core.narrative.view import (
    Comparable,
    Operand,
    View,
    quiet,
    tidy,
    untested,
)
from services.validate.core.verdicts import Verdict
from shared.report import quantities as q
from shared.report.issue import Severity
from shared.report.record import NarrativeFigure, Number

_OTHER_COUNT: Final = re.compile(r"发生|新增|备案|新发")
_NOT_COUNTED: Final = re.compile(
    r"[不未](?:计入|纳入|列入)|不属于政府信息公开(?:申请)?(?:的?范围|事项|范畴)"
)
"""The sentence says itself that the tables leave it out."""
_WITHOUT_PENDING: Final = re.compile(
    r"[（(，,]?(?:不含|不包括|未含|不计)[^，。）)]{0,6}(?:未审结|在审|审理中)"
)
_SUM: Final = re.compile(r"(?:合计|共计|总计|总共|共)[^，。]{0,8}\d")
_MOST_PARTS: Final = 8
_ROUNDED: Final = re.compile(r"[\d,，]+(?:[.．](?P<decimals>\d+))?(?P<scale>万|亿)(?!元)")
_SCALES: Final = {"万": 10_000, "亿": 100_000_000}
_DENIABLE: Final = frozenset({q.RECEIVED, q.REVIEW, q.LITIGATION, q.REVIEW_AND_LITIGATION})
"""Quantities whose printed 0 says that nothing of the kind happened (均为0件)."""


class Tested(NamedTuple):
    """One figure with what came of comparing it."""

    figure: NarrativeFigure
    quantity: Quantity
    status: str
    accepted: list[Operand]
    weight: Comparable


def judge_counts(view: View) -> tuple[list[Verdict], set[int]]:
    """Return the verdicts, and which figures (by index) contradict a table."""
    by_key: dict[str, list[tuple[int, Tested]]] = {}
    for index, figure in enumerate(view.record.figures):
        if figure.key is None or figure.comparison or figure.bound != "exact":
            continue
        quantity = quantity_of(figure.key, view)
        if quantity is not None:
            by_key.setdefault(figure.key, []).append((index, _test(view, figure, quantity)))
    failed = {i for tests in by_key.values() for i, t in tests if t.status == "fail"}
    verdicts = [_verdict(view, key, [t for _, t in tests]) for key, tests in by_key.items()]
    failing = {
        key: [t.figure for _, t in tests if t.status == "fail"] for key, tests in by_key.items()
    }
    return by_cause(view, failing, verdicts), failed


def _test(view: View, figure: NarrativeFigure, quantity: Quantity) -> Tested:
    accepted = readings(view, figure)
    weight = view.comparable(figure.subject, figure.text)
    if any(o.value is not None and _fits(figure, o.value) for o in accepted):
        status = "pass"
    elif not accepted or any(o.value is None for o in accepted):
        status = "unknown"
    elif _says_without_pending(view, figure) or _is_part_of_sum(
        view, figure, {o.value for o in accepted}
    ):
        status = "pass"
    else:
        apart = weight == "no" or _NOT_COUNTED.search(view.rest_of_sentence(figure)) is not None
        status = "other_scope" if apart else "fail"
    return Tested(figure, quantity, status, accepted, weight)


def _says_without_pending(view: View, figure: NarrativeFigure) -> bool:
    """Tell whether a figure is the table's without those pending and says so: 复议11件（不含未审结3件）."""
    without = pending_excluded(view, figure.key or "")
    fits = without is not None and without.value == figure.value
    return fits and _WITHOUT_PENDING.match(view.rest_of_sentence(figure)) is not None


def _is_part_of_sum(view: View, figure: NarrativeFigure, cells: set[Number | None]) -> bool:
    """Tell whether the sentence adds figures up to what the table has: 机关收到10件，中心收到2件，合计12件."""
    figures = view.record.figures
    start = next(i for i, f in enumerate(figures) if f is figure)
    added = figure.value
    for later in figures[start + 1 : start + _MOST_PARTS]:
        if later.sentence != figure.sentence or later.unit != figure.unit or later.comparison:
            return False
        if _SUM.match(later.text):
            return added == later.value and later.value in cells
        added += later.value
    return False


def _fits(figure: NarrativeFigure, cell: Number) -> bool:
    """Tell whether a figure is a cell's number: to the last printed digit where it is given in 万 or 亿."""
    if figure.value == cell:
        return True
    found = _ROUNDED.match(figure.raw or "")
    if found is None:
        return False
    step: float = _SCALES[found["scale"]] * 0.1 ** len(found["decimals"] or "")
    return abs(figure.value - cell) < step


def _verdict(view: View, key: str, tests: list[Tested]) -> Verdict:
    """Judge one quantity: one matching sentence is enough, several may count differently."""
    rule = tests[0].quantity.rule
    statuses = [t.status for t in tests]
    if "pass" in statuses:
        return quiet(rule, key, None if len(set(statuses)) == 1 else "one of several figures fits")
    failing = next((t for t in tests if t.status == "fail"), None)
    if failing is None:
        other = "other_scope" in statuses
        return untested(
            rule, key, "the text speaks of another unit" if other else "a cell is lacking"
        )
    return _failure(view, key, failing)


def _failure(view: View, key: str, tested: Tested) -> Verdict:
    figure, quantity = tested.figure, tested.quantity
    usual = tested.accepted[0]
    assert usual.value is not None
    without = pending_excluded(view, key)
    excluded = without is not None and without.value == figure.value
    addresses = without.addresses if excluded and without is not None else usual.addresses
    zh, en = _messages(tested, view.where(usual.addresses), excluded=excluded)
    rule = "n_zero_claim" if figure.value == 0 and key in _DENIABLE else quantity.rule
    return Verdict(
        rule, key, "fail",
        addresses=addresses,
        expected=tidy(usual.value), observed=figure.value,
        difference=tidy(figure.value - usual.value),
        formula=_formula(tested),
        evidence=view.evidence((figure,), addresses),
        message_zh=zh, message_en=en,
        severity=_severity(tested, excluded=excluded),
        origin=view.origin(addresses),
    )  # fmt: skip


def _severity(tested: Tested, *, excluded: bool) -> Severity | None:
    other_count = (
        tested.quantity.rule in {"n_review", "n_litigation"}
        and tested.figure.value != 0
        and _OTHER_COUNT.search(tested.figure.text) is not None
    )
    return "info" if excluded or other_count or tested.weight == "soft" else None


def _formula(tested: Tested) -> str:
    seen: dict[str, None] = {}
    for operand in tested.accepted:
        if operand.value is not None:
            seen[f"{operand.said or tested.quantity.zh} = {number(operand.value)}"] = None
    return f"文字 {number(tested.figure.value)} ≠ " + "；".join(seen)


def _messages(tested: Tested, where: Name, *, excluded: bool) -> tuple[str, str]:
    figure, quantity = tested.figure, tested.quantity
    usual = tested.accepted[0]
    stated, cell = number(figure.value), number(usual.value or 0)
    if excluded:
        zh = f"正文{quantity.zh}为 {stated}，{where.zh}为 {cell}；不计尚未审结的恰好相等，宜在正文注明口径。"
        en = f"The text gives {stated} {quantity.en}, {where.en} {cell}: equal without those pending."
        return zh, en
    zh = f"正文称{quantity.zh}为 {stated}（“{figure.text}”），{where.zh}为 {cell}，两处不一致。"
    en = f"The text gives {stated} {quantity.en}, {where.en} {cell}."
    others = {
        number(o.value): o.said or quantity.zh
        for o in reversed(tested.accepted[1:])
        if o.value is not None and o.value != usual.value
    }
    if others:
        ways = "、".join(f"“{said}”为 {value}" for value, said in sorted(others.items()))
        zh += f"换一种口径（{ways}）也不符。"
        en += f" Other ways of counting ({', '.join(sorted(others))}) do not fit either."
    if tested.weight == "soft":
        zh += "文字的统计范围不明，请核对。"
        en += " The scope of the sentence is unclear."
    return zh, en
