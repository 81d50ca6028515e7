"""The tables in memory are the database: whole seeds run on both, with the same trace and the same rows in the end."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from services.sink.adapters.database import Database
from services.sink.adapters.reviews import Reviews
from services.validate.adapters.shelf import DatabaseShelf
from shared.contracts.reviews import CellCorrected
from tests.simulation.run import in_memory, run
from tests.simulation.tables import Tables
from tests.support.databases import copied_to
from tests.support.dump import dump

SEEDS = (0, 2, 5, 9, 13, 74, 94)
_ORDER = (
    "documents", "files", "reports", "revisions", "cells", "figures", "sections", "issues", "checks", "leftovers", "marks",
    "comparisons", "compared_issues", "compared_checks", "decisions", "corrections",
)  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "empty.db"
    copied_to(path)
    return path


class Both:
    """The real store, and beside it what people see on record, which the tables answer quickly."""

    def __init__(self, url: str) -> None:
        self.tables = Tables()
        self.database = Database(url)

    def __getattr__(self, name):
        ours, theirs = getattr(self.tables, name), getattr(self.database, name, None)

        def both(*args):
            expected = ours(*args)
            found = theirs(*args)
            assert found == expected, name
            return found

        return ours if theirs is None or name in {"rows", "parts"} else both


def dump_of(tables: Tables, path: Path) -> bytes:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for name in _ORDER:
            for row in tables.table(name):
                columns = ", ".join(f'"{column}"' for column in row)
                values = ", ".join(f":{column}" for column in row)
                connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({values})"), row)
    engine.dispose()
    return dump(f"sqlite:///{path}")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_on_the_real_database_is_the_same_seed(seed, template, tmp_path):
    real, model = tmp_path / "real.db", tmp_path / "model.db"
    shutil.copy(template, real)
    shutil.copy(template, model)
    url = f"sqlite:///{real}"
    kept: list[Both] = []

    def stores():
        both = Both(url)
        kept.append(both)
        return both, BothReviews(Reviews(url), both.tables), DatabaseShelf(url)

    on_database = run(seed, stores)
    in_tables = run(seed, in_memory)

    assert on_database.broken is None
    assert on_database.trace == in_tables.trace
    assert dump(url) == dump_of(kept[0].tables, model)


class BothReviews:
    """Both of what people decided."""

    def __init__(self, reviews, tables) -> None:
        self._reviews, self._tables = reviews, tables

    def decide(self, event) -> None:
        self._tables.decide(event)
        self._reviews.decide(event)

    def correct(self, event: CellCorrected) -> None:
        self._tables.correct(event)
        self._reviews.correct(event)
