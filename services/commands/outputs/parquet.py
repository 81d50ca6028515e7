"""Rows as Parquet: typed columns, compressed, one row group at a time."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from services.commands.outputs.extra import needed
from services.sink.core.tabular import Column

_VALUES_IN_GROUP: Final = 400_000
"""Values held in memory at once, whatever the width of a row."""


def write_parquet(path: Path, columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows, return how many; none give a valid file with the columns alone.

    Numbers are doubles, counts and positions integers, moments UTC. Raises `NeedsExtra`.
    """
    arrow, parquet = needed("pyarrow"), needed("pyarrow.parquet")
    schema = arrow.schema([(c.name, _type(arrow, c)) for c in columns])
    size = max(1, _VALUES_IN_GROUP // len(columns))
    source, written = iter(rows), 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while group := list(islice(source, size)):
            arrays = [_array(arrow, schema.field(c.name).type, c.name, group) for c in columns]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            written += len(group)
    return written


def _array(arrow: Any, wanted: Any, name: str, group: Sequence[Mapping[str, Any]]) -> Any:
    values = [row[name] for row in group]
    if arrow.types.is_floating(wanted):
        values = [None if v is None else float(v) for v in values]
    return arrow.array(values, wanted)


def _type(arrow: Any, column: Column) -> Any:
    return {
        "text": arrow.string(),
        "whole": arrow.int32(),
        "number": arrow.float64(),
        "truth": arrow.bool_(),
        "day": arrow.date32(),
        "moment": arrow.timestamp("us", tz="UTC"),
        "list": arrow.list_(arrow.string()),
    }[column.kind]
