"""Rows of the database become the values that validate works with."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import RowMapping

from services.validate.core.corrected import Correction
from shared.report.record import Number


def moment_of(value: datetime | str) -> datetime:
    """Return a moment, whichever type the database has for it."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(UTC)


def number_of(value: Decimal | Number | None) -> Number | None:
    """Return a number as the reader knew it: whole numbers as int."""
    if value is None or isinstance(value, int):
        return value
    return int(value) if value == int(value) else float(value)


def correction_of(row: RowMapping) -> Correction:
    """Return one correction of a reviewer."""
    return Correction(row["id"], row["address"], row["state"], number_of(row["value"]), row["unit"])
