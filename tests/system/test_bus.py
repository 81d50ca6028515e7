"""What the bus promises: nothing lost, nothing doubled, every failure ends visibly."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import nats
import orjson
import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.contracts.events import (
    DeadLetter,
    ReportDeferred,
    ReportNormalized,
    ReportReceived,
    ReportRefused,
    ValidationFailed,
)
from shared.report.issue import Issue
from shared.report.record import Region
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.messages.retries import RetryNotes
from shared.runtime.streams import relief, retiring, topology, upkeep
from tests.support import bus
from tests.support.toy import Toy, make_app

pytestmark = pytest.mark.system

DEAD = f"{DeadLetter.subject}.normalize"


async def work_through(
    server: NatsServer, js: JetStreamContext, *files: str, **settings: object
) -> Toy:
    toy = Toy()
    async with bus.running(make_app(bus.settings_for(server.url, **settings), toy)):
        for file in files:
            await bus.publish(js, bus.received(file))
        await bus.settled(js, topology.NORMALIZE)
    return toy


async def test_a_result_is_on_the_bus_and_the_input_acknowledged(server, js):
    await work_through(server, js, "年报.txt")

    (found,) = await bus.messages(js, ReportNormalized.subject)
    assert orjson.loads(found.data)["file"] == "年报.txt"
    assert found.headers["ce-file"] == "%E5%B9%B4%E6%8A%A5.txt"
    assert found.headers["ce-type"] == ReportNormalized.type
    assert found.headers["traceparent"].split("-")[1] == bus.received("年报.txt").document_id[:32]


async def test_the_same_event_twice_gives_one_result(server, js):
    headers = {"Nats-Msg-Id": "another"}
    await js.publish(
        ReportReceived.subject, bus.received("a").model_dump_json().encode(), headers=headers
    )

    toy = await work_through(server, js, "a")

    assert toy.calls == {"a": 2}
    assert len(await bus.messages(js, ReportNormalized.subject)) == 1


async def test_an_outage_is_waited_for_longer_than_a_defect_would_be(server, js):
    toy = await work_through(server, js, "away7", max_attempts=3)

    assert toy.calls == {"away7": 8}
    assert len(await bus.messages(js, ReportNormalized.subject)) == 1
    assert await bus.messages(js, DEAD) == []


async def test_retries_are_spaced_by_a_growing_delay(server, js):
    started = asyncio.get_running_loop().time()

    await work_through(server, js, "away3")

    # 0.1 + 0.4 + 0.5 s less a fifth
    assert asyncio.get_running_loop().time() - started >= 0.8


async def test_bad_input_is_refused_once_and_never_retried(server, js):
    toy = await work_through(server, js, "bad")

    assert toy.calls == {"bad": 1}
    (refused,) = await bus.bodies(js, ReportRefused.subject)
    assert (refused["reason"], refused["stage"], refused["file"]) == (
        "not_a_report",
        "normalize",
        "bad",
    )
    assert await bus.messages(js, DEAD) == []


async def test_a_defect_becomes_one_dead_letter_after_bounded_attempts(server, js):
    toy = await work_through(server, js, "defect", max_attempts=3)

    assert toy.calls == {"defect": 3}
    (letter,) = await bus.bodies(js, DEAD)
    assert letter["attempts"] == 3
    assert letter["error_class"] == "ZeroDivisionError"
    assert letter["document_id"] == bus.received("defect").document_id
    assert orjson.loads(letter["payload"])["file"] == "defect"
    origin = await js.get_msg(letter["origin_stream"], letter["origin_sequence"])
    assert origin.subject == letter["origin_subject"]


@pytest.mark.parametrize("body", [b"{not json", b"[]", b'{"file": 1}', b"\xff\xfe"])
async def test_a_message_that_is_no_event_is_a_dead_letter_at_once(server, js, body):
    await js.publish(ReportReceived.subject, body)

    await work_through(server, js, "good")

    (letter,) = await bus.bodies(js, DEAD)
    assert (letter["error_class"], letter["attempts"]) == ("Unreadable", 1)
    assert len(await bus.messages(js, ReportNormalized.subject)) == 1


async def test_a_message_that_the_consumer_never_asked_for_is_passed_by(server, js):
    # as after a damaged file, when the numbers a consumer has in hand stand for other messages
    info = await js.consumer_info("REPORTS", topology.NORMALIZE.name)
    info.config.filter_subjects = [*topology.NORMALIZE.filters, ReportNormalized.subject]
    await js.add_consumer("REPORTS", info.config)
    await js.publish(ReportNormalized.subject, b"somebody else's")

    toy = await work_through(server, js, "年报.txt")

    assert len(toy.calls) == 1
    assert await bus.messages(js, DEAD) == []


async def test_a_dead_letter_never_quotes_what_was_wrong_with_a_value(server, js):
    await js.publish(ReportReceived.subject, b'{"document_id": 4711}')

    await work_through(server, js)

    (letter,) = await bus.bodies(js, DEAD)
    assert "4711" not in letter["reason"]


async def test_slow_work_is_kept_by_heartbeats(server, js):
    toy = await work_through(server, js, "slow2.5", ack_wait="1s")

    assert toy.calls == {"slow2.5": 1}


async def test_an_event_too_large_for_the_bus_travels_by_reference(server, js):
    await work_through(server, js, "big")

    (found,) = await bus.messages(js, ReportNormalized.subject)
    assert found.headers["ce-dataref"].startswith("nats-object://claims/")
    assert set(orjson.loads(found.data)) == {"document_id", "file", "received_at"}


async def test_a_stopped_service_hands_its_work_back_at_once(server, js):
    settings = bus.settings_for(server.url, ack_wait="20s", graceful_timeout="100ms")
    async with bus.running(make_app(settings)):
        await bus.publish(js, bus.received("slow9.9"))
        await asyncio.sleep(0.5)

    toy = Toy()
    toy.handle = replaced(toy)
    async with bus.running(make_app(settings, toy)):
        await asyncio.sleep(1.0)

    assert len(await bus.messages(js, ReportNormalized.subject)) == 1


def replaced(toy: Toy):
    """The same work without its slowness."""
    original = toy.handle

    async def handle(event):
        return await original(event.model_copy(update={"file": "quick"}))

    return handle


async def test_an_outside_subscriber_gets_failures_live_and_can_replay_them(server, js):
    outside = await nats.connect(server.url)
    live = await outside.subscribe("gouji.v1.issue.error.>")
    await outside.flush()
    await publish_failures(server)

    first = await live.next_msg(timeout=2)
    assert first.subject == "gouji.v1.issue.error.t3_balance"
    assert first.headers["ce-rule"] == "t3_balance"

    config = ConsumerConfig(durable_name="mine", ack_policy=AckPolicy.EXPLICIT)
    theirs = await outside.jetstream().pull_subscribe(
        "gouji.v1.issue.>", durable="mine", stream="ISSUES", config=config
    )
    replayed = [message.subject for message in await theirs.fetch(2, timeout=2)]
    await outside.close()
    assert replayed == ["gouji.v1.issue.error.t3_balance", "gouji.v1.issue.warning.d_deadline"]


async def publish_failures(server: NatsServer) -> None:
    async with bus.client(server.url) as js:
        for rule, severity in (("t3_balance", "error"), ("d_deadline", "warning")):
            issue = Issue(
                id=rule, rule=rule, severity=severity, origin="source", addresses=(),
                message_zh="不平", message_en="does not balance",
            )  # fmt: skip
            failure = ValidationFailed(
                document_id="0" * 64, file="a", received_at=bus.MOMENT, report_id="r", revision_id="v",
                agency=None, region=Region(), agency_level=None, agency_kind=None, year=2024,
                title=None, issue=issue,
            )  # fmt: skip
            await bus.publish(js, failure)


async def test_provisioning_twice_changes_nothing_and_mends_what_was_changed(server, js):
    before = (await js.stream_info("REPORTS")).config
    damaged = (await js.stream_info("REPORTS")).config
    damaged.max_age = 2 * 86400.0
    await js.update_stream(damaged)

    await topology.provision(js, total_bytes=1 << 30, ack_wait=bus.settings_for("x").ack_wait)

    assert (await js.stream_info("REPORTS")).config == before
    assert await topology.missing(js) == ()


async def test_streams_of_earlier_versions_stay_until_they_are_retired_and_what_they_know_is_kept(
    js,
):
    await js.add_stream(name="RETRIES", subjects=["gouji.internal.retry.>"])
    for _ in range(7):
        await js.publish("gouji.internal.retry.sink.REPORTS.12")
    notes = RetryNotes(js._nc)

    await topology.provision(js, total_bytes=1 << 30, ack_wait=bus.settings_for("x").ack_wait)
    for _ in range(2):
        await retiring.take_over(js)

    assert await retiring.left_over(js) == ("RETRIES",)
    assert await notes.count("sink", "REPORTS", 12) == 7
    for _ in range(2):
        await retiring.retire(js)
    assert await retiring.left_over(js) == ()
    assert await notes.count("sink", "REPORTS", 12) == 7


async def test_however_often_a_message_is_handed_back_its_count_takes_one_place(server, js):
    notes = RetryNotes(js._nc)
    for _ in range(300):
        await notes.add("normalize", "REPORTS", 7)
    await notes.add("extract", "REPORTS", 7)
    while await notes.count("extract", "REPORTS", 7) != 1:
        await asyncio.sleep(0.05)

    assert await notes.count("normalize", "REPORTS", 7) == 300
    assert await notes.count("extract", "REPORTS", 8) == 0
    assert (await js.stream_info(topology.HANDBACKS)).state.messages == 2


async def test_a_stream_that_is_nearly_full_is_relieved_of_what_is_done_only(server, js):
    for number in range(200):
        await bus.publish(js, bus.received(f"{number}"))
    info = await js.stream_info("REPORTS")
    info.config.max_bytes = info.state.bytes * 9 // 8
    await js.update_stream(info.config)

    await relief.relieve(js)
    assert (await js.stream_info("REPORTS")).state.first_seq == 1

    for consumer in (topology.NORMALIZE, topology.EXTRACT, topology.VALIDATE, topology.SINK):
        reading = await js.pull_subscribe_bind(consumer=consumer.name, stream="REPORTS")
        if consumer is topology.NORMALIZE:
            for message in await reading.fetch(150):
                await message.ack_sync()
        else:
            await js.delete_consumer("REPORTS", consumer.name)
            await js.add_consumer(
                "REPORTS",
                ConsumerConfig(durable_name=consumer.name, deliver_policy=DeliverPolicy.NEW),
            )
    await relief.relieve(js)

    state = (await js.stream_info("REPORTS")).state
    assert 90 <= state.first_seq <= 101
    assert state.last_seq == 200


async def test_what_waits_in_a_lane_is_kept_and_an_idle_lane_keeps_nothing(server, js):
    waiting = bus.received("scan")
    deferred = ReportDeferred(
        document_id=waiting.document_id, file="scan", received_at=bus.MOMENT, lane="ocr"
    )
    for number in range(120):
        await bus.publish(js, deferred if number == 20 else bus.received(f"{number}"))
    reading = await js.pull_subscribe_bind(consumer=topology.NORMALIZE.name, stream="REPORTS")
    for message in await reading.fetch(119):
        await message.ack_sync()
    info = await js.stream_info("REPORTS")
    info.config.max_bytes = info.state.bytes * 9 // 8
    await js.update_stream(info.config)

    await relief.relieve(js)

    # half of the stream could go, but the waiting one is number 21
    assert (await js.stream_info("REPORTS")).state.first_seq == 21
    assert len(await bus.messages(js, f"{ReportDeferred.subject}.ocr")) == 1


async def test_a_dead_letter_can_be_replayed_once_its_cause_is_mended(server, js):
    await work_through(server, js, "defect", max_attempts=1)
    (letter,) = await bus.messages(js, DEAD)

    await upkeep.replay(js, letter.seq, DeadLetter.model_validate_json(letter.data))
    toy = Toy()
    toy.handle = replaced(toy)
    async with bus.running(make_app(bus.settings_for(server.url), toy)):
        await bus.settled(js, topology.NORMALIZE)

    assert len(await bus.messages(js, ReportNormalized.subject)) == 1
    assert await bus.messages(js, DEAD) == []


def start_toy(url: str, folder: Path, name: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "GOUJI_NATS_URL": url,
        "GOUJI_ACK_WAIT": "1s",
        "GOUJI_RETRY_FIRST": "100ms",
        "GOUJI_LOG_FORMAT": "json",
        "GOUJI_MAX_ATTEMPTS": "3",
        "GOUJI_DEAD_LETTER_LIMIT": "3",
    }
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.support.toy"],
            env=environment,
            cwd=Path(__file__).parents[2],
            stdout=log,
            stderr=log,
        )


async def test_services_killed_in_mid_load_lose_and_double_nothing(server, js, tmp_path):
    files = [f"busy{n}" for n in range(600)]
    for file in files:
        await bus.publish(js, bus.received(file))
    copies = [start_toy(server.url, tmp_path, f"copy{n}") for n in range(2)]
    try:
        for round_ in range(4):
            await asyncio.sleep(0.9)
            victim = copies[round_ % 2]
            victim.send_signal(signal.SIGKILL)
            victim.wait()
            copies[round_ % 2] = start_toy(server.url, tmp_path, f"again{round_}")
        await bus.settled(js, topology.NORMALIZE, within=40)
    finally:
        end(copies)

    results = [body["file"] for body in await bus.bodies(js, ReportNormalized.subject)]
    assert len(results) == len(files)
    assert set(results) == set(files)
    assert await bus.messages(js, DEAD) == []


async def test_what_a_bus_forgets_to_be_done_is_no_message_that_kills(server, js, monkeypatch):
    acknowledge, lost = Msg.ack, 0

    async def forgotten(message: Msg) -> None:
        nonlocal lost
        if lost < 6 and message.subject == ReportReceived.subject:
            lost += 1
            return
        await acknowledge(message)

    monkeypatch.setattr(Msg, "ack", forgotten)
    config = (await js.consumer_info(topology.REPORTS, "normalize")).config
    await js.add_consumer(topology.REPORTS, config.evolve(ack_wait=0.3))

    toy = await work_through(server, js, "年报.txt", max_attempts=3, provision=False)

    assert toy.calls["年报.txt"] == 7
    assert await bus.messages(js, DEAD) == []
    assert len(await bus.messages(js, ReportNormalized.subject)) == 1


async def test_a_message_that_kills_its_process_becomes_a_dead_letter(server, js, tmp_path):
    await bus.publish(js, bus.received("kill"))
    copies = []
    try:
        for attempt in range(4):
            copies.append(start_toy(server.url, tmp_path, f"victim{attempt}"))
            for _ in range(80):
                await asyncio.sleep(0.1)
                if copies[-1].poll() is not None or await bus.messages(js, DEAD):
                    break
        (letter,) = await bus.bodies(js, DEAD)
    finally:
        end(copies)
    assert letter["error_class"] == "Abandoned"
    assert letter["attempts"] == 3
    assert letter["file"] == "kill"


async def test_too_many_dead_letters_in_a_row_stop_the_service(server, js, tmp_path):
    for number in range(6):
        await bus.publish(js, bus.received(f"defect{number}"))
    process = start_toy(server.url, tmp_path, "stopping")
    try:
        code = await asyncio.to_thread(process.wait, 90)
    finally:
        end([process])

    assert code == 71
    assert "service.stopped_by_dead_letter_limit" in (tmp_path / "stopping.log").read_text()


async def test_a_service_waits_for_a_bus_that_starts_later(tmp_path):
    late = NatsServer(tmp_path / "late", sync="2m").start()
    late.stop()
    toy = Toy()
    async with bus.running(make_app(bus.settings_for(late.url), toy)):
        await asyncio.sleep(0.3)
        late.start()
        async with bus.client(late.url) as js:
            await until_provisioned(js)
            await bus.publish(js, bus.received("a"))
            await bus.settled(js, topology.NORMALIZE)
    late.stop()

    assert toy.calls == {"a": 1}


async def until_provisioned(js: JetStreamContext) -> None:
    for _ in range(200):
        if not await topology.missing(js):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("nobody provisioned the bus")


async def test_a_bus_that_is_killed_and_comes_back_loses_nothing(tmp_path):
    files = [f"busy{n}" for n in range(200)]
    with NatsServer(tmp_path / "killed") as server:
        toy = Toy()
        async with bus.client(server.url) as js:
            await bus.fresh(js)
            for file in files:
                await bus.publish(js, bus.received(file))
        async with bus.running(make_app(bus.settings_for(server.url), toy)):
            await asyncio.sleep(0.3)
            server.kill()
            await asyncio.sleep(0.5)
            server.start()
            async with bus.client(server.url) as js:
                await bus.settled(js, topology.NORMALIZE, within=30)
                results = [body["file"] for body in await bus.bodies(js, ReportNormalized.subject)]

    assert len(results) == len(files)
    assert set(results) == set(files)


def end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.kill()
        process.wait()
