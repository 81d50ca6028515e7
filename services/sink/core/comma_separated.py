"""Rows as CSV text that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.sink.core.lines import harmless
from services.sink.core.tabular import Column


def comma_separated(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a title line, then one line a row; text like `=HYPERLINK(…)` gets a quote."""
    yield _line([column.name for column in columns])
    for row in rows:
        yield _line([_shown(row[column.name]) for column in columns])


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else harmless(value)


def _line(values: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()
