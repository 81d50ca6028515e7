"""What people decided becomes rows, in the types both databases take (numbers and moments as text)."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from services.sink.core.values import Row, clean, moment, number_text
from shared.contracts.reviews import AgenciesListed, CellCorrected, IssueDecided, ListedAgency


class Concerned(NamedTuple):
    """A document that must be judged again, with what the request says of it."""

    document_id: str
    file: str
    received_at: datetime


def decision(event: IssueDecided) -> Row:
    """Return the row of one decision; the same act gives the same id."""
    return {
        "id": event.id,
        "issue_id": event.issue_id,
        "report_id": event.report_id,
        "document_id": event.document_id,
        "verdict": event.verdict,
        "by": clean(event.by),
        "at": moment(event.at),
        "note": clean(event.note),
    }


def correction(event: CellCorrected) -> Row:
    """Return the row of one corrected cell; the same act gives the same id."""
    return {
        "id": event.id,
        "document_id": event.document_id,
        "report_id": event.report_id,
        "address": event.address,
        "state": event.state,
        "value": number_text(event.value),
        "unit": clean(event.unit),
        "was_state": event.was_state,
        "was_value": number_text(event.was_value),
        "by": clean(event.by),
        "at": moment(event.at),
        "note": clean(event.note),
    }


def agency_list(event: AgenciesListed) -> Row:
    """Return the row of a list itself."""
    return {
        "name": clean(event.name),
        "complete": event.complete,
        "document_id": event.document_id,
        "file": clean(event.file),
        "by": clean(event.by),
        "at": moment(event.at),
        "note": clean(event.note),
    }


def agencies(event: AgenciesListed) -> Iterator[Row]:
    """Yield one row for each body of a list; a second one of the same series is left out."""
    seen: set[str] = set()
    for agency in event.agencies:
        if agency.series not in seen:
            seen.add(agency.series)
            yield _agency(event.name, agency)


def parents(event: AgenciesListed) -> frozenset[str]:
    """Return the series whose roll-ups a list says something about."""
    return frozenset(a.parent for a in event.agencies if a.parent is not None)


def _agency(name: str, agency: ListedAgency) -> Row:
    return {
        "list_name": clean(name),
        "series": agency.series,
        "agency": clean(agency.agency),
        "region_code": clean(agency.region_code),
        "region": clean(agency.region),
        "level": agency.level,
        "kind": agency.kind,
        "scope": agency.scope,
        "parent": agency.parent,
        "since": agency.since,
        "until": agency.until,
    }
