"""Rows become neutral lines again."""

import re
from decimal import Decimal
from typing import Any

from shared.report.neutral import TerminalDetails, neutral_terminal
from shared.report.printable import printable
from shared.report.rows import Columns, decision_of_row, issue_of_row, plain_number

__all__ = ["decision_of_row", "harmless", "issue_of_row", "plain_number", "terminal_line"]

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMERAL = re.compile(r"[+-]?[0-9]+(?:[.][0-9]+)?\Z")


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
