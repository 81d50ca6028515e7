"""The SQL of the sink, compiled once for each database.

Single rows bind by column name, the many rows of a revision's parts by place, which the drivers do faster.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import (
    ClauseElement,
    Column,
    ColumnElement,
    Dialect,
    Table,
    bindparam,
    delete,
    insert,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from services.sink.core.values import Row
from shared.database.schema import METADATA

PARTS = ("cells", "figures", "sections", "issues", "checks", "leftovers", "marks")
"""Tables whose rows belong to a revision and are replaced together with it."""

COMPARED = ("compared_issues", "compared_checks")
"""Tables whose rows belong to a comparison and are replaced together with it."""

_TABLES = METADATA.tables


_AT_ONCE = 64
"""Rows of one insert: the driver lets other threads in with each, which costs more than the rows."""


class Adding(Protocol):
    """The insert of one part table, and how rows are laid out for it."""

    def of(self, rows: Sequence[Row]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield statements and their values that together add all rows."""
        ...


@dataclass(frozen=True, slots=True)
class ByRow:
    """Adds some rows at a time: the first words of the insert, one row, and what lays a row out for it."""

    head: str
    row: str
    values: Callable[[Row], tuple[Any, ...]]

    def of(self, rows: Sequence[Row]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield statements and their values that together add all rows."""
        for start in range(0, len(rows), _AT_ONCE):
            chunk = rows[start : start + _AT_ONCE]
            insert = self.head + ", ".join([self.row] * len(chunk))
            yield insert, tuple(chain.from_iterable(map(self.values, chunk)))


@dataclass(frozen=True, slots=True)
class ByColumn:
    """Adds all rows at once, an array for each column: the same words however many rows there are.

    The driver of PostgreSQL reads a statement anew for its placeholders unless it has few of them.
    """

    insert: str
    columns: tuple[str, ...]

    def of(self, rows: Sequence[Row]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield statements and their values that together add all rows."""
        if rows:
            yield self.insert, tuple([row[name] for row in rows] for name in self.columns)


@dataclass(frozen=True, slots=True)
class Statements:
    """Statements by table.

    `keep` writes a row unless a better one is there. `first` adds an unknown revision, `renew` replaces a known one by
    a better judgement (`key` is its id, `better` the new precedence). `compare` does both for a comparison, `log`
    writes a change once. `add` and `clear` are for the parts of either; what is cleared is named by `key`.
    """

    keep: dict[str, str]
    first: str
    renew: str
    compare: str
    log: str
    add: dict[str, Adding]
    clear: dict[str, str]


@cache
def statements(backend: str) -> Statements:
    """Return the statements for "sqlite" or "postgresql"."""
    revisions = _TABLES["revisions"]

    renew = update(revisions).where(
        revisions.c.id == bindparam("key"), revisions.c.precedence < bindparam("better")
    )
    return Statements(
        keep={name: _keep(backend, _TABLES[name]) for name in ("documents", "files", "reports")},
        first=once(backend, revisions),
        renew=_text(backend, renew, [c.name for c in revisions.columns if c.name != "id"]),
        log=once(backend, _TABLES["changes"]),
        compare=_keep(backend, _TABLES["comparisons"], "report_id", "position"),
        add={name: _adding(backend, _TABLES[name]) for name in (*PARTS, *COMPARED)},
        clear={
            **{name: clearing(backend, _TABLES[name], "revision_id") for name in PARTS},
            **{name: clearing(backend, _TABLES[name], "report_id") for name in COMPARED},
        },
    )


def _adding(backend: str, table: Table) -> Adding:
    columns = tuple(c.name for c in table.columns)
    text = str(insert(table).compile(dialect=_by_place(backend), column_keys=list(columns)))
    head, values, row = text.partition("VALUES ")
    if backend == "postgresql":
        arrays = ", ".join(f"%s::{_plain_type(c)}[]" for c in table.columns)
        # names and types of our own tables, no value
        return ByColumn(f"{head}SELECT * FROM unnest({arrays})", columns)  # noqa: S608
    return ByRow(head + values, row, values=itemgetter(*columns))


def _plain_type(column: Column[Any]) -> str:
    """Return the type of a column in PostgreSQL, without how it is sorted."""
    return str(column.type.compile(dialect=_by_place("postgresql"))).partition(" COLLATE")[0]


def _keep(backend: str, table: Table, key: str = "id", order: str = "precedence") -> str:
    statement = _upsert(backend, table)
    new = statement.excluded
    better: ColumnElement[bool] = (
        new.received_at < table.c.received_at
        if table.name == "documents"
        else new[order] > table.c[order]
    )
    changed = {c.name: new[c.name] for c in table.columns if c.name != key}
    return _text(
        backend, statement.on_conflict_do_update(index_elements=[key], set_=changed, where=better)
    )


def _upsert(backend: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if backend == "postgresql" else sqlite.insert(table)


def _text(backend: str, statement: ClauseElement, columns: list[str] | None = None) -> str:
    return str(statement.compile(dialect=_by_name(backend), column_keys=columns))


def _by_name(backend: str) -> Dialect:
    return _dialect(backend, {"postgresql": "pyformat", "sqlite": "named"})


def _by_place(backend: str) -> Dialect:
    return _dialect(backend, {"postgresql": "format", "sqlite": "qmark"})


def _dialect(backend: str, styles: dict[str, str]) -> Dialect:
    drivers: dict[str, Callable[..., Dialect]] = {
        "postgresql": PGDialect_psycopg,
        "sqlite": SQLiteDialect_pysqlite,
    }
    return drivers[backend](paramstyle=styles[backend])


def once(backend: str, table: Table) -> str:
    """Return the insert that changes nothing where a row of the same key is there already."""
    return _text(backend, _upsert(backend, table).on_conflict_do_nothing())


def latest(backend: str, table: Table, *, key: str, order: tuple[str, ...]) -> str:
    """Return the insert that replaces the row of the same `key` only if it comes later in `order`."""
    statement = _upsert(backend, table)
    new = statement.excluded
    later = tuple_(*(new[name] for name in order)) > tuple_(*(table.c[name] for name in order))
    changed = {c.name: new[c.name] for c in table.columns if c.name != key}
    return _text(
        backend, statement.on_conflict_do_update(index_elements=[key], set_=changed, where=later)
    )


def clearing(backend: str, table: Table, column: str) -> str:
    """Return the deletion of all rows whose `column` is the parameter `key`."""
    return _text(backend, delete(table).where(table.c[column] == bindparam("key")))
