"""The events that a webhook may ask for, and what each of them can be filtered by."""

from dataclasses import dataclass
from typing import Final

from shared.contracts.changes import IssueGone, IssuesChanged
from shared.contracts.events import Event, ReportRecorded, ReportRefused, ValidationFailed

HEADERS: Final = {
    "severities": "ce-severity",
    "rules": "ce-rule",
    "origins": "ce-origin",
    "regions": "ce-regioncode",
    "years": "ce-year",
    "levels": "ce-agencylevel",
}
"""Every filter of a webhook, and the message header it looks at."""
_OF_A_REPORT: Final = frozenset({"regions", "years", "levels"})
_OF_AN_ISSUE: Final = _OF_A_REPORT | {"severities", "rules", "origins"}


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of event under the name a webhook asks for it.

    `filters` are those whose header the event carries; `by_rule` says that its subject ends in
    severity and rule, so that the bus itself can filter.
    """

    name: str
    event: type[Event]
    filters: frozenset[str]
    by_rule: bool = False


FAMILIES: Final = {
    family.name: family
    for family in (
        Family("issue", ValidationFailed, _OF_AN_ISSUE, by_rule=True),
        Family("gone", IssueGone, _OF_AN_ISSUE, by_rule=True),
        Family("changed", IssuesChanged, _OF_A_REPORT),
        Family("recorded", ReportRecorded, _OF_A_REPORT),
        Family("refused", ReportRefused, frozenset()),
    )
}
"""All of them; a further one is one line here, and its headers in the envelope."""
