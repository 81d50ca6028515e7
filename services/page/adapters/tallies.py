"""What is counted over all reports, kept for some minutes: the same question again costs nothing."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

from services.page.adapters.shelf import Shelf
from services.page.core.questions import Sums
from shared.database.reading import Row

T = TypeVar("T")

_FRESH_SECONDS: Final = 60.0
_FRESH_SUMS_SECONDS: Final = 300.0
"""Counting a hundred thousand reports takes seconds."""
_MOST: Final = 200
_CARRY_RULE: Final = "xy_carry_over"

_CURRENT: Final = """
    WITH c AS MATERIALIZED (
        SELECT s.report_id, s.revision_id, c.year, c.province, c.city, c.county, c.scope
        FROM standing s JOIN reports c ON c.id = s.report_id WHERE 1 = 1 {where}
    )
"""
"""What stands, without the readings themselves: they are wide, and what is counted is not in them."""
_TOP: Final = "coalesce(c.province, c.city, c.county)"
"""The highest division that is known; of a report whose province is not known its city."""
_BELOW: Final = """
    CASE WHEN c.province IS NULL THEN c.county ELSE coalesce(c.city, c.county) END
"""
"""The division below that one."""
_REPORTS: Final = """
    SELECT c.year, count(*) AS reports, sum(CASE WHEN c.errors > 0 THEN 1 ELSE 0 END) AS with_errors
    FROM current_reports c WHERE 1 = 1 {where} GROUP BY c.year ORDER BY c.year DESC
"""
# SQLite reads from left to right where it says CROSS JOIN: here along an index that has all that is counted
_ISSUES: Final = """
    SELECT i.rule, i.severity, c.year, {region} AS region, count(*) AS issues
    FROM issues i CROSS JOIN c
    WHERE c.revision_id = i.revision_id {of_rule} GROUP BY i.rule, i.severity, c.year, {region}
    UNION ALL
    SELECT i.rule, i.severity, c.year, {region} AS region, count(*) AS issues
    FROM compared_issues i CROSS JOIN c
    WHERE c.report_id = i.report_id {of_rule} GROUP BY i.rule, i.severity, c.year, {region}
"""
_REFUSALS: Final = """
    SELECT state, reason, count(*) AS files FROM files
    WHERE state IN ('refused', 'dead') GROUP BY state, reason ORDER BY 3 DESC LIMIT 200
"""
# the addresses stand here in full: only so does the index of these two cells serve
_CARRIED: Final = """
    SELECT c.year, x.address, sum(x.value) AS cases, count(x.value) AS reports
    FROM cells x CROSS JOIN c
    WHERE x.address IN ('applications.carried_over_in@total', 'applications.carried_over_out@total')
      AND c.revision_id = x.revision_id AND c.scope = 'own' GROUP BY c.year, x.address
"""
# SQLite reads from left to right where it says CROSS JOIN: from the few to the many
_BROKEN: Final = """
    SELECT c.year, count(DISTINCT c.report_id) AS reports
    FROM compared_issues i CROSS JOIN current_reports c
    WHERE c.report_id = i.report_id AND i.rule = :carry {where} GROUP BY c.year
"""
_REVIEWED: Final = """
    SELECT coalesce(i.rule, p.rule) AS rule, d.verdict, count(*) AS issues
    FROM current_decisions d
    JOIN decisions x ON x.id = d.decision_id
    JOIN current_reports c ON c.report_id = x.report_id
    LEFT JOIN issues i ON i.revision_id = c.revision_id AND i.id = d.issue_id
    LEFT JOIN compared_issues p ON p.report_id = c.report_id AND p.id = d.issue_id
    WHERE coalesce(i.rule, p.rule) IS NOT NULL {of_either} {where}
    GROUP BY coalesce(i.rule, p.rule), d.verdict
"""
_CORRECTED: Final = """
    SELECT c.year, count(DISTINCT c.report_id) AS reports, count(DISTINCT x.address || c.report_id) AS cells
    FROM corrections x CROSS JOIN current_reports c
    WHERE c.document_id = x.document_id {where} GROUP BY c.year
"""


class Tallies:
    """Counts, and remembers for a short while what it counted."""

    def __init__(self, shelf: Shelf, clock: Callable[[], float]) -> None:
        """Ask this database."""
        self._shelf, self._clock = shelf, clock
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._lock, self._counting = Lock(), Lock()

    def kept(self, key: Hashable, count: Callable[[], T], fresh: float = _FRESH_SECONDS) -> T:
        """Return what `count` gave within the last `fresh` seconds, else what it gives now."""
        with self._lock:
            found = self._kept.get(key)
        if found is not None and self._clock() - found[0] < fresh:
            return found[1]  # type: ignore[no-any-return] # kept by its own key
        value = count()
        with self._lock:
            while len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = (self._clock(), value)
        return value

    def all_of(self, question: Sums) -> dict[str, list[Row]]:
        """Return every count that the statistics show; one at a time: who waits finds it counted."""
        with self._counting:
            return self.kept(question, lambda: self._count(question), _FRESH_SUMS_SECONDS)

    def _count(self, question: Sums) -> dict[str, list[Row]]:
        where, values = _where(question)
        ruled = {"rule": question.rule} if question.rule else {}
        words = {
            "where": where,
            "of_rule": " AND i.rule = :rule" if ruled else "",
            "of_either": " AND coalesce(i.rule, p.rule) = :rule" if ruled else "",
            "region": _BELOW if question.province else _TOP,
        }

        def rows(query: str, **more: object) -> list[Row]:
            return self._shelf.rows(query.format(**words), **values, **more)

        return {
            "reports": rows(_REPORTS),
            "issues": rows(_CURRENT + _ISSUES, **ruled),
            "refusals": self._shelf.rows(_REFUSALS),
            "carried": rows(_CURRENT + _CARRIED),
            "broken": rows(_BROKEN, carry=_CARRY_RULE),
            "reviewed": rows(_REVIEWED, **ruled),
            "corrected": rows(_CORRECTED),
        }


def _where(question: Sums) -> tuple[str, dict[str, object]]:
    given = {"year": question.year, "province": question.province}
    values: dict[str, object] = {k: v for k, v in given.items() if v is not None}
    conditions = {"year": "c.year = :year", "province": f"{_TOP} = :province"}
    return "".join(f" AND {conditions[name]}" for name in values), values
