"""Room on the bus: what is done goes, what is not stays, and no stage can lock the others out."""

from datetime import timedelta

import pytest

from shared.contracts.dropped import DroppedObject
from shared.contracts.events import ReportReceived, ValidationFailed
from shared.runtime.connections.embedded import room_for_bus
from shared.runtime.messages.claims import ClaimGone, Claims
from shared.runtime.streams import relief, topology
from shared.runtime.streams.inbox import Inbox
from tests.support import bus

pytestmark = pytest.mark.system


async def fill_to(js, stream, part):
    """Bound a stream so that what it holds is this part of it."""
    info = await js.stream_info(stream)
    info.config.max_bytes = int(info.state.bytes / part)
    await js.update_stream(info.config)


async def take(js, consumer, count):
    reading = await js.pull_subscribe_bind(stream=consumer.stream, consumer=consumer.name)
    for message in await reading.fetch(count):
        await message.ack_sync()


async def bytes_of(js, put):
    found = await Inbox(js).find(put.key)
    assert isinstance(found, DroppedObject)
    return await js.stream_info("OBJ_inbox", subjects_filter=f"$O.inbox.C.{found.nuid}")


async def test_the_bytes_of_an_object_stay_until_ingest_is_done_with_it(js):
    inbox = Inbox(js)
    puts = [await inbox.put(bytes([n]) * 50_000, f"{n}") for n in range(10)]
    # bytes before anybody was told of them, as of a put that is under way
    await js.publish("$O.inbox.C.underway", b"x" * 50_000)
    await take(js, topology.INGEST, 6)
    await fill_to(js, "OBJ_inbox", 0.9)

    await relief.relieve(js)

    info = await js.stream_info("OBJ_inbox")
    assert info.state.bytes < 0.6 * info.config.max_bytes
    for put in puts[6:]:
        dropped = await inbox.find(put.key)
        assert len(await inbox.read(dropped)) == 50_000
    assert (await bytes_of(js, puts[0])).state.subjects is None
    # the notice stays: the file is not fed again
    assert not (await inbox.put(b"\0" * 50_000, "0")).new
    assert (await js.stream_info("OBJ_inbox", subjects_filter="$O.inbox.C.underway")).state.subjects


async def test_a_put_that_finds_no_room_leaves_nothing_behind(js):
    inbox = Inbox(js)
    await inbox.put(b"a" * 100_000, "first")
    await fill_to(js, "OBJ_inbox", 0.3)

    for _ in range(3):
        with pytest.raises(Exception, match="does not take"):
            await inbox.put(b"b" * 900_000, "too much for now")

    # an empty message stands for each: whoever feeds has no right to purge
    assert (await js.stream_info("OBJ_inbox")).state.bytes < 110_000
    await inbox.put(b"c" * 50_000, "small")


async def test_bodies_that_work_still_needs_stay_in_the_claim_store(js, monkeypatch):
    monkeypatch.setattr(relief, "_UNREFERENCED_SECONDS", -1.0)
    claims = Claims(js)
    references = [await claims.put(bytes([n]) * 3 + b"%d" % n * 9000) for n in range(8)]
    for number, reference in enumerate(references):
        await js.publish(
            ReportReceived.subject,
            b"{}",
            headers={"ce-dataref": reference, "Nats-Msg-Id": f"{number}"},
        )
    await take(js, topology.NORMALIZE, 5)
    await fill_to(js, "OBJ_claims", 0.95)

    await relief.relieve(js)

    for reference in references[5:]:
        await claims.get(reference)
    with pytest.raises(ClaimGone):
        await claims.get(references[0])


async def test_issues_make_room_though_nobody_of_ours_reads_them(js):
    for number in range(100):
        await js.publish(f"{ValidationFailed.subject}.error.rule{number % 7}", b"x" * 1000)
    await fill_to(js, "ISSUES", 0.95)

    await relief.relieve(js)

    state = (await js.stream_info("ISSUES")).state
    assert 45 <= state.messages <= 55
    assert state.last_seq == 100


async def test_one_message_that_waits_long_keeps_nobody_else(js):
    await js.publish("gouji.v1.report.deferred.ocr", b"x" * 1000)
    for number in range(100):
        await bus.publish(js, bus.received(f"{number}"))
    await take(js, topology.NORMALIZE, 100)
    await fill_to(js, "REPORTS", 0.9)

    await relief.relieve(js)

    state = (await js.stream_info("REPORTS")).state
    assert state.messages < 60
    assert len(await bus.messages(js, "gouji.v1.report.deferred.ocr")) == 1


async def test_a_smaller_bus_drops_nothing_that_it_holds(js):
    for number in range(50):
        await js.publish("gouji.v1.report.received", b"%d" % number * 200_000)
    before = (await js.stream_info("REPORTS")).state

    await topology.provision(js, total_bytes=64 << 20, ack_wait=timedelta(seconds=30))

    after = await js.stream_info("REPORTS")
    assert (after.state.messages, after.state.bytes) == (before.messages, before.bytes)
    assert after.config.max_bytes >= 2 * before.bytes or before.bytes < 10 << 20


def test_the_bus_takes_at_most_half_of_its_disk(tmp_path):
    free = room_for_bus(tmp_path / "a", 1 << 60)

    assert room_for_bus(tmp_path / "b", 100 << 20) == 100 << 20
    assert free < 1 << 60
