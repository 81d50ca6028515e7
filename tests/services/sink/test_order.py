"""The same events in any order, any number of times, by any number of writers: the same bytes."""

import random
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.sink.adapters.database import Database
from tests.services.sink import made
from tests.services.sink.writer import deliveries
from tests.support.dump import dump

ROOT = Path(__file__).parents[3]


def deliver(url, events):
    database = Database(url)
    database.migrate()
    for method, event in events:
        getattr(database, method)(event)
    database.close()


@pytest.fixture
def expected(tmp_path):
    reference = f"sqlite:///{tmp_path}/reference.db"
    deliver(reference, deliveries(8))
    return dump(reference)


@pytest.mark.parametrize("times", [1, 2, 5])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shuffled_and_repeated_deliveries_give_the_same_bytes(tmp_path, expected, times, seed):
    events = list(deliveries(8)) * times
    random.Random(seed).shuffle(events)
    url = f"sqlite:///{tmp_path}/shuffled.db"
    deliver(url, events)
    assert dump(url) == expected


def test_a_shuffled_delivery_gives_the_same_bytes_as_a_straight_one_on_both_databases(empty_url):
    events = list(deliveries(6))
    deliver(empty_url, events)
    straight = dump(empty_url)
    deliver(empty_url, [*reversed(events), *events])
    assert dump(empty_url) == straight


def test_unlike_contents_under_one_version_end_the_same_in_either_order(tmp_path):
    events = [("record", made.validated(1, cells=made.cells(shift))) for shift in (0, 1)]
    found = []
    for name, order in (("a", events), ("b", events[::-1])):
        url = f"sqlite:///{tmp_path}/{name}.db"
        deliver(url, order)
        found.append(dump(url))
    assert found[0] == found[1]


def test_threads_that_write_the_same_report_at_once_write_it_once(database, url):
    events = [made.validated(n % 3, of=1, rulebook=str(n % 2)) for n in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(database.record, events))
    together = dump(url)
    for event in events:
        database.record(event)
    assert dump(url) == together
    assert together.count(b"\nrevisions ") == 3


def test_processes_that_migrate_and_write_at_once_leave_the_same_as_one(empty_url, tmp_path):
    command = [sys.executable, "-m", "tests.services.sink.writer", empty_url]
    running = [
        subprocess.Popen([*command, str(seed), "6"], cwd=ROOT, stderr=subprocess.PIPE)
        for seed in range(3)
    ]
    errors = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], errors
    together = dump(empty_url)
    deliver(empty_url, deliveries(6))
    assert dump(empty_url) == together
    assert together.count(b"\nrevisions ") == 6
