"""Rows as CSV text that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from services.sink.core.lines import harmless
from services.sink.core.tabular import Column


def comma_separated(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a title line, then one line a row; text like `=HYPERLINK(…)` gets a quote."""
    names = [column.name for column in columns]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    yield text.getvalue()
    for row in rows:
        text.seek(0)
        text.truncate()
        writer.writerow([_shown(row[name]) for name in names])
        yield text.getvalue()


def _shown(value: Any) -> Any:
    if value is None or type(value) is int:
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else harmless(value)


@lru_cache(maxsize=4096)
def _text(value: str) -> Any:
    """Return a harmless text; names and keys come again with every row."""
    return harmless(value)
