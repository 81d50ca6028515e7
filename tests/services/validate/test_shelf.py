"""What validate finds in the database: a report's neighbours, and stored readings with corrections."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import text

from services.sink.adapters.database import Database
from services.validate.adapters.records import Records
from services.validate.adapters.shelf import DatabaseShelf
from services.validate.core.across.family import Neighbour
from services.validate.core.across.gathering import MOST_ALIKE, Neighbourhood
from services.validate.core.corrected import corrected, corrected_revision_id
from shared.database.engine import open_engine
from shared.report import likeness
from shared.report.identity import revision_id
from shared.report.record import Cell, Region, Section
from shared.report.series import series_of
from tests.services.sink import made
from tests.support.essays import essay

COUNTY = Region("广东省", "广州市", "增城区", code="440118")
CITY = Region("广东省", "广州市", code="440100")
NEW = "applications.received_new@total"


def report(n, agency="广州市增城区信访局", year=2022, *, region=COUNTY, value=5, **changes):
    values = {
        "agency": agency, "agency_as_printed": agency, "region": region, "level": "county",
        "year": year, "cells": (Cell(NEW, "number", value, None, str(value)),), **changes,
    }  # fmt: skip
    return made.validated(n, **{"report_id": changes.get("report_id"), **values})


def two_marks(record):
    return {1: tuple(f"{record.sections[0].text}{n}" for n in range(2))}


@pytest.fixture
def database(database_url):
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def shelf(database, database_url):
    shelf = DatabaseShelf(database_url)
    yield shelf
    shelf.close()


def execute(url, statement, **values):
    engine = open_engine(url, writing=True)
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


def test_a_report_that_is_not_on_file_has_no_relatives(shelf):
    assert shelf.relatives("nobody") is None
    assert shelf.concerned("nobody") == ()


def test_the_same_body_is_found_on_the_year_before_under_a_longer_or_shorter_name(database, shelf):
    before, after = report(1, "增城区信访局", 2021), report(2, year=2022)
    for event in (after, before):
        database.record(event)
    found = shelf.relatives(after.report_id)
    assert found.family.before.report_id == before.report_id
    assert found.family.before.record == before.record
    assert found.beside == (before.report_id,)
    assert not found.was_compared
    assert shelf.relatives(before.report_id).is_alone


def test_a_report_concerns_itself_and_the_year_after(database, shelf):
    before, after, later = report(1, year=2021), report(2, year=2022), report(3, year=2023)
    for event in (after, before, later):
        database.record(event)
    assert shelf.concerned(before.report_id) == (before.report_id, after.report_id)


def test_other_bodies_and_other_places_are_no_relatives(database, shelf):
    one = report(1, year=2021)
    others = (
        report(2, "广州市增城区财政局", 2022),
        report(
            3,
            "广州市番禺区信访局",
            2022,
            region=Region("广东省", "广州市", "番禺区", code="440113"),
        ),
        report(4, "广州市增城区人民政府", 2022, scope="roll_up", kind="government"),
    )
    for event in (one, *others):
        database.record(event)
    assert shelf.concerned(one.report_id) == (one.report_id,)


def test_a_roll_up_is_found_with_what_its_members_report(database, shelf):
    whole = report(1, "广州市增城区人民政府", scope="roll_up", kind="government", value=9)
    parts = (report(2, value=3), report(3, "广州市增城区财政局", value=8))
    for event in (whole, *parts):
        database.record(event)
    members = shelf.relatives(whole.report_id).family.members
    assert members.count == 2
    assert members.largest[NEW] == (8, "广州市增城区财政局")
    assert not members.complete
    assert shelf.concerned(parts[0].report_id) == (parts[0].report_id, whole.report_id)


def test_a_vertically_run_office_is_no_member(database, shelf):
    whole = report(1, "广州市增城区人民政府", scope="roll_up", kind="government", value=9)
    parts = (report(2, value=3), report(3, "国家税务总局广州市增城区税务局", value=99))
    for event in (whole, *parts):
        database.record(event)

    members = shelf.relatives(whole.report_id).family.members

    assert members.count == 1
    assert members.largest[NEW][0] == 3


def test_a_city_rolls_up_its_counties(database, shelf):
    city = report(
        1, "广州市人民政府", region=CITY, scope="roll_up", kind="government", level="prefecture"
    )
    county = report(2, "广州市增城区人民政府", scope="roll_up", kind="government", value=7)
    for event in (city, county, report(3, value=99)):
        database.record(event)
    assert shelf.relatives(city.report_id).family.members.largest[NEW] == (
        7,
        "广州市增城区人民政府",
    )
    assert shelf.concerned(county.report_id) == (county.report_id, city.report_id)


def test_a_list_declared_complete_gives_sums_and_names_who_is_lacking(
    database, shelf, database_url
):
    whole = report(1, "广州市增城区人民政府", scope="roll_up", kind="government", value=9)
    one, two = report(2, value=3), report(3, "广州市增城区财政局", value=6)
    for event in (whole, one):
        database.record(event)
    engine = open_engine(database_url, writing=False)
    with engine.connect() as connection:
        series = dict(tuple(r) for r in connection.execute(text("SELECT id, series FROM reports")))
    engine.dispose()
    execute(
        database_url,
        'INSERT INTO agency_lists (name, complete, document_id, file, "by", at) '
        "VALUES ('县', true, 'd', 'f', 'b', '2024-01-01T00:00:00.000000+00:00')",
    )
    for event in (one, two):
        execute(
            database_url,
            "INSERT INTO agencies (list_name, series, agency, region, scope, parent) "
            "VALUES ('县', :series, :agency, '', 'own', :parent)",
            series=series_of(event.record.identity),
            agency=event.record.identity.agency,
            parent=series[whole.report_id],
        )
    members = shelf.relatives(whole.report_id).family.members
    assert (members.complete, members.lacking) == (False, ("广州市增城区财政局",))
    database.record(two)
    members = shelf.relatives(whole.report_id).family.members
    assert (members.complete, members.sums[NEW], members.known[NEW]) == (True, 9, 2)


def test_a_stored_reading_comes_with_what_was_told_and_with_corrections(
    database, shelf, database_url
):
    event = report(1)
    database.record(event)
    for number, value in enumerate((7, 8)):
        execute(
            database_url,
            'INSERT INTO corrections (id, document_id, report_id, address, state, value, "by", at) '
            "VALUES (:id, :document, :report, :address, 'number', :value, '王芳', :at)",
            id=f"k{9 - number}", document=event.document_id, report=event.report_id, address=NEW,
            value=value, at=f"2024-01-0{number + 1}T00:00:00.000000+00:00",
        )  # fmt: skip
    reading = shelf.reading(event.document_id)
    assert reading.record == event.record
    assert reading.received_at == event.received_at
    assert [(c.id, c.value) for c in reading.corrections] == [("k9", 7), ("k8", 8)]
    (cell,) = corrected(reading.record, reading.corrections).cells
    assert (cell.value, cell.raw, cell.notes) == (8, "5", ("corrected",))
    revision = corrected_revision_id(event.document_id, reading.corrections)
    assert revision not in (event.revision_id, revision_id(event.document_id))


def test_a_corrected_revision_is_never_the_base_of_the_next_one(database, shelf):
    event = report(1)
    database.record(event)
    again = report(1, value=8, corrections=("k1",), judged_at=datetime(2024, 1, 1, tzinfo=UTC))
    database.record(again.model_copy(update={"revision_id": "corrected"}))
    assert shelf.reading(event.document_id).record == event.record


def test_texts_of_one_year_that_share_marks_are_compared(database, shelf, monkeypatch):
    monkeypatch.setattr(likeness, "marks_of", two_marks)
    events = {}
    for n, words in {1: "甲", 2: "甲", 3: "乙"}.items():
        event = report(n, f"广州市增城区第{n}局")
        sections = (Section(1, "总体情况", "一", words, 1),)
        events[n] = event.model_copy(update={"record": replace(event.record, sections=sections)})
        database.record(events[n])
    found = shelf.relatives(events[1].report_id)
    assert [one.report_id for one in found.family.alike[1]] == [events[2].report_id]
    assert shelf.relatives(events[3].report_id).is_alone


def test_a_report_that_shares_a_text_is_concerned_when_the_other_changes(database, shelf):
    one, two = report(1), report(2, "广州市增城区财政局")
    for event in (one, two):
        database.record(event)
    database.compare(made.compared(two, copied_from=one.report_id))
    assert shelf.concerned(one.report_id) == (one.report_id, two.report_id)


def in_one_order(family):
    alike = {n: sorted(some, key=lambda one: one.report_id) for n, some in family.alike.items()}
    return replace(family, alike=alike)


def test_the_database_and_the_neighbourhood_in_memory_agree_on_who_stands_beside_whom(
    database, shelf
):
    text_of = {n: essay(Random(n), 500) for n in (1, 2, 3)}
    bodies = {
        1: ("广州市增城区信访局", {}, 1),
        2: ("增城区信访局", {"year": 2021}, 3),
        3: ("广州市增城区财政局", {}, 1),
        4: ("广州市增城区审计局", {}, 2),
        5: ("广州市增城区人民政府", {"scope": "roll_up", "kind": "government"}, 2),
        6: ("广州市人民政府", {"scope": "roll_up", "kind": "government", "region": CITY}, 1),
    }
    events = []
    for n, (agency, changes, text_number) in bodies.items():
        event = report(n, agency, value=n, **changes)
        sections = (Section(1, "总体情况", "一", text_of[text_number], 1),)
        events.append(event.model_copy(update={"record": replace(event.record, sections=sections)}))
        database.record(events[-1])
    neighbourhood = Neighbourhood(Neighbour(e.report_id, e.record) for e in events)

    for event in events:
        stored = shelf.relatives(event.report_id).family
        found = neighbourhood.around(event.report_id, event.record).family
        # among equally like ones any order will do
        assert in_one_order(found) == in_one_order(stored)
    assert neighbourhood.around(events[0].report_id, events[0].record).family.before is not None
    assert neighbourhood.around(events[4].report_id, events[4].record).family.members.count == 3


def test_revisions_that_were_replaced_take_no_place_from_those_that_stand(
    database, shelf, monkeypatch
):
    monkeypatch.setattr(likeness, "marks_of", two_marks)
    sections = (Section(1, "总体情况", "一", "甲", 1),)

    def alike(n, agency, report_id):
        event = report(n, agency, report_id=report_id)
        return event.model_copy(update={"record": replace(event.record, sections=sections)})

    # the report itself and a sister body, each dropped again and again with the same text
    for n in range(1, 30):
        database.record(alike(n, "广州市增城区信访局", "own"))
    for n in range(30, 60):
        database.record(alike(n, "广州市增城区财政局", "sister"))
    database.record(alike(60, "广州市增城区审计局", "other"))
    found = shelf.relatives("own").family.alike[1]
    assert {one.report_id for one in found} == {"sister", "other"}


def test_of_many_that_share_a_text_each_is_compared_with_the_nearest_few(
    database, shelf, monkeypatch
):
    monkeypatch.setattr(likeness, "marks_of", two_marks)
    sections = (Section(1, "总体情况", "一", "甲", 1),)
    events = []
    for n in range(1, 12):
        event = report(n, f"广州市增城区第{n}局")
        events.append(event.model_copy(update={"record": replace(event.record, sections=sections)}))
        database.record(events[-1])
    in_order = sorted(events, key=lambda one: one.revision_id)
    ids = [one.report_id for one in in_order]

    # all share the same marks: then the smaller revisions are nearest
    assert shelf.compared_with(ids[0], ids[1:]) == tuple(ids[1:])
    assert shelf.compared_with(ids[-1], ids[:-1]) == ()
    assert shelf.compared_with(ids[MOST_ALIKE], ids[:MOST_ALIKE]) == tuple(ids[:MOST_ALIKE])
    assert shelf.compared_with(ids[0], ["nobody"]) == shelf.compared_with("nobody", ids) == ()


def test_a_report_that_is_read_anew_is_not_remembered_as_it_was(database, shelf):
    first = report(1, value=5)
    database.record(first)
    assert shelf.relatives(first.report_id).family.record == first.record
    anew = report(1, value=6).model_copy(update={"engine_version": "99.0"})
    assert anew.revision_id == first.revision_id
    database.record(anew)

    assert shelf.relatives(first.report_id).family.record == anew.record


def test_only_so_many_records_are_remembered_and_all_are_found(database, database_url):
    events = [report(n, agency=f"广州市增城区第{n}局") for n in range(5)]
    for event in events:
        database.record(event)
    records, engine = Records(most=2, most_wordings=3), open_engine(database_url, writing=False)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT id, precedence, report_id FROM revisions")).all()
        versions = {(row.id, row.precedence): row.report_id for row in rows}
        expected = {event.report_id: event.record for event in events}
        for _ in range(2):
            wordings = records.wordings(connection, versions)
            assert {v: one.report_id for v, one in wordings.items()} == versions
            for version, report_id in versions.items():
                one = records.one(connection, version, report_id)
                assert one.record == expected[report_id]
                assert wordings[version] == one.wording
    engine.dispose()
    assert (len(records._readings), len(records._wordings)) == (2, 3)
