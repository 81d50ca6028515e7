"""What the database holds, as neutral lines or as one row a cell: in a fixed order, a few reports at a time."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Executable,
    RowMapping,
    bindparam,
    column,
    select,
    table,
    text,
)

from services.sink.core.lines import decision_of_row, harmless, issue_of_row, terminal_line
from shared.database.base import Instant
from shared.database.comparisons import ComparedIssueRow
from shared.database.engine import snapshot_engine
from shared.database.outages import unavailable_when_silent
from shared.database.tables import IssueRow, RevisionRow
from shared.report.issue import Issue
from shared.report.neutral import Decision, neutral_report
from shared.report.personal import masked_values
from shared.report.stored import read_record

_BATCH = 100
"""Reports held in memory at once."""

_COLUMNS = """
    SELECT f.file_id, f.name, f.document_id, f.state, f.reason, f.detail_zh, f.detail_en,
           f.attempts, f.replay, f.members, f.skipped, f.first_name, {revision} AS revision_id
    FROM file_states f
"""
_LISTS = {"members": JSON(), "skipped": JSON()}
_ORDER = "f.name IS NULL, f.name, f.document_id, f.file_id"

_CURRENT = text(
    _COLUMNS.format(revision="c.revision_id")
    + "LEFT JOIN current_reports c ON c.document_id = f.document_id AND f.state = 'recorded'"
    f" WHERE f.state <> 'recorded' OR c.revision_id IS NOT NULL ORDER BY {_ORDER}"
).columns(**_LISTS)
_EVERY = text(
    _COLUMNS.format(revision="v.id")
    + "LEFT JOIN revisions v ON v.document_id = f.document_id AND f.state = 'recorded'"
    f" ORDER BY {_ORDER}, v.precedence"
).columns(**_LISTS)
_CELLS = text("SELECT * FROM current_cells ORDER BY file, revision_id, position").columns(
    notes=JSON()
)
_REPORTS = table("current_reports", column("report_id"), column("revision_id"))
_DECISIONS = (
    text(
        'SELECT issue_id, verdict, "by", at, note FROM current_decisions WHERE issue_id IN :issues'
    )
    .bindparams(bindparam("issues", expanding=True))
    .columns(at=Instant)
)
_AT_ONCE = 1000
"""Values in one list of a query."""


def export_lines(
    database_url: str, *, every_revision: bool = False, shows_personal: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the neutral line of every report and of every file that became none, by file name.

    A report's current revision only, unless `every_revision`. Personal data is masked unless
    `shows_personal`. Raises `Unavailable`.
    """
    with _reading(database_url) as connection:
        for batch in _batches(connection, _EVERY if every_revision else _CURRENT):
            for line in _lines(connection, batch, shows_contact=shows_personal):
                yield line if shows_personal else masked_values(line)


def cell_rows(database_url: str) -> Iterator[dict[str, Any]]:
    """Yield one row for each cell of the current reports, as the view `current_cells` has them."""
    with _reading(database_url) as connection:
        for batch in _batches(connection, _CELLS):
            yield from (dict(row) for row in batch)


def csv_lines(database_url: str, *, shows_personal: bool = False) -> Iterator[str]:
    """Yield the cells as CSV with a title line; text that a spreadsheet might run is quoted.

    Personal data is masked unless `shows_personal`; the figure of a cell is none.
    """
    with _reading(database_url) as connection:
        result = connection.execute(_CELLS, execution_options={"yield_per": _BATCH})
        yield _csv_line(list(result.keys()))
        for row in result.mappings():
            values = dict(row) if shows_personal else masked_values(row)
            yield _csv_line([harmless(value) for value in values.values()])


def _csv_line(values: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


@contextmanager
def _reading(database_url: str) -> Iterator[Connection]:
    """Open one snapshot for reading: what is written meanwhile does not show."""
    engine = snapshot_engine(database_url)
    try:
        with unavailable_when_silent(), engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def _batches(connection: Connection, query: Executable) -> Iterator[Sequence[RowMapping]]:
    result = connection.execute(query, execution_options={"yield_per": _BATCH})
    yield from result.mappings().partitions(_BATCH)


def _lines(
    connection: Connection, batch: Sequence[RowMapping], *, shows_contact: bool
) -> Iterator[dict[str, Any]]:
    wanted = [row["revision_id"] for row in batch if row["revision_id"] is not None]
    revisions = _revisions(connection, wanted)
    issues = _issues(connection, wanted)
    decisions = _decisions(connection, [i.id for found in issues.values() for i in found])
    for row in batch:
        revision = row["revision_id"]
        if revision is None:
            yield terminal_line(row)
            continue
        report_id, stored = revisions[revision]
        yield neutral_report(
            read_record(stored),
            issues[revision],
            report_id=report_id,
            revision=revision,
            decisions=decisions,
            shows_contact=shows_contact,
        )


def _revisions(connection: Connection, wanted: Sequence[str]) -> dict[str, tuple[str, bytes]]:
    query = select(RevisionRow.id, RevisionRow.report_id, RevisionRow.record)
    found = connection.execute(query.where(RevisionRow.id.in_(wanted)))
    return {row.id: (row.report_id, row.record) for row in found}


def _issues(connection: Connection, wanted: Sequence[str]) -> dict[str, list[Issue]]:
    """Return the issues by revision; those found beside other reports belong to the current one."""
    own, beside = IssueRow.__table__, ComparedIssueRow.__table__
    alone = select(own).where(own.c.revision_id.in_(wanted)).order_by(own.c.position)
    across = (
        select(beside, _REPORTS.c.revision_id)
        .join(_REPORTS, _REPORTS.c.report_id == beside.c.report_id)
        .where(_REPORTS.c.revision_id.in_(wanted))
        .order_by(beside.c.position)
    )
    found: dict[str, list[Issue]] = defaultdict(list)
    for query in (alone, across):
        for row in connection.execute(query).mappings():
            found[row["revision_id"]].append(issue_of_row(row))
    return found


def _decisions(connection: Connection, issues: Sequence[str]) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for start in range(0, len(issues), _AT_ONCE):
        rows = connection.execute(_DECISIONS, {"issues": issues[start : start + _AT_ONCE]})
        found |= {row["issue_id"]: decision_of_row(row) for row in rows.mappings()}
    return found
