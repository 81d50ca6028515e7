"""Files that became no report, and every name of one document."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.page.adapters.shelf import Shelf
from services.page.core.questions import BadQuestion, Files, cursor, place
from shared.database.reading import Row, listed, moment

PAGE: Final = 50
_EPOCH: Final = datetime.fromtimestamp(0, UTC)

_LIST: Final = """
    SELECT f.id AS file_id, f.name, f.document_id, f.state, f.stage, f.reason, f.detail_zh,
           f.detail_en, f.error_class, f.attempts, f.replay, f.members, f.skipped,
           d.file AS first_name, coalesce(d.received_at, f.failed_at) AS at
    FROM files f LEFT JOIN documents d ON d.id = f.document_id
    WHERE f.state <> 'recorded' AND f.id NOT IN (
        SELECT x.id FROM files x JOIN files g ON g.name = x.name AND g.state <> 'dead'
        JOIN documents e ON e.id = g.document_id AND e.received_at >= x.failed_at
        WHERE x.state = 'dead' AND x.document_id IS NULL
    ) {where}
    ORDER BY coalesce(d.received_at, f.failed_at, :epoch) DESC, f.id DESC LIMIT :limit
"""
"""As the view `file_states`, which would look for the reading of every file before one page is taken.

What counts no longer is looked up once and not for every row, which PostgreSQL would expect to be slow and compile.
"""
_READINGS: Final = """
    SELECT v.document_id, v.report_id FROM revisions v
    WHERE v.document_id IN :documents AND NOT EXISTS (
        SELECT 1 FROM revisions n WHERE n.document_id = v.document_id AND n.precedence > v.precedence
    )
"""
_OF_DOCUMENT: Final = """
    SELECT f.name, f.state, f.reason, f.detail_zh, f.detail_en, f.members, f.skipped, f.report_id,
           f.errors, f.warnings
    FROM file_states f WHERE f.document_id = :document ORDER BY f.name, f.file_id
"""
_AFTER: Final = """(
    coalesce(d.received_at, f.failed_at, :epoch) < :moment
    OR (coalesce(d.received_at, f.failed_at, :epoch) = :moment AND f.id < :file)
)"""
_COUNTS: Final = "SELECT state, count(*) AS files FROM files GROUP BY state ORDER BY state"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of files, and how to go on."""

    rows: tuple[Row, ...]
    older: str | None


def found(shelf: Shelf, question: Files) -> Found:
    """Return one page of files that became no report, the latest first."""
    conditions: list[str] = []
    values: dict[str, object] = {"epoch": _EPOCH}
    for column, value in (("state", question.state), ("reason", question.reason)):
        if value is not None:
            conditions.append(f"f.{column} = :{column}")
            values[column] = value
    if question.name is not None:
        conditions.append("f.name LIKE :name ESCAPE '!'")
        escaped = question.name.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values["name"] = f"%{escaped}%"
    if question.after is not None:
        conditions.append(_AFTER)
        values["moment"], values["file"] = _place(question.after)
    query = _LIST.format(where="".join(f" AND {c}" for c in conditions))
    rows = shelf.rows(query, limit=PAGE + 1, **values)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    documents = sorted({row["document_id"] for row in rows if row["document_id"]})
    readings = shelf.rows(_READINGS, documents=documents) if documents else []
    reports = {row["document_id"]: row["report_id"] for row in readings}
    whole = tuple({**_whole(row), "report_id": reports.get(row["document_id"])} for row in rows)
    return Found(whole, _key(rows[-1]) if more else None)


def of_document(shelf: Shelf, document_id: str) -> list[Row]:
    """Return what became of every name of a document; nothing while it is under way."""
    return [_whole(row) for row in shelf.rows(_OF_DOCUMENT, document=document_id)]


def counts(shelf: Shelf) -> dict[str, int]:
    """Return how many files came to each end."""
    return {row["state"]: row["files"] for row in shelf.rows(_COUNTS)}


def _whole(row: Row) -> Row:
    return {**row, "members": listed(row["members"]), "skipped": listed(row["skipped"])}


def _key(row: Row) -> str:
    at = moment(row["at"]) if row["at"] else _EPOCH
    return cursor(at.isoformat(timespec="microseconds"), row["file_id"])


def _place(text: str) -> tuple[datetime, str]:
    try:
        at, file = place(text)
        return moment(at), file
    except ValueError:
        raise BadQuestion("翻页位置无效。", "The place in the list is not valid.") from None
