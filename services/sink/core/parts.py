"""The parts of a revision as rows: cells, figures, sections, issues, checks, leftovers."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from services.sink.core.values import Row, clean, json_text, number_text
from shared.report import likeness
from shared.report.issue import Check, Issue
from shared.report.money import yuan
from shared.report.record import Cell, Number, Record


def cells(revision: str, cells: Iterable[Cell]) -> Iterator[Row]:
    """Yield one row a cell, in form order; a second cell of the same address is left out."""
    seen: set[str] = set()
    for position, cell in enumerate(cells):
        if cell.address in seen:
            continue
        seen.add(cell.address)
        table, row, column = _address_parts(cell.address)
        place = cell.place
        yield {
            "revision_id": revision,
            "address": cell.address,
            "position": position,
            "form_table": table,
            "form_row": row,
            "form_column": column,
            "state": cell.state,
            "value": None if cell.value is None else number_text(cell.value),
            "unit": clean(cell.unit),
            "yuan": None if cell.unit is None else number_text(yuan(cell.value, cell.unit)),
            "raw": clean(cell.raw),
            "line": None if place is None else place.line,
            "page": None if place is None else place.page,
            "place_row": None if place is None else place.row,
            "place_column": None if place is None else place.column,
            "confidence": cell.confidence,
            "notes": json_text(cell.notes) if cell.notes else "[]",
            "derived": None if cell.derived is None else number_text(cell.derived),
        }


@lru_cache(maxsize=4096)
def _address_parts(address: str) -> tuple[str, str, str]:
    """Split `<table>.<row>@<column>`; the row may hold dots of its own."""
    place, _, column = address.rpartition("@")
    table, _, row = place.partition(".")
    return table, row, column


def figures(revision: str, record: Record) -> Iterator[Row]:
    """Yield one row a number of the running text."""
    for position, figure in enumerate(record.figures):
        yield {
            "revision_id": revision,
            "position": position,
            "key": clean(figure.key),
            "label": clean(figure.label),
            "value": number_text(figure.value),
            "unit": clean(figure.unit),
            "text": clean(figure.text),
            "section": figure.section,
            "line": figure.line,
            "bound": figure.bound,
            "subject": figure.subject,
            "comparison": figure.comparison,
            "raw": clean(figure.raw),
        }


def sections(revision: str, record: Record) -> Iterator[Row]:
    """Yield one row a section."""
    for position, section in enumerate(record.sections):
        yield {
            "revision_id": revision,
            "position": position,
            "number": section.number,
            "title": clean(section.title),
            "heading_raw": clean(section.heading_raw),
            "text": clean(section.text),
            "chars": len(section.text),
            "line": section.line,
        }


def issues(owner: Row, issues: Iterable[Issue]) -> Iterator[Row]:
    """Yield one row a finding; a second one of the same id is left out. `owner` as in `checks`."""
    seen: set[str] = set()
    for position, issue in enumerate(issues):
        if issue.id in seen:
            continue
        seen.add(issue.id)
        yield {
            **owner,
            "id": issue.id,
            "position": position,
            "rule": issue.rule,
            "severity": issue.severity,
            "origin": issue.origin,
            "addresses": json_text(issue.addresses),
            "expected": _side(issue.expected),
            "expected_number": _side_number(issue.expected),
            "observed": _side(issue.observed),
            "observed_number": _side_number(issue.observed),
            "difference": number_text(issue.difference),
            "formula": clean(issue.formula),
            "message_zh": clean(issue.message_zh),
            "message_en": clean(issue.message_en),
            "evidence": json_text(issue.evidence),
            "legal_basis": clean(issue.legal_basis),
            "suggestion": clean(issue.suggestion),
            "repairs": json_text(issue.repairs) if issue.repairs else "[]",
        }


def marks(revision: str, record: Record) -> Iterator[Row]:
    """Yield the marks by which texts of the same fiscal year that are like this one are found."""
    year = record.identity.year
    if year is None:
        return
    for section, found in likeness.marks_of(record).items():
        for mark in dict.fromkeys(found):
            yield {"revision_id": revision, "section": section, "mark": f"{year}:{mark}"}


def checks(owner: Row, checks: Iterable[Check]) -> Iterator[Row]:
    """Yield one row for each rule and status; `owner` is the key of what was judged."""
    for position, check in enumerate(checks):
        yield {
            **owner,
            "position": position,
            "rule": check.rule,
            "status": check.status,
            "scopes": json_text(check.scopes) if check.scopes else "[]",
            "note": clean(check.note),
        }


def leftovers(revision: str, record: Record) -> Iterator[Row]:
    """Yield one row for each piece of a table that fitted nowhere."""
    for position, leftover in enumerate(record.leftovers):
        yield {
            "revision_id": revision,
            "position": position,
            "text": clean(leftover.text),
            "line": leftover.line,
            "form_table": leftover.table,
            "reason": clean(leftover.reason),
        }


def _side(side: Number | str | None) -> str | None:
    if side is None:
        return None
    return clean(side) if isinstance(side, str) else repr(side)


def _side_number(side: Number | str | None) -> str | None:
    return None if isinstance(side, str) else number_text(side)
