"""The sink's database in memory: the same rows by the same pure functions, kept by the rules that the SQL says.

`test_tables_are_the_database` runs whole seeds on this and on the real database and demands the same.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from services.sink.adapters.statements import COMPARED, PARTS
from services.sink.core import changes, reviews, rows
from services.sink.core.changes import Change, Judged
from services.sink.core.lines import issue_of_row
from services.sink.core.values import Row
from shared.contracts.events import (
    DeadLetter,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportRefused,
    ReportValidated,
)
from shared.contracts.reviews import AgenciesListed, CellCorrected, IssueDecided
from shared.report.issue import Issue
from shared.report.record import Record

_MOST = 5_000
_laid_out: dict[int, tuple[Any, rows.Rows]] = {}
_JSON = frozenset({"addresses", "evidence", "repairs"})


class Tables:
    """All tables; `records` are the records of the revisions, as objects."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Row]] = {
            name: {}
            for name in (
                "documents",
                "files",
                "reports",
                "revisions",
                "comparisons",
                "decisions",
                "corrections",
            )
        }
        self.parts: dict[str, rows.Rows] = {}
        self.compared: dict[str, rows.Rows] = {}
        self.changes: dict[str, Change] = {}
        self.told_by: dict[str, Judged] = {}
        self.records: dict[str, Record] = {}

    # ------------------------------------------------------------------ what the sink writes

    def record(self, event: ReportValidated) -> Change | None:
        found = self._rows(event, rows.recorded)
        self._keep(found)
        before = self.current_revision(event.report_id)
        told = [] if before is None else self.issues_of(before)
        (revision,) = found["revisions"]
        known = self.rows["revisions"].get(revision["id"])
        if known is not None and not known["precedence"] < revision["precedence"]:
            return self._noted(event)
        self.rows["revisions"][revision["id"]] = revision
        self.parts[revision["id"]] = {name: found[name] for name in PARTS}
        self.records[revision["id"]] = event.record
        if before is None or self.current_revision(event.report_id) != revision["id"]:
            return None
        return self._log(changes.change(event, told, changes.cause_of(event, before)), event)

    def compare(self, event: ReportCompared) -> Change | None:
        found = self._rows(event, rows.compared)
        (comparison,) = found["comparisons"]
        known = self.rows["comparisons"].get(event.report_id)
        if known is not None and not comparison["position"] > known["position"]:
            return self._noted(event)
        self.rows["comparisons"][event.report_id] = comparison
        told = self.compared_issues_of(event.report_id)
        self.compared[event.report_id] = {name: found[name] for name in COMPARED}
        change = changes.change(event, told, "neighbours")
        return None if change.is_none else self._log(change, event)

    def refuse(self, event: ReportRefused) -> None:
        self._keep(rows.refused(event))

    def alias(self, event: ReportDuplicate) -> None:
        self._keep(rows.duplicate(event))

    def expand(self, event: ReportExpanded) -> None:
        self._keep(rows.expanded(event))

    def bury(self, letter: DeadLetter) -> None:
        self._keep(rows.dead(letter))

    def decide(self, event: IssueDecided) -> None:
        row = reviews.decision(event)
        self.rows["decisions"].setdefault(row["id"], row)

    def correct(self, event: CellCorrected) -> None:
        row = reviews.correction(event)
        self.rows["corrections"].setdefault(row["id"], row)

    def list_agencies(self, event: AgenciesListed) -> list[reviews.Concerned]:
        raise NotImplementedError

    # ------------------------------------------------------------------ what is asked of it

    def latest_readings(self) -> dict[str, Row]:
        """Return the revision that stands for each document."""
        found: dict[str, Row] = {}
        for row in self.rows["revisions"].values():
            best = found.get(row["document_id"])
            if best is None or row["precedence"] > best["precedence"]:
                found[row["document_id"]] = row
        return found

    def current(self) -> dict[str, Row]:
        """Return the revision that stands for each report."""
        found: dict[str, Row] = {}
        for row in self.latest_readings().values():
            best = found.get(row["report_id"])
            if best is None or row["precedence"] > best["precedence"]:
                found[row["report_id"]] = row
        return found

    def on_record(self) -> list[Row]:
        """Return what a person sees: the reading that stands for each document."""
        return list(self.latest_readings().values())

    def current_revision(self, report_id: str) -> str | None:
        found = self.current().get(report_id)
        return None if found is None else found["id"]

    def issues_of(self, revision_id: str) -> list[Issue]:
        return _issues(self.parts[revision_id]["issues"])

    def compared_issues_of(self, report_id: str) -> list[Issue]:
        found = self.compared.get(report_id)
        return [] if found is None else _issues(found["compared_issues"])

    def table(self, name: str) -> list[Row]:
        """Return all rows of one table, parts included."""
        if name in self.rows:
            return list(self.rows[name].values())
        if name == "changes":
            return [changes.row(change) for change in self.changes.values()]
        owners = self.parts if name in PARTS else self.compared if name in COMPARED else {}
        if name == "marks":
            owners = {row["id"]: self.parts[row["id"]] for row in self.current().values()}
        return [row for found in owners.values() for row in found[name]]

    def _keep(self, found: rows.Rows) -> None:
        for name in ("documents", "files", "reports"):
            for row in found.get(name, ()):
                known = self.rows[name].get(row["id"])
                if known is None or _is_better(name, row, known):
                    self.rows[name][row["id"]] = row

    def _rows(self, event: Any, lay_out: Any) -> rows.Rows:
        kept = _laid_out.get(id(event))
        if kept is None or kept[0] is not event:
            if len(_laid_out) > _MOST:
                _laid_out.clear()
            kept = _laid_out[id(event)] = (event, lay_out(event))
        return kept[1]

    def _noted(self, event: Judged) -> Change | None:
        return self.changes.get(changes.judgement_id(event))

    def _log(self, change: Change, event: Judged) -> Change:
        self.changes.setdefault(change.judgement, change)
        self.told_by.setdefault(change.judgement, event)
        return change


def _is_better(name: str, new: Row, known: Row) -> bool:
    if name == "documents":
        return bool(new["received_at"] < known["received_at"])
    return bool(new["precedence"] > known["precedence"])


def _issues(found: Iterable[Row]) -> list[Issue]:
    plain = ({k: orjson.loads(v) if k in _JSON else v for k, v in row.items()} for row in found)
    return [issue_of_row(_numbered(row)) for row in sorted(plain, key=lambda row: row["position"])]


def _numbered(row: Row) -> Row:
    """Turn the numbers that were written as text into numbers, as the database hands them out."""
    names = ("expected_number", "observed_number", "difference")
    return row | {n: orjson.loads(row[n]) if isinstance(row[n], str) else row[n] for n in names}
