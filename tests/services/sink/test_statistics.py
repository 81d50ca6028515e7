"""SQLite has the statistics that it plans by, and nobody who writes waits for them."""

import sqlite3
import time
from pathlib import Path

import pytest

from services.sink.adapters import statistics
from services.sink.adapters.database import Database
from tests.services.sink import made
from tests.support.dump import dump


@pytest.fixture
def file(tmp_path) -> Path:
    database = Database(f"sqlite:///{tmp_path}/gouji.db")
    database.migrate()
    database.close()
    return tmp_path / "gouji.db"


def counted(file: Path) -> set[str]:
    """Return the tables that there are statistics of."""
    with sqlite3.connect(file) as connection:
        if not connection.execute(
            "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"
        ).fetchone():
            return set()
        return {name for (name,) in connection.execute("SELECT DISTINCT tbl FROM sqlite_stat1")}


def test_a_service_that_stops_leaves_statistics_of_what_it_wrote(file):
    database = Database(f"sqlite:///{file}")
    database.record(made.validated(1))
    assert counted(file) == set()

    database.close()

    assert counted(file) >= {"cells", "issues", "revisions", "reports", "files"}


def test_statistics_are_made_in_the_middle_of_a_load_too(file, monkeypatch):
    monkeypatch.setattr(statistics, "_FIRST_AFTER", 5)
    database = Database(f"sqlite:///{file}")
    for number in range(5):
        database.record(made.validated(number))

    deadline = time.monotonic() + 10
    while not counted(file) and time.monotonic() < deadline:
        time.sleep(0.01)

    assert "cells" in counted(file)
    assert database._statistics._due == 10
    database.close()


def test_whoever_writes_is_not_held_up_and_nobody_waits_for_him(file):
    database = Database(f"sqlite:///{file}")
    database.record(made.validated(1))
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    began = time.monotonic()
    database.close()

    assert time.monotonic() - began < 2
    other.execute("COMMIT")
    other.close()
    assert counted(file) == set()


def test_nothing_is_counted_while_events_wait(file, monkeypatch):
    monkeypatch.setattr(statistics, "_FIRST_AFTER", 1)
    database = Database(f"sqlite:///{file}")

    database._statistics.wrote(busy=True)

    assert database._statistics._thread is None
    database.close()


def test_rows_are_the_same_with_statistics(url):
    database = Database(url)
    database.record(made.validated(1))
    before = dump(url)

    database.close()

    assert dump(url) == before
