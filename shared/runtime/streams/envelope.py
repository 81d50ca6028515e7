"""CloudEvents over NATS in binary mode: attributes as `ce-` headers, the body as plain JSON."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import quote, unquote

from shared.contracts.changes import IssueGone, IssuesChanged, gone_subject
from shared.contracts.events import (
    DeadLetter,
    Event,
    ReportDeferred,
    ReportRecorded,
    ValidationFailed,
    dead_subject,
    deferred_subject,
    issue_subject,
)
from shared.report.identity import fingerprint

MESSAGE_ID: Final = "Nats-Msg-Id"
DATA_REFERENCE: Final = "ce-dataref"
"""Where the body is when it is too large to travel inline (CloudEvents claim check)."""
TYPE: Final = "ce-type"
TRACE: Final = "traceparent"
AGAIN: Final = "gouji-again"
"""Header of a message that is worked on once more; what follows from it carries the same value."""

_TOLD_ONCE: Final = (ValidationFailed, IssueGone, IssuesChanged)
"""Events for subscribers alone: the line goes on without them, so that they need no second copy."""

_Filtered = ValidationFailed | IssueGone | IssuesChanged | ReportRecorded
"""Events whose headers say what subscribers filter by."""

_HEX: Final = re.compile(r"[0-9a-f]{32}")
_PLAIN = "".join(chr(c) for c in range(0x21, 0x7F) if chr(c) not in '"%')


@lru_cache(maxsize=4096)
def encode(value: str | int) -> str:
    """Percent-encode what a header cannot carry, as the CloudEvents HTTP binding does."""
    return quote(str(value), safe=_PLAIN)


def decode(value: str) -> str:
    """Return a header's value as it was before `encode`."""
    return unquote(value)


def message_id(event: Event | DeadLetter) -> str:
    """Return the id under which the bus recognises a second copy of this event."""
    if isinstance(event, DeadLetter):
        place = f"{event.origin_stream}:{event.origin_sequence}"
        whose = f":{event.consumer}" if event.consumer else ""
        return f"{event.service}:{event.type}:{place}{whose}"
    return event.message_id()


def subject(event: Event | DeadLetter) -> str:
    """Return the subject an event is published on."""
    if isinstance(event, ValidationFailed):
        return issue_subject(event.issue.severity, event.issue.rule)
    if isinstance(event, IssueGone):
        return gone_subject(event.issue.severity, event.issue.rule)
    if isinstance(event, DeadLetter):
        return dead_subject(event.service)
    if isinstance(event, ReportDeferred):
        return deferred_subject(event.lane)
    return event.subject


def trace_id(document_id: str | None, fallback: str) -> str:
    """Return the trace of a document: the same in every service, whatever restarts."""
    if document_id and _HEX.match(document_id):
        return document_id[:32]
    return fingerprint("trace", fallback)[:32]


def headers(event: Event | DeadLetter, *, source: str, now: datetime) -> dict[str, str]:
    """Return all headers of an event that `source` (a service) publishes."""
    identity = encode(message_id(event))
    trace = trace_id(event.document_id, identity)
    span = fingerprint("span", identity)[:16]
    values: dict[str, object] = {
        "ce-specversion": "1.0",
        "ce-id": identity,
        "ce-source": f"/gouji/{source}",
        TYPE: event.type,
        "ce-time": now.isoformat(),
        "content-type": "application/json",
        MESSAGE_ID: identity,
        TRACE: f"00-{trace}-{span}-01",
    }
    if event.document_id is not None:
        values["ce-subject"] = encode(event.document_id)
    if event.file is not None:
        values["ce-file"] = encode(event.file)
    if isinstance(event, _Filtered):
        values |= _attributes(event)
    return {name: str(value) for name, value in values.items()}


def span_before(values: Mapping[str, str]) -> str | None:
    """Return the `traceparent` of a message if a span stands behind it.

    Where nobody traces, its span is made of the message's own id: no step that anybody knows of.
    """
    known = values.get(TRACE)
    identity = values.get("ce-id")
    if known is None or (identity and fingerprint("span", identity)[:16] in known):
        return None
    return known


def traced(values: dict[str, str], trace: str, span: str) -> dict[str, str]:
    """Return the headers of an event that a step of this trace leads to.

    One that is about another document keeps a trace of its own.
    """
    if values[TRACE].split("-")[1] != trace:
        return values
    return {**values, TRACE: f"00-{trace}-{span}-01"}


def repeated(values: dict[str, str], event: Event | DeadLetter, again: str) -> dict[str, str]:
    """Return the headers of an event that follows from a message worked on once more.

    The bus would drop it as a second copy if it carried the id of the first time. It stays the same
    event to subscribers: `ce-id` does not change.
    """
    if isinstance(event, _TOLD_ONCE):
        return values
    return {**values, AGAIN: again, MESSAGE_ID: f"{values[MESSAGE_ID]}:{again}"}


def _attributes(event: _Filtered) -> dict[str, object]:
    """Return what a subscriber may filter on without parsing the body."""
    attributes: dict[str, str | int | None] = {
        "ce-regioncode": event.region.code,
        "ce-year": event.year,
        "ce-agencylevel": event.agency_level,
    }
    if isinstance(event, ValidationFailed | IssueGone):
        issue = event.issue
        attributes |= {
            "ce-severity": issue.severity,
            "ce-rule": issue.rule,
            "ce-origin": issue.origin,
        }
    return {name: encode(value) for name, value in attributes.items() if value is not None}
