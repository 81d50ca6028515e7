"""What a copy that lags behind does not know must never be taken for gone."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.commands import replay
from services.commands.mending.choosing import Choice
from shared.contracts.events import DeadLetter, ReportReceived
from shared.errors import BadInput, Unavailable
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.messages.claims import Claims
from shared.runtime.streams import envelope, relief, topology, upkeep
from shared.runtime.streams.inbox import Inbox
from shared.runtime.streams.looking import look
from tests.support import bus
from tests.support.lagging import Lagging

pytestmark = pytest.mark.system


@pytest.fixture
async def js(server: NatsServer) -> AsyncIterator[JetStreamContext]:
    async with bus.client(server.url) as context:
        for stream in topology.STREAMS:
            with suppress(NotFoundError):
                await context.delete_stream(stream.name)
            config = topology.stream_config(stream, total_bytes=1 << 30, replicas=1)
            await context.add_stream(config)
        yield context


async def dropped(js: JetStreamContext, data: bytes = b"x" * 600_000):
    """Put a file of three chunks; return its notice and where that stands."""
    inbox = Inbox(js)
    found = await inbox.find((await inbox.put(data, "年报.txt")).key)
    assert found is not None
    return found, (await js.stream_info(topology.INBOX_STREAM)).state.last_seq


async def test_chunks_that_a_lagging_copy_lacks_are_read_from_the_leader(js):
    notice, reached = await dropped(js)

    data = await Inbox(Lagging(js, direct=2)).read(notice, reached=reached)

    assert data == b"x" * 600_000


async def test_a_leader_that_has_not_caught_up_refuses_no_file(js):
    notice, reached = await dropped(js)

    with pytest.raises(Unavailable, match="not yet at"):
        await Inbox(Lagging(js, direct=1, leader=9, behind=2)).read(notice, reached=reached)


async def test_a_leader_that_changed_during_the_look_refuses_no_file(js):
    notice, reached = await dropped(js)
    elected = Lagging(js, direct=1, leader=1)
    elected.leaders = ["n1", "n2"]

    with pytest.raises(Unavailable, match="leader"):
        await Inbox(elected).read(notice, reached=reached)


async def test_chunks_that_are_gone_for_good_are_still_bad_input(js):
    notice, reached = await dropped(js)
    await js.purge_stream(topology.INBOX_STREAM, subject=f"$O.inbox.C.{notice.nuid}")

    with pytest.raises(BadInput):
        await Inbox(Lagging(js)).read(notice, reached=reached)


async def test_what_is_not_there_is_none(js):
    await bus.publish(js, bus.received("a"))

    assert await look(js, topology.REPORTS, 1, ReportReceived.subject, reached=1) is not None
    assert await look(js, topology.REPORTS, 2, ReportReceived.subject, reached=1) is None
    assert await look(js, topology.REPORTS, 7, reached=1) is None


async def test_relieving_keeps_what_a_lagging_copy_does_not_see(js, monkeypatch):
    monkeypatch.setattr(relief, "_FULL", {topology.REPORTS: 0.0})
    await topology.provide(js, topology.CONSUMERS, ack_wait=timedelta(seconds=3))
    for file in "abcdef":
        await bus.publish(js, bus.received(file))

    await relief.relieve(Lagging(js, direct=99))

    assert (await js.stream_info(topology.REPORTS)).state.first_seq == 1


async def test_relieving_stops_where_the_leader_changes_meanwhile(js, monkeypatch):
    monkeypatch.setattr(relief, "_FULL", {topology.REPORTS: 0.0})
    await topology.provide(js, topology.CONSUMERS, ack_wait=timedelta(seconds=3))
    for file in "abcdef":
        await bus.publish(js, bus.received(file))
    elected = Lagging(js)
    elected.leaders = ["n1", "n2", "n3"] * 50

    with suppress(Unavailable):
        await relief.relieve(elected)

    assert (await js.stream_info(topology.REPORTS)).state.first_seq == 1


async def test_a_replay_that_meets_a_lagging_copy_keeps_the_headers(js):
    await bus.publish(js, bus.received("a"))
    letter = DeadLetter(
        service="normalize", reason="r", error_class="E", attempts=1, payload="stub",
        origin_subject=ReportReceived.subject, origin_stream=topology.REPORTS, origin_sequence=1,
        failed_at=datetime(2025, 1, 1, tzinfo=UTC), replay="", document_id=None, file="a",
    )  # fmt: skip
    await js.publish(f"{DeadLetter.subject}.normalize", letter.model_dump_json().encode())

    await upkeep.replay(Lagging(js, direct=1), 1, letter)

    (_, again) = await bus.messages(js, ReportReceived.subject)
    assert again.headers["ce-type"] == ReportReceived.type
    assert again.data != b"stub"


def letter_of_a(**fields: object) -> DeadLetter:
    """Return the letter of the first report, `a`, as a service writes it."""
    event = bus.received("a")
    known = {
        "service": "normalize", "reason": "r", "error_class": "E", "attempts": 1, "file": "a",
        "payload": event.model_dump_json(exclude_defaults=True), "document_id": event.document_id,
        "headers": envelope.headers(event, source="test", now=bus.MOMENT), "consumer": "normalize",
        "origin_subject": ReportReceived.subject, "origin_stream": topology.REPORTS, "origin_sequence": 1,
        "failed_at": datetime(2025, 1, 1, tzinfo=UTC), "replay": "gouji replay REPORTS 1",
    }  # fmt: skip
    return DeadLetter(**(known | fields))


async def buried(js: JetStreamContext, letter: DeadLetter) -> DeadLetter:
    await js.publish(f"{DeadLetter.subject}.normalize", letter.model_dump_json().encode())
    return letter


@pytest.mark.parametrize("others", [0, 1], ids=["empty", "numbered anew"])
async def test_a_letter_whose_stream_lost_its_end_is_put_back_whole(js, others):
    """In a cluster, with nothing or with the message of somebody else at its place."""
    for _ in range(others):
        await bus.publish(js, bus.received("b"))
    letter = await buried(js, letter_of_a())

    assert await upkeep.replay(Lagging(js), 1, letter)

    again = (await bus.messages(js, ReportReceived.subject))[-1]
    assert json.loads(again.data)["file"] == "a"
    assert again.headers["ce-type"] == ReportReceived.type
    assert (await js.stream_info(topology.DEAD)).state.messages == 0


@pytest.mark.parametrize("others", [0, 1], ids=["empty", "numbered anew"])
async def test_a_letter_without_its_message_is_told_to_be_lost_and_stays(
    js, server, others, capsys
):
    """What the server gave up when the stream had let go of it: nobody knows what it said."""
    for _ in range(others):
        await bus.publish(js, bus.received("b"))
    await buried(js, letter_of_a(origin_subject="", payload="", headers={}, document_id=None))
    await buried(js, letter_of_a(origin_sequence=2))

    told = await replay._replay(
        bus.way_in(server.url), Choice(), None, put_back=True, as_json=False
    )

    assert told == (2, 1)
    said = capsys.readouterr()
    assert "gouji reconcile" in said.err
    assert "gouji discard REPORTS 1" in said.err
    assert "1 已重放 put back, 1 已丢失 lost" in said.out
    assert (await js.stream_info(topology.DEAD)).state.messages == 1


class Unheard:
    """The bus stores a notice, and the confirmation is lost."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js

    def __getattr__(self, name: str):
        return getattr(self._js, name)

    async def publish(self, subject, *args, **kwargs):
        stored = await self._js.publish(subject, *args, **kwargs)
        if ".M." in subject:
            raise NatsTimeoutError
        return stored


async def test_a_body_whose_notice_went_unconfirmed_is_not_deleted_under_it(js):
    body = b"body" * 1000
    with pytest.raises(Unavailable):
        await Claims(Unheard(js)).put(body)

    reference = await Claims(js).put(body)

    assert await Claims(js).get(reference) == body
