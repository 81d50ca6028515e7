import subprocess
import sys

import pytest
from alembic.util.exc import CommandError
from sqlalchemy import inspect

from services.sink.adapters import migrating
from services.sink.adapters.database import Database
from shared.database.engine import open_engine
from tests.services.sink import made

TABLES = {"documents", "files", "reports", "revisions", "cells", "figures", "sections", "issues",
          "checks", "leftovers", "marks", "comparisons", "compared_issues", "compared_checks",
          "changes", "decisions", "corrections", "agency_lists", "agencies", "standing"}  # fmt: skip
VIEWS = {"current_decisions", "latest_readings", "standing_readings", "current_reports", "current_cells", "current_issues", "current_figures",
         "file_states", "applications_by_year"}  # fmt: skip


@pytest.fixture
def engine(empty_url):
    engine = open_engine(empty_url, writing=True)
    yield engine
    engine.dispose()


def test_models_and_migrations_agree(engine):
    with engine.begin() as connection:
        migrating.upgrade(connection)
        assert migrating.drift(connection) == []


def test_drift_is_seen(engine):
    with engine.begin() as connection:
        migrating.upgrade(connection)
        connection.exec_driver_sql("DROP VIEW current_figures")
        connection.exec_driver_sql("ALTER TABLE figures DROP COLUMN raw")
        assert migrating.drift(connection)


def test_up_down_and_up_again(engine):
    for _ in range(2):
        with engine.begin() as connection:
            migrating.upgrade(connection)
        seen = inspect(engine)
        assert set(seen.get_table_names()) == TABLES | {"alembic_version"}
        assert set(seen.get_view_names()) == VIEWS
        with engine.begin() as connection:
            migrating.downgrade(connection)
        seen = inspect(engine)
        assert set(seen.get_table_names()) == {"alembic_version"}
        assert seen.get_view_names() == []


def test_a_migration_that_fails_leaves_nothing_behind(engine):
    def broken():
        with engine.begin() as connection:
            migrating.upgrade(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert inspect(engine).get_table_names() == []


def test_migrating_again_keeps_the_data(database, url):
    database.record(made.validated(1))
    again = Database(url)
    again.migrate()
    again.close()
    found = open_engine(url, writing=False)
    with found.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM cells").scalar() == 10
    found.dispose()


def test_migrations_run_from_any_folder(tmp_path):
    program = (
        "from services.sink.adapters.database import Database;"
        f"d = Database('sqlite:///{tmp_path}/a.db'); d.migrate(); d.close()"
    )
    path = ":".join(p for p in sys.path if p)
    subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": path}, check=True
    )
    assert (tmp_path / "a.db").stat().st_size > 0


def test_the_schema_of_a_later_version_is_worked_on_as_it_is(database, url):
    """Version N-1 starts beside N, or again after it: its sink migrates at each start."""
    database.migrate()
    later = open_engine(url, writing=True)
    with later.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    again = Database(url)
    again.migrate()
    again.record(made.validated(1))
    again.close()

    with later.begin() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        kept = connection.exec_driver_sql("SELECT count(*) FROM revisions").scalar()
    later.dispose()
    assert (found, kept) == ("9999", 1)


def test_a_schema_of_somebody_else_is_not_taken_for_a_later_one(engine):
    with engine.begin() as connection:
        migrating.upgrade(connection)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'ae1027a6acf'")
    with pytest.raises(CommandError), engine.begin() as connection:
        migrating.upgrade(connection)
