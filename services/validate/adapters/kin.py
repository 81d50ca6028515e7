"""Which reports stand beside one another, asked of the database by a report's row."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, TextClause, bindparam, text

from services.validate.adapters.records import Records
from services.validate.adapters.rows import number_of
from services.validate.core.across.family import MEMBER_CELLS, Members, Neighbour
from services.validate.core.across.gathering import (
    FEWEST_SHARED,
    PER_MARK,
    grouped,
    members_of,
    nearest,
)
from services.validate.core.across.wording import Wording
from services.validate.core.facts import SURE
from shared.report.record import Number
from shared.report.series import is_member

_YEAR_OF_SERIES = text("""
    SELECT c.report_id, c.revision_id, v.precedence
    FROM current_reports c JOIN revisions v ON v.id = c.revision_id
    WHERE c.series = :series AND c.year = :year AND c.report_id <> :report_id
    ORDER BY v.precedence DESC LIMIT 1
""")
# next year's report, the roll-ups above, those that a list names, and those told to share its text
_CONCERNED = text("""
    SELECT 1 AS part, report_id FROM current_reports
    WHERE series = :series AND year = :year_after AND report_id <> :report_id
    UNION ALL
    SELECT 2, report_id FROM current_reports
    WHERE place = :above AND year = :year AND scope = 'roll_up' AND report_id <> :report_id
    UNION ALL
    SELECT 3, c.report_id FROM agencies a
    JOIN current_reports c ON c.series = a.parent AND c.year = :year
    WHERE a.series = :series AND c.report_id <> :report_id
    UNION ALL
    SELECT 4, report_id FROM comparisons WHERE copied_from = :report_id
    ORDER BY 1, 2
""")
_MARKS = text("SELECT mark FROM marks WHERE revision_id = :revision_id ORDER BY mark")
# only revisions that stand have marks
_BEARERS = """
    SELECT * FROM (
        SELECT section, revision_id FROM marks
        WHERE mark = :mark{n} AND revision_id <> :revision_id
        ORDER BY revision_id LIMIT :most
    ) AS bearers{n}
"""
_SEVERAL = """
    SELECT section, revision_id, count(*) AS shared FROM ({bearers}) AS bearers
    GROUP BY section, revision_id HAVING count(*) >= :fewest
"""
_READINGS = text("""
    SELECT c.report_id, c.revision_id, v.precedence
    FROM current_reports c JOIN revisions v ON v.id = c.revision_id
    WHERE c.revision_id IN :revisions ORDER BY c.revision_id
""").bindparams(bindparam("revisions", expanding=True))
_MEMBERS = text("""
    SELECT report_id, agency, revision_id, series FROM current_reports
    WHERE place = :place AND year = :year AND scope = 'own'
    UNION ALL
    SELECT report_id, agency, revision_id, series FROM current_reports
    WHERE upper_place = :place AND year = :year AND scope = 'roll_up'
    UNION ALL
    SELECT c.report_id, c.agency, c.revision_id, c.series FROM agencies a
    JOIN current_reports c ON c.series = a.series AND c.year = :year
    WHERE a.parent = :series
    ORDER BY 1
""")
_LISTED = text("""
    SELECT a.series, a.agency, l.complete FROM agencies a
    JOIN agency_lists l ON l.name = a.list_name
    WHERE a.parent = :series
      AND (a.since IS NULL OR a.since <= :year) AND (a.until IS NULL OR :year <= a.until)
    ORDER BY a.agency, a.series
""")
_CELLS = text("""
    SELECT revision_id, address, value FROM cells
    WHERE revision_id IN :revisions AND address IN :addresses
      AND state = 'number' AND confidence >= :sure AND (unit IS NULL OR unit = '万元')
""").bindparams(bindparam("revisions", expanding=True), bindparam("addresses", expanding=True))


def concerned(connection: Connection, row: RowMapping) -> Sequence[str]:
    """Return the reports that this one is a neighbour of: next year's, roll-ups, those told to share its text.

    Reports that share its text and do not know yet are found when it is compared itself.
    """
    above = None
    if row["series"] is not None:
        above = row["place"] if row["scope"] == "own" else row["upper_place"]
    wanted = {**_named(row), "year_after": row["year"] + 1, "above": above}
    return [found.report_id for found in connection.execute(_CONCERNED, wanted)]


def year_before(connection: Connection, row: RowMapping, records: Records) -> Neighbour | None:
    """Return the same body's report on the year before, None when it is not on file."""
    if row["series"] is None:
        return None
    wanted = {**_named(row), "year": row["year"] - 1}
    found = connection.execute(_YEAR_OF_SERIES, wanted).first()
    if found is None:
        return None
    return records.one(connection, (found.revision_id, found.precedence), found.report_id)


def alike(
    connection: Connection, row: RowMapping, before: Neighbour | None, records: Records
) -> Mapping[int, tuple[Wording, ...]]:
    """Return the texts that a section may share: the year before's, then those that share marks."""
    chosen = chosen_by_marks(connection, row)
    wanted = {revision for group in chosen.values() for revision in group}
    read = _wordings(connection, wanted, records)
    return grouped(before, {
        section: tuple(read[r] for r in group if r in read) for section, group in chosen.items()
    })  # fmt: skip


def chosen_by_marks(connection: Connection, row: RowMapping) -> Mapping[int, Sequence[str]]:
    """Return by section the revisions whose text is compared with a report's, the year before apart."""
    return {section: nearest(hits) for section, hits in _hits(connection, row).items()}


def _hits(connection: Connection, row: RowMapping) -> dict[int, dict[str, int]]:
    """Return how many marks of each section other readings share, of those that share several."""
    marks = connection.execute(_MARKS, _named(row)).scalars().all()
    found: dict[int, dict[str, int]] = {}
    if marks:
        named = {f"mark{n}": mark for n, mark in enumerate(marks)}
        wanted = {**_named(row), **named, "most": PER_MARK, "fewest": FEWEST_SHARED}
        for section, revision, count in connection.execute(_bearers(len(marks)), wanted):
            found.setdefault(section, {})[revision] = count
    return found


@cache
def _bearers(count: int) -> TextClause:
    """Return the question who bears several of so many marks: one question for all is many times faster."""
    bearers = " UNION ALL ".join(_BEARERS.format(n=n) for n in range(count))
    return text(_SEVERAL.format(bearers=bearers))


def members(connection: Connection, row: RowMapping) -> Members | None:
    """Return what the members of a roll-up report together; None when none of them is on file."""
    if row["scope"] != "roll_up" or row["place"] is None:
        return None
    rows = {
        m.revision_id: m
        for m in connection.execute(_MEMBERS, _named(row))
        if m.report_id != row["report_id"]
    }
    listed = connection.execute(_LISTED, _named(row)).all()
    by_list = {one.series for one in listed}
    rows = {r: m for r, m in rows.items() if m.series in by_list or is_member(m.agency)}
    if not rows:
        return None
    values = _values(connection, list(rows))
    filed = {m.series: revision for revision, m in rows.items()}
    lacking = tuple(one.agency for one in listed if one.series not in filed)
    named = {filed[one.series] for one in listed if one.series in filed}
    complete = bool(listed) and all(one.complete for one in listed) and not lacking
    return members_of(
        {revision: m.agency for revision, m in rows.items()},
        values,
        listed=named if listed else None,
        complete=complete,
        lacking=lacking,
    )


def named(
    before: Neighbour | None,
    alike: Mapping[int, tuple[Wording, ...]],
    members: Members | None,
) -> tuple[str, ...]:
    """Return the ids of the reports that were looked at, each once; members are too many to name."""
    found = [] if before is None else [before.report_id]
    found += [one.report_id for group in alike.values() for one in group]
    if members is not None:
        found.append(f"members:{members.count}")
    return tuple(dict.fromkeys(found))


def _named(row: RowMapping) -> dict[str, Any]:
    return {name: row[name] for name in ("report_id", "revision_id", "series", "year", "place")}


def _wordings(connection: Connection, revisions: set[str], records: Records) -> dict[str, Wording]:
    if not revisions:
        return {}
    rows = connection.execute(_READINGS, {"revisions": sorted(revisions)})
    report_ids = {(row.revision_id, row.precedence): row.report_id for row in rows}
    return {v[0]: wording for v, wording in records.wordings(connection, report_ids).items()}


def _values(connection: Connection, revisions: list[str]) -> list[tuple[str, str, Number]]:
    """Return the members' figures by revision and address, in a fixed order."""
    found: list[tuple[str, str, Number]] = []
    for start in range(0, len(revisions), 500):
        wanted = {
            "revisions": revisions[start : start + 500],
            "addresses": list(MEMBER_CELLS),
            "sure": SURE,
        }
        for revision, address, value in connection.execute(_CELLS, wanted):
            number = number_of(value)
            if number is not None:
                found.append((revision, address, number))
    return sorted(found)
