"""One finding for one cause: which contradictions of the text are the same slip told again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from services.validate.core.naming import number
from services.validate.core.narrative.view import T3, View, quiet, untested
from services.validate.core.verdicts import Verdict
from shared.report import quantities as q
from shared.report.record import NarrativeFigure

_APPLICATION_RULES: Final = frozenset(
    {"n_received", "n_received_by_applicant", "n_handled", "n_outcomes", "n_carried"}
)
_ALL_ZERO: Final = tuple(
    f"{T3}.{r}@total" for r in ("received_new", "carried_over_in", "total", "carried_over_out")
)
_JOINED: Final = ("n_received_by_applicant", "n_outcomes")
"""Rules whose findings are one where their differences cancel: a number was counted in the wrong place."""
_FROM_ROOT: Final = (
    "n_received",
    "n_handled",
    "n_received_by_applicant",
    "n_outcomes",
    "n_carried",
)
"""A later one that misses its table by as much as an earlier one is an echo of it."""


def by_cause(
    view: View, failing: dict[str, list[NarrativeFigure]], verdicts: list[Verdict]
) -> list[Verdict]:
    """Return the verdicts with one finding for each cause; `failing` are the figures by quantity."""
    found = list(_beside_zeros(view, failing, verdicts))
    for rule in _JOINED:
        found = _joined(found, rule)
    return _without_echoes(found)


def _joined(verdicts: list[Verdict], rule: str) -> list[Verdict]:
    failed = [v for v in verdicts if v.rule == rule and v.status == "fail"]
    if len(failed) < 2 or sum(v.difference or 0 for v in failed) != 0:
        return verdicts
    together = _merged(failed, scope="+".join(v.scope for v in failed))
    return [together if v is failed[0] else v for v in verdicts if v not in failed[1:]]


def _without_echoes(verdicts: list[Verdict]) -> list[Verdict]:
    """Add to the first contradiction those of the same amount that follow from it."""
    failed = sorted((v for v in verdicts if v.rule in _FROM_ROOT and v.status == "fail"), key=_rank)
    if len(failed) < 2:
        return verdicts
    root = failed[0]
    echoes = [v for v in failed[1:] if v.rule != root.rule and v.difference == root.difference]
    if not echoes:
        return verdicts
    whole = _merged([root, *echoes], scope=root.scope)
    told = [untested(v.rule, v.scope, f"the same difference as {root.rule}") for v in echoes]
    return [*(whole if v is root else v for v in verdicts if v not in echoes), *told]


def _rank(verdict: Verdict) -> tuple[bool, int]:
    """Rank causes: a sum of received and carried is wrong because one of the two is."""
    return verdict.scope == q.RECEIVED_AND_CARRIED, _FROM_ROOT.index(verdict.rule)


def _merged(verdicts: list[Verdict], *, scope: str) -> Verdict:
    """Return the first finding with cells, evidence and words of the others."""
    first = verdicts[0]
    origins = {v.origin for v in verdicts}
    return replace(
        first,
        scope=scope,
        addresses=tuple(dict.fromkeys(a for v in verdicts for a in v.addresses)),
        evidence=tuple(dict.fromkeys(e for v in verdicts for e in v.evidence)),
        formula="；".join(v.formula for v in verdicts if v.formula),
        message_zh="".join(dict.fromkeys(v.message_zh or "" for v in verdicts)),
        message_en=" ".join(dict.fromkeys(v.message_en or "" for v in verdicts)),
        severity=None if any(v.severity is None for v in verdicts) else first.severity,
        origin=next((o for o in ("extraction", "unknown") if o in origins), first.origin),
    )


def _beside_zeros(
    view: View, failing: dict[str, list[NarrativeFigure]], verdicts: list[Verdict]
) -> Iterator[Verdict]:
    """Make one finding, not one a figure, of applications told beside an all-zero table."""
    about = [v for v in verdicts if v.rule in _APPLICATION_RULES]
    zero = all(view.value(a) == 0 for a in _ALL_ZERO)
    failed = [v for v in about if v.status == "fail"]
    if not about or not zero:
        yield from verdicts
        return
    if not failed:
        yield from verdicts
        yield quiet("t3_all_zero_vs_text", "")
        return
    root = next((v for v in failed if v.rule == "n_received"), None)
    yield from (v for v in verdicts if v not in failed or v is root)
    if root is not None:
        yield untested("t3_all_zero_vs_text", "", "reported as n_received")
        return
    figures = [f for v in failed for f in failing[v.scope]]
    yield _all_zero(view, figures, soft=all(v.severity == "info" for v in failed))


def _all_zero(view: View, figures: Iterable[NarrativeFigure], *, soft: bool) -> Verdict:
    told = list(figures)
    said = "；".join(f.text for f in told)
    return Verdict(
        "t3_all_zero_vs_text", "", "fail",
        addresses=_ALL_ZERO,
        expected=0, observed=told[0].value, difference=told[0].value,
        formula=f"文字 {number(told[0].value)} ≠ 表三各行 0",
        evidence=view.evidence(told, _ALL_ZERO),
        message_zh=f"表三全部为 0，正文却报告了申请的办理情况：{said}。",
        message_en="Table three is all zero while the text reports applications that were dealt with.",
        severity="info" if soft else None,
        origin=view.origin(_ALL_ZERO),
    )  # fmt: skip
