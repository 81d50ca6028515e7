"""Both databases: what is kept, what wins, what changes nothing."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen

from services.sink.adapters.database import Database
from shared.database.engine import open_engine
from shared.errors import Unavailable
from shared.report.record import LARGEST, Cell
from tests.services.sink import made
from tests.support.dump import dump


def query(url, statement):
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return found


def states(url):
    return dict(query(url, "SELECT name, state FROM file_states"))


def test_a_report_is_kept_whole(database, url):
    database.record(made.validated(1))
    counts = {
        table: query(url, f"SELECT count(*) FROM {table}")[0][0]
        for table in ("documents", "files", "reports", "revisions", "cells", "figures",
                      "sections", "issues", "checks", "leftovers")
    }  # fmt: skip
    assert counts == {
        "documents": 1, "files": 1, "reports": 1, "revisions": 1, "cells": 10, "figures": 2,
        "sections": 1, "issues": 2, "checks": 2, "leftovers": 1,
    }  # fmt: skip


def test_values_are_exact_numbers_in_the_database(database, url):
    database.record(made.validated(1))
    found = query(url, "SELECT value, yuan FROM cells WHERE yuan IS NOT NULL")
    assert [tuple(map(str, row)) for row in found] == [("190.457379", "1904573.79")]


def test_the_same_report_again_changes_nothing(database, url):
    database.record(made.validated(1))
    before = dump(url)
    database.record(made.validated(1))
    assert dump(url) == before


def test_a_newer_rulebook_replaces_the_issues_and_an_older_one_does_not(database, url):
    database.record(made.validated(1))
    database.record(made.validated(1, rulebook="2", issues=(made.issue("r", "c_sign"),)))
    database.record(made.validated(1))
    assert query(url, "SELECT rule FROM issues") == [("c_sign",)]
    assert query(url, "SELECT rulebook_version FROM revisions") == [("2",)]
    assert query(url, "SELECT count(*) FROM cells") == [(10,)]


def test_a_changed_file_is_a_new_revision_and_the_old_one_stays(database, url):
    database.record(made.validated(2, of=1))
    database.record(made.validated(1, of=1))
    assert query(url, "SELECT count(*) FROM reports") == [(1,)]
    assert query(url, "SELECT count(*) FROM revisions") == [(2,)]
    assert query(url, "SELECT file FROM current_reports") == [("2.txt",)]


def test_of_two_files_arrived_at_once_the_same_one_is_current_in_either_order(database, url):
    one, other = made.validated(1, of=1, hours=5), made.validated(2, of=1, hours=5)
    database.record(one)
    database.record(other)
    newest = max(one.document_id, other.document_id)
    assert query(url, "SELECT document_id FROM current_reports") == [(newest,)]


def test_a_newer_engine_that_finds_another_agency_moves_the_document(database, url):
    database.record(made.validated(1))
    database.record(made.validated(1, engine="2", agency="江州市信访局"))
    assert query(url, "SELECT agency FROM current_reports") == [("江州市信访局",)]
    assert query(url, "SELECT engine_version FROM revisions ORDER BY 1") == [("1",), ("2",)]


def test_a_re_reading_of_an_old_file_does_not_displace_the_newer_file(database, url):
    database.record(made.validated(2, of=1))
    database.record(made.validated(1, of=1, engine="2"))
    assert query(url, "SELECT file FROM current_reports") == [("2.txt",)]


def test_every_end_of_a_file_is_kept(database, url):
    database.record(made.validated(1))
    database.alias(made.duplicate(1, "copy.txt"))
    database.refuse(made.refused(2))
    database.bury(made.dead(3))
    assert states(url) == {
        "1.txt": "recorded",
        "copy.txt": "duplicate",
        "2.txt": "refused",
        "3.txt": "dead",
    }


def test_a_replayed_file_is_recorded_whatever_comes_first(database, url):
    database.bury(made.dead(1))
    database.record(made.validated(1))
    database.record(made.validated(2))
    database.bury(made.dead(2))
    assert states(url) == {"1.txt": "recorded", "2.txt": "recorded"}


def test_a_dead_letter_without_a_name_is_the_same_file(database, url):
    database.bury(made.dead(1, file=None))
    assert states(url) == {None: "dead"}
    database.record(made.validated(1))
    assert states(url) == {"1.txt": "recorded"}


def test_the_later_of_two_failures_stands(database, url):
    late = made.dead(1, failed_at=made.dead(1).failed_at.replace(year=2023), reason="late")
    database.bury(late)
    database.bury(made.dead(1, reason="early"))
    assert query(url, "SELECT reason FROM files") == [("late",)]


def test_a_failure_before_the_bytes_were_known_ends_when_the_name_arrives_again(database, url):
    early = made.dead(None, file="1.txt", failed_at=made.JANUARY)
    database.bury(early)
    assert states(url) == {"1.txt": "dead"}
    database.record(made.validated(1))
    assert states(url) == {"1.txt": "recorded"}


def test_a_failure_before_the_bytes_were_known_stays_when_the_name_ended_well_earlier(
    database, url
):
    database.record(made.validated(1))
    database.bury(made.dead(None, file="1.txt"))
    assert query(url, "SELECT state FROM file_states ORDER BY 1") == [("dead",), ("recorded",)]


def test_hostile_values_are_kept(database, url):
    cells = (
        Cell("applications.total@total", "number", LARGEST, None, "\x00" + "9" * 31),
        Cell(
            "applications.granted@total",
            "number",
            -1e18,
            "'; DROP TABLE cells; --",
            "=1+1",
        ),
    )
    database.record(made.validated(1, cells=cells, agency="a\x00'\"%s:name", title="💥" * 300))
    assert query(url, "SELECT count(*) FROM cells") == [(2,)]
    assert query(url, "SELECT agency FROM reports") == [("a\ufffd'\"%s:name",)]


def test_names_of_any_length_are_kept_and_stay_apart(database, url):
    noise = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(5000))
    database.record(made.validated(1, agency=noise, file=noise + "1"))
    for n in range(2):
        database.alias(made.duplicate(1, f"{noise}{n} copy"))
    assert query(url, "SELECT count(*) FROM file_states") == [(3,)]
    assert query(url, "SELECT length(agency), length(file) FROM current_reports") == [(5000, 5001)]


def test_a_report_without_anything_in_it_is_kept(database, url):
    event = made.validated(1, agency=None, year=None, cells=(), issues=(), contact=None)
    database.record(event)
    assert query(url, "SELECT report_id FROM current_reports") == [(event.report_id,)]


def test_tables_that_are_not_there_yet_are_a_reason_to_wait(empty_url):
    database = Database(empty_url)
    with pytest.raises(Unavailable):
        database.record(made.validated(1))
    database.close()


def test_a_server_that_does_not_answer_is_a_reason_to_wait():
    database = Database("postgresql://gouji@127.0.0.1:1/none")
    with pytest.raises(Unavailable, match="database"):
        database.migrate()
    database.close()


def test_a_server_that_ends_our_connection_is_asked_again(postgres_url):
    database = Database(postgres_url)
    database.migrate()
    database.record(made.validated(1))
    admin = open_engine(postgres_url, writing=True)
    with admin.connect() as connection:
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 " WHERE datname = current_database() AND pid <> pg_backend_pid()")
        )  # fmt: skip
    admin.dispose()
    database.record(made.validated(2))
    database.close()
    assert len(states(postgres_url)) == 2


def test_a_file_locked_by_another_program_is_a_reason_to_wait(tmp_path, monkeypatch):
    monkeypatch.setattr("shared.database.engine.BUSY_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path}/gouji.db")
    database.migrate()
    other = sqlite3.connect(tmp_path / "gouji.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        database.record(made.validated(1))
    other.execute("ROLLBACK")
    other.close()
    database.record(made.validated(1))
    database.close()


def test_sqlite_survives_a_power_cut_by_its_settings(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/new/folder/gouji.db")
    database.migrate()
    with database._engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_report_that_cannot_be_kept_harms_none_that_is_written_with_it(database, url):
    broken = Cell("applications.total@total", None)
    events = [made.validated(n, cells=(broken,) if n == 5 else made.cells()) for n in range(24)]
    with ThreadPoolExecutor(8) as threads:
        errors = [f.exception() for f in [threads.submit(database.record, e) for e in events]]
    assert [n for n, error in enumerate(errors) if error is not None] == [5]
    assert query(url, "SELECT count(*) FROM revisions") == [(23,)]


def test_reports_that_wait_at_the_same_time_share_a_transaction(database, url):
    commits = []
    listen(database._engine, "commit", commits.append)
    with ThreadPoolExecutor(8) as threads:
        with database._turn:
            kept = [threads.submit(database.record, made.validated(n)) for n in range(8)]
            while len(database._waiting) < 8:
                time.sleep(0.01)
        for future in kept:
            future.result()
    assert len(commits) == 1
    assert query(url, "SELECT count(*) FROM revisions") == [(8,)]
