"""Marks of texts are there for the readings that stand, whatever came when."""

from itertools import permutations

import pytest
from sqlalchemy import text

from services.sink.adapters import migrating
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
