"""What a re-judgement changed, by rule: findings that are new, gone, told otherwise, or the same."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.commands.reaching.reading import Reader, Row, listed
from services.commands.talking.wording import heading, table
from shared.language import spoken

_PAGE: Final = 100
_UNKNOWN_RULE: Final = "?"

_CHANGES: Final = """
    SELECT judgement, report_id, revision_id, cause, new, gone, changed, unchanged FROM changes
    WHERE judged_at = :moment AND judgement > :after
    ORDER BY judgement LIMIT :page
"""
_ALONE: Final = "SELECT id, rule FROM issues WHERE revision_id IN :revisions"
_BESIDE: Final = "SELECT id, rule FROM compared_issues WHERE report_id IN :reports"
_UNTOLD: Final = """
    SELECT i.rule, count(*) AS n FROM revisions v JOIN issues i ON i.revision_id = v.id
    WHERE v.judged_at = :moment AND NOT EXISTS (
        SELECT 1 FROM changes g WHERE g.revision_id = v.id AND g.judged_at = :moment
    ) GROUP BY i.rule
"""
_STAND_BESIDE: Final = """
    SELECT i.rule, count(*) AS n FROM compared_issues i
    JOIN current_reports c ON c.report_id = i.report_id
    JOIN revisions v ON v.id = c.revision_id
    WHERE v.judged_at = :moment GROUP BY i.rule
"""


@dataclass(slots=True)
class Tally:
    """How many findings of one rule are new, gone, told otherwise, or the same as before."""

    new: int = 0
    gone: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass(slots=True)
class Differences:
    """The tallies by rule, and how many reports have any difference."""

    rules: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    reports: int = 0


def differences(reader: Reader, moment: datetime) -> Differences:
    """Return what the re-judgement of this moment changed, as far as it is recorded."""
    found = Differences()
    differing = set[str]()
    for page in _pages(reader, moment):
        rules = _rules_of(reader, page)
        differing.update(row["report_id"] for row in page if _add(found.rules, row, rules))
    found.reports = len(differing)
    for row in reader.rows(_UNTOLD, moment=moment):
        found.rules[row["rule"]].unchanged += row["n"]
    for row in reader.rows(_STAND_BESIDE, moment=moment):
        tally = found.rules[row["rule"]]
        tally.unchanged = max(0, row["n"] - tally.new - tally.changed)
    return found


def shown_differences(found: Differences) -> list[str]:
    """Return the tallies for people: the rules with most differences first."""
    if not found.rules:
        return [spoken("没有问题，前后一致", "no findings, before or after")]

    def order(entry: tuple[str, Tally]) -> tuple[int, str]:
        return -(entry[1].new + entry[1].gone + entry[1].changed), entry[0]

    rows = [
        heading(
            ("规则", "rule"),
            ("新增", "new"),
            ("消失", "gone"),
            ("改变", "changed"),
            ("不变", "unchanged"),
        )
    ]
    rows += [
        (rule, str(t.new), str(t.gone), str(t.changed), str(t.unchanged))
        for rule, t in sorted(found.rules.items(), key=order)
    ]
    told = spoken(f"{found.reports} 份报告有差异", f"{found.reports} reports differ")
    return [*table(rows), told]


def _pages(reader: Reader, moment: datetime) -> Iterator[Sequence[Row]]:
    after = ""
    while page := reader.rows(_CHANGES, moment=moment, after=after, page=_PAGE):
        yield page
        after = page[-1]["judgement"]


def _rules_of(reader: Reader, page: Sequence[Row]) -> dict[str, str]:
    """Return the rules of the findings that the reports of these changes have now, by id."""
    alone = reader.rows(_ALONE, revisions=[row["revision_id"] for row in page])
    beside = reader.rows(_BESIDE, reports=[row["report_id"] for row in page])
    return {row["id"]: row["rule"] for row in (*alone, *beside)}


def _add(tallies: dict[str, Tally], row: Row, rules: Mapping[str, str]) -> bool:
    """Add one report's changes; tell whether there are any."""
    kinds = ("new", "gone", "changed")
    for kind in kinds:
        for rule, count in Counter(issue["rule"] for issue in listed(row[kind])).items():
            tally = tallies[rule]
            setattr(tally, kind, getattr(tally, kind) + count)
    # a report may be compared several times; what then stays is counted once, by what stands
    for issue in listed(row["unchanged"]) if row["cause"] != "neighbours" else ():
        tallies[rules.get(issue, _UNKNOWN_RULE)].unchanged += 1
    return any(listed(row[kind]) for kind in kinds)
