"""What is told of the whole line is what bus, database and backups hold at that moment."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from services.commands.backups import manifest
from services.commands.running import line_state
from services.commands.running.line_monitor import LineMonitor, addresses
from services.ingest.adapters.feeding import BucketFeed
from services.sink.adapters.database import Database
from shared.contracts.events import DeadLetter, ReportDuplicate, ReportNormalized, ReportRefused
from shared.errors import Unavailable
from shared.runtime.streams import topology
from shared.secrets import BadSetting
from tests.support.bus import MOMENT, client, fresh, publish, received
from tests.support.toy import document

NOW = MOMENT.timestamp() + 1000


@pytest.fixture
async def js(nats_server):
    async with client(nats_server.url) as context:
        await fresh(context)
        yield context


def at(minutes: float, file: str, **fields):
    """A file that arrived so many minutes after the first one."""
    return received(file).model_copy(
        update={"received_at": MOMENT + timedelta(minutes=minutes), **fields}
    )


async def test_an_empty_line_has_nothing_in_flight(js):
    found = await line_state.of_bus(js, NOW)

    assert found["gouji_line_oldest_in_flight_seconds"] == {(): 0.0}
    assert set(found["gouji_line_messages_pending"].values()) == {0.0}
    assert found["gouji_line_messages_pending"].keys() == {(c.name,) for c in topology.CONSUMERS}
    assert found["gouji_line_stream_bytes"].keys() == {(s.name,) for s in topology.STREAMS}
    assert min(found["gouji_line_stream_limit_bytes"].values()) > 0
    assert found["gouji_line_dead_letters"] == {}


async def test_the_oldest_file_counts_from_its_arrival_whatever_stage_it_has_reached(js):
    old = at(1, "old.txt")
    await publish(js, at(5, "young.txt"))
    normalized = ReportNormalized(document_id=old.document_id, file="old.txt",
                                  received_at=old.received_at, document=document("x"))  # fmt: skip
    await publish(js, normalized)

    found = await line_state.of_bus(js, NOW)

    assert found["gouji_line_oldest_in_flight_seconds"] == {(): 1000 - 60}
    assert found["gouji_line_messages_pending"][("normalize",)] == 1
    assert found["gouji_line_messages_pending"][("extract",)] == 1


async def test_what_is_done_is_not_in_flight_though_it_lies_on_the_bus(js):
    for minutes in (1, 2, 3):
        await publish(js, at(minutes, f"{minutes}.txt"))
    reader = await js.pull_subscribe_bind(stream=topology.REPORTS, consumer="normalize")
    first, second = await reader.fetch(2)
    await first.ack_sync()

    found = await line_state.of_bus(js, NOW)
    assert found["gouji_line_oldest_in_flight_seconds"] == {(): 1000 - 120}
    assert found["gouji_line_messages_pending"][("normalize",)] == 1
    assert found["gouji_line_messages_ack_pending"][("normalize",)] == 1
    await second.ack_sync()


async def test_a_file_in_the_bucket_counts_from_when_it_was_dropped(js):
    await BucketFeed(js).put(b"text", "a.txt")

    found = await line_state.of_bus(js, time.time() + 60)

    assert 59 <= found["gouji_line_oldest_in_flight_seconds"][()] <= 75
    assert found["gouji_line_messages_pending"][("ingest",)] == 1


async def test_of_a_stage_with_several_kinds_of_event_the_first_one_counts(js):
    ends = {"document_id": "ab" * 32, "file": "b.txt"}
    await publish(
        js, ReportDuplicate(**ends, received_at=MOMENT + timedelta(minutes=2), alias="c.txt")
    )
    await publish(js, ReportRefused(**ends, received_at=MOMENT, stage="extract", reason="empty",
                                    detail_zh="空", detail_en="empty"))  # fmt: skip

    found = await line_state.of_bus(js, NOW)

    assert found["gouji_line_oldest_in_flight_seconds"] == {(): 1000 - 120}


async def test_dead_letters_are_told_by_service(js):
    for number, service in enumerate(("extract", "extract", "sink")):
        letter = DeadLetter(
            service=service, document_id=None, file=None, reason="x", error_class="OSError", attempts=5,
            origin_subject="s", origin_stream="REPORTS", origin_sequence=number, payload="",
            failed_at=MOMENT, replay="",
        )  # fmt: skip
        await js.publish(f"gouji.v1.dead.{service}", letter.model_dump_json().encode())

    found = await line_state.of_bus(js, NOW)

    assert found["gouji_line_dead_letters"] == {("extract",): 2.0, ("sink",): 1.0}


def test_files_are_counted_by_state_and_none_is_left_out(database_url):
    database = Database(database_url)
    database.migrate()
    database.alias(
        ReportDuplicate(document_id="ab" * 32, file="b.txt", received_at=MOMENT, alias="c.txt")
    )
    database.close()
    books = line_state.Books(database_url)

    found = books.gauges()
    books.close()

    assert found["gouji_line_files"] == {
        ("recorded",): 0, ("duplicate",): 1, ("expanded",): 0, ("refused",): 0, ("dead",): 0,
    }  # fmt: skip
    assert found["gouji_line_reports"] == {(): 0}


async def test_what_does_not_answer_has_no_figures_but_the_rest_has(js, tmp_path, monkeypatch):
    line = LineMonitor(js, f"sqlite:///{tmp_path}/none.db", tmp_path)
    await line.look()

    found = line.gauges()

    assert found["gouji_line_store_up"] == {("bus",): 1, ("database",): 0, ("backups",): 0}
    assert "gouji_line_files" not in found
    assert "gouji_line_messages_pending" in found
    assert line.checks() == {"bus": "ok", "database": "away"}
    monkeypatch.setattr("services.commands.running.line_monitor._STALE_AFTER", -1.0)
    assert line.gauges() == {
        "gouji_line_store_up": {("bus",): 0, ("database",): 0, ("backups",): 0}
    }


async def test_a_bus_that_is_silent_is_unavailable(nats_server):
    async with client(nats_server.url) as context:
        for stream in await context.streams_info():
            await context.delete_stream(stream.config.name)
        with pytest.raises(Unavailable):
            await line_state.of_bus(context, NOW)


def test_the_age_of_the_newest_whole_backup_is_told(tmp_path):
    for day, whole in ((1, True), (2, True), (3, False)):
        folder = tmp_path / f"2026010{day}T000000Z"
        folder.mkdir()
        if whole:
            told = {"format": 1, "began": f"2026-01-0{day}T00:00:00+00:00", "ended": "2026-01-01T01:00:00+00:00",
                    "engine_version": "2", "database": {}, "streams": [], "archive": {}}  # fmt: skip
            (folder / manifest.NAME).write_text(json.dumps(told))

    (found,) = line_state.of_backups(tmp_path).values()

    assert found == {(): datetime(2026, 1, 2, tzinfo=UTC).timestamp()}


def test_processes_take_one_port_after_the_other_or_none():
    assert addresses("127.0.0.1:9100", ["ingest", "extract-2"]) == {
        "ingest": "127.0.0.1:9101", "extract-2": "127.0.0.1:9102",
    }  # fmt: skip
    assert addresses(None, ["ingest"]) == {"ingest": ""}
    for wrong in ("9100", "127.0.0.1:65535"):
        with pytest.raises(BadSetting, match="GOUJI_HTTP_ADDRESS"):
            addresses(wrong, ["ingest"])


async def test_a_look_that_took_long_is_not_repeated_at_once(js, tmp_path, monkeypatch):
    line = LineMonitor(js, f"sqlite:///{tmp_path}/none.db", None)
    looks = []

    async def slow():
        looks.append(1)
        await asyncio.sleep(0.05)
        return {}

    line._stores["database"].look = slow
    await line.look()
    await line.look()

    assert looks == [1]
