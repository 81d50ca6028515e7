"""Figures of the text among each other: totals and their parts, percentages."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.validate.core.naming import number
from services.validate.core.narrative.view import T3, View, quiet, tidy, untested
from services.validate.core.verdicts import Verdict
from shared.report import quantities as q
from shared.report.issue import Severity
from shared.report.record import NarrativeFigure, Number

_OVERLAP: Final = re.compile(r"转载|同步|同时|重复|交叉|转发|次$")
_OVERLAP_SAID: Final = re.compile(r"转载|同步|多平台|重复|交叉|转发")
_REMAINDER: Final = re.compile(r"其[他它余]")
_SHARE: Final = re.compile(r"占|比重|比例")
_RATE: Final = re.compile(r"(?P<verb>办结|结案|答复|回复|完成|办复)率")
_TIMELY: Final = re.compile(r"按时|按期|及时|限时|满意|当场|一次")
_DONE: Final = re.compile(r"办结|结案|答复|回复|完成|办复|办理")
_CLOSE: Final = 0.8
_HALF: Final = 0.5
_MANY: Final = 3
_NEAR: Final = 6
"""Figures before the nearest one that a list may be a list of."""


def judge_lists(view: View, contradicted: set[int]) -> Iterator[Verdict]:
    """Yield a verdict per list; `contradicted` figures are faults already named."""
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for index, figure in enumerate(view.record.figures):
        if figure.group is not None:
            side = 0 if figure.role == "whole" else 1
            groups.setdefault(figure.group, ([], []))[side].append(index)
        for head in figure.heads:
            groups.setdefault(head, ([], []))[0].append(index)
    for number_, (wholes, parts) in groups.items():
        if len(wholes) == 1 and len(parts) > 1:
            yield _list(view, str(number_), wholes[0], parts, contradicted)


def _list(view: View, scope: str, whole: int, parts: list[int], contradicted: set[int]) -> Verdict:
    figures = view.record.figures
    total, items = figures[whole], [figures[i] for i in parts]
    added = tidy(sum(f.value for f in items))
    if added == total.value:
        return quiet("n_breakdown_sum", scope)
    if total.key == q.PROCESSING_FEE:
        return untested("n_breakdown_sum", scope, "the parts of the fee have a rule of their own")
    if not contradicted.isdisjoint((whole, *parts)):
        return untested("n_breakdown_sum", scope, "one of its figures contradicts a table")
    unsure = not all(f.complete for f in items)
    if unsure or _is_of_another(figures[:whole], total, added):
        return untested("n_breakdown_sum", scope, "the list is open or may divide another figure")
    severity = _weight(total, items, added, view.rest_of_sentence(items[-1]))
    if severity is None:
        return untested("n_breakdown_sum", scope, "the list need not be complete")
    return _broken_list(view, scope, total, items, severity)


def _is_of_another(
    before: Sequence[NarrativeFigure], total: NarrativeFigure, added: Number
) -> bool:
    """Tell whether a list divides a figure that stands before the nearest one (收到9件，结转1件。其中…)."""
    return any(
        f.value == added and f.unit == total.unit and f.section == total.section
        for f in before[-_NEAR:]
    )


def _weight(
    total: NarrativeFigure, items: list[NarrativeFigure], added: Number, after: str
) -> Severity | None:
    """Say how much a sum that does not fit means: an open list is normal, too much is not.

    `after` is the rest of the sentence.
    """
    if added > total.value:
        overlap = any(_OVERLAP.search(f.text) for f in (total, *items)) or (
            _OVERLAP_SAID.search(after) is not None
        )
        # parts that overlap need not add up; too large ones divide something else
        return None if overlap or added > _MANY * total.value else "warning"
    natural = {f.key for f in items} >= {q.RECEIVED_NATURAL, q.RECEIVED_ORGANISATIONS}
    named_rest = any(_REMAINDER.search(f.label) for f in items)
    if natural or named_rest or (len(items) >= _MANY and added >= _CLOSE * total.value):
        return "warning"
    return "info" if len(items) >= _MANY and added >= _HALF * total.value else None


def _broken_list(
    view: View, scope: str, total: NarrativeFigure, items: list[NarrativeFigure], severity: Severity
) -> Verdict:
    added = tidy(sum(f.value for f in items))
    terms = " + ".join(number(f.value) for f in items)
    unit = total.unit or ""
    return Verdict(
        "n_breakdown_sum", scope, "fail",
        expected=total.value, observed=added, difference=tidy(added - total.value),
        formula=f"{terms} = {number(added)} ≠ {number(total.value)}",
        evidence=view.evidence((total, *items), ()),
        message_zh=f"正文“{total.text}”，所列各项 {terms} 之和却为 {number(added)}{unit}，"
        f"相差 {number(abs(tidy(added - total.value)))}{unit}，请核对总数或分项。",
        message_en=f"The text states a total of {number(total.value)}; its parts add up to {number(added)}.",
        severity=None if severity == "warning" else severity,
        origin="unknown" if view.record.damaged else "source",
    )  # fmt: skip


def judge_percentages(view: View) -> Iterator[Verdict]:
    """Yield a verdict per percentage whose part and whole stand beside it."""
    figures = view.record.figures
    for index, figure in enumerate(figures):
        if figure.unit != "%" or figure.comparison or figure.bound != "exact" or not index:
            continue
        part = figures[index - 1]
        if part.sentence != figure.sentence or part.bound != "exact" or part.comparison:
            continue
        wholes = _wholes(view, index, part)
        if wholes is not None and part.unit != "%":
            yield _percentage(view, figure, part, wholes)


def _wholes(view: View, index: int, part: NarrativeFigure) -> list[Number] | None:
    """Return what the percentage may be taken of, None when it is no such percentage."""
    figures = view.record.figures
    figure = figures[index]
    if _SHARE.search(figure.text):
        return _shared_whole(view, part)
    rate = _RATE.search(figure.text)
    if rate is None or _TIMELY.search(figure.text) or index < 2 or not _DONE.search(part.text):
        return None
    whole = figures[index - 2]
    same = whole.sentence == figure.sentence and whole.unit == part.unit
    exact = whole.bound == "exact" and not whole.comparison
    return [whole.value] if same and exact and whole.value >= part.value else None


def _shared_whole(view: View, part: NarrativeFigure) -> list[Number] | None:
    if part.role == "part":
        heads = [f for f in view.record.figures if f.group == part.group and f.role == "whole"]
        heads += [f for f in view.record.figures if part.group in f.heads]
        return [f.value for f in heads if f.bound == "exact"] or None
    if part.key is None or part.key in _NO_SHARE:
        return None
    known = [view.row("total"), view.row("received_new")]
    if any(v is None for v in known):
        return None
    carried = view.row("carried_over_in") or 0
    values = [v for v in known if v is not None]
    stated = [
        f.value for f in view.record.figures
        if f.key in {q.RECEIVED, q.HANDLED, q.RECEIVED_AND_CARRIED} and not f.comparison
    ]  # fmt: skip
    outcome = part.key in _OUTCOMES or part.key.startswith(f"{T3}.")
    return [*values, values[1] + carried, *stated] if outcome else None


_OUTCOMES: Final = frozenset({
    q.GRANTED, q.PARTIALLY_GRANTED, q.DENIED, q.UNAVAILABLE, q.NOT_PROCESSED, q.OTHER_PROCESSING,
    q.RECEIVED_NATURAL, q.RECEIVED_ORGANISATIONS,
})  # fmt: skip
_NO_SHARE: Final = frozenset({q.RECEIVED, q.DISCLOSED_ITEMS})


def _percentage(
    view: View, figure: NarrativeFigure, part: NarrativeFigure, wholes: list[Number]
) -> Verdict:
    scope = f"{figure.section or 0}:{figure.text}"
    shares = [100 * part.value / w for w in wholes if w]
    unit = 10.0 ** -decimals(figure)
    if not shares:
        return untested("n_percent", scope, "nothing to take the share of")
    if any(abs(s - figure.value) < unit + 1e-9 for s in shares):
        return quiet("n_percent", scope)
    share = apart(shares[0], figure.value, decimals(figure))
    return Verdict(
        "n_percent", scope, "fail",
        expected=share, observed=figure.value, difference=tidy(figure.value - share),
        formula=f"{number(part.value)} / {number(wholes[0])} = {number(share)}% ≠ {number(figure.value)}%",
        evidence=view.evidence((part, figure), ()),
        message_zh=f"正文称“{figure.text}”，按 {number(part.value)}/{number(wholes[0])} 应为 {number(share)}%。",
        message_en=f"The text gives {number(figure.value)}%; {number(part.value)} of {number(wholes[0])}"
        f" is {number(share)}%.",
        origin="unknown" if view.record.damaged else "source",
    )  # fmt: skip


def decimals(figure: NarrativeFigure) -> int:
    """Return how many digits a figure has after its point as printed."""
    printed = (figure.raw or number(figure.value)).rstrip("%％").replace("．", ".")
    return len(printed.partition(".")[2])


def apart(true: float, stated: Number, digits: int) -> float:
    """Return a percentage with as many digits as the text prints, one more where they look the same."""
    rounded = round(true, digits)
    return round(true, digits + 1) if rounded == stated else rounded
