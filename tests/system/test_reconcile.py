"""What a message is lost by, and how it is found: on a real bus, with ingest alone running."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from nats.js import JetStreamContext

from services.ingest.adapters import keeper
from services.ingest.adapters.ledger import Ledger
from services.ingest.app import create_app
from services.ingest.settings import IngestSettings
from services.sink.adapters.database import Database
from shared.contracts.events import DeadLetter, ReportNormalized, ReportReceived, ReportRefused
from shared.contracts.ports import Arrival
from shared.runtime.archive import FolderArchive
from shared.runtime.clock import SystemClock
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.messages.outlet import Outlet
from shared.runtime.streams import envelope, flight, topology, upkeep
from shared.runtime.streams.inbox import Inbox
from tests.support import bus
from tests.support.toy import Toy, make_app

pytestmark = pytest.mark.system

TEXT = "年度报告".encode()
IDENTITY = sha256(TEXT).hexdigest()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path}/gouji.db")
    found.migrate()
    yield found
    found.close()


def ingest(server: NatsServer, folder: Path, every: str = "200ms") -> Any:
    return create_app(
        IngestSettings(
            nats_url=server.url,
            archive_path=folder / "archive",
            database_url=f"sqlite:///{folder}/gouji.db",
            reconcile_every=every,
            log_format="json",
            max_file_bytes=5_000_000,
        )
    )


def archived(folder: Path, file: str = "a.txt") -> Arrival:
    arrival = Arrival(IDENTITY, file, f"{IDENTITY}/{file}", bus.MOMENT)
    return FolderArchive(folder / "archive").put(TEXT, arrival)


async def taken(js: JetStreamContext, consumer: topology.Consumer) -> Any:
    reader = await js.pull_subscribe_bind(stream=consumer.stream, consumer=consumer.name)
    (message,) = await reader.fetch(1, timeout=5)
    return message


async def appears(what: Callable[[], Any], within: float = 30.0) -> Any:
    async with asyncio.timeout(within):
        while True:
            found = await what()
            if found:
                return found
            await asyncio.sleep(0.1)


async def test_a_document_is_under_way_from_its_message_to_the_acknowledgement(js):
    for file in ("done", "taken", "waiting"):
        await bus.publish(js, bus.received(file))
    await (await taken(js, topology.NORMALIZE)).ack_sync()
    await taken(js, topology.NORMALIZE)

    found = await flight.in_flight(js)

    wanted = {bus.received(file).document_id for file in ("taken", "waiting")}
    assert found.documents == wanted
    assert found.ahead == []


async def test_a_dropped_file_is_under_way_before_it_is_archived(js):
    put = await Inbox(js).put(TEXT, "a.txt")

    found = await flight.in_flight(js)

    assert found.documents == {IDENTITY}
    assert found.objects == {put.key}


async def test_what_is_worked_on_again_is_not_dropped_for_its_earlier_results(server, js):
    event = bus.received("年报.txt")
    async with bus.running(make_app(bus.settings_for(server.url), Toy())):
        await bus.publish(js, event)
        await bus.settled(js, topology.NORMALIZE)
        for _ in range(2):
            headers = envelope.headers(event, source="test", now=bus.MOMENT)
            headers = envelope.repeated(headers, event, "r1")
            await js.publish(event.subject, event.model_dump_json().encode(), headers=headers)
        await bus.settled(js, topology.NORMALIZE)

    first, second = await bus.messages(js, ReportNormalized.subject)
    assert second.headers[envelope.AGAIN] == "r1"
    assert second.headers["ce-id"] == first.headers["ce-id"]
    assert second.headers[envelope.MESSAGE_ID] == f"{first.headers[envelope.MESSAGE_ID]}:r1"
    assert len(await bus.messages(js, ReportReceived.subject)) == 2


async def test_a_message_ended_by_hand_becomes_a_dead_letter(server, js, tmp_path, database):
    event = bus.received("年报.txt")
    await bus.publish(js, event)
    await (await taken(js, topology.NORMALIZE)).term()

    async with bus.running(ingest(server, tmp_path)):
        (found,) = await appears(lambda: bus.bodies(js, f"{DeadLetter.subject}.normalize"))

    letter = DeadLetter.model_validate(found)
    assert (letter.document_id, letter.file) == (event.document_id, "年报.txt")
    assert letter.error_class == "GivenUp"
    assert letter.headers["ce-type"] == ReportReceived.type
    assert letter.consumer == "normalize"
    assert ReportReceived.model_validate_json(letter.payload) == event


async def test_a_message_out_of_deliveries_while_its_service_is_dead_becomes_a_dead_letter(
    server, js, tmp_path, database
):
    info = await js.consumer_info(topology.REPORTS, "extract")
    await js.add_consumer(topology.REPORTS, info.config.evolve(max_deliver=1, ack_wait=0.5))
    await bus.publish(js, normalized("年报.txt"))
    await taken(js, topology.EXTRACT)

    async def expired() -> Any:
        # the server gives it up when somebody asks again
        reader = await js.pull_subscribe_bind(stream=topology.REPORTS, consumer="extract")
        with suppress(TimeoutError):
            await reader.fetch(1, timeout=0.5)
        return await bus.bodies(js, f"{DeadLetter.subject}.extract")

    async with bus.running(ingest(server, tmp_path)):
        (found,) = await appears(expired)

    assert found["file"] == "年报.txt"
    assert found["attempts"] == 1


async def test_the_letter_of_the_service_itself_is_not_doubled(server, js, tmp_path, database):
    toy = make_app(bus.settings_for(server.url, max_attempts=1), Toy())
    async with bus.running(toy), bus.running(ingest(server, tmp_path)):
        await bus.publish(js, bus.received("defect"))
        await bus.settled(js, topology.NORMALIZE)
        await appears(lambda: stored(js, topology.ADVISORIES))
        await bus.settled(js, topology.GIVEN_UP)
        info = await js.consumer_info(topology.ADVISORIES, topology.GIVEN_UP.name)

    assert info.ack_floor.stream_seq == 1
    (letter,) = await bus.bodies(js, f"{DeadLetter.subject}.normalize")
    assert letter["error_class"] == "ZeroDivisionError"


async def test_a_document_whose_message_and_advisory_are_lost_is_read_again(
    server, js, tmp_path, database
):
    archived(tmp_path)
    await bus.publish(js, bus.received("a.txt", IDENTITY))
    await (await taken(js, topology.NORMALIZE)).term()
    await appears(lambda: stored(js, topology.ADVISORIES))
    await js.purge_stream(topology.ADVISORIES)

    async with bus.running(ingest(server, tmp_path)):
        found = await appears(lambda: at_least(js, ReportReceived.subject, 2))
        # it is under way now: further looks leave it alone
        await asyncio.sleep(1.5)

    assert len(await bus.messages(js, ReportReceived.subject)) == 2
    assert found[1].headers["ce-subject"] == IDENTITY
    assert found[1].headers[envelope.AGAIN].startswith("r")


async def test_several_that_look_at_once_read_it_again_once(server, js, tmp_path, database):
    archived(tmp_path)

    async with (
        bus.running(ingest(server, tmp_path)),
        bus.running(ingest(server, tmp_path)),
        bus.running(ingest(server, tmp_path)),
    ):
        await appears(lambda: bus.messages(js, ReportReceived.subject))
        await asyncio.sleep(1.5)

    assert len(await bus.messages(js, ReportReceived.subject)) == 1


async def test_a_document_with_an_end_is_left_alone(server, js, tmp_path, database):
    archived(tmp_path)
    database.refuse(
        ReportRefused(
            document_id=IDENTITY, file="a.txt", received_at=bus.MOMENT, stage="extract",
            reason="not_a_report", detail_zh="", detail_en="",
        )
    )  # fmt: skip

    async with bus.running(ingest(server, tmp_path)):
        await asyncio.sleep(2)

    assert await bus.messages(js, ReportReceived.subject) == []


async def test_an_object_that_was_done_away_with_before_it_was_archived_is_taken_in(
    server, js, tmp_path, database
):
    await Inbox(js).put(TEXT, "a.txt")
    await (await taken(js, topology.INGEST)).ack_sync()

    async with bus.running(ingest(server, tmp_path)):
        await appears(lambda: bus.messages(js, ReportReceived.subject))

    assert FolderArchive(tmp_path / "archive").get(IDENTITY) == TEXT


async def test_a_file_whose_bytes_the_bucket_lost_can_be_dropped_again(
    server, js, tmp_path, database
):
    inbox = Inbox(js)
    put = await inbox.put(TEXT, "a.txt")
    await js.purge_stream(topology.INBOX_STREAM, subject=f"$O.{topology.INBOX_BUCKET}.C.>")

    async def withdrawn() -> bool:
        return await inbox.find(put.key) is None

    async with bus.running(ingest(server, tmp_path)):
        (refusal,) = await appears(lambda: bus.bodies(js, ReportRefused.subject))
        assert refusal["reason"] == "missing_bytes"
        assert not (await inbox.put(TEXT, "a.txt")).new
        database.refuse(ReportRefused.model_validate(refusal))
        await appears(withdrawn)
        again = await inbox.put(TEXT, "a.txt")
        await appears(lambda: bus.messages(js, ReportReceived.subject))

    assert again.new
    assert FolderArchive(tmp_path / "archive").get(IDENTITY) == TEXT
    assert len(await bus.messages(js, ReportRefused.subject)) == 1


async def test_an_archive_that_is_out_of_reach_stops_nothing(server, js, tmp_path):
    """Without a database ingest does its work all the same; it only cannot look."""
    async with bus.running(ingest(server, tmp_path)):
        await Inbox(js).put(TEXT, "a.txt")
        await bus.settled(js, topology.INGEST)
        await asyncio.sleep(0.5)

    assert len(await bus.messages(js, ReportReceived.subject)) == 1


async def test_a_letter_told_again_takes_the_place_of_the_first(server, js):
    async with bus.running(make_app(bus.settings_for(server.url, max_attempts=1), Toy())):
        await bus.publish(js, bus.received("defect"))
        await bus.settled(js, topology.NORMALIZE)
    subject = f"{DeadLetter.subject}.normalize"
    (before,) = await bus.messages(js, subject)

    for _ in range(2):
        await upkeep.tell_again(js, topology.DEAD, before.seq, "r1", drop=True)

    (after,) = await bus.messages(js, subject)
    assert after.data == before.data
    assert after.seq > before.seq


async def test_a_consumer_ahead_of_a_stream_that_lost_its_end_skips_nothing_that_is_new(tmp_path):
    """One flipped bit: the server forgets the rest of the block, but not that it was worked off."""
    with NatsServer(tmp_path / "nats", sync="2m") as server:
        async with bus.client(server.url) as js:
            await bus.fresh(js)
            for number in range(100):
                await bus.publish(js, bus.received(f"{number}.txt"))
                await (await taken(js, topology.NORMALIZE)).ack_sync()
        server.stop()
        (block,) = server.folder.glob("jetstream/*/streams/REPORTS/msgs/*.blk")
        data = bytearray(block.read_bytes())
        flip_a_length(data)
        block.write_bytes(data)
        server.start()
        async with bus.client(server.url) as js:
            # the server notices when it reads
            last = (await js.stream_info(topology.REPORTS)).state.last_seq
            assert last < 100
            await bus.publish(js, bus.received("new.txt"))
            assert topology.NORMALIZE in (await flight.in_flight(js)).ahead

            await upkeep.wind_back_all(js)

            heard = set()
            while "new.txt" not in heard:
                message = await taken(js, topology.NORMALIZE)
                heard.add(ReportReceived.model_validate_json(message.data).file)
                await message.ack_sync()
            assert (await flight.in_flight(js)).ahead == []


def flip_a_length(data: bytearray) -> None:
    """Flip one bit of the length of the record in the middle of a block."""
    place, lengths = 0, []
    while place < len(data):
        lengths.append(place)
        place += int.from_bytes(data[place : place + 4], "little") & 0x3FFFFFFF
    data[lengths[len(lengths) // 2] + 2] ^= 0x40


async def stored(js: JetStreamContext, stream: str) -> int:
    return (await js.stream_info(stream)).state.messages


async def at_least(js: JetStreamContext, subject: str, count: int) -> list[Any]:
    found = await bus.messages(js, subject)
    return found if len(found) >= count else []


def normalized(file: str) -> ReportNormalized:
    from tests.support.toy import document

    return ReportNormalized(
        document_id=sha256(file.encode()).hexdigest(), file=file, received_at=bus.MOMENT,
        document=document(file),
    )  # fmt: skip


async def test_a_look_at_all_of_the_bucket_holds_only_what_is_not_done(
    js, tmp_path, database, monkeypatch
):
    """A keeper looks at everything once an hour: its memory must not grow with what the bucket holds."""
    monkeypatch.setattr(keeper, "_HEARD_AT_ONCE", 4)
    inbox, archive = Inbox(js), FolderArchive(tmp_path / "archive")
    for number in range(20):
        data = TEXT + str(number).encode()
        put = await inbox.put(data, f"{number}.txt")
        if number != 7:
            archive.put(data, Arrival(put.document_id, f"{number}.txt", put.key, bus.MOMENT))
    held: list[int] = []
    unsettled = keeper.Keeper._unsettled

    def spied(self: keeper.Keeper, objects: dict[str, Any]) -> dict[str, Any]:
        held.append(len(objects) + len(self._memory.objects))
        return unsettled(self, objects)

    monkeypatch.setattr(keeper.Keeper, "_unsettled", spied)
    ledger, nobody = Ledger(f"sqlite:///{tmp_path}/gouji.db"), create_autospec(Outlet)
    watched = keeper.Keeper(lambda: js, nobody, archive, ledger, SystemClock(), 1.0)
    await watched._hear_of_objects(js)
    ledger.close()

    assert [o.file for o in watched._memory.objects.values()] == ["7.txt"]
    assert watched._memory.fresh == watched._memory.objects.keys()
    assert max(held) <= 5
