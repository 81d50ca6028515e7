"""The running text against the tables and against itself."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from services.validate.core.facts import SURELY_RECOGNISED
from services.validate.core.matching import judge_matches
from services.validate.core.narrative.counts import judge_counts
from services.validate.core.narrative.lists import judge_lists, judge_percentages
from services.validate.core.narrative.statements import judge_statements
from services.validate.core.narrative.view import View
from services.validate.core.rulebook import Rulebook
from services.validate.core.verdicts import Verdict
from shared.report.record import Record


def judge_narrative(record: Record, rules: Rulebook) -> Iterator[Verdict]:
    """Yield the verdicts of the rules about the text; a text that states nothing has none."""
    if not record.figures and not record.claims:
        return
    active = rules.applicable(record.identity.year)
    unsure = _unsure_lines(record)
    view = View(record)
    matched = judge_matches(view, rules.of_kind("matches", active))
    for verdict in chain(_verdicts(view), matched):
        if verdict.rule in active:
            yield _softened(verdict, unsure) if unsure else verdict


def _unsure_lines(record: Record) -> frozenset[int | None]:
    """Return the lines with figures or statements that recognition did not read surely."""
    lines = {f.line for f in record.figures if f.confidence < SURELY_RECOGNISED}
    lines |= {c.line for c in record.claims if c.confidence < SURELY_RECOGNISED}
    return frozenset(lines - {None})


def _softened(verdict: Verdict, unsure: frozenset[int | None]) -> Verdict:
    """Blame nobody for a contradiction that rests on a sentence read with doubt."""
    lines = {e.place.line for e in verdict.evidence if e.place is not None and e.address is None}
    if verdict.status != "fail" or unsure.isdisjoint(lines):
        return verdict
    return replace(
        verdict,
        severity="info",
        origin="unknown",
        message_zh=f"{verdict.message_zh}这句话由文字识别读出，不确定，请对照原件。",
        message_en=f"{verdict.message_en} The sentence was recognised with doubt; compare the source.",
    )


def _verdicts(view: View) -> Iterator[Verdict]:
    counts, contradicted = judge_counts(view)
    yield from counts
    confirmed = {v.scope for v in counts if v.status == "pass"}
    yield from judge_lists(view, contradicted)
    yield from judge_percentages(view)
    yield from judge_statements(view, confirmed)
