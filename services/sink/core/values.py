"""Values in the plain types that both database drivers take."""

import re
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.report.record import Number

_NUL = re.compile(r"((?<!\\)(?:\\\\)*)\\u0000")
"""The escape, after any number of escaped backslashes."""

Row = dict[str, Any]
"""One row of one table by column name."""


def moment(value: datetime) -> str:
    """Return a moment as text of fixed width in UTC, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def number_text(value: Number | None) -> str | None:
    """Return a number as text: the database takes over every digit, no float comes between."""
    if value is None:
        return None
    return repr(value)


def json_text(value: Any) -> str:
    """Return a value as JSON text, without the NUL that PostgreSQL cannot keep there either."""
    return _NUL.sub(r"\1\\ufffd", orjson.dumps(value).decode())


def clean(text: str | None) -> str | None:
    """Replace the NUL character, which PostgreSQL cannot keep."""
    return text.replace("\x00", "\ufffd") if text else text
