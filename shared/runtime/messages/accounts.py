"""What became of messages and pages, told to whoever counts or traces: beside the log, and as the log says it."""

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from shared.contracts.events import ReportRefused, ValidationFailed
from shared.monitoring import measuring, spans

if TYPE_CHECKING:
    from shared.runtime.messages.delivery import Delivery

_FAILED = ("dead", "retried")


def enter(delivery: "Delivery", seconds: float, fields: Mapping[str, object]) -> None:
    """Count a delivery that has ended, and hand on its span; `fields` are what its log line says besides."""
    if measuring.is_on():
        _count(delivery, seconds, fields)
    if delivery.span_id is not None:
        _end_span(delivery, seconds, fields)


def results(published: Iterable[object]) -> None:
    """Count what was found out: issues by rule, refusals by reason."""
    if not measuring.is_on():
        return
    for event in published:
        if isinstance(event, ValidationFailed):
            issue = event.issue
            measuring.count("gouji_issues_total", issue.rule, issue.severity, issue.origin)
        elif isinstance(event, ReportRefused):
            measuring.count("gouji_refusals_total", event.reason)


def _count(delivery: "Delivery", seconds: float, fields: Mapping[str, object]) -> None:
    consumer, outcome = delivery.consumer, delivery.outcome
    measuring.count("gouji_messages_handled_total", consumer, outcome)
    measuring.observe("gouji_message_duration_seconds", seconds, consumer)
    error_class = str(fields.get("error_class", ""))
    if outcome == "retried":
        measuring.count("gouji_retries_total", consumer, error_class)
    elif outcome == "dead":
        measuring.count("gouji_dead_letters_total", consumer, error_class)
    elif outcome == "refused" and "reason" in fields:
        measuring.count("gouji_refusals_total", str(fields["reason"]))


def _end_span(delivery: "Delivery", seconds: float, fields: Mapping[str, object]) -> None:
    tracer = spans.tracer()
    if tracer is None or delivery.span_id is None:
        return
    ended = time.time_ns()
    attributes: dict[str, str | int] = {
        "messaging.system": "nats",
        "messaging.operation.type": "process",
        "messaging.destination.name": delivery.stream,
        "messaging.consumer.group.name": delivery.consumer,
        "gouji.stage": delivery.consumer,
        "gouji.outcome": delivery.outcome,
        "gouji.attempt": delivery.attempt,
        "gouji.stream_sequence": delivery.sequence,
    }
    if delivery.document_id is not None:
        attributes["gouji.document_id"] = delivery.document_id
    if "error_class" in fields:
        attributes["error.type"] = str(fields["error_class"])
    tracer.end(
        spans.Span(
            name=delivery.consumer,
            trace_id=delivery.trace_id,
            span_id=delivery.span_id,
            parent_id=_parent(delivery),
            began=ended - int(seconds * 1e9),
            ended=ended,
            attributes=attributes,
            failed=delivery.outcome in _FAILED,
        )
    )


def _parent(delivery: "Delivery") -> str | None:
    """Return the span before, if it is of this trace: what one report asks of others is theirs."""
    parent = spans.parent_of(delivery.parent)
    return parent.span_id if parent is not None and parent.trace_id == delivery.trace_id else None
