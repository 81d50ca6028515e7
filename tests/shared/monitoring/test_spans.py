"""One trace a document, whatever the order, the repetitions and who traces."""

from types import SimpleNamespace

import pytest

from shared.contracts.dropped import DroppedObject
from shared.monitoring import spans
from shared.monitoring.spans import Span, parent_of
from shared.runtime.messages import delivery as deliveries
from shared.runtime.messages.delivery import delivery_of, report
from shared.runtime.messages.outlet import Outlet
from shared.runtime.streams import envelope
from tests.support.bus import MOMENT, received

DOCUMENT, OTHER = "ab" * 32, "cd" * 32


class Tracer:
    """Keeps spans; ids count up."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._next = 0

    def fresh_id(self) -> str:
        self._next += 1
        return f"{self._next:016x}"

    def end(self, span: Span) -> None:
        self.spans.append(span)

    def close(self) -> None:
        pass


@pytest.fixture
def tracer():
    made = Tracer()
    spans.trace_with(made)
    yield made
    spans.forget()
    deliveries.current.set(None)


def message(headers=None, *, attempt=1):
    sequence = SimpleNamespace(stream=7)
    meta = SimpleNamespace(
        stream="REPORTS", consumer="extract", sequence=sequence, num_delivered=attempt
    )
    return SimpleNamespace(
        subject="gouji.v1.report.normalized", headers=headers or {}, metadata=meta
    )


async def published(event) -> dict[str, str]:
    """Publish an event; return its headers."""
    seen: list[dict[str, str]] = []

    async def send(subject, body, headers, stream):
        seen.append(headers)

    clock = SimpleNamespace(now=lambda: MOMENT)
    await Outlet("extract", send=send, clock=clock, inline_bytes=1 << 20, patience=1).publish(event)
    return seen[0]


async def test_what_a_step_publishes_comes_from_its_span(tracer):
    first = deliveries.current
    step = delivery_of(message({"ce-subject": DOCUMENT}))
    step.event = received("a.txt", DOCUMENT)
    first.set(step)

    headers = await published(received("a.txt", DOCUMENT))
    report(step, "info")

    (span,) = tracer.spans
    assert headers["traceparent"] == f"00-{DOCUMENT[:32]}-{span.span_id}-01"
    assert (span.trace_id, span.parent_id, span.failed) == (DOCUMENT[:32], None, False)
    assert "a.txt" not in str(span)


async def test_the_next_step_is_a_child_of_the_one_before(tracer):
    step = delivery_of(message({"ce-subject": DOCUMENT, "ce-id": "x",
                                "traceparent": f"00-{DOCUMENT[:32]}-00000000000000aa-01"}))  # fmt: skip
    report(step, "info")
    assert tracer.spans[0].parent_id == "00000000000000aa"


async def test_a_message_of_a_service_that_does_not_trace_has_no_parent(tracer):
    headers = envelope.headers(received("a.txt", DOCUMENT), source="ingest", now=MOMENT)
    report(delivery_of(message(headers)), "info")
    assert (tracer.spans[0].trace_id, tracer.spans[0].parent_id) == (DOCUMENT[:32], None)


async def test_a_step_on_another_document_is_no_child_of_the_trace_it_came_from(tracer):
    report(delivery_of(message({"ce-subject": OTHER, "ce-id": "x",
                                "traceparent": f"00-{DOCUMENT[:32]}-00000000000000aa-01"})), "info")  # fmt: skip
    assert (tracer.spans[0].trace_id, tracer.spans[0].parent_id) == (OTHER[:32], None)


async def test_an_event_about_another_document_keeps_its_own_trace(tracer):
    step = delivery_of(message({"ce-subject": DOCUMENT}))
    deliveries.current.set(step)

    headers = await published(received("b.txt", OTHER))

    assert headers["traceparent"].split("-")[1] == OTHER[:32]
    assert headers["traceparent"].split("-")[2] != step.span_id


async def test_a_dropped_object_belongs_to_the_trace_of_what_it_turned_out_to_be(tracer):
    step = delivery_of(message())
    step.event = DroppedObject(name="a.txt", digest="SHA-256=nonsense")
    deliveries.current.set(step)

    headers = await published(received("a.txt", DOCUMENT))
    report(step, "info")

    assert tracer.spans[0].trace_id == DOCUMENT[:32]
    assert headers["traceparent"] == f"00-{DOCUMENT[:32]}-{tracer.spans[0].span_id}-01"


@pytest.mark.parametrize("outcome", ["retried", "dead"])
async def test_what_failed_is_marked_with_its_kind_and_attempt(tracer, outcome):
    step = delivery_of(message({"ce-subject": DOCUMENT}, attempt=3))
    step.outcome = outcome
    report(step, "error", error_class="OSError", detail="somebody's name")

    (span,) = tracer.spans
    assert span.failed
    assert (span.attributes["error.type"], span.attributes["gouji.attempt"]) == ("OSError", 3)
    assert "name" not in " ".join(map(str, span.attributes.values()))


async def test_without_a_tracer_headers_are_the_same_at_every_repetition():
    deliveries.current.set(delivery_of(message({"ce-subject": DOCUMENT})))
    first, again = [await published(received("a.txt", DOCUMENT)) for _ in range(2)]
    deliveries.current.set(None)
    assert first == again


@pytest.mark.parametrize(
    "text", [None, "", "00-xyz", "00-" + "a" * 32 + "-" + "b" * 15 + "-01", "x" * 55]
)
def test_a_strangers_nonsense_is_no_parent(text):
    assert parent_of(text) is None
