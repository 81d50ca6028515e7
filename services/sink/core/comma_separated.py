"""Rows as CSV text that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from types import NoneType
from typing import Any, Final

from services.sink.core.lines import harmless
from services.sink.core.tabular import Block, Column, Kind

_PLAIN: Final = frozenset((int, float, NoneType))


def comma_separated(columns: Sequence[Column], blocks: Iterable[Block]) -> Iterator[str]:
    """Yield a title line, then the lines of each block of rows; text like `=HYPERLINK(…)` gets a quote."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    yield text.getvalue()
    for block in blocks:
        text.seek(0)
        text.truncate()
        shown = [_shown_column(c.kind, values) for c, values in zip(columns, block, strict=True)]
        writer.writerows(zip(*shown, strict=True))
        yield text.getvalue()


def _shown_column(kind: Kind, values: Sequence[Any]) -> Sequence[Any]:
    if kind == "text":
        # names and keys come again with every row
        known = {value: _shown(value) for value in set(values)}
        return [known[value] for value in values]
    if kind == "list":
        return [_shown_list(tuple(value)) if value else None for value in values]
    return values if _PLAIN.issuperset(map(type, values)) else list(map(_shown, values))


@lru_cache(maxsize=1024)
def _shown_list(value: tuple[Any, ...]) -> Any:
    return harmless(list(value))


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime) else harmless(value)
