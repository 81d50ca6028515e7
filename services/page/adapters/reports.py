"""The list of reports: newest first, filtered, a page at a time by key, fast whatever there is.

A page is read along the index of `reports.precedence`, or along the division's where one is asked for;
nothing is counted and nothing is skipped over. docs/page.md has the measurements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from services.page.adapters.shelf import Shelf
from services.page.core.questions import Reports, cursor, place
from shared.database.reading import Row

PAGE: Final = 50
_DIVISIONS: Final = ("province", "city", "county", "township")

_LIST: Final = """
    SELECT r.id AS report_id, r.agency, r.year, r.level, r.kind, r.scope, r.province, r.city,
           r.county, r.township, r.precedence, v.id AS revision_id, v.document_id, v.file, v.title,
           v.received_at, v.published_on, v.damaged,
           v.errors + coalesce(p.errors, 0) AS errors,
           v.warnings + coalesce(p.warnings, 0) AS warnings,
           v.infos + coalesce(p.infos, 0) AS infos
    FROM reports r
    JOIN standing s ON s.report_id = r.id
    JOIN revisions v ON v.id = s.revision_id
    LEFT JOIN comparisons p ON p.report_id = r.id
    WHERE 1 = 1 {where}
    ORDER BY {order} LIMIT :limit
"""
_TREE: Final = """
    SELECT province, city, county, count(*) AS reports FROM reports
    GROUP BY province, city, county ORDER BY province, city, county
"""
_ANY: Final = "SELECT 1 AS one FROM reports r WHERE {where} LIMIT 1"
_YEARS: Final = "SELECT DISTINCT year FROM reports WHERE year IS NOT NULL ORDER BY year DESC"
_SEVERITIES: Final = {
    "error": "v.errors + coalesce(p.errors, 0) > 0",
    "warning": "v.warnings + coalesce(p.warnings, 0) > 0",
    "info": "v.infos + coalesce(p.infos, 0) > 0",
}
_STATES: Final = {
    "error": _SEVERITIES["error"],
    "warning": _SEVERITIES["warning"],
    "clean": "v.errors + coalesce(p.errors, 0) + v.warnings + coalesce(p.warnings, 0) = 0",
    "extraction": """v.from_extraction > 0 AND EXISTS (
        SELECT 1 FROM issues i
        WHERE i.revision_id = v.id AND i.origin = 'extraction' AND i.severity <> 'info')""",
    "damaged": "v.damaged = {true}",
    "open": """v.errors + coalesce(p.errors, 0) + v.warnings + coalesce(p.warnings, 0) > 0
        AND r.id NOT IN (SELECT report_id FROM decisions)""",
}
_FOUND: Final = """(
    EXISTS (SELECT 1 FROM issues i WHERE i.rule = :rule AND i.revision_id = v.id{and_so})
    OR EXISTS (SELECT 1 FROM compared_issues i WHERE i.report_id = r.id AND i.rule = :rule{and_so})
)"""
_FOUND_RARELY: Final = """r.id IN (
    SELECT w.report_id FROM issues i JOIN revisions w ON w.id = i.revision_id WHERE i.rule = :rule
    UNION SELECT i.report_id FROM compared_issues i WHERE i.rule = :rule
)"""
_SOME: Final = """
    SELECT count(*) AS found FROM (SELECT 1 AS one FROM issues WHERE rule = :rule LIMIT :most) x
"""
_RARE: Final = 2000
"""A rule that fewer findings name is asked for by its findings: they would be far apart in the list."""
_SO_SERIOUS: Final = " AND i.severity = :severity"


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the list, and how to go on from it in both directions."""

    rows: tuple[Row, ...]
    older: str | None
    newer: str | None


def found(shelf: Shelf, question: Reports) -> Found:
    """Return one page of the reports asked for, newest first."""
    conditions, values = _conditions(question)
    if question.region:
        conditions.append(_inside(shelf, question.region, values))
    if question.rule is not None and _is_rare(shelf, question.rule):
        conditions.append(_FOUND_RARELY)
    backwards = question.before is not None
    key = question.before or question.after
    if key is not None:
        conditions.append(f"r.precedence {'>' if backwards else '<'} :key")
        values["key"] = place(key)[0]
    query = _LIST.format(
        where="".join(f" AND {c}" for c in conditions),
        order="r.precedence ASC" if backwards else "r.precedence DESC",
    )
    rows = shelf.rows(query, limit=PAGE + 1, **values)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    first, last = (cursor(rows[n]["precedence"]) if rows else None for n in (0, -1))
    return Found(
        tuple(rows),
        older=last if more or backwards else None,
        newer=first if (more if backwards else key is not None) else None,
    )


def row_of(shelf: Shelf, report_id: str) -> Row | None:
    """Return one report as it stands in the list; None if it is not there."""
    query = _LIST.format(where=" AND r.id = :report", order="r.precedence DESC")
    rows = shelf.rows(query, limit=1, report=report_id)
    return rows[0] if rows else None


def tree(shelf: Shelf) -> dict[str, Any]:
    """Return the divisions that reports come from, with their numbers: province, city, county."""
    root: dict[str, Any] = {"reports": 0, "below": {}}
    for row in shelf.rows(_TREE):
        node = root
        node["reports"] += row["reports"]
        for name in ("province", "city", "county"):
            division = row[name]
            if division is None:
                continue
            node = node["below"].setdefault(division, {"reports": 0, "below": {}})
            node["reports"] += row["reports"]
    return root


def years(shelf: Shelf) -> list[int]:
    """Return the fiscal years there are reports for, the latest first."""
    return [row["year"] for row in shelf.rows(_YEARS)]


def _conditions(question: Reports) -> tuple[list[str], dict[str, object]]:
    """Return what the question asks as SQL, and the values that go with it."""
    conditions: list[str] = []
    values: dict[str, object] = {}
    # the names come from this list and the values travel apart from the query
    for column, value in (("year", question.year), ("level", question.level)):
        if value:
            conditions.append(f"r.{column} = :{column}")
            values[column] = value
    if question.agency is not None:
        conditions.append("r.agency LIKE :agency ESCAPE '!'")
        values["agency"] = f"%{_literal(question.agency)}%"
    if question.state is not None:
        conditions.append(f"({_STATES[question.state].format(true='TRUE')})")
    if question.rule is not None:
        conditions.append(_FOUND.format(and_so=_SO_SERIOUS if question.severity else ""))
        values["rule"] = question.rule
        if question.severity is not None:
            values["severity"] = question.severity
    elif question.severity is not None:
        conditions.append(_SEVERITIES[question.severity])
    return conditions, values


def _inside(shelf: Shelf, region: Sequence[str], values: dict[str, object]) -> str:
    """Return what holds of reports from a division, named by its path as the tree shows it.

    A level that is not known, or that a municipality has not, is passed over in the path: which levels the
    names are of is asked of the reports.
    """
    values.update({f"division{n}": name for n, name in enumerate(region)})
    ways = [_levels(columns) for columns in combinations(_DIVISIONS, len(region))]
    names = {k: v for k, v in values.items() if k.startswith("division")}
    there = [way for way in ways if shelf.rows(_ANY.format(where=way), **names)]
    return f"({' OR '.join(there or ways[:1])})"


def _levels(columns: Sequence[str]) -> str:
    """Return what holds of reports whose path begins with as many names at these levels."""
    above = _DIVISIONS[: _DIVISIONS.index(columns[-1])]
    known = [f"r.{column} = :division{n}" for n, column in enumerate(columns)]
    unknown = [f"r.{column} IS NULL" for column in above if column not in columns]
    return f"({' AND '.join([*known, *unknown])})"


def _is_rare(shelf: Shelf, rule: str) -> bool:
    return bool(shelf.rows(_SOME, rule=rule, most=_RARE)[0]["found"] < _RARE)


def _literal(text: str) -> str:
    """Return a text in which nothing is a wildcard."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
