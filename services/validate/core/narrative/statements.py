"""Statements without a number against the tables: nothing received, all upheld, all closed."""

import re
from collections.abc import Iterator
from typing import Final

from services.validate.core.naming import number
from services.validate.core.narrative.readings import LITIGATION_ROWS, QUANTITIES
from services.validate.core.narrative.view import T2, T3, T4, View, quiet, tidy, untested
from services.validate.core.verdicts import Verdict
from shared.report import quantities as q
from shared.report.issue import Severity
from shared.report.record import Claim

_DENIED: Final[dict[str, tuple[str, ...]]] = {
    q.RECEIVED: (f"{T3}.received_new@total",),
    q.CARRIED_IN: (f"{T3}.carried_over_in@total",),
    q.CARRIED_OUT: (f"{T3}.carried_over_out@total",),
    q.REVIEW: (f"{T4}.review@total",),
    q.LITIGATION: tuple(f"{T4}.{r}@total" for r in LITIGATION_ROWS),
}
_IN_TIME: Final = re.compile(r"(?:期限|时限|按时|按期|及时)[^结]{0,200}答复")
"""Those answered were answered in time: of those still open it says nothing."""
_MADE: Final = (f"{T2}.normative_documents@newly_made", f"{T2}.normative_documents@issued")


def judge_statements(view: View, confirmed: set[str]) -> Iterator[Verdict]:
    """Yield a verdict per statement; `confirmed` are quantities a figure states as the table does."""
    seen: set[tuple[str, str]] = set()
    for claim in view.record.claims:
        if (claim.kind, claim.key) in seen:
            continue
        seen.add((claim.kind, claim.key))
        if claim.kind == "zero":
            yield from _zero(view, claim, confirmed)
        else:
            yield from _absolute(view, claim)


def _zero(view: View, claim: Claim, confirmed: set[str]) -> Iterator[Verdict]:
    addresses = _DENIED.get(claim.key)
    if claim.key == q.NORMATIVE_DOCUMENTS:
        addresses = tuple(a for a in _MADE if a in view.cells)
    if not addresses or claim.key in confirmed:
        return
    table = view.total(addresses, "")
    weight = view.comparable(claim.subject, claim.text)
    if table.value is None:
        yield untested("n_zero_claim", claim.key, "a cell is lacking")
    elif table.value <= 0:
        yield quiet("n_zero_claim", claim.key)
    elif weight == "no":
        yield untested("n_zero_claim", claim.key, "the text speaks of another unit")
    else:
        soft = weight == "soft" or claim.key == q.NORMATIVE_DOCUMENTS
        yield _contradiction(view, claim, addresses, "info" if soft else None)


def _contradiction(
    view: View, claim: Claim, addresses: tuple[str, ...], severity: Severity | None
) -> Verdict:
    quantity = QUANTITIES[claim.key]
    stands = view.total(addresses, "").value or 0
    where = view.where(addresses)
    return Verdict(
        "n_zero_claim", claim.key, "fail",
        addresses=addresses,
        expected=tidy(stands), observed=0, difference=tidy(-stands),
        formula=f"文字 0 ≠ 表格 {number(stands)}",
        evidence=view.evidence((claim,), addresses),
        message_zh=f"正文称“{claim.text}”，{where.zh}却为 {number(stands)}，两处不一致。",
        message_en=f"The text says there were no {quantity.en}; {where.en} has {number(stands)}.",
        severity=severity, origin=view.origin(addresses),
    )  # fmt: skip


def _absolute(view: View, claim: Claim) -> Iterator[Verdict]:
    if claim.key == q.ALL_CLOSED and _IN_TIME.search(claim.text):
        yield untested("n_absolute_claim", claim.key, "answered in time is not all answered")
        return
    addresses = _against(claim)
    table = view.total(addresses, "")
    known = [v for a in addresses if (v := view.value(a)) is not None]
    if not any(known) and table.value is None:
        yield untested("n_absolute_claim", claim.key, "a cell is lacking")
        return
    if not any(known):
        yield quiet("n_absolute_claim", claim.key)
        if claim.key == q.ALL_UPHELD and "复议" in claim.text:
            yield quiet("n_review", claim.key)
        return
    if view.comparable(claim.subject, claim.text) == "no":
        yield untested("n_absolute_claim", claim.key, "the text speaks of another unit")
        return
    guilty = tuple(a for a in addresses if view.value(a))
    count = number(sum(known))
    where = view.where(guilty)
    what_en = "carried over" if claim.key == q.ALL_CLOSED else "corrected or pending"
    yield Verdict(
        "n_absolute_claim", claim.key, "fail",
        addresses=guilty,
        expected=0, observed=tidy(sum(known)), difference=tidy(sum(known)),
        formula=f"{where.zh} = {count} > 0",
        evidence=view.evidence((claim,), guilty),
        message_zh=f"正文称“{claim.text}”，{where.zh}却有 {count} 件，请核对。",
        message_en=f"The text says all were upheld or closed; {where.en}: {count} {what_en}.",
        origin=view.origin(guilty),
    )  # fmt: skip


def _against(claim: Claim) -> tuple[str, ...]:
    """Return the cells that must be zero for the statement to hold."""
    if claim.key == q.ALL_CLOSED:
        return (f"{T3}.carried_over_out@total",)
    rows: tuple[str, ...] = ("review", *LITIGATION_ROWS)
    if "诉" in claim.text and "复议" not in claim.text:
        rows = LITIGATION_ROWS
    elif "复议" in claim.text and "诉" not in claim.text and "法院" not in claim.text:
        rows = ("review",)
    # undecided cases contradict 均获维持, not 没有被认定违法
    columns = ("corrected", "pending") if "维持" in claim.text else ("corrected",)
    return tuple(f"{T4}.{r}@{c}" for r in rows for c in columns)
