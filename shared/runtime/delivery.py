"""One delivery of one message: what the bus says of it, and the log line it ends with."""

import time
import traceback
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from nats.aio.msg import Msg

from shared.contracts.dropped import DroppedObject
from shared.contracts.events import DeadLetter, Event
from shared.runtime import envelope
from shared.runtime.logs import Level, log

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
    stored_at: datetime | None = None
    noted_document: str | None = None
    noted_file: str | None = None
    again: str | None = None
    event: Inbound | None = None
    results: dict[str, int] = field(default_factory=dict)
    outcome: str = "done"
    notes: dict[str, object] = field(default_factory=dict)

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


current: ContextVar[Delivery | None] = ContextVar("delivery", default=None)
"""The delivery being worked on; set by the guard, filled in by the bus."""


def delivery_of(msg: Msg) -> Delivery:
    """Read what the bus says about a delivery."""
    meta = msg.metadata
    headers = msg.headers or {}
    file = headers.get("ce-file")
    return Delivery(
        subject=msg.subject,
        stream=meta.stream,
        consumer=meta.consumer,
        sequence=meta.sequence.stream,
        attempt=meta.num_delivered or 1,
        started=time.perf_counter(),
        stored_at=meta.timestamp,
        noted_document=headers.get("ce-subject"),
        noted_file=envelope.decode(file) if file is not None else None,
        again=headers.get(envelope.AGAIN),
    )


def position() -> str:
    """Return where the message being worked on stands in its stream, as text that sorts in order."""
    delivery = current.get()
    if delivery is None or delivery.stored_at is None:
        raise LookupError("no message is being worked on")
    return f"{delivery.stored_at.isoformat(timespec='microseconds')}|{delivery.sequence:020d}"


def place_of(error: BaseException) -> str | None:
    """Return the innermost place of a traceback; its message may hold text of a document."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else None


def report(delivery: Delivery, level: Level, **fields: object) -> None:
    """Write the one line of this delivery."""
    document_id = delivery.document_id
    log(
        level,
        "message.handled",
        outcome=delivery.outcome,
        document_id=document_id,
        file=delivery.file,
        subject=delivery.subject,
        stream=delivery.stream,
        sequence=delivery.sequence,
        attempt=delivery.attempt,
        duration_ms=round((time.perf_counter() - delivery.started) * 1000, 2),
        published=delivery.results or None,
        trace_id=envelope.trace_id(document_id, f"{delivery.stream}:{delivery.sequence}"),
        **delivery.notes,
        **fields,
    )
