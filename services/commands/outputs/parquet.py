"""Rows as Parquet: typed columns, compressed, one row group at a time."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from services.commands.outputs.extra import needed
from services.sink.core.tabular import Block, Column

_VALUES_IN_GROUP: Final = 1_000_000
"""Values held in memory at once, whatever the width of a row: with texts some tens of MB."""


def write_parquet(path: Path, columns: Sequence[Column], blocks: Iterable[Block]) -> int:
    """Write rows, return how many; none give a valid file with the columns alone.

    Numbers are doubles, counts and positions integers, moments UTC. Raises `NeedsExtra`.
    """
    arrow, parquet = needed("pyarrow"), needed("pyarrow.parquet")
    schema = arrow.schema([(c.name, _type(arrow, c)) for c in columns])
    written = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(arrow, schema, columns, blocks):
            writer.write_table(group, row_group_size=len(group))
            written += len(group)
    return written


def _groups(
    arrow: Any, schema: Any, columns: Sequence[Column], blocks: Iterable[Block]
) -> Iterator[Any]:
    """Yield tables that are large enough to be compressed well."""
    held, values = [], 0
    for block in blocks:
        arrays = [_array(arrow, f.type, v) for f, v in zip(schema, block, strict=True)]
        held.append(arrow.RecordBatch.from_arrays(arrays, schema=schema))
        values += len(columns) * len(block[0])
        if values >= _VALUES_IN_GROUP:
            yield arrow.Table.from_batches(held)
            held, values = [], 0
    if values:
        yield arrow.Table.from_batches(held)


def _array(arrow: Any, wanted: Any, values: Sequence[Any]) -> Any:
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
