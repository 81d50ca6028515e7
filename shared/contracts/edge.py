"""What the values of a message must look like at the least, whoever wrote it; schemas say so too.

A message that breaks this is unreadable: it ends as a dead letter before any handler sees it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, StringConstraints

from shared.report.issue import Issue
from shared.report.record import LARGEST, Number, Record

DocumentId = Annotated[str, StringConstraints(pattern=r"^(?:[0-9a-f]{32}|[0-9a-f]{64})$")]
"""The sha256 of the file's bytes; 32 digits for an object whose bytes were never read."""

FileName = Annotated[str, StringConstraints(max_length=16384)]
"""The name of a file, with the folders it was in: it travels in a header too."""

_YEARS = range(1000, 3000)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of the range of dates") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment with its time zone, whatever zone that is; kept in UTC."""


def check_record(record: Record, document_id: str) -> None:
    """Raise ValueError for a record of another document, or with a year or numbers nobody can keep."""
    if record.document_id != document_id:
        raise ValueError("the record is of another document")
    year = record.identity.year
    if year is not None and year not in _YEARS:
        raise ValueError("a fiscal year beyond all calendars")
    check_numbers([figure.value for figure in record.figures])
    # a record has hundreds of cells, and nearly all of them hold a small number or none
    for cell in record.cells:
        value = cell.value
        if (value is not None and not -LARGEST <= value <= LARGEST) or cell.derived is not None:
            check_numbers((value, cell.derived))
        if cell.candidates:
            check_numbers(cell.candidates)


def check_issues(issues: Iterable[Issue]) -> None:
    """Raise ValueError for findings with numbers nobody can keep."""
    for issue in issues:
        check_numbers((issue.expected, issue.observed, issue.difference))
        for repair in issue.repairs:
            for change in repair.changes:
                check_numbers((change.old, change.new))


def check_numbers(numbers: Iterable[Number | str | None]) -> None:
    """Raise ValueError for a number that is none, or that fits into no JSON and no database."""
    for number in numbers:
        if isinstance(number, int | float) and not -LARGEST <= number <= LARGEST:
            raise ValueError("a number beyond all counting")
