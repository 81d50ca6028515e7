"""Statistics: pictures of bars, each with its table."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from services.page.core import questions
from services.page.core.charts import Chart, chart
from services.page.core.looks import SEVERITIES
from services.page.views.shell import asked
from shared.database.reading import Row

_MOST_BARS: Final = 20
_CARRIED: Final = {
    "applications.carried_over_in@total": "in",
    "applications.carried_over_out@total": "out",
}
_GROUPED: Final = {"rules": "rule", "regions": "region", "years": "year"}
_VERDICTS: Final = ("confirm", "dismiss", "reopen")

Table = list[tuple[str, list[Any]]]


def statistics(request: Request) -> Response:
    """Return the statistics; 400 for a filter that makes no sense."""
    who = asked(request)
    house = who.house
    question = questions.sums(who.questions, house.doors.rules)
    counted = house.tallies.all_of(question)
    by_severity = {
        name: _by_severity(counted["issues"], column) for name, column in _GROUPED.items()
    }
    by_severity["years"].sort(reverse=True)
    drawn: dict[str, tuple[Table, Chart]] = {
        name: (rows, chart(rows[:_MOST_BARS], SEVERITIES)) for name, rows in by_severity.items()
    }
    refusals: Table = [
        (f"{r['state']}:{r['reason'] or ''}", [r["files"]]) for r in counted["refusals"]
    ]
    carried, reviewed = _carried(counted["carried"]), _reviewed(counted["reviewed"])
    return who.page(
        "statistics.html",
        question=question,
        years=sorted({r["year"] for r in counted["reports"] if r["year"]}, reverse=True),
        reports=counted["reports"],
        drawn=drawn,
        refusals=(refusals, chart(refusals[:_MOST_BARS], ("refused",))),
        carried=(carried, chart(carried[:_MOST_BARS], ("in", "out"))),
        broken={str(r["year"]): r["reports"] for r in counted["broken"]},
        reviewed=reviewed,
        decided=chart(_decided(reviewed)[:_MOST_BARS], _VERDICTS[:2]),
        corrected=counted["corrected"],
        rates=chart(_rates(counted["reports"], counted["corrected"])[:_MOST_BARS], ("rate",)),
        severities=SEVERITIES,
        most=_MOST_BARS,
    )


def _by_severity(rows: Iterable[Row], column: str) -> Table:
    """Return one line for each label with a number for each severity, the most serious first."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        numbers = found.setdefault(_plain(row[column]), {})
        numbers[row["severity"]] = numbers.get(row["severity"], 0) + int(row["issues"])
    table: Table = [(k, [v.get(s, 0) for s in SEVERITIES]) for k, v in found.items()]
    return sorted(table, key=lambda entry: ([-n for n in entry[1]], entry[0]))


def _carried(rows: Iterable[Row]) -> Table:
    """Return one line for each year: cases carried in, cases carried over."""
    found: dict[str, dict[str, float]] = {}
    for row in rows:
        side = _CARRIED[row["address"]]
        found.setdefault(_plain(row["year"]), {})[side] = float(row["cases"] or 0)
    return [
        (year, [sides.get("in", 0), sides.get("out", 0)])
        for year, sides in sorted(found.items(), reverse=True)
    ]


def _reviewed(rows: Iterable[Row]) -> list[tuple[str, Mapping[str, int], float | None]]:
    """Return for each rule how its findings were decided, and the share that was confirmed."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["rule"], {})[row["verdict"]] = int(row["issues"])
    return [(rule, verdicts, _share(verdicts)) for rule, verdicts in sorted(found.items())]


def _decided(reviewed: Iterable[tuple[str, Mapping[str, int], float | None]]) -> Table:
    """Return how many findings of each rule were confirmed and dismissed, those with most decisions first."""
    table: Table = [
        (rule, [verdicts.get(v, 0) for v in _VERDICTS[:2]]) for rule, verdicts, _ in reviewed
    ]
    return sorted(table, key=lambda entry: (-sum(entry[1]), entry[0]))


def _rates(reports: Iterable[Row], corrected: Iterable[Row]) -> Table:
    """Return for each year how many of a hundred reports have a corrected cell."""
    found = {row["year"]: int(row["reports"]) for row in corrected}
    return [
        (_plain(row["year"]), [100 * found.get(row["year"], 0) / int(row["reports"])])
        for row in reports
    ]


def _share(verdicts: Mapping[str, int]) -> float | None:
    counted: Sequence[int] = [verdicts.get(v, 0) for v in _VERDICTS[:2]]
    return counted[0] / sum(counted) if sum(counted) else None


def _plain(value: object) -> str:
    return "" if value is None else str(value)
