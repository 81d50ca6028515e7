"""One delivery of one message: what the bus says of it, and the log line it ends with."""

import re
import time
import traceback
from contextvars import ContextVar
from dataclasses import dataclass, field

from nats.aio.msg import Msg

from shared.contracts.dropped import DroppedObject
from shared.contracts.events import DeadLetter, Event
from shared.monitoring import spans
from shared.runtime.logs import Level, log
from shared.runtime.messages import accounts
from shared.runtime.streams import envelope

_ID = re.compile(r"(?:[0-9a-f]{32}){1,2}")
_LONGEST_NAME = 1000
"""Characters of a name that a message claims in a header; what is told of it must fit into a message."""

Inbound = Event | DeadLetter | DroppedObject
"""Everything a service may be given."""


@dataclass(slots=True)
class Delivery:
    """One delivery of one message, and what became of it."""

    subject: str
    stream: str
    consumer: str
    sequence: int
    attempt: int
    started: float
    noted_document: str | None = None
    noted_file: str | None = None
    again: str | None = None
    event: Inbound | None = None
    results: dict[str, int] = field(default_factory=dict)
    outcome: str = "done"
    notes: dict[str, object] = field(default_factory=dict)
    parent: str | None = None
    span_id: str | None = None
    noted_trace: str | None = None
    """With spans alone: the span it came from, its own, and the trace of what it led to."""

    @property
    def document_id(self) -> str | None:
        """The document it is about, as far as known."""
        if isinstance(self.event, DroppedObject):
            return self.event.sha256
        return self.event.document_id if self.event is not None else self.noted_document

    @property
    def file(self) -> str | None:
        """The file it is about, as far as known."""
        return self.event.file if self.event is not None else self.noted_file

    @property
    def trace_id(self) -> str:
        """The trace it belongs to: that of its document, as far as known."""
        fallback = f"{self.stream}:{self.sequence}"
        return self.noted_trace or envelope.trace_id(self.document_id, fallback)


current: ContextVar[Delivery | None] = ContextVar("delivery", default=None)
"""The delivery being worked on; set by the guard, filled in by the bus."""


def delivery_of(msg: Msg) -> Delivery:
    """Read what the bus says about a delivery."""
    meta = msg.metadata
    headers = msg.headers or {}
    file, noted = headers.get("ce-file"), headers.get("ce-subject")
    tracer = spans.tracer()
    return Delivery(
        subject=msg.subject,
        stream=meta.stream,
        consumer=meta.consumer,
        sequence=meta.sequence.stream,
        attempt=meta.num_delivered or 1,
        started=time.perf_counter(),
        noted_document=noted if noted is not None and _ID.fullmatch(noted) else None,
        noted_file=envelope.decode(file)[:_LONGEST_NAME] if file is not None else None,
        again=headers.get(envelope.AGAIN),
        parent=None if tracer is None else envelope.span_before(headers),
        span_id=None if tracer is None else tracer.fresh_id(),
    )


def place_of(error: BaseException) -> str | None:
    """Return the innermost place of a traceback; its message may hold text of a document."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None


def report(delivery: Delivery, level: Level, **fields: object) -> None:
    """Write the one line of this delivery, and enter it into the accounts."""
    seconds = time.perf_counter() - delivery.started
    log(
        level,
        "message.handled",
        outcome=delivery.outcome,
        document_id=delivery.document_id,
        file=delivery.file,
        subject=delivery.subject,
        stream=delivery.stream,
        sequence=delivery.sequence,
        attempt=delivery.attempt,
        duration_ms=round(seconds * 1000, 2),
        published=delivery.results or None,
        trace_id=delivery.trace_id,
        **delivery.notes,
        **fields,
    )
    accounts.enter(delivery, seconds, fields)
