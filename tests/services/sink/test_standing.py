"""Marks of texts are there for the readings that stand, whatever came when."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from services.sink.adapters import migrating, statements
from services.sink.adapters.database import Database
from shared.database.engine import open_engine
from shared.report import likeness
from tests.services.sink import made


@pytest.fixture(autouse=True)
def every_text_has_marks(monkeypatch):
    monkeypatch.setattr(likeness, "marks_of", lambda record: {1: ["甲", record.document_id]})


def asked(url, statement):
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        found = connection.execute(text(statement)).scalars().all()
    engine.dispose()
    return found


MARKED = "SELECT DISTINCT revision_id FROM marks ORDER BY 1"
STANDING = "SELECT revision_id FROM current_reports ORDER BY 1"


def kept(url):
    return asked(url, "SELECT report_id || ' ' || revision_id FROM standing ORDER BY 1")


def found_out(url):
    return asked(url, "SELECT report_id || ' ' || revision_id FROM standing_readings ORDER BY 1")


EVENTS = {
    "first": made.validated(1, of=1),
    "newer": made.validated(2, of=1),
    "read anew": made.validated(1, of=1, engine="2"),
    "another body after all": made.validated(2, engine="2", agency="江州市信访局"),
}


@pytest.mark.parametrize("order", list(permutations(EVENTS)), ids=" · ".join)
def test_in_any_order_those_that_stand_have_marks_and_no_others(order, database, url):
    for name in order:
        database.record(EVENTS[name])

    standing = asked(url, STANDING)
    assert len(standing) == 2
    assert asked(url, MARKED) == standing
    assert asked(url, "SELECT count(*) FROM marks") == [4]
    assert kept(url) == found_out(url)


def test_a_judgement_of_a_replaced_reading_brings_no_marks_back(database, url):
    database.record(EVENTS["newer"])
    database.record(EVENTS["first"])

    database.record(made.validated(1, of=1, rulebook="2"))

    assert asked(url, MARKED) == asked(url, STANDING) == [EVENTS["newer"].revision_id]


def test_an_older_database_is_brought_there(empty_url):
    engine = open_engine(empty_url, writing=True)
    with engine.begin() as connection:
        migrating.upgrade(connection)
    database = Database(empty_url)
    for event in EVENTS.values():
        database.record(event)
    before = asked(empty_url, "SELECT record FROM revisions ORDER BY id")
    with engine.begin() as connection:
        migrating.downgrade(connection, "0003")
        connection.execute(text("INSERT INTO marks SELECT id, 1, 'as before' FROM revisions"))

        migrating.upgrade(connection)

    assert asked(empty_url, MARKED) == asked(empty_url, STANDING)
    assert asked(empty_url, "SELECT record FROM revisions ORDER BY id") == before
    database.close()
    engine.dispose()


JUDGED = st.builds(
    made.validated,
    st.integers(1, 3),
    of=st.integers(1, 3),
    engine=st.sampled_from(["1", "2", "10"]),
    rulebook=st.sampled_from(["1", "2"]),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(JUDGED, min_size=1, max_size=8))
def test_what_is_kept_is_what_all_revisions_say(database, url, events):
    for event in events:
        database.record(event)
        assert kept(url) == found_out(url) != []


def test_a_revision_that_is_taken_out_leaves_the_one_before_standing(database, url):
    for event in EVENTS.values():
        database.record(event)
    engine = open_engine(url, writing=True)
    for revision in asked(url, STANDING):
        with engine.begin() as connection:
            for part in ("marks", *statements.PARTS):
                connection.execute(
                    text(f"DELETE FROM {part} WHERE revision_id = :id"), {"id": revision}
                )
            connection.execute(text("DELETE FROM revisions WHERE id = :id"), {"id": revision})
        assert kept(url) == found_out(url)
    engine.dispose()
    assert len(kept(url)) == 1


def test_an_older_database_gets_what_stands(empty_url):
    engine = open_engine(empty_url, writing=True)
    with engine.begin() as connection:
        migrating.upgrade(connection)
    database = Database(empty_url)
    for event in EVENTS.values():
        database.record(event)
    before = kept(empty_url)
    with engine.begin() as connection:
        migrating.downgrade(connection, "0006")
        migrating.upgrade(connection)

    assert kept(empty_url) == found_out(empty_url) == before
    assert len(before) == 2
    database.close()
    engine.dispose()
