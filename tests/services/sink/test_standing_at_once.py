"""Which revision stands ends right on PostgreSQL when several sinks write revisions of one report at once."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import text

from services.sink.adapters.database import Database
from shared.contracts.events import ReportValidated
from shared.database.engine import open_engine
from shared.errors import Unavailable
from tests.services.sink import made
from tests.support.databases import lay_tables

FIRST = made.validated(1, of=1)
NEWER = made.validated(2, of=1)
NEWEST = made.validated(3, of=1)
AWAY = made.validated(2, engine="2", agency="江州市信访局")
"""The document that stood for the report turns out to be another body's."""


@pytest.fixture
def url(postgres_url) -> str:
    return lay_tables(postgres_url)


@pytest.fixture
def sinks(url) -> Iterator[tuple[Database, Database]]:
    two = (Database(url), Database(url))
    yield two
    for one in two:
        one.close()


def asked(url: str, statement: str) -> list[str]:
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        found = list(connection.execute(text(statement)).scalars())
    engine.dispose()
    return found


def kept(url: str) -> list[str]:
    return asked(url, "SELECT report_id || ' ' || revision_id FROM standing ORDER BY 1")


def found_out(url: str) -> list[str]:
    return asked(url, "SELECT report_id || ' ' || revision_id FROM standing_readings ORDER BY 1")


@contextmanager
def held_before_commit(sink: Database) -> Iterator[threading.Event]:
    """Keep a sink's transaction open, all written, until the block ends; tells when it has come so far."""
    written, over = threading.Event(), threading.Event()

    def hold(_: object) -> None:
        written.set()
        assert over.wait(30)

    sa_event.listen(sink._engine, "commit", hold)
    try:
        yield written
    finally:
        # what holds no more stays listening: the list of listeners is just being gone through
        over.set()


def writing(
    sink: Database, events: list[ReportValidated], faults: list[Exception]
) -> threading.Thread:
    def write() -> None:
        try:
            for event in events:
                insist(lambda event=event: sink.record(event))
        except Exception as error:
            faults.append(error)

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def insist(write: Callable[[], object]) -> None:
    """Write as the sink does: what the database could not do now is tried again."""
    for _ in range(50):
        try:
            write()
        except Unavailable:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the database never took it")


def one_waits(url: str) -> bool:
    return bool(asked(url, "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))


@pytest.mark.parametrize(
    ("before", "first", "second"),
    [
        ([], FIRST, NEWER),
        ([], NEWER, FIRST),
        ([FIRST], NEWER, NEWEST),
        ([FIRST], NEWEST, NEWER),
        ([FIRST, NEWER], AWAY, NEWEST),
        ([FIRST, NEWER], NEWEST, AWAY),
    ],
    ids=["new, older first", "new, newer first", "older first", "newer first", "one leaves", "one leaves last"],
)  # fmt: skip
def test_of_two_open_transactions_the_second_sees_what_the_first_committed(
    url, sinks, before, first, second
):
    for event in before:
        sinks[0].record(event)
    faults: list[Exception] = []
    with held_before_commit(sinks[0]) as written:
        one = writing(sinks[0], [first], faults)
        assert written.wait(20)
        other = writing(sinks[1], [second], faults)
        deadline = time.monotonic() + 20
        while not one_waits(url):
            assert other.is_alive(), "the second did not wait for the first"
            assert time.monotonic() < deadline
            time.sleep(0.02)
    for thread in (one, other):
        thread.join(30)

    assert faults == []
    assert kept(url) == found_out(url) != []
    newest = NEWEST if before else NEWER
    assert f"{newest.report_id} {newest.revision_id}" in kept(url)


@pytest.mark.parametrize("seed", range(4))
def test_two_sinks_that_write_the_same_reports_in_their_own_order_leave_the_right_ones(
    url, sinks, seed
):
    events = [
        *(made.validated(n, of=n % 2, engine=engine) for n in range(6) for engine in ("1", "2")),
        *(made.validated(n, engine="3", agency="江州市信访局") for n in (1, 2)),
    ]
    dice, faults = random.Random(seed), list[Exception]()
    threads = [writing(sink, dice.sample(events, len(events)), faults) for sink in sinks]
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()

    assert faults == []
    assert kept(url) == found_out(url)
    assert len(kept(url)) == 3
