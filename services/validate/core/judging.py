"""Judge a record: run every rule that applies, turn verdicts into issues and checks."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date

from services.validate.core import (
    amounts,
    comparing,
    dates,
    disclosure,
    fees,
    layout,
    observed,
    presence,
    privacy,
    sections,
    states,
    sums,
    who,
)
from services.validate.core.facts import Facts, gather
from services.validate.core.narrative.judging import judge_narrative
from services.validate.core.rulebook import Rulebook, load
from services.validate.core.verdicts import Verdict
from shared.report.identity import issue_id, report_id
from shared.report.issue import Check, Issue, Judgement, Status
from shared.report.record import Record

_CODED: tuple[Callable[[Facts], Iterable[Verdict]], ...] = (
    layout.judge_editions, layout.judge_tables, layout.judge_rows,
    sections.judge_sections, sections.judge_contents, sections.judge_title,
    who.judge_who, who.judge_placeholder, who.judge_brand, who.judge_foreign,
    privacy.judge_privacy,
    dates.judge_dates, dates.judge_years, dates.judge_period,
    fees.judge_legal_basis, fees.judge_fee,
    states.judge_states, amounts.judge_numbers, amounts.judge_units, amounts.judge_magnitude,
    sums.judge_sums,
    disclosure.judge_columns_as_sum, disclosure.judge_decisions_without_items,
    disclosure.judge_rule_making, disclosure.judge_fee_amount,
    disclosure.judge_fee_covers_processing, disclosure.judge_applicants,
    observed.judge_observations,
)  # fmt: skip
"""Order of work: completeness, identity and dates, cell states, arithmetic, what reading noticed."""

_SEVERITIES = {"error": 0, "warning": 1, "info": 2}


def judge(
    record: Record, rulebook: Rulebook | None = None, *, today: date | None = None
) -> Judgement:
    """Return issues and checks of one record; the same record and rulebook give the same result.

    Without `today` no date is judged as lying in the future. Rules that need other reports are
    not run here.
    """
    book = rulebook or load()
    facts = gather(record, book, today)
    verdicts = [v for v in _verdicts(facts) if v.rule in facts.active]
    who_ = record.identity
    report = report_id(
        who_.agency, who_.region.full_name, who_.year, who_.scope, record.document_id
    )
    return concluded(report, record, book, verdicts)


def _verdicts(facts: Facts) -> Iterator[Verdict]:
    for run in _CODED:
        yield from run(facts)
    book, active = facts.rulebook, facts.active
    yield from presence.judge_presence(facts, book.of_kind("present", active))
    yield from comparing.judge_comparisons(facts, book.of_kind("compare", active))
    yield from comparing.judge_plausible(facts, book.of_kind("plausible", active))
    yield from judge_narrative(facts.record, book)


def concluded(report: str, record: Record, book: Rulebook, verdicts: list[Verdict]) -> Judgement:
    """Return what the verdicts on a report make: its issues, worst first, and the checks of all rules."""
    failed = [v for v in verdicts if v.status == "fail"]
    return Judgement(_issues(report, record, book, failed), _checks(verdicts, failed), book.version)


def _issues(
    report: str, record: Record, book: Rulebook, failed: list[Verdict]
) -> tuple[Issue, ...]:
    if not failed:
        return ()
    order = {c.address: n for n, c in enumerate(record.cells)}
    seen: dict[tuple[str, str], int] = {}
    ranked: list[tuple[tuple[int, int, int, int], Issue]] = []
    for number, verdict in enumerate(failed):
        again = seen.get((verdict.rule, verdict.scope), 0)
        seen[verdict.rule, verdict.scope] = again + 1
        issue = _issue(report, book, verdict, again)
        first = order.get(issue.addresses[0], len(order)) if issue.addresses else len(order)
        rank = (_SEVERITIES[issue.severity], book.position(issue.rule), first, number)
        ranked.append((rank, issue))
    return tuple(issue for _, issue in sorted(ranked, key=lambda pair: pair[0]))


def _issue(report: str, book: Rulebook, verdict: Verdict, again: int) -> Issue:
    rule = book.rule(verdict.rule)
    # two findings of one rule at one place differ by their number only
    scope = (verdict.scope, again) if again else (verdict.scope,)
    return Issue(
        id=issue_id(report, verdict.rule, *scope),
        rule=verdict.rule,
        severity=rule.forced_severity or verdict.severity or rule.severity,
        origin=verdict.origin or rule.origin,
        addresses=verdict.addresses,
        message_zh=verdict.message_zh or rule.says_zh,
        message_en=verdict.message_en or rule.says_en,
        expected=verdict.expected,
        observed=verdict.observed,
        difference=verdict.difference,
        formula=verdict.formula,
        evidence=verdict.evidence,
        legal_basis=rule.legal_basis,
        suggestion=verdict.suggestion,
        repairs=verdict.repairs,
    )


def _checks(verdicts: list[Verdict], failed: list[Verdict]) -> tuple[Check, ...]:
    """Return the scopes of every rule by status; a rule that failed did not pass as a whole."""
    fails = {v.rule for v in failed}
    grouped: dict[tuple[str, Status], tuple[list[str], list[str]]] = {}
    for verdict in verdicts:
        if verdict.status == "pass" and not verdict.scope and verdict.rule in fails:
            continue
        key = (verdict.rule, verdict.status)
        found = grouped.get(key)
        if found is None:
            found = grouped[key] = ([], [])
        if verdict.scope:
            found[0].append(verdict.scope)
        if verdict.note and verdict.note not in found[1]:
            found[1].append(verdict.note)
    return tuple(
        Check(rule, status, tuple(scopes), "; ".join(notes) or None)
        for (rule, status), (scopes, notes) in grouped.items()
    )
