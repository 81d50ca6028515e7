"""Findings about a report. An issue is data and travels; it is never an exception."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import StringConstraints

from shared.report.document import Place
from shared.report.record import Number
from shared.report.values import value

Severity = Literal["error", "warning", "info"]
Origin = Literal["source", "extraction", "unknown"]
"""source: the report is wrong · extraction: our reading is uncertain or the source incomplete · unknown."""
RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
"""The id of a rule: it is part of subjects, so that nothing else fits into it."""
Status = Literal["pass", "fail", "not_assessable"]


@value
class Evidence:
    """One thing an issue rests on: the text as found and where it stood."""

    text: str
    address: str | None = None
    place: Place | None = None


@value
class CellChange:
    """One cell that ought to hold another number: as printed (`old`) and as it would fit (`new`)."""

    address: str
    old: Number
    new: Number


@value
class Repair:
    """A smallest change after which every broken equation of one cause holds and none is broken.

    `kind`: change (cells get other numbers), shift (the figures of a row slide one place), swap (two
    cells, or two whole rows, trade their figures), move (a figure goes to a cell that holds 0).
    `changes` are in form order; `mends` are keys of equations (`t3_balance:total`). `supported_by` is a
    clause of the report that states the number after the change, `contradicted_by` one that states the old.
    """

    kind: Literal["change", "shift", "swap", "move"]
    changes: tuple[CellChange, ...]
    mends: tuple[str, ...] = ()
    supported_by: str | None = None
    contradicted_by: str | None = None


@value
class Issue:
    """One finding, with everything a clerk needs to act on it.

    `id` is a stable fingerprint of report, rule and scope. `expected` and `observed` are both sides of a comparison,
    `difference` = observed - expected where both are numbers. `suggestion` is the smallest mending change
    in words, `repairs` the best few of equal size as data, the likeliest first; issues with one cause share them.
    """

    id: str
    rule: RuleId
    severity: Severity
    origin: Origin
    addresses: tuple[str, ...]
    message_zh: str
    message_en: str
    expected: Number | str | None = None
    observed: Number | str | None = None
    difference: Number | None = None
    formula: str | None = None
    evidence: tuple[Evidence, ...] = ()
    legal_basis: str | None = None
    suggestion: str | None = None
    repairs: tuple[Repair, ...] = ()


@value
class Check:
    """The verdicts of one rule with one status: which scopes (columns, rows, groups) it concerns."""

    rule: str
    status: Status
    scopes: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the validator says about a record: issues, and the status of every rule it tried."""

    issues: tuple[Issue, ...]
    checks: tuple[Check, ...]
    rulebook_version: str
