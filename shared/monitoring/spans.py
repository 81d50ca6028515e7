"""The way of a document as spans of one trace: what is known of one step, and who wants to hear of it.

The trace follows from the document, so every service knows it; a span is one delivery of one message.
Nothing of OpenTelemetry is loaded here, nor anywhere while nobody wants spans.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

_PARENT: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class Parent(NamedTuple):
    """The span that a message comes from."""

    trace_id: str
    span_id: str


def parent_of(traceparent: str | None) -> Parent | None:
    """Read a W3C `traceparent`; None where there is none, or a stranger's nonsense."""
    found = _PARENT.fullmatch(traceparent or "")
    return None if found is None else Parent(found[1], found[2])


@dataclass(frozen=True, slots=True)
class Span:
    """One step that has ended. Times are nanoseconds since 1970; without a `parent_id` it begins a trace."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str | None
    began: int
    ended: int
    attributes: Mapping[str, str | int]
    failed: bool


class Tracer(Protocol):
    """Takes spans to where they are looked at."""

    def fresh_id(self) -> str:
        """Return the id of a span that begins."""
        ...

    def end(self, span: Span) -> None:
        """Take a span that has ended; must not wait for anything."""
        ...

    def close(self) -> None:
        """Hand on what is left; may wait."""
        ...


_tracers: Final[list[Tracer]] = []


def trace_with(tracer: Tracer) -> None:
    """Let a tracer have the spans from now on."""
    _tracers[:] = [tracer]


def forget() -> None:
    """Make no more spans."""
    _tracers.clear()


def tracer() -> Tracer | None:
    """Return who wants spans, if anybody does."""
    return _tracers[0] if _tracers else None
