"""The audit trail of a document: who corrected and decided what, when, and why."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.commands.reaching.reading import Reader, Row, listed, moment, shown_moment
from services.commands.reviews.correcting import stored_reading
from services.commands.talking.labels import printed
from services.commands.talking.wording import heading, table
from services.sink.core.lines import plain_number
from shared.language import Language, spoken, worded

_CORRECTIONS: Final = """
    SELECT id, address, state, value, unit, was_state, was_value, "by", at, note
    FROM corrections WHERE document_id = :document ORDER BY at, id
"""
_UNITS: Final = """
    SELECT address, unit FROM cells WHERE unit IS NOT NULL AND revision_id = (
        SELECT id FROM revisions WHERE document_id = :document
          AND CAST(corrections AS VARCHAR) = '[]' ORDER BY precedence DESC LIMIT 1
    )
"""
_DECISIONS: Final = """
    SELECT d.id, d.issue_id, d.verdict, d."by", d.at, d.note, i.rule
    FROM decisions d LEFT JOIN current_issues i ON i.issue_id = d.issue_id
    WHERE d.document_id = :document
"""


def acts_on(reader: Reader, found: Row, language: Language = "both") -> list[Row]:
    """Return every correction of a document and every decision on its issues, oldest first.

    What each was is told in the language wanted.

    `judged` of a correction tells whether the newest reading contains it; `stands` whether a later
    act on the same cell or issue replaced it.
    """
    document = found["document_id"]
    judged = frozenset(listed(found["corrections"]))
    units = {row["address"]: row["unit"] for row in reader.rows(_UNITS, document=document)}
    acts = []
    for row in reader.rows(_CORRECTIONS, document=document):
        told = _change(row, units.get(row["address"]), language)
        acts.append(_correction(row, judged, found["template"]) | {"what": told})
        if row["state"] == "number":
            units[row["address"]] = row["unit"]
    acts += [_decision(row, language) for row in reader.rows(_DECISIONS, document=document)]
    acts.sort(key=lambda act: (act["at"], act["id"]))
    last = {act["about"]: act["id"] for act in acts}
    return [{**act, "stands": last[act["about"]] == act["id"]} for act in acts]


def shown_acts(acts: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the acts for people, one line each; what no longer stands is in brackets."""
    rows = [
        heading(
            ("时间", "when"), ("谁", "who"), ("对", "about"), ("作了什么", "what"), ("说明", "why")
        )
    ]
    for act in acts:
        what = act["what"] if act["stands"] else f"（{act['what']}）"
        if act["act"] == "correction" and act["stands"] and not act["judged"]:
            what += "  " + spoken("待重新核对", "not judged yet", " ")
        rows.append((shown_moment(act["at"]), act["by"], act["label"], what, act["note"] or ""))
    if len(rows) == 1:
        return [spoken("没有更正或决定", "nothing was corrected or decided")]
    return table(rows)


def _change(row: Row, was_unit: str | None, language: Language) -> str:
    """Return what a correction put in the place of what; `was_unit` is the unit that the cell had until then."""
    after = stored_reading(row).told(language)
    if not row["was_state"]:
        return f"? → {after}"
    was = {"state": row["was_state"], "value": row["was_value"], "unit": was_unit}
    return f"{stored_reading(was).told(language)} → {after}"


def _correction(row: Row, judged: frozenset[str], edition: Any) -> dict[str, Any]:
    value, was = (None if row[n] is None else plain_number(row[n]) for n in ("value", "was_value"))
    return {
        "act": "correction",
        **_common(row),
        "about": row["address"],
        "label": printed(row["address"], edition),
        "state": row["state"],
        "value": value,
        "unit": row["unit"],
        "was_state": row["was_state"],
        "was_value": was,
        "judged": row["id"] in judged,
    }


def _decision(row: Row, language: Language) -> dict[str, Any]:
    rule = row["rule"] or worded(language, "已消失", "gone", " ")
    return {
        "act": "decision",
        **_common(row),
        "about": row["issue_id"],
        "label": f"{rule}  {row['issue_id'][:8]}",
        "verdict": row["verdict"],
        "what": row["verdict"],
    }


def _common(row: Row) -> dict[str, Any]:
    at = moment(row["at"]).isoformat(timespec="microseconds")
    return {"id": row["id"], "at": at, "by": row["by"], "note": row["note"]}
