"""Spans to an OpenTelemetry collector by OTLP over HTTP; the only module that loads its library.

Where it is and how it is reached say the standard variables `OTEL_EXPORTER_OTLP_…`; spans wait in memory
and are sent by a thread of their own, a bounded number of them: a collector that is away holds up nobody.
"""

from typing import Final

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator

from shared.monitoring.spans import Span

_SAMPLED: Final = trace.TraceFlags(trace.TraceFlags.SAMPLED)


class _GivenIds(IdGenerator):
    """Gives a span the ids that its events carry already."""

    trace_id = 0
    span_id = 0

    def generate_trace_id(self) -> int:
        """Return the trace that the next span begins."""
        return self.trace_id

    def generate_span_id(self) -> int:
        """Return the id of the next span."""
        return self.span_id


class OtlpTracer:
    """`shared.monitoring.spans.Tracer` of one process; used from its event loop alone."""

    def __init__(self, service: str, version: str) -> None:
        """Prepare; the collector is first asked when the first spans are sent."""
        self._ids = _GivenIds()
        self._random = RandomIdGenerator()
        resource = Resource.create(
            {"service.namespace": "gouji", "service.name": f"gouji-{service}",
             "service.version": version}
        )  # fmt: skip
        self._provider = TracerProvider(
            resource=resource, id_generator=self._ids, shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("gouji", version)

    def fresh_id(self) -> str:
        """Return the id of a span that begins."""
        return f"{self._random.generate_span_id():016x}"

    def end(self, span: Span) -> None:
        """Take a span that has ended."""
        self._ids.trace_id, self._ids.span_id = int(span.trace_id, 16), int(span.span_id, 16)
        context = Context()
        if span.parent_id is not None:
            parent = trace.SpanContext(
                self._ids.trace_id, int(span.parent_id, 16), is_remote=True, trace_flags=_SAMPLED
            )
            context = trace.set_span_in_context(trace.NonRecordingSpan(parent), context)
        made = self._tracer.start_span(
            span.name,
            context=context,
            kind=trace.SpanKind.CONSUMER,
            attributes=span.attributes,
            start_time=span.began,
        )
        if span.failed:
            made.set_status(trace.StatusCode.ERROR)
        made.end(end_time=span.ended)

    def close(self) -> None:
        """Send what is left, and end."""
        self._provider.shutdown()
