"""Running text with the sentences lit that an issue speaks of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.page.core.looks import SEVERITIES
from shared.report.issue import Issue
from shared.report.record import Section

Veil = Callable[[str], str]
"""Masks personal data in a text; what comes back is as long as what went in."""


class Piece(NamedTuple):
    """A stretch of text, with the issue that lights it and how serious that is."""

    text: str
    issue: str | None = None
    severity: str | None = None


@dataclass(frozen=True, slots=True)
class Lit:
    """One paragraph in pieces; `line` is where it stood in the source."""

    pieces: tuple[Piece, ...]
    line: int | None = None

    @property
    def is_lit(self) -> bool:
        """Tell whether an issue speaks of it."""
        return any(p.issue is not None for p in self.pieces)


class _Span(NamedTuple):
    start: int
    end: int
    issue: str
    severity: str


def lit_section(section: Section, issues: Iterable[Issue], veil: Veil) -> tuple[Lit, ...]:
    """Return the paragraphs of a section; what evidence quotes is lit."""
    paragraphs = section.text.split("\n") if section.text else []
    found = list(issues)
    return tuple(
        _lit(text, _at(section.lines, n), found, veil)
        for n, text in enumerate(paragraphs)
        if text.strip()
    )


def pieces(text: str, spans: Iterable[tuple[int, int, str, str]]) -> tuple[Piece, ...]:
    """Return a text cut at spans of (start, end, issue, severity); of two that overlap the worse one lights."""
    chosen: list[_Span] = []
    order = sorted(
        (_Span(*span) for span in spans), key=lambda s: (SEVERITIES.index(s.severity), s.start)
    )
    for span in order:
        if span.start < span.end and all(
            span.end <= c.start or c.end <= span.start for c in chosen
        ):
            chosen.append(span)
    parts, reached = [], 0
    for span in sorted(chosen):
        if span.start > reached:
            parts.append(Piece(text[reached : span.start]))
        parts.append(Piece(text[span.start : span.end], span.issue, span.severity))
        reached = span.end
    if reached < len(text):
        parts.append(Piece(text[reached:]))
    return tuple(parts)


def _lit(text: str, line: int | None, issues: Sequence[Issue], veil: Veil) -> Lit:
    spans = [
        (start, start + len(quoted), issue.id, issue.severity)
        for issue in issues
        for quoted, where in _quotes(issue)
        if where is None or line is None or where == line
        for start in (text.find(quoted),)
        if start >= 0
    ]
    masked = veil(text)
    # the places are those of the text as printed; a mask that moved them would light the wrong words
    return Lit(pieces(masked, spans) if len(masked) == len(text) else (Piece(masked),), line)


def _quotes(issue: Issue) -> Iterable[tuple[str, int | None]]:
    """Return the clauses that an issue quotes from the running text, and where they stood."""
    for evidence in issue.evidence:
        quoted = evidence.text.strip().strip("…")
        if evidence.address is None and len(quoted) > 1:
            yield quoted, None if evidence.place is None else evidence.place.line


def _at(lines: Sequence[int | None], n: int) -> int | None:
    return lines[n] if n < len(lines) else None
