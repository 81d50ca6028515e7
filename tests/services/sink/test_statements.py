"""The SQL of the sink, as the drivers meet it."""

import pytest
from psycopg import _queries

from services.sink.adapters.statements import COMPARED, PARTS, statements
from shared.database.schema import METADATA


@pytest.mark.parametrize("table", [*PARTS, *COMPARED])
def test_the_driver_of_postgresql_reads_the_words_of_an_insert_once_for_any_number_of_rows(table):
    adding = statements("postgresql").add[table]
    row = dict.fromkeys(c.name for c in METADATA.tables[table].columns)

    ((insert, values),) = adding.of([row])
    ((same, more),) = adding.of([row] * 300)

    assert insert == same
    assert len(insert.encode()) <= _queries.MAX_CACHED_STATEMENT_LENGTH
    assert len(values) == len(more) <= _queries.MAX_CACHED_STATEMENT_PARAMS


@pytest.mark.parametrize("backend", ["postgresql", "sqlite"])
def test_without_rows_nothing_is_asked(backend):
    assert list(statements(backend).add["cells"].of([])) == []
