"""What is counted over all reports, kept for a minute: the same question again costs nothing."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

from services.page.adapters.shelf import Shelf
from services.page.core.questions import Sums
from shared.database.reading import Row

T = TypeVar("T")

_FRESH_SECONDS: Final = 60.0
_MOST: Final = 200
_IN: Final = "applications.carried_over_in@total"
_OUT: Final = "applications.carried_over_out@total"
_CARRY_RULES: Final = "xy_carry_over"

_REPORTS: Final = """
    SELECT c.year, count(*) AS reports, sum(CASE WHEN c.errors > 0 THEN 1 ELSE 0 END) AS with_errors
    FROM current_reports c WHERE 1 = 1 {where} GROUP BY c.year ORDER BY c.year DESC
"""
_ISSUES: Final = """
    SELECT {by} AS label, s.severity, sum(s.issues) AS issues FROM (
        SELECT c.year, c.province, c.city, i.rule, i.severity, count(*) AS issues
        FROM current_reports c JOIN issues i ON i.revision_id = c.revision_id
        WHERE 1 = 1 {where} GROUP BY c.year, c.province, c.city, i.rule, i.severity
        UNION ALL
        SELECT c.year, c.province, c.city, i.rule, i.severity, count(*) AS issues
        FROM current_reports c JOIN compared_issues i ON i.report_id = c.report_id
        WHERE 1 = 1 {where} GROUP BY c.year, c.province, c.city, i.rule, i.severity
    ) s GROUP BY {by}, s.severity
"""
_REFUSALS: Final = """
    SELECT state, reason, count(*) AS files FROM file_states
    WHERE state IN ('refused', 'dead') GROUP BY state, reason ORDER BY 3 DESC LIMIT 200
"""
_CARRIED: Final = """
    SELECT c.year, x.address, sum(x.value) AS cases, count(x.value) AS reports
    FROM current_reports c JOIN cells x ON x.revision_id = c.revision_id AND x.address IN (:brought, :left)
    WHERE c.scope = 'own' {where} GROUP BY c.year, x.address
"""
_BROKEN: Final = """
    SELECT c.year, count(DISTINCT c.report_id) AS reports
    FROM current_reports c JOIN compared_issues i ON i.report_id = c.report_id AND i.rule = :carry
    WHERE 1 = 1 {where} GROUP BY c.year
"""
_REVIEWED: Final = """
    SELECT i.rule, d.verdict, count(*) AS issues FROM current_issues i
    JOIN current_decisions d ON d.issue_id = i.issue_id
    WHERE 1 = 1 {where} GROUP BY i.rule, d.verdict
"""
_CORRECTED: Final = """
    SELECT c.year, count(DISTINCT c.report_id) AS reports, count(DISTINCT x.address || c.report_id) AS cells
    FROM current_reports c JOIN corrections x ON x.document_id = c.document_id
    WHERE 1 = 1 {where} GROUP BY c.year
"""


class Tallies:
    """Counts, and remembers for a short while what it counted."""

    def __init__(self, shelf: Shelf, clock: Callable[[], float]) -> None:
        """Ask this database."""
        self._shelf, self._clock = shelf, clock
        self._kept: dict[Hashable, tuple[float, Any]] = {}
        self._lock = Lock()

    def kept(self, key: Hashable, count: Callable[[], T]) -> T:
        """Return what `count` gave within the last minute, else what it gives now."""
        now = self._clock()
        with self._lock:
            found = self._kept.get(key)
        if found is not None and now - found[0] < _FRESH_SECONDS:
            return found[1]  # type: ignore[no-any-return] # kept by its own key
        value = count()
        with self._lock:
            while len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = (now, value)
        return value

    def all_of(self, question: Sums) -> dict[str, list[Row]]:
        """Return every count that the statistics show."""
        return self.kept(question, lambda: self._count(question))

    def _count(self, question: Sums) -> dict[str, list[Row]]:
        where, values = _where(question)
        of_rule = f"{where} AND i.rule = :rule" if question.rule else where
        ruled = {**values, **({"rule": question.rule} if question.rule else {})}
        region = "s.city" if question.province else "s.province"

        def issues(by: str) -> list[Row]:
            return self._shelf.rows(_ISSUES.format(by=by, where=of_rule), **ruled)

        def rows(query: str, **more: object) -> list[Row]:
            return self._shelf.rows(query.format(where=where), **values, **more)

        return {
            "reports": rows(_REPORTS),
            "rules": issues("s.rule"),
            "regions": issues(region),
            "years": issues("s.year"),
            "refusals": self._shelf.rows(_REFUSALS),
            "carried": rows(_CARRIED, brought=_IN, left=_OUT),
            "broken": rows(_BROKEN, carry=_CARRY_RULES),
            "reviewed": self._shelf.rows(
                _REVIEWED.format(where=of_rule.replace("c.", "i.")), **ruled
            ),
            "corrected": rows(_CORRECTED),
        }


def _where(question: Sums) -> tuple[str, dict[str, object]]:
    given = {"year": question.year, "province": question.province}
    values: dict[str, object] = {k: v for k, v in given.items() if v is not None}
    return "".join(f" AND c.{name} = :{name}" for name in values), values
