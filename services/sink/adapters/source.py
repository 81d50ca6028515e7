"""One moment of the database, read for an export: lines, rows, and what filters mean in it."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Text, bindparam, cast, select, text

from services.sink.adapters.choosing import REPORTS, conditions
from services.sink.core.lines import decision_of_row
from services.sink.core.selection import Selection
from services.sink.core.tabular import (
    CELL_COLUMNS,
    CELL_FIGURES,
    CELL_PARTS,
    Block,
    Column,
    Rows,
    block_of,
    cell_block,
    columns_of,
    issue_row,
    report_row,
)
from shared.database.base import Instant
from shared.database.comparisons import ComparedIssueRow
from shared.database.engine import snapshot_engine
from shared.database.outages import unavailable_when_silent
from shared.database.tables import CellRow, IssueRow
from shared.report.neutral import Decision
from shared.report.personal import masked, masked_values

Report = dict[str, Any]

BATCH: Final = 100
"""Reports held in memory at once."""

_POSITION: Final = itemgetter([c.name for c in CELL_PARTS].index("position"))
_AT_ONCE = 1000
"""Values in one list of a query."""
_DECISIONS = (
    text(
        'SELECT issue_id, verdict, "by", at, note FROM current_decisions WHERE issue_id IN :issues'
    )
    .bindparams(bindparam("issues", expanding=True))
    .columns(at=Instant)
)


@contextmanager
def reading(database_url: str) -> Iterator[Connection]:
    """Open one snapshot for reading: what is written meanwhile does not show. Raises `Unavailable`."""
    engine = snapshot_engine(database_url)
    try:
        with unavailable_when_silent(), engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def rows(
    connection: Connection, kind: Rows, wanted: Selection, *, shows_personal: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the rows of `blocks` one by one, by the names of their columns."""
    names = [column.name for column in columns_of(kind)]
    for block in blocks(connection, kind, wanted, shows_personal=shows_personal):
        for values in zip(*block, strict=True):
            yield dict(zip(names, values, strict=True))


def blocks(
    connection: Connection, kind: Rows, wanted: Selection, *, shows_personal: bool = False
) -> Iterator[Block]:
    """Yield flat rows of the current reports that are meant, by file name, a few reports at a time.

    Issues are only those asked for. Personal data is masked unless `shows_personal`; the figure of a cell is none.
    """
    make = {"cells": _cells, "reports": _reports, "issues": _issues}[kind]
    for batch in report_batches(connection, wanted):
        yield make(connection, batch, wanted, shows_personal)


def report_batches(connection: Connection, wanted: Selection) -> Iterator[list[dict[str, Any]]]:
    """Yield rows of `current_reports` that are meant, by file name, `BATCH` at a time."""
    query = select(REPORTS).where(*conditions(wanted))
    result = connection.execute(
        query.order_by(REPORTS.c.file, REPORTS.c.revision_id),
        execution_options={"yield_per": BATCH},
    )
    for batch in result.mappings().partitions(BATCH):
        yield [{**row, "received_at": _moment(row["received_at"])} for row in batch]


def _cells(
    connection: Connection, batch: Sequence[Report], _: Selection, shows_personal: bool
) -> Block:
    cells = _cells_of(connection, batch, CELL_PARTS)
    # sorted here: the database would lay all columns of all rows aside to do it
    for own in cells.values():
        own.sort(key=_POSITION)
    known = [(_shown(report, shows_personal), cells[report["revision_id"]]) for report in batch]
    block = dict(zip((c.name for c in CELL_COLUMNS), cell_block(known), strict=True))
    block["notes"] = list(map(_list, block["notes"]))
    if not shows_personal:
        block["raw"] = _masked_texts(block["raw"], block["state"])
    return list(block.values())


def _reports(
    connection: Connection, batch: Sequence[Report], _: Selection, shows_personal: bool
) -> Block:
    cells = _cells_of(connection, batch, CELL_FIGURES)
    rows = [report_row(_shown(r, shows_personal), cells[r["revision_id"]]) for r in batch]
    return block_of(columns_of("reports"), rows)


def _issues(
    connection: Connection, batch: Sequence[Report], wanted: Selection, shows_personal: bool
) -> Block:
    issues = _issue_parts(connection, batch, wanted)
    rows = [
        issue_row(_shown(report, shows_personal), _shown(issue, shows_personal))
        for report in batch
        for issue in issues.get(report["revision_id"], [])
    ]
    return block_of(columns_of("issues"), rows)


def _shown(row: Report, shows_personal: bool) -> Report:
    return row if shows_personal else masked_values(row)


def _cells_of(
    connection: Connection, reports: Sequence[Report], columns: Sequence[Column]
) -> dict[str, list[tuple[Any, ...]]]:
    """Return some columns of the cells of some reports, by revision; lists as JSON text."""
    cells = CellRow.__table__.c
    wanted = [cast(cells[c.name], Text) if c.kind == "list" else cells[c.name] for c in columns]
    query = select(cells.revision_id, *wanted).where(
        cells.revision_id.in_([report["revision_id"] for report in reports])
    )
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in connection.execute(query).all():
        found[row[0]].append(tuple(row)[1:])
    return found


@lru_cache(maxsize=1024)
def _list(text: str) -> list[Any]:
    """Return what a JSON text says; nearly all cells have the same few notes."""
    found: list[Any] = json.loads(text)
    return found


def _masked_texts(texts: Sequence[str | None], states: Sequence[str]) -> list[str | None]:
    """Return the texts of cells with personal data masked in what is no figure."""
    known = list(zip(texts, states, strict=True))
    hidden = {t: masked(t) for t in {t for t, state in known if t and state != "number"}}
    return [hidden[t] if t and state != "number" else t for t, state in known]


def decisions_on(connection: Connection, issues: Sequence[str]) -> dict[str, Decision]:
    """Return the decision that stands on each of some issues."""
    found: dict[str, Decision] = {}
    for start in range(0, len(issues), _AT_ONCE):
        rows = connection.execute(_DECISIONS, {"issues": issues[start : start + _AT_ONCE]})
        found |= {row["issue_id"]: decision_of_row(row) for row in rows.mappings()}
    return found


def issue_rows_of(
    connection: Connection, revisions: Sequence[str]
) -> Iterator[tuple[RowMapping, bool]]:
    """Yield the stored issues of some revisions, each with whether it was found beside other reports.

    Those found beside others belong to the current revision of their report and come last.
    """
    own, beside = IssueRow.__table__, ComparedIssueRow.__table__
    alone = select(own).where(own.c.revision_id.in_(revisions)).order_by(own.c.position)
    across = (
        select(beside, REPORTS.c.revision_id)
        .join(REPORTS, REPORTS.c.report_id == beside.c.report_id)
        .where(REPORTS.c.revision_id.in_(revisions))
        .order_by(beside.c.position)
    )
    for query, is_across in ((alone, False), (across, True)):
        for row in connection.execute(query).mappings():
            yield row, is_across


def _issue_parts(
    connection: Connection, batch: Sequence[dict[str, Any]], wanted: Selection
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row, across in issue_rows_of(connection, [r["revision_id"] for r in batch]):
        if wanted.means(row["rule"], row["severity"]):
            found[row["revision_id"]].append({**row, "issue_id": row["id"], "across": int(across)})
    ids = [part["id"] for parts in found.values() for part in parts]
    decided = decisions_on(connection, ids)
    for part in (part for parts in found.values() for part in parts):
        decision = decided.get(part["id"])
        part["verdict"] = decision["verdict"] if decision else None
        part["decided_by"] = decision["by"] if decision else None
        part["decided_at"] = _moment(decision["at"]) if decision else None
        part["decision_note"] = decision["note"] if decision else None
    return found


def _moment(value: datetime | str) -> datetime:
    """Return a moment in UTC, whichever database it comes from."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.astimezone(UTC)
