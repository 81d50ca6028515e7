"""What is told to people outside: failures of a report and their end, without personal data.

Only what is shown changes. Ids, fingerprints and message ids are made of the report as it is printed.
"""

from shared.contracts.changes import IssueGone
from shared.contracts.events import DeadLetter, Event, ValidationFailed
from shared.report.personal import masked, masked_issue


def for_outsiders(event: Event | DeadLetter) -> Event | DeadLetter:
    """Return the event with personal data masked if it is one for outsiders, else the very event."""
    if not isinstance(event, ValidationFailed | IssueGone):
        return event
    changed: dict[str, object] = {"file": masked(event.file), "issue": masked_issue(event.issue)}
    if event.agency is not None:
        changed["agency"] = masked(event.agency)
    if isinstance(event, ValidationFailed) and event.title is not None:
        changed["title"] = masked(event.title)
    return event.model_copy(update=changed)
