"""Which findings follow from the figures of a report: the other half of the answer key."""

from shared import forms
from shared.report.issue import Issue
from tests.support.truth import Truth

TEXT_RULES = frozenset({
    "n_received", "n_received_by_applicant", "n_handled", "n_outcomes", "n_carried", "n_review",
    "n_litigation", "n_zero_claim", "n_absolute_claim", "t3_all_zero_vs_text",
})  # fmt: skip
"""Rules that may also speak when a cell is changed that the text mentions."""


def broken_equations(truth: Truth) -> set[tuple[str, str]]:
    """Return (rule, scope) of every equation of the form that the numbers break."""
    broken = set()
    for table, edition in truth.templates.items():
        if table in truth.lost_tables:
            continue
        for equation in forms.equations(edition, table):
            left = [truth.cells[a] for a in equation.left]
            right = [truth.cells[a] for a in equation.right]
            if any(isinstance(v, str) for v in (*left, *right)):
                continue
            if sum(v for v in left if not isinstance(v, str)) != sum(
                v for v in right if not isinstance(v, str)
            ):
                broken.add((equation.rule, equation.scope))
    return broken


def consequences(truth: Truth) -> set[str]:
    """Return the rules that may rightly speak about a report: planted, or following from it."""
    planted = {e.rule for e in truth.expected}
    rules = planted | {rule for rule, _ in broken_equations(truth)}
    if "blank" in truth.cells.values():
        # an empty cell among the parts of a sum that does not fit is the agency's affair
        rules |= {"t3_row_total", "t3_balance", "t3_outcome_total", "t4_sum", "c_blank"}
    if any(rule.startswith(("t3_", "t4_")) for rule in rules):
        rules |= TEXT_RULES | {"t3_outflow_le_inflow"}
    for cause, effects in _EFFECTS.items():
        if cause in planted:
            rules |= effects
    return rules


def is_explained(issue: Issue, truth: Truth, *, planted: bool = True) -> bool:
    """Tell whether a finding was planted, or truly follows from what was.

    Where everything planted for its rule was found already, it is not `planted`.

    Stricter than `consequences`: a contradiction of the text needs a cell that is not as the text was
    told, a sum an equation that is broken.
    """
    causes = {e.rule for e in truth.expected}
    rules = {r for r, _ in broken_equations(truth)} | (causes if planted else set())
    for cause, effects in _EFFECTS.items():
        if cause in causes:
            rules |= {r for r in effects if not r.startswith("n_")}
    if "blank" in truth.cells.values():
        rules |= _SUMS
    retold = any(truth.told.get(a) != truth.cells.get(a) for a in issue.addresses)
    return issue.rule in rules or (issue.rule in _TOLD and retold)


_TOLD = TEXT_RULES | {"n_normative", "n_decisions", "n_fee"}
_SUMS = frozenset({"t3_row_total", "t3_balance", "t3_outcome_total", "t4_sum"})
_EFFECTS: dict[str, set[str]] = {
    "d_before_period_end": {"d_deadline", "d_year_conflict"},
    "d_future_date": {"d_year_conflict"},
    "d_date_missing": {"i_agency_ambiguous"},
    "s_section_missing": {"s_table_missing", "e_page_lost"},
    "s_table_missing": {"s_section_empty", "s_row_missing", "e_page_lost", "s_table_as_prose"},
    "s_template_hybrid": {"s_template_outdated"},
    "n_received": set(TEXT_RULES),
    "n_zero_claim": set(TEXT_RULES),
    "c_blank": {"s_row_missing"},
    # what is known of the balance is refuted whatever the row that is gone may have said
    "t3_outflow_le_inflow": {"t3_balance"},
}
