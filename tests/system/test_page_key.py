"""The review page on a locked bus, with its own key: live news, decisions, uploads, and nothing else."""

import asyncio
from collections.abc import Iterator

import pytest
from nats.errors import Error as NatsError

from services.commands.pages.serving import HouseDoors
from services.commands.reaching.workplace import Line
from services.page.core.doors import Ruling
from services.sink.adapters.database import Database
from shared.contracts.events import ReportReceived
from shared.contracts.reviews import IssueDecided
from shared.report.identity import document_id
from shared.runtime.streams import envelope
from shared.runtime.streams.inbox import Inbox
from tests.services.sink import made
from tests.support import bus
from tests.support.secured import Secured

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    found = Secured(tmp_path_factory.mktemp("locked"))
    with found.server:
        yield found


@pytest.fixture
async def doors(secured, tmp_path):
    await secured.provision()
    url = f"sqlite:///{tmp_path}/gouji.db"
    store = Database(url)
    store.migrate()
    store.record(made.validated(1))
    store.close()
    line = Line(secured.server.url, url, keys=str(secured.ring.folder))
    found = HouseDoors(lambda: line, tmp_path / "archive")
    yield found
    await found.close()


async def tell(service, event) -> None:
    headers = envelope.headers(event, source="test", now=bus.MOMENT)
    await service.js.publish(
        envelope.subject(event), event.model_dump_json().encode(), headers=headers
    )


async def test_the_page_hears_what_becomes_of_files_and_nothing_else(secured, doors, capsys):
    news = doors.news()
    heard = await asyncio.wait_for(anext(news), 20)
    async with secured.client("ingest") as ingest, secured.client("extract") as extract:
        await tell(ingest, bus.received("1.txt"))
        await tell(extract, made.refused(2))
    told = await asyncio.wait_for(anext(news), 20)
    await news.aclose()

    assert heard.kind == "heard"
    assert (told.kind, told.body["document_id"]) == ("refused", made.document(2))
    assert told.body["file"] == made.refused(2).file
    assert ReportReceived.subject not in str(told)
    assert "not allow" not in capsys.readouterr().err


async def test_the_page_decides_and_uploads(secured, doors, capsys):
    issue = made.validated(1).issues[0].id
    decision = await doors.decide(Ruling(issue, "confirm", "李审", bus.MOMENT, "无误"))
    document = await doors.drop("年报".encode(), "年报.txt")

    async with secured.client("keeper") as keeper:
        (decided,) = await bus.bodies(keeper.js, IssueDecided.subject)
        (dropped,) = await Inbox(keeper.js).keys()
        assert await Inbox(keeper.js).read(dropped) == "年报".encode()
    assert (decided["issue_id"], decided["by"]) == (issue, "李审")
    assert IssueDecided.model_validate(decided).id == decision
    assert dropped.sha256 == document == document_id("年报".encode())
    assert "not allow" not in capsys.readouterr().err


async def test_the_page_may_make_no_consumer_and_read_no_stream(secured, doors):
    async with secured.client("page") as page:
        for ask in (
            lambda: page.js.stream_info("REPORTS"),
            lambda: page.js.add_consumer("REPORTS", name="spy", deliver_subject="gouji.v1.dead.x"),
            lambda: page.js.get_msg("REPORTS", 1, direct=True),
        ):
            with pytest.raises((NatsError, TimeoutError)):
                await asyncio.wait_for(ask(), 1.5)
        assert len(page.denied) == 3


async def test_streams_of_an_earlier_version_say_again_what_they_store_once_provisioned(
    secured, doors
):
    async with secured.client("keeper") as keeper:
        for name in ("REPORTS", "ISSUES"):
            known = (await keeper.js.stream_info(name)).config
            await keeper.js.update_stream(known.evolve(republish=None))
            assert (await keeper.js.stream_info(name)).config.republish is None
        await secured.provision()
        for name in ("REPORTS", "ISSUES"):
            assert (await keeper.js.stream_info(name)).config.republish.dest == "gouji.live.>"


async def test_news_end_when_the_bus_goes_away_so_that_the_page_can_say_so(tmp_path):
    other = Secured(tmp_path)
    with other.server:
        await other.provision()
        line = Line(other.server.url, f"sqlite:///{tmp_path}/x.db", keys=str(other.ring.folder))
        doors = HouseDoors(lambda: line, tmp_path / "archive")
        news = doors.news()
        assert (await asyncio.wait_for(anext(news), 20)).kind == "heard"
    with pytest.raises(StopAsyncIteration):
        await asyncio.wait_for(anext(news), 20)
    await doors.close()
