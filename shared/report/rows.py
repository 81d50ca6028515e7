"""Rows of the database become issues, decisions and numbers again."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from pydantic import TypeAdapter

from shared.report.issue import Evidence, Issue, Repair
from shared.report.neutral import Decision
from shared.report.record import Number


class Columns(Protocol):
    """A row as any database layer hands it out: values by column name."""

    def __getitem__(self, name: str, /) -> Any:
        """Return one column's value."""
        ...


_REPAIRS = TypeAdapter(tuple[Repair, ...])
_EVIDENCE = TypeAdapter(tuple[Evidence, ...])


def issue_of_row(row: Columns) -> Issue:
    """Return the issue that a row of the table `issues` or `compared_issues` holds."""
    return Issue(
        id=row["id"],
        rule=row["rule"],
        severity=row["severity"],
        origin=row["origin"],
        addresses=tuple(row["addresses"]),
        message_zh=row["message_zh"],
        message_en=row["message_en"],
        expected=_side(row["expected"], row["expected_number"]),
        observed=_side(row["observed"], row["observed_number"]),
        difference=plain_number(row["difference"]),
        formula=row["formula"],
        evidence=_EVIDENCE.validate_python(row["evidence"]),
        legal_basis=row["legal_basis"],
        suggestion=row["suggestion"],
        repairs=_REPAIRS.validate_python(row["repairs"]),
    )


def decision_of_row(row: Columns) -> Decision:
    """Return the decision that a row of `current_decisions` holds, its moment spelled in one way."""
    at = row["at"]
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return Decision(
        verdict=row["verdict"],
        by=row["by"],
        at=moment.astimezone(UTC).isoformat(),
        note=row["note"],
    )


def plain_number(value: Decimal | Number | None) -> Number | None:
    """Return a number as the reader knew it, whatever type the database has for it."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _side(text: str | None, number: object) -> Number | str | None:
    """Return one side of a comparison; the text keeps every digit of a number."""
    if text is None or number is None:
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)
