"""What people decided is kept once, whatever comes twice or in another order."""

from itertools import permutations

import pytest
from sqlalchemy import text

from services.sink.adapters.reviews import Reviews
from services.sink.handler import handle_review
from shared.contracts.events import RecheckRequested
from shared.database.engine import open_engine
from shared.errors import Unavailable
from shared.report.record import Region
from shared.report.series import series_id
from shared.runtime.work import ThreadWork
from tests.services.sink import deciding, made

TABLES = ("decisions", "corrections", "agency_lists", "agencies")


@pytest.fixture
def store(url):
    reviews = Reviews(url)
    yield reviews
    reviews.close()


def rows(url, query):
    engine = open_engine(url, writing=False)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def everything(url):
    return [sorted(map(repr, rows(url, f"SELECT * FROM {table}"))) for table in TABLES]


def emptied(url):
    engine = open_engine(url, writing=True)
    with engine.begin() as connection:
        for table in reversed(TABLES):
            connection.execute(text(f"DELETE FROM {table}"))
    engine.dispose()


async def heard(store, *events):
    return [
        result
        for event in events
        for result in await handle_review(event, store=store, work=ThreadWork(0))
    ]


async def test_the_same_act_told_twice_is_one_row(store, url):
    acts = (
        deciding.decided(1, "dismiss", note="并无此事"),
        deciding.corrected(1),
        deciding.listed("a", "b"),
    )
    await heard(store, *acts)
    before = everything(url)
    await heard(store, *acts, *acts)
    assert everything(url) == before
    assert [len(table) for table in before] == [1, 1, 1, 2]


async def test_the_order_of_arrival_changes_no_row(store, url):
    acts = (
        deciding.decided(1, "confirm", 0),
        deciding.decided(1, "reopen", 5),
        deciding.listed("a", "b", minutes=1),
        deciding.listed("b", "c", minutes=2),
        deciding.listed("d", minutes=2, document_id="0" * 64),
    )
    found = []
    for order in list(permutations(acts))[::17]:
        emptied(url)
        await heard(store, *order)
        found.append(everything(url))
    assert all(one == found[0] for one in found)
    assert rows(url, "SELECT series FROM agencies ORDER BY series") == [("b",), ("c",)]


async def test_the_latest_decision_stands_on_the_issue_and_all_stay(store, database, url):
    database.record(made.validated(1))
    await heard(store, deciding.decided(1, "reopen", 9), deciding.decided(1, "confirm", 3))
    current = "SELECT verdict FROM current_issues WHERE verdict IS NOT NULL"
    assert rows(url, current) == [("reopen",)]
    assert rows(url, "SELECT count(*) FROM decisions") == [(2,)]


async def test_a_corrected_cell_keeps_every_digit_and_asks_for_a_new_judgement(store, url):
    event = deciding.corrected(1, 190.457379, unit="万元", note="见原件\x00第2页")
    (asked,) = await heard(store, event)
    shown = "SELECT state, CAST(value AS VARCHAR(20)), unit, was_value, note FROM corrections"
    ((state, value, unit, was, note),) = rows(url, shown)
    assert (state, value, unit, float(was)) == ("number", "190.457379", "万元", 5.0)
    assert note == "见原件\ufffd第2页"
    assert asked == RecheckRequested(
        document_id=event.document_id, file="1.txt", received_at=event.received_at,
        cause="correction", requested_at=event.at,
    )  # fmt: skip


async def test_a_list_asks_for_its_roll_ups_to_be_judged_anew_and_for_nothing_else(
    store, database, url
):
    region = Region("海东省", "江州市", code="990100")
    city = series_id("江州市人民政府", region, "government", "roll_up")
    roll_up = {"scope": "roll_up", "kind": "government", "region": region}
    for n, year in ((1, 2020), (2, 2021)):
        event = made.validated(n, of=7, year=year, **roll_up)
        identity = event.record.identity
        own = series_id(identity.agency, region, "government", "roll_up")
        database.record(event)
    database.record(made.validated(3))

    assert await heard(store, deciding.listed("x", parent=city)) == []
    asked = await heard(store, deciding.listed("x", minutes=1, parent=own))
    dropped = await heard(store, deciding.listed("x", minutes=2, parent=city))

    assert {a.document_id for a in asked} == {made.document(1), made.document(2)}
    assert {(a.cause, a.rulebook_version, a.requested_at.minute) for a in asked} == {
        ("rulebook", None, deciding.MAY.minute + 1)
    }
    # what the replaced list said of its members holds no more
    assert [a.document_id for a in dropped] == [a.document_id for a in asked]


async def test_a_database_that_is_not_ready_means_not_now(empty_url):
    reviews = Reviews(empty_url)
    with pytest.raises(Unavailable):
        await heard(reviews, deciding.decided(1, "confirm"))
    reviews.close()
