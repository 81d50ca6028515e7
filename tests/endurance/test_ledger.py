"""The oracle itself: a ledger that misses what it is there to find proves nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.pipeline import process
from shared.contracts.ports import Arrival
from shared.runtime.archive import FolderArchive
from tests.endurance.ledger import Balance, Ledger
from tests.endurance.load import Drop, Expected, drops, healthy
from tests.support.bus import MOMENT
from tests.support.little_line import LittleLine


@pytest.fixture
def world(tmp_path) -> tuple[Ledger, Path]:
    """Four reports as the real sink records them, in a world that is as it should be."""
    ledger = Ledger()
    archive = FolderArchive(tmp_path / "archive")
    line = LittleLine(f"sqlite:///{tmp_path}/gouji.db")
    for number in range(4):
        drop = healthy(number)
        ledger.accept(drop)
        archive.put(drop.data, Arrival(drop.document_id, drop.name, drop.name, MOMENT))
        record = process(drop.data, drop.name).record
        assert record is not None
        line.judge(record)
    line.run()
    line.stop()
    return ledger, tmp_path


def examine(world: tuple[Ledger, Path], told: dict[str, set[str]] | None = None) -> Balance:
    ledger, folder = world
    return ledger.examine(f"sqlite:///{folder}/gouji.db", folder / "archive", told)


@contextmanager
def database(world: tuple[Ledger, Path]) -> Iterator[sqlite3.Connection]:
    with sqlite3.connect(world[1] / "gouji.db") as connection:
        yield connection
    connection.close()


def only(kind: str, balance: Balance) -> int:
    assert set(balance.faults()) == {kind}
    return len(balance.faults()[kind])


def test_a_world_as_it_should_be_balances(world):
    assert examine(world).clean


def test_a_file_without_a_row_is_lost(world):
    world[0].accept(healthy(99))

    balance = examine(world)

    assert only("lost", balance) == 2  # neither a row nor its bytes


def test_a_row_nobody_dropped_is_foreign(world):
    with database(world) as connection:
        connection.execute("UPDATE files SET name = 'stranger' WHERE rowid = 1")

    assert set(examine(world).faults()) == {"lost", "foreign"}


def test_a_second_row_of_a_file_is_doubled(world):
    with database(world) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(files)")]
        same = ", ".join("'again'" if c == "id" else c for c in columns)
        connection.execute(f"INSERT INTO files SELECT {same} FROM files WHERE rowid = 1")

    assert set(examine(world).faults()) == {"doubled"}


_ISSUE = "(revision_id, id) = (SELECT revision_id, id FROM issues LIMIT 1)"
_CELL = "(revision_id, address) = (SELECT revision_id, address FROM cells LIMIT 1)"


@pytest.mark.parametrize(
    "change",
    [
        f"DELETE FROM issues WHERE {_ISSUE}",
        f"UPDATE issues SET message_en = 'x' WHERE {_ISSUE}",
        f"DELETE FROM cells WHERE {_CELL}",
        "UPDATE files SET state = 'refused', reason = 'broken' WHERE rowid = 1",
    ],
)
def test_what_is_missing_or_changed_in_a_report_is_wrong(world, change):
    with database(world) as connection:
        assert connection.execute(change).rowcount == 1

    assert only("wrong", examine(world)) == 1


def test_archived_bytes_that_changed_are_wrong_and_missing_ones_lost(world):
    ledger, folder = world
    first, second = (
        FolderArchive(folder / "archive").path_of(d.document_id) for d in ledger.drops[:2]
    )
    first.write_bytes(b"x" + first.read_bytes()[1:])
    second.unlink()

    assert {kind: len(found) for kind, found in examine(world).faults().items()} == {
        "lost": 1,
        "wrong": 1,
    }


def test_an_end_told_that_is_not_the_files_own_is_wrong_and_one_of_a_stranger_foreign(world):
    known = world[0].drops[0].document_id

    balance = examine(world, {known: {"recorded", "dead"}, "f" * 64: {"recorded"}})

    assert {kind: len(found) for kind, found in balance.faults().items()} == {
        "foreign": 1,
        "wrong": 1,
    }


def test_a_file_that_died_for_no_reason_is_told_apart(world):
    with database(world) as connection:
        connection.execute("UPDATE files SET state = 'dead' WHERE rowid = 1")

    assert only("dead", examine(world)) == 1


def test_a_seed_gives_the_same_load_again_and_no_bytes_twice():
    first, again = (list(drops(60, 3, poison=0.2, misdeeds=True)) for _ in range(2))

    assert first == again
    assert len({d.document_id for d in first}) == 60
    assert {d.name for d in first if not d.name.startswith("poison")}.isdisjoint(
        d.name for d in drops(60, 4)
    )


def test_poison_names_every_end_it_may_come_to():
    poison = [d for d in drops(40, 5, poison=1.0, misdeeds=True) if isinstance(d, Drop)]

    assert all(d.expected.states == {"refused"} for d in poison)
    assert Expected(frozenset({"refused"}), frozenset({"timed_out"})) in [
        d.expected for d in poison
    ]
