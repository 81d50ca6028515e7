"""Which of many reports stand beside one of them, and what the members of a roll-up come to.

The database answers the same questions on the line (`services.validate.adapters.kin`); what can be
said without it is said here for both.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from services.validate.core.across.family import MEMBER_CELLS, Family, Members, Neighbour
from services.validate.core.across.wording import Wording
from services.validate.core.facts import SURE
from shared.report.identity import revision_id
from shared.report.likeness import COPIED_SECTIONS, marks_of
from shared.report.record import Number, Record
from shared.report.series import is_member, place_of, series_of, upper_place_of
from shared.report.values import value

MOST_ALIKE: Final = 4
"""Reports whose text is compared word by word, for each section."""
FEWEST_SHARED: Final = 2
"""Marks that a text must share to be compared: copies share most of theirs."""
PER_MARK: Final = 24
"""Reports that are looked up for each mark. A mark that more have is a common phrase; copies share rare ones."""

Figure = tuple[str, str, Number]
"""A member's id, an address, and the number that stands there without doubt."""
_Key = tuple[str | int | None, ...]


@value
class Kin:
    """A report with what it is judged beside; the reports of its members by name, if it is a roll-up."""

    family: Family
    members: tuple[Neighbour, ...]


class Neighbourhood:
    """Reports held in memory, found by body and year, by place, and by the marks of their texts."""

    def __init__(self, neighbours: Iterable[Neighbour]) -> None:
        """Take these reports; of two readings of one report the later counts."""
        reports = {one.report_id: one for one in neighbours}
        self._by_revision = {_revision(one): one for one in reports.values()}
        self._by_key: dict[_Key, list[Neighbour]] = {}
        for one in reports.values():
            for key in _keys(one.record):
                self._by_key.setdefault(key, []).append(one)
        # of texts that are as near as each other the line takes the smaller revision: so do we
        for _, one in sorted(self._by_revision.items()):
            for key in _text_keys(one.record):
                self._by_key.setdefault(key, []).append(one)

    def around(self, report_id: str, record: Record) -> Kin:
        """Return a report with its neighbours: it is none of its own, whatever its bytes."""
        before = self._before(report_id, record)
        members = self._members(report_id, record)
        family = Family(
            report_id,
            record,
            before,
            grouped(before, self._alike(report_id, record)),
            _summed(members) if members else None,
        )
        return Kin(family, members)

    def _found(self, report_id: str, record: Record, *key: str | int | None) -> list[Neighbour]:
        return [
            one
            for one in self._by_key.get(key, ())
            if one.report_id != report_id and one.record.document_id != record.document_id
        ]

    def _before(self, report_id: str, record: Record) -> Neighbour | None:
        series, year = series_of(record.identity), record.identity.year
        if series is None or year is None:
            return None
        found = self._found(report_id, record, "series", series, year - 1)
        return found[-1] if found else None

    def _alike(self, report_id: str, record: Record) -> Mapping[int, tuple[Wording, ...]]:
        """Return by section the reports of the same year that share most marks."""
        year = record.identity.year
        if year is None:
            return {}
        chosen = {}
        for section, marks in marks_of(record).items():
            hits: dict[str, int] = {}
            for mark in dict.fromkeys(marks):
                found = self._found(report_id, record, "mark", section, mark, year)
                for one in found[:PER_MARK]:
                    revision = _revision(one)
                    hits[revision] = hits.get(revision, 0) + 1
            chosen[section] = tuple(self._by_revision[known].wording for known in nearest(hits))
        return chosen

    def _members(self, report_id: str, record: Record) -> tuple[Neighbour, ...]:
        identity = record.identity
        place = place_of(identity.region)
        if identity.scope != "roll_up" or place is None or identity.year is None:
            return ()
        found = self._found(report_id, record, "own", place, identity.year)
        own = [one for one in found if is_member(one.record.identity.agency)]
        below = self._found(report_id, record, "roll_up", place, identity.year)
        return tuple(sorted((*own, *below), key=_revision))


def _revision(one: Neighbour) -> str:
    return revision_id(one.record.document_id)


def _keys(record: Record) -> Iterable[_Key]:
    """Yield what a report may be looked for by; nothing for one whose year is not known."""
    identity = record.identity
    year = identity.year
    if year is None:
        return
    series = series_of(identity)
    if series is not None:
        yield ("series", series, year)
    # a body counts at its own place, a government's roll-up in that of the government above
    region = identity.region
    place = place_of(region) if identity.scope == "own" else upper_place_of(region)
    if place is not None:
        yield (identity.scope, place, year)


def _text_keys(record: Record) -> Iterable[_Key]:
    """Yield the marks of a report's text with its year."""
    year = record.identity.year
    for section, marks in marks_of(record).items() if year is not None else ():
        for mark in dict.fromkeys(marks):
            yield ("mark", section, mark, year)


def _summed(members: tuple[Neighbour, ...]) -> Members:
    agencies = {one.report_id: one.record.identity.agency for one in members}
    wanted = frozenset(MEMBER_CELLS)
    figures = [
        (one.report_id, cell.address, cell.value)
        for one in members
        for cell in one.record.cells
        if cell.address in wanted
        and cell.state == "number"
        and cell.value is not None
        and cell.confidence >= SURE
        and cell.unit in {None, "万元"}
    ]
    return members_of(agencies, figures)


def members_of(
    agencies: Mapping[str, str | None],
    figures: Iterable[Figure],
    *,
    listed: Collection[str] | None = None,
    complete: bool = False,
    lacking: tuple[str, ...] = (),
) -> Members:
    """Return what members report together; `agencies` are their names by id.

    `listed` are those that an operator's list names: only they are added up. Without a list (None)
    nobody knows who all the members are, and no sum is made.
    """
    sums: dict[str, Number] = {}
    known: dict[str, int] = {}
    largest: dict[str, tuple[Number, str]] = {}
    for member, address, number in figures:
        if listed is not None and member in listed:
            sums[address] = sums.get(address, 0) + number
            known[address] = known.get(address, 0) + 1
        best = largest.get(address)
        if best is None or number > best[0]:
            largest[address] = (number, agencies[member] or "")
    count = len(agencies) if listed is None else len(listed)
    return Members(count, largest, sums, known, complete, lacking)


def nearest(hits: Mapping[str, int]) -> list[str]:
    """Return the ids that share most marks with a text, several at least, and few of them."""
    several = [known for known, count in hits.items() if count >= FEWEST_SHARED]
    return sorted(several, key=lambda known: (-hits[known], known))[:MOST_ALIKE]


def grouped(
    before: Neighbour | None, chosen: Mapping[int, tuple[Wording, ...]]
) -> Mapping[int, tuple[Wording, ...]]:
    """Return by section what a text is compared with: the year before, then those chosen by marks."""
    first = () if before is None else (before.wording,)
    sections = dict.fromkeys(COPIED_SECTIONS if first else ()) | dict.fromkeys(chosen)
    groups = {section: (*first, *chosen.get(section, ())) for section in sections}
    return {section: group for section, group in groups.items() if group}
