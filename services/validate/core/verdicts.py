"""What one rule says about one place of a report, before verdicts become issues and checks."""

from shared.report.issue import Evidence, Origin, Repair, Severity, Status
from shared.report.record import Number
from shared.report.values import value


@value
class Verdict:
    """The result of one rule at one scope (a column, a row, a group, a sentence; "" = the report).

    `severity` and `origin` come from the rulebook unless set. `expected` and `observed` are both
    sides of a comparison and `formula` the comparison with its numbers. `note` explains a pass or
    a not_assessable. Only a fail needs messages.
    """

    rule: str
    scope: str
    status: Status
    addresses: tuple[str, ...] = ()
    expected: Number | str | None = None
    observed: Number | str | None = None
    difference: Number | None = None
    formula: str | None = None
    evidence: tuple[Evidence, ...] = ()
    message_zh: str = ""
    message_en: str = ""
    severity: Severity | None = None
    origin: Origin | None = None
    suggestion: str | None = None
    repairs: tuple[Repair, ...] = ()
    note: str | None = None
