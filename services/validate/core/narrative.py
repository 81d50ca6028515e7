"""The running text against the tables and against itself."""

from collections.abc import Iterator

from services.validate.core.narrative_counts import judge_counts
from services.validate.core.narrative_lists import judge_lists, judge_percentages
from services.validate.core.narrative_statements import judge_statements
from services.validate.core.narrative_view import View
from services.validate.core.rulebook import Rulebook
from services.validate.core.verdicts import Verdict
from shared.report.record import Record


def judge_narrative(record: Record, rules: Rulebook) -> Iterator[Verdict]:
    """Yield the verdicts of the rules about the text; a text that states nothing has none."""
    if not record.figures and not record.claims:
        return
    active = rules.applicable(record.identity.year)
    for verdict in _verdicts(View(record)):
        if verdict.rule in active:
            yield verdict


def _verdicts(view: View) -> Iterator[Verdict]:
    counts, contradicted = judge_counts(view)
    yield from counts
    confirmed = {v.scope for v in counts if v.status == "pass"}
    yield from judge_lists(view, contradicted)
    yield from judge_percentages(view)
    yield from judge_statements(view, confirmed)
