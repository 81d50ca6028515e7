"""The reports on file as validate asks for them, answered from the tables in memory."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from services.sink.core.values import Row
from services.validate.adapters.kin import named
from services.validate.adapters.rows import correction_of, moment_of
from services.validate.core.across.family import MEMBER_CELLS, Family, Members, Neighbour
from services.validate.core.across.gathering import PER_MARK, grouped, members_of, nearest
from services.validate.core.facts import SURE
from services.validate.core.stored import Reading, Relatives
from shared.report.series import is_member
from tests.simulation.tables import Tables

# the same few reports meet in thousands of runs: who stands beside whom is worked out once
_families: dict[tuple[Any, ...], tuple[Family, tuple[str, ...]]] = {}


class TableShelf:
    """`services.validate.core.stored.Shelf` over `Tables`."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def reading(self, document_id: str) -> Reading | None:
        tables = self._tables
        found = [
            row
            for row in tables.rows["revisions"].values()
            if row["document_id"] == document_id and row["corrections"] == "[]"
        ]
        if not found:
            return None
        row = max(found, key=lambda one: one["precedence"])
        corrections: list[Any] = [
            c | {"value": None if c["value"] is None else orjson.loads(c["value"])}
            for c in tables.rows["corrections"].values()
            if c["document_id"] == document_id
        ]
        return Reading(
            row["document_id"], row["file"], moment_of(row["received_at"]), row["engine_version"],
            tables.records[row["id"]],
            tuple(correction_of(c) for c in sorted(corrections, key=lambda c: (c["at"], c["id"]))),
        )  # fmt: skip

    def concerned(self, report_id: str) -> Sequence[str]:
        current = self._tables.current()
        if report_id not in current:
            return ()
        reports = self._tables.rows["reports"]
        me = reports[report_id]
        if me["year"] is None:
            return ()
        found: list[str] = [report_id]
        others = sorted(set(current) - {report_id})
        if me["series"] is not None:
            after = {"series": me["series"], "year": me["year"] + 1}
            found += [r for r in others if after.items() <= reports[r].items()]
            place = me["place"] if me["scope"] == "own" else me["upper_place"]
            if place is not None:
                above = {"place": place, "year": me["year"], "scope": "roll_up"}
                found += [r for r in others if above.items() <= reports[r].items()]
        paired = self._tables.rows["comparisons"]
        found += [r for r in sorted(paired) if paired[r]["copied_from"] == report_id]
        return tuple(dict.fromkeys(found))

    def relatives(self, report_id: str) -> Relatives | None:
        current = self._tables.current()
        me = self._tables.rows["reports"].get(report_id)
        if report_id not in current or me is None or me["year"] is None:
            return None
        row = current[report_id]
        family, beside = self._family(report_id, me, current)
        compared = self._tables.rows["comparisons"].get(report_id)
        return Relatives(
            row["document_id"], row["file"], moment_of(row["received_at"]), row["id"], family, beside,
            compared_at=None if compared is None else compared["position"],
        )  # fmt: skip

    def compared_with(self, report_id: str, among: Sequence[str]) -> Sequence[str]:
        current = self._tables.current()
        if report_id not in current:
            return ()
        return tuple(
            other
            for other in among
            if other in current
            and self._tables.rows["reports"][other]["year"] is not None
            and any(report_id in (one.report_id for one in group)
                    for group in self._alike(other, current, None).values())
        )  # fmt: skip

    def close(self) -> None:
        pass

    def _family(
        self, report_id: str, me: Row, current: dict[str, Row]
    ) -> tuple[Family, tuple[str, ...]]:
        records = self._tables.records
        order = sorted(current, key=lambda r: current[r]["precedence"])
        key = (report_id, *((r, id(records[current[r]["id"]])) for r in order))
        known = _families.get(key)
        if known is None:
            before = self._before(report_id, me, current)
            alike = self._alike(report_id, current, before)
            members = self._members(report_id, me, current)
            family = Family(report_id, records[current[report_id]["id"]], before, alike, members)
            # the records stay alive with the key that speaks of their addresses
            _kept_alive.extend(records[current[r]["id"]] for r in order)
            known = _families[key] = (family, named(before, alike, members))
        return known

    def _before(self, report_id: str, me: Row, current: dict[str, Row]) -> Neighbour | None:
        if me["series"] is None:
            return None
        reports = self._tables.rows["reports"]
        wanted = {"series": me["series"], "year": me["year"] - 1}
        found = [r for r in current if r != report_id and wanted.items() <= reports[r].items()]
        if not found:
            return None
        best = max(found, key=lambda r: current[r]["precedence"])
        return Neighbour(best, self._tables.records[current[best]["id"]])

    def _alike(self, report_id: str, current: dict[str, Row], before: Neighbour | None) -> Any:
        parts = self._tables.parts
        own = sorted(row["mark"] for row in parts[current[report_id]["id"]]["marks"])
        standing = {row["id"]: r for r, row in current.items()}
        bearers = sorted((rev, r) for rev, r in standing.items() if r != report_id)
        hits: dict[int, Counter[str]] = {}
        for mark in own:
            found = [
                (row["section"], rev)
                for rev, _ in bearers
                for row in parts[rev]["marks"]
                if row["mark"] == mark
            ]
            for section, rev in found[:PER_MARK]:
                hits.setdefault(section, Counter())[rev] += 1
        chosen = {}
        for section, group in hits.items():
            chosen[section] = tuple(
                Neighbour(standing[rev], self._tables.records[rev]).wording
                for rev in nearest(group)
            )
        return grouped(before, chosen)

    def _members(self, report_id: str, me: Row, current: dict[str, Row]) -> Members | None:
        if me["scope"] != "roll_up" or me["place"] is None:
            return None
        reports = self._tables.rows["reports"]
        own = {"place": me["place"], "year": me["year"], "scope": "own"}
        below = {"upper_place": me["place"], "year": me["year"], "scope": "roll_up"}
        found = sorted(
            r
            for r in current
            if r != report_id
            and (own.items() <= reports[r].items() or below.items() <= reports[r].items())
        )
        agencies = {
            current[r]["id"]: reports[r]["agency"] for r in found if is_member(reports[r]["agency"])
        }
        if not agencies:
            return None
        wanted = frozenset(MEMBER_CELLS)
        figures = sorted(
            (rev, cell.address, cell.value)
            for rev in agencies
            for cell in self._tables.records[rev].cells
            if cell.address in wanted and cell.state == "number" and cell.value is not None
            and cell.confidence >= SURE and cell.unit in (None, "万元")
        )  # fmt: skip
        return members_of(agencies, figures)


_kept_alive: list[Any] = []
