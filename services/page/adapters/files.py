"""Files that became no report, and every name of one document."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from services.page.adapters.shelf import Shelf
from services.page.core.questions import BadQuestion, Files, cursor, place
from shared.database.reading import Row, listed, moment

PAGE: Final = 50
_EPOCH: Final = datetime.fromtimestamp(0, UTC)

_COLUMNS: Final = """
    SELECT f.file_id, f.name, f.document_id, f.state, f.stage, f.reason, f.detail_zh, f.detail_en,
           f.error_class, f.attempts, f.replay, f.members, f.skipped, f.first_name, f.report_id,
           coalesce(f.received_at, f.failed_at) AS at, f.errors, f.warnings
    FROM file_states f
"""
_LIST: Final = (
    _COLUMNS
    + """
    WHERE f.state <> 'recorded' {where}
    ORDER BY coalesce(f.received_at, f.failed_at, :epoch) DESC, f.file_id DESC LIMIT :limit
"""
)
_OF_DOCUMENT: Final = _COLUMNS + " WHERE f.document_id = :document ORDER BY f.name, f.file_id"
_AFTER: Final = """(
    coalesce(f.received_at, f.failed_at, :epoch) < :moment
    OR (coalesce(f.received_at, f.failed_at, :epoch) = :moment AND f.file_id < :file)
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
    return Found(tuple(map(_whole, rows)), _key(rows[-1]) if more else None)


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
