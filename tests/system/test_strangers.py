"""S12: whoever may publish can spoil his own message, and nothing else."""

import io
import zlib
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from nats.js.api import ObjectMeta
from nats.js.object_store import ObjectStore

from services.extract.app import create_app as extract_app
from services.extract.settings import ExtractSettings
from services.ingest.app import create_app as ingest_app
from services.ingest.settings import IngestSettings
from services.sink.app import create_app as sink_app
from services.sink.settings import SinkSettings
from services.validate.app import create_app as validate_app
from services.validate.settings import ValidateSettings
from shared.contracts.events import (
    ReportExtracted,
    ReportNormalized,
    ReportReceived,
    ReportRecorded,
)
from shared.runtime.messages import claims
from shared.runtime.streams import topology
from tests.fuzz.documents import bases
from tests.fuzz.whole import normalized
from tests.support import bus, strangers
from tests.support.toy import Toy, make_app

pytestmark = pytest.mark.system

LINE = (topology.INGEST, topology.NORMALIZE, topology.EXTRACT, topology.VALIDATE, topology.VALIDATE_BESIDE,
        topology.VALIDATE_AGAIN, topology.SINK, topology.SINK_REVIEWS, topology.SINK_DEAD)  # fmt: skip
SUBJECTS = {
    b"$O.inbox.M.eA==": {"name": "x", "nuid": "n", "size": 1, "chunks": 1},
    b"gouji.v1.report.received": strangers.base(media_type="text/plain", size=1),
    b"gouji.v1.report.normalized": strangers.base(document={"blocks": [], "reader": "text"}),
    b"gouji.v1.report.extracted": strangers.base(record={}),
    b"gouji.v1.report.validated": strangers.base(record={}),
    b"gouji.v1.report.recorded": strangers.base(
        report_id="r", revision_id="v", agency=None, year=None, counts={}
    ),
    b"gouji.v1.report.recheck": strangers.base(
        cause="rulebook", requested_at="2025-01-01T00:00:00"
    ),
    b"gouji.v1.review.decided": strangers.base(by="a", at="0001-01-01T00:00:00+14:00"),
    b"gouji.v1.dead.extract": strangers.base(service="extract"),
}
HEADERS = {
    "a wrong type": strangers.block({"ce-type": "gouji.no.such.v1"}),
    "no text": strangers.block(raw=b"ce-type: \xff\xfe\xff\r\nce-file: \xff\r\n\xe5\xb9: x\r\n"),
    "two lines": strangers.block({"ce-type": "gouji.x.v1\r\nce-subject: ../../x", "ce-file": "a%0d%0ab%00%ff"}),
    "64 KB": strangers.block({"x": "y" * 65_000, "ce-subject": "z" * 60_000, "ce-file": "%E5%B9%B4" * 6_000}),
    "a reply": strangers.block({"reply_to": "gouji.v1.report.received", "correlation_id": "\x1b[2J" * 50}),
    "the server's words": strangers.block({"Status": "404", "Description": "No Messages"}),
    "an error of the server": strangers.block({"Status": "503"}),
    "a status line": strangers.block(status=b" 404 No Messages"),
    "a status line of noise": strangers.block(status=b" \xff\xfe\xfd \xff\xff"),
    "a broken first line": b"NATS/1.0\r\n\r\n",
}  # fmt: skip


def line(url: str, folder: Path) -> list:
    common = {
        "nats_url": url, "archive_path": folder / "archive", "database_url": f"sqlite:///{folder}/gouji.db",
        "retry_first": "50ms", "retry_longest": "200ms", "ack_wait": "2s", "log_format": "json", "dead_letter_limit": 5,
        "provision": False,
    }  # fmt: skip
    return [
        ingest_app(IngestSettings(**common)), make_app(bus.settings_for(url, dead_letter_limit=5), Toy()),
        extract_app(ExtractSettings(**common)), validate_app(ValidateSettings(**common)), sink_app(SinkSettings(**common)),
    ]  # fmt: skip


def ours(message) -> bool:
    return (message.headers or {}).get("ce-source", "").startswith("/gouji/")


async def test_no_hostile_message_stops_a_service_or_stays_without_an_end(server, js, tmp_path):
    sent = 0
    async with AsyncExitStack() as running:
        for app in line(server.url, tmp_path):
            await running.enter_async_context(bus.running(app))
        for subject, good in SUBJECTS.items():
            plain = strangers.block({"x": "y"})
            messages = [(subject, plain, body) for body in strangers.bodies(good).values()]
            messages += [(subject, headers, b"{}") for headers in HEADERS.values()]
            messages += [
                (subject, strangers.block(claim), b"{}") for claim in strangers.claims().values()
            ]
            assert await strangers.send(server.url, messages) == []
            sent += len(messages)
        report = normalized(bases()[1]).model_copy(update={"document_id": strangers.GOOD_ID})
        await bus.publish(js, report)
        for consumer in LINE:
            await bus.settled(js, consumer, within=60)
        recorded = await bus.messages(js, ReportRecorded.subject)

    assert [m.headers["ce-subject"] for m in recorded if ours(m)] == [strangers.GOOD_ID]
    letters = [m for m in await bus.messages(js, "gouji.v1.dead.>") if ours(m)]
    # all but those sent as dead letters themselves, and some that are no fault of this kind of message
    assert len(letters) >= sent * 7 // 9
    assert not list(tmp_path.glob("archive/**/passwd*"))


async def test_a_claim_that_is_a_bomb_or_another_body_ends_as_a_dead_letter(server, js):
    store = ObjectStore(
        name=topology.CLAIMS_BUCKET, stream=topology.bucket_stream(topology.CLAIMS_BUCKET), js=js
    )
    held = {"b" * 64: strangers.bomb(300), "c" * 64: zlib.compress(b"{}"), "d" * 64: b"not packed"}
    for name, packed in held.items():
        await store.put(name, io.BytesIO(packed), meta=ObjectMeta(name=name))
    toy = Toy()
    async with bus.running(make_app(bus.settings_for(server.url, dead_letter_limit=2), toy)):
        for name in (*held, "e" * 64):
            claim = strangers.block({"ce-dataref": f"nats-object://claims/{name}"})
            await strangers.send(server.url, [(ReportReceived.subject.encode(), claim, b"{}")])
        await bus.publish(js, bus.received("good.txt"))
        await bus.settled(js, topology.NORMALIZE, within=30)

    assert toy.calls == {"good.txt": 1}
    classes = sorted(
        letter["error_class"] for letter in await bus.bodies(js, "gouji.v1.dead.normalize")
    )
    assert classes == ["ClaimGone", "Unreadable", "Unreadable", "Unreadable"]
    assert claims.LARGEST_BODY < 300 << 20


async def test_a_stranger_who_takes_the_id_of_a_message_to_come_cannot_swallow_it(server, js):
    coming = bus.received("年报.txt")
    document = coming.document_id
    taken = ReportNormalized(
        document_id=document, file="x", received_at=bus.MOMENT, document=bases()[1]
    ).message_id()
    await strangers.send(
        server.url, [(b"gouji.v1.report.refused", strangers.block({"Nats-Msg-Id": taken}), b"junk")]
    )
    async with bus.running(make_app(bus.settings_for(server.url))):
        await bus.publish(js, coming)
        await bus.settled(js, topology.NORMALIZE)
        # and the same once more is one message still
        headers = {"Nats-Msg-Id": "again"}
        await js.publish(ReportReceived.subject, coming.model_dump_json().encode(), headers=headers)
        await bus.settled(js, topology.NORMALIZE)

    (result,) = await bus.bodies(js, ReportNormalized.subject)
    assert result["document_id"] == document


async def test_a_message_over_the_limit_of_the_bus_is_refused_by_the_bus(server, js):
    body = b"x" * (8 << 20)
    complaints = await strangers.send(
        server.url, [(ReportExtracted.subject.encode(), strangers.block({"x": "y"}), body)]
    )
    assert complaints
    assert await bus.bodies(js, ReportExtracted.subject) == []
