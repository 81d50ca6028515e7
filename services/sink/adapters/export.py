"""What the database holds, as neutral lines or as rows: in a fixed order, a few reports at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    RowMapping,
    Select,
    and_,
    column,
    or_,
    select,
    table,
)

from services.sink.adapters.choosing import REPORTS, conditions
from services.sink.adapters.source import (
    BATCH,
    blocks,
    decisions_on,
    issue_rows_of,
    reading,
    rows,
)
from services.sink.core.comma_separated import comma_separated
from services.sink.core.lines import issue_of_row, terminal_line
from services.sink.core.selection import Selection
from services.sink.core.tabular import Rows, columns_of
from shared.database.tables import RevisionRow
from shared.report.issue import Issue
from shared.report.neutral import neutral_report
from shared.report.personal import masked_values
from shared.report.stored import read_record

_EVERYTHING = Selection()
_STREAM = {"yield_per": BATCH}
_FILES = table(
    "file_states",
    *map(column, ("file_id", "name", "document_id", "state", "reason", "detail_zh", "detail_en")),
    *map(column, ("attempts", "replay", "first_name")),
    column("members", JSON()),
    column("skipped", JSON()),
)
_REVISIONS = RevisionRow.__table__
_ORDER = (_FILES.c.name.is_(None), _FILES.c.name, _FILES.c.document_id, _FILES.c.file_id)


def export_lines(
    database_url: str,
    *,
    wanted: Selection = _EVERYTHING,
    every_revision: bool = False,
    shows_personal: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield the neutral line of every report and of every file that became none, by file name.

    A report's current revision only, unless `every_revision`. A selection leaves out what is no report.
    Personal data is masked unless `shows_personal`. Raises `Unavailable`.
    """
    with reading(database_url) as connection:
        yield from lines(
            connection, wanted, every_revision=every_revision, shows_personal=shows_personal
        )


def lines(
    connection: Connection,
    wanted: Selection = _EVERYTHING,
    *,
    every_revision: bool = False,
    shows_personal: bool = False,
) -> Iterator[dict[str, Any]]:
    """Yield neutral lines as `export_lines` does, from a snapshot that is open already."""
    query = _every() if every_revision else _current()
    if not wanted.is_everything:
        meant = select(REPORTS.c.report_id).where(*conditions(wanted))
        if every_revision:
            query = query.where(_REVISIONS.c.report_id.in_(meant))
        else:
            query = query.where(_FILES.c.state == "recorded", *conditions(wanted))
    result = connection.execute(
        query.order_by(*_ordered(every_revision=every_revision)), execution_options=_STREAM
    )
    for batch in result.mappings().partitions(BATCH):
        for line in _lines(connection, batch, shows_contact=shows_personal):
            yield line if shows_personal else masked_values(line)


def cell_rows(database_url: str, wanted: Selection = _EVERYTHING) -> Iterator[dict[str, Any]]:
    """Yield one row for each cell of the current reports, as the view `current_cells` has them."""
    with reading(database_url) as connection:
        yield from rows(connection, "cells", wanted, shows_personal=True)


def csv_lines(
    database_url: str,
    kind: Rows = "cells",
    wanted: Selection = _EVERYTHING,
    *,
    shows_personal: bool = False,
) -> Iterator[str]:
    """Yield rows as CSV with a title line; text that a spreadsheet might run is quoted.

    Personal data is masked unless `shows_personal`; the figure of a cell is none.
    """
    with reading(database_url) as connection:
        found = blocks(connection, kind, wanted, shows_personal=shows_personal)
        yield from comma_separated(columns_of(kind), found)


def _current() -> Select[Any]:
    joined = _FILES.outerjoin(
        REPORTS,
        and_(REPORTS.c.document_id == _FILES.c.document_id, _FILES.c.state == "recorded"),
    )
    known = or_(_FILES.c.state != "recorded", REPORTS.c.revision_id.is_not(None))
    return select(_FILES, REPORTS.c.revision_id).select_from(joined).where(known)


def _every() -> Select[Any]:
    joined = _FILES.outerjoin(
        _REVISIONS,
        and_(_REVISIONS.c.document_id == _FILES.c.document_id, _FILES.c.state == "recorded"),
    )
    return select(_FILES, _REVISIONS.c.id.label("revision_id")).select_from(joined)


def _ordered(*, every_revision: bool) -> tuple[Any, ...]:
    return (*_ORDER, _REVISIONS.c.precedence) if every_revision else _ORDER


def _lines(
    connection: Connection, batch: Sequence[RowMapping], *, shows_contact: bool
) -> Iterator[dict[str, Any]]:
    known = [row["revision_id"] for row in batch if row["revision_id"] is not None]
    revisions = _revisions(connection, known)
    issues = _issues(connection, known)
    decisions = decisions_on(connection, [i.id for found in issues.values() for i in found])
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
    found: dict[str, list[Issue]] = defaultdict(list)
    for row, _ in issue_rows_of(connection, wanted):
        found[row["revision_id"]].append(issue_of_row(row))
    return found
