"""Finds what a person means: issues by the first digits of their id, documents by id or name."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from services.commands.reaching.reading import Reader, Row
from services.commands.reviews.reviewing import SHORTEST_PREFIX, Mistaken
from services.commands.talking.wording import table
from shared.language import spoken

_HEX: Final = re.compile(r"[0-9a-f]+\Z")
_SHOWN: Final = 10
_DOCUMENT_DIGITS: Final = 64

_ISSUES: Final = """
    SELECT i.issue_id, i.report_id, i.revision_id, i.file, i.agency, i.year, i.rule, i.severity,
           i.message_zh, i.message_en, i.verdict, i.decided_by, c.document_id, c.received_at
    FROM current_issues i JOIN current_reports c ON c.report_id = i.report_id
    WHERE i.issue_id >= :first AND i.issue_id < :beyond ORDER BY i.issue_id
"""
_DOCUMENTS: Final = """
    SELECT l.document_id, l.revision_id, l.report_id, d.file, d.received_at, v.template,
           v.corrections, r.agency, r.year, c.revision_id AS standing
    FROM latest_readings l
    LEFT JOIN current_reports c ON c.revision_id = l.revision_id
    JOIN revisions v ON v.id = l.revision_id
    JOIN documents d ON d.id = l.document_id JOIN reports r ON r.id = l.report_id
    WHERE {which} ORDER BY l.document_id
"""
_BY_ID: Final = _DOCUMENTS.format(which="l.document_id >= :first AND l.document_id < :beyond")
_BY_NAME: Final = _DOCUMENTS.format(
    which="l.document_id IN (SELECT document_id FROM files WHERE name = :name)"
)


def find_issues(reader: Reader, wanted: Iterable[str]) -> list[Row]:
    """Return the current issues meant, each once; raises `Mistaken` for one that is not clear."""
    found = (_issue(reader, given.strip().lower()) for given in wanted)
    return list({row["issue_id"]: row for row in found}.values())


def find_document(reader: Reader, wanted: str) -> Row:
    """Return the newest reading of the document meant; raises `Mistaken` if it is not clear.

    `wanted` is a document id, its first digits, or a name under which it was dropped.
    """
    found = reader.rows(_BY_NAME, name=wanted)
    if not found and _is_prefix(wanted.lower()) and len(wanted) <= _DOCUMENT_DIGITS:
        found = reader.rows(_BY_ID, **_from(wanted.lower()))
    if len(found) == 1:
        return found[0]
    if not found:
        none = spoken("没有已入库的文件", "no recorded document", " ")
        raise Mistaken(f"{none} {wanted!r}; {spoken('见', 'see', ' ')} gouji status --files")
    rows = [
        (r["document_id"], r["file"], str(r["agency"]), str(r["year"]), _standing(r)) for r in found
    ]
    raise Mistaken(
        _choice(
            f"{wanted} " + spoken("指多份文件，请用编号", "means several; give the id") + ":", rows
        )
    )


def _standing(row: Row) -> str:
    if row["standing"] is not None:
        return spoken("现行", "current", " ")
    return spoken("已被取代", "replaced by another file", " ")


def _issue(reader: Reader, given: str) -> Row:
    if not _is_prefix(given):
        raise Mistaken(
            f"{given!r} "
            + spoken(
                f"不是问题编号：至少 {SHORTEST_PREFIX} 位 0-9a-f",
                f"is no id of an issue: {SHORTEST_PREFIX} digits of it or more",
            )
        )
    found = reader.rows(_ISSUES, **_from(given))
    if len(found) == 1:
        return found[0]
    if found:
        raise Mistaken(
            _choice(f"{given} " + spoken("指多个问题", "means several issues") + ":", _shown(found))
        )
    near = reader.rows(_ISSUES, **_from(given[: SHORTEST_PREFIX - 2]))
    head = spoken(f"现有问题中没有 {given}", f"no current issue {given}")
    if near:
        raise Mistaken(_choice(f"{head}; {spoken('相近的', 'near ones', ' ')}:", _shown(near)))
    where = spoken("编号见", "ids are in", " ")
    raise Mistaken(f"{head}; {where} gouji export, gouji failures --format jsonl")


def _from(digits: str) -> dict[str, str]:
    """Return the range of ids that begin with these digits; a range can use an index."""
    return {"first": digits, "beyond": f"{digits}g"}


def _is_prefix(given: str) -> bool:
    return len(given) >= SHORTEST_PREFIX and bool(_HEX.match(given))


def _shown(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    return [
        (r["issue_id"], r["rule"], r["severity"], str(r["agency"] or r["file"]), str(r["year"]))
        for r in rows
    ]


def _choice(head: str, rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, *(f"    {line}" for line in table(rows[:_SHOWN]))]
    if len(rows) > _SHOWN:
        lines.append(
            "    … " + spoken(f"另有 {len(rows) - _SHOWN} 个", f"{len(rows) - _SHOWN} more")
        )
    return "\n".join(lines)
