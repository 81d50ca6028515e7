"""Which edition each table was printed on, told by its labels and never by the year."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from services.extract.core.aligning.labels import similarity, vocabulary
from services.extract.core.aligning.lines import Line
from shared.report.record import Edition

_ENOUGH_ALIKE = 0.75


def detect_editions(lines: Iterable[Line]) -> dict[str, Edition]:
    """Return the edition of tables two and three, for those that left any trace.

    Labels that only one edition prints vote; damaged ones vote when they are alike enough.
    """
    votes = _votes(lines, exact=True)
    if not votes.get("active_disclosure") or not votes.get("applications"):
        for table, count in _votes(lines, exact=False).items():
            if not votes.get(table):
                votes[table] = count
    found: dict[str, Edition] = {
        table: max(count, key=lambda e: (count[e], e)) for table, count in votes.items() if count
    }
    rows = _tables_with_rows(lines)
    if "applications" in rows and "applications" not in found:
        found["applications"] = found.get("active_disclosure", "2021")
    if "active_disclosure" in rows and "active_disclosure" not in found:
        found["active_disclosure"] = found.get("applications", "2021")
    return {t: e for t, e in found.items() if t in rows or t == "active_disclosure"}


def _votes(lines: Iterable[Line], *, exact: bool) -> defaultdict[str, Counter[Edition]]:
    marks = vocabulary().edition_marks
    votes: defaultdict[str, Counter[Edition]] = defaultdict(Counter)
    for line in lines:
        for key in _voting_keys(line) if exact else _alike_keys(line):
            mark = marks.get(key) if exact else _similar_mark(key)
            if mark is not None and mark[0] != "review_litigation":
                votes[mark[0]][mark[1]] += 1
    return votes


def _voting_keys(line: Line) -> Iterable[str]:
    """Return the keys that count: a spanning label before the row's own label does not."""
    if line.role != "data" or not line.keys:
        return line.titles
    return line.keys if len(line.keys) > 3 else line.titles | {line.keys[-1]}


def _alike_keys(line: Line) -> Iterable[str]:
    """Return the keys that count by likeness: of a row with values its own label only."""
    return line.keys[-1:] if line.role == "data" else line.keys


def _similar_mark(key: str) -> tuple[str, Edition] | None:
    if len(key) < 4:
        return None
    marks = vocabulary().edition_marks
    best = max(marks, key=lambda label: similarity(key, (label,)))
    return marks[best] if similarity(key, (best,)) >= _ENOUGH_ALIKE else None


def _tables_with_rows(lines: Iterable[Line]) -> set[str]:
    words = vocabulary()
    found: Counter[str] = Counter()
    for line in lines:
        for key in line.keys[-1:] or ():
            for row in words.rows.get(key, ())[:1]:
                found[row.table] += 1
        for title in line.titles:
            for table in words.columns[title]:
                found[table] += 1
    return {t for t, n in found.items() if n >= 2}
