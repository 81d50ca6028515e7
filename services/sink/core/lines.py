"""Rows become neutral lines again."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from pydantic import TypeAdapter

from shared.report.issue import Evidence, Issue, Repair
from shared.report.neutral import Decision, TerminalDetails, neutral_terminal
from shared.report.printable import printable
from shared.report.record import Number


class Columns(Protocol):
    """A row as any database layer hands it out: values by column name."""

    def __getitem__(self, name: str, /) -> Any:
        """Return one column's value."""
        ...


_REPAIRS = TypeAdapter(tuple[Repair, ...])
_EVIDENCE = TypeAdapter(tuple[Evidence, ...])
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMERAL = re.compile(r"[+-]?[0-9]+(?:[.][0-9]+)?\Z")


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


def terminal_line(row: Columns) -> dict[str, Any]:
    """Return the neutral line of a row of `file_states` that has no report of its own."""
    details = TerminalDetails(detail_zh=row["detail_zh"], detail_en=row["detail_en"])
    if row["state"] == "duplicate":
        details["duplicate_of"] = row["first_name"]
    if row["state"] == "expanded":
        details["members"] = row["members"]
        details["skipped"] = row["skipped"]
    if row["state"] == "dead":
        details["attempts"] = row["attempts"]
        details["replay"] = row["replay"]
    return neutral_terminal(
        row["name"],
        row["document_id"],
        row["state"],
        row["reason"],
        **details,
    )


def plain_number(value: Decimal | Number | None) -> Number | None:
    """Return a number as the reader knew it, whatever type the database has for it."""
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def harmless(value: Any) -> Any:
    """Return a value that a spreadsheet shows and never runs: text like `=HYPERLINK(…)` gets a quote.

    Lists become text, parted by semicolons. Control characters become �, but line feeds and tabs stay.
    """
    if isinstance(value, list):
        value = ";".join(map(str, value))
    if isinstance(value, Decimal):
        return plain_number(value)
    if not isinstance(value, str):
        return value
    shown = "\n".join(map(printable, value.split("\n")))
    return f"'{shown}" if _FORMULA.match(value) and not _NUMERAL.match(value) else shown


def _side(text: str | None, number: object) -> Number | str | None:
    """Return one side of a comparison; the text keeps every digit of a number."""
    if text is None or number is None:
        return text
    return int(text) if text.lstrip("-").isdigit() else float(text)
