"""What is wrong with a database is waited for, and never costs an event."""

import shutil
import sqlite3
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.commands.reaching.records import file_states
from services.sink.adapters import database as adapter
from services.sink.adapters.database import Database
from services.sink.adapters.transactions import transact
from shared.database import engine as engines
from shared.errors import Unavailable
from tests.services.sink import made


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


@pytest.fixture
def database(folder):
    database = Database(f"sqlite:///{folder}/gouji.db")
    database.migrate()
    yield database
    database.close()


def count(folder):
    connection = sqlite3.connect(folder / "gouji.db")
    try:
        return connection.execute("SELECT count(*) FROM revisions").fetchone()[0]
    finally:
        connection.close()


def test_nothing_is_written_to_a_file_that_was_moved_away(database, folder):
    database.record(made.validated(1))
    folder.rename(folder.with_name("elsewhere"))

    with pytest.raises(Unavailable, match="moved, deleted or replaced"):
        database.record(made.validated(2))

    folder.with_name("elsewhere").rename(folder)
    database.record(made.validated(2))
    assert count(folder) == 2


def test_nothing_is_written_to_a_file_that_another_one_replaced(database, folder):
    database.record(made.validated(1))
    transact(database._engine, lambda _: None)
    for name in ("gouji.db", "gouji.db-wal"):
        shutil.copy(folder / name, folder / f"backup-{name}")
    database.record(made.validated(2))
    for name in ("gouji.db", "gouji.db-wal"):
        (folder / f"backup-{name}").replace(folder / name)

    with pytest.raises(Unavailable, match="replaced"):
        database.record(made.validated(3))


def test_a_damaged_file_makes_the_work_wait_and_says_what_helps(database, folder):
    database.record(made.validated(1))
    database.close()
    path = folder / "gouji.db"
    (folder / "gouji.db-wal").unlink(missing_ok=True)
    path.write_bytes(b"\x00" * 4096 + path.read_bytes()[4096:])

    with pytest.raises(Unavailable, match="restore it from a backup"):
        database.record(made.validated(2))


def test_a_database_that_is_locked_is_asked_once_for_all_that_wait(database, folder, monkeypatch):
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.3)
    locker = sqlite3.connect(folder / "gouji.db", isolation_level=None)
    locker.execute("BEGIN IMMEDIATE")
    errors = []

    def record(number):
        try:
            database.record(made.validated(number))
        except Unavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=record, args=(n,)) for n in range(16)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    locker.close()

    assert len(errors) == 16
    # one wait for who came first, one for all others; each alone would be 16
    assert took < 8 * 0.3
    database.record(made.validated(1))
    assert count(folder) == 1


def test_conflicts_that_do_not_end_are_waited_for_and_no_fault_of_the_report(database):
    class Deadlock(Exception):
        sqlstate = "40P01"

    tried = []

    def work(connection):
        tried.append(connection)
        raise OperationalError("INSERT", {}, Deadlock("deadlock detected"))

    with pytest.raises(Unavailable, match="deadlock detected"):
        transact(database._engine, work)
    assert len(tried) == 5


def test_one_bad_event_harms_no_other_of_its_transaction(database, monkeypatch, folder):
    real = Database._put

    def put(self, connection, one):
        if one.event.document_id == made.validated(7).document_id:
            raise ValueError("a defect")
        return real(self, connection, one)

    monkeypatch.setattr(Database, "_put", put)
    group = [
        adapter._Waiting(adapter.rows.recorded(made.validated(n)), made.validated(n))
        for n in range(5, 10)
    ]
    database._write_together(group)

    assert [one.written for one in group] == [True, True, False, True, True]
    assert count(folder) == 4


def test_a_command_says_in_one_line_what_is_wrong_with_the_database(database, folder):
    transact(database._engine, lambda c: c.execute(text("SELECT 1")))
    database.close()
    (folder / "gouji.db").write_bytes(b"this is no database at all" * 400)

    with pytest.raises(Unavailable) as told:
        file_states(f"sqlite:///{folder}/gouji.db")

    assert "\n" not in str(told.value)
    assert "sqlalche.me" not in str(told.value)
    assert "restore it from a backup" in str(told.value)


def test_a_commit_waits_for_the_disk_though_the_server_is_set_not_to(postgres):
    # the cluster of the tests runs with synchronous_commit off
    engine = engines.open_engine(postgres.new_database(), writing=True)
    try:
        found = transact(engine, lambda c: c.execute(text("SHOW synchronous_commit")).scalar())
        assert found == "on"
    finally:
        engine.dispose()
