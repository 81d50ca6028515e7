"""Rows as CSV text that a spreadsheet shows and never runs."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from services.sink.core.lines import harmless
from services.sink.core.tabular import Block, Column, Kind


def comma_separated(columns: Sequence[Column], blocks: Iterable[Block]) -> Iterator[str]:
    """Yield a title line, then the lines of each block of rows; text like `=HYPERLINK(…)` gets a quote."""
    yield _lines([[_field(column.name)] for column in columns])
    for block in blocks:
        yield _lines([_fields(c.kind, values) for c, values in zip(columns, block, strict=True)])


def _lines(fields: Sequence[Sequence[str]]) -> str:
    return "".join(f"{line}\r\n" for line in map(",".join, zip(*fields, strict=True)))


def _fields(kind: Kind, values: Sequence[Any]) -> list[str]:
    """Return a column as CSV has it, each value worked out once: nearly all of them come again and again."""
    if kind == "list":
        values = [None if value is None else tuple(value) for value in values]
    known = {value: _field(value) for value in set(values)}
    return [known[value] for value in values]


def _field(value: Any) -> str:
    """Return one value, quoted where CSV asks for it."""
    text = io.StringIO()
    # a second field: a line of one empty field would be quoted
    csv.writer(text).writerow((_shown(value), None))
    return text.getvalue().removesuffix(",\r\n")


def _shown(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return harmless(list(value))
    return value.isoformat() if isinstance(value, datetime) else harmless(value)
