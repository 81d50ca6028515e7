"""Ingest: what each kind of dropped object becomes."""

import base64
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from services.ingest.core.sniff import media_type
from services.ingest.handler import handle
from shared.contracts.dropped import DroppedObject, object_key
from shared.contracts.events import ReportDuplicate, ReportReceived, ReportRefused
from shared.errors import BadInput
from shared.runtime.archive import FolderArchive

MOMENT = datetime(2025, 1, 31, tzinfo=UTC)


class MemoryBucket:
    def __init__(self, answer):
        self.answer = answer
        self.reads = 0

    async def read(self, _dropped):
        self.reads += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FixedClock:
    def __init__(self, later=timedelta()):
        self.later = later

    def now(self):
        return MOMENT + self.later


class Inline:
    async def compute(self, _size, call, *args):
        return call(*args)

    async def wait(self, call, *args):
        return call(*args)


def dropped(data: bytes, name: str, **fields: object) -> DroppedObject:
    digest = "SHA-256=" + base64.urlsafe_b64encode(sha256(data).digest()).decode()
    known = {"name": name, "nuid": "n1", "size": len(data), "chunks": 1, "digest": digest}
    return DroppedObject.model_validate(known | fields)


async def ingest(folder, data, event, *, answer=..., limit=1000, later=timedelta()):
    bucket = MemoryBucket(data if answer is ... else answer)
    events = await handle(
        event,
        bucket=bucket,
        archive=FolderArchive(folder),
        clock=FixedClock(later),
        work=Inline(),
        limit=limit,
        memory=timedelta(hours=24),
    )
    return events, bucket


async def test_a_new_file_is_archived_and_received(tmp_path):
    data = "某县2024年报告".encode()
    key = object_key(sha256(data).hexdigest(), "镇/报告.md")

    (event,), _ = await ingest(tmp_path, data, dropped(data, key))

    assert isinstance(event, ReportReceived)
    assert (event.file, event.size, event.media_type) == ("镇/报告.md", len(data), "text/markdown")
    assert FolderArchive(tmp_path).get(event.document_id) == data


async def test_an_object_of_any_client_is_named_by_its_key(tmp_path):
    (event,), _ = await ingest(tmp_path, b"x", dropped(b"x", "年报 2024.txt"))

    assert event.file == "年报 2024.txt"


async def test_the_same_delivery_again_gives_the_same_event(tmp_path):
    once = await ingest(tmp_path, b"x", dropped(b"x", "a.txt"))
    again = await ingest(tmp_path, b"x", dropped(b"x", "a.txt"))

    assert once[0] == again[0]


async def test_the_same_bytes_under_another_name_are_an_alias(tmp_path):
    await ingest(tmp_path, b"x", dropped(b"x", "first.txt"))

    (*_, event), _ = await ingest(tmp_path, b"x", dropped(b"x", "second.txt"))

    assert isinstance(event, ReportDuplicate)
    assert (event.file, event.alias) == ("first.txt", "second.txt")


async def test_a_further_name_announces_the_first_arrival_again_as_it_may_never_have_been(tmp_path):
    (first,), _ = await ingest(tmp_path, b"x", dropped(b"x", "first.txt"))

    (again, _), _ = await ingest(tmp_path, b"x", dropped(b"x", "second.txt"))

    assert again == first


async def test_a_further_name_after_the_memory_of_the_bus_announces_nothing_again(tmp_path):
    await ingest(tmp_path, b"x", dropped(b"x", "first.txt"))

    dropped_late = dropped(b"x", "second.txt")
    (event,), _ = await ingest(tmp_path, b"x", dropped_late, later=timedelta(hours=25))

    assert isinstance(event, ReportDuplicate)


async def test_a_file_above_the_limit_is_refused_unread(tmp_path):
    (event,), bucket = await ingest(tmp_path, b"x", dropped(b"x", "a.txt", size=1001))

    assert isinstance(event, ReportRefused)
    assert (event.reason, event.document_id) == ("too_large", sha256(b"x").hexdigest())
    assert bucket.reads == 0


async def test_an_empty_file_is_refused_and_the_next_one_still_visible(tmp_path):
    (first,), _ = await ingest(tmp_path, b"", dropped(b"", "a.txt"))
    (*_, second), _ = await ingest(tmp_path, b"", dropped(b"", "b.txt"))

    assert first.reason == "empty"
    assert isinstance(second, ReportDuplicate)
    assert second.alias == "b.txt"


async def test_lost_bytes_are_refused_and_do_not_stand_for_the_same_bytes_dropped_well(tmp_path):
    gone = BadInput("missing_bytes", "缺失", "missing")

    (refused,), _ = await ingest(tmp_path, b"x", dropped(b"x", "a.txt"), answer=gone)
    (good,), _ = await ingest(tmp_path, b"x", dropped(b"x", "b.txt", nuid="n2"))

    assert refused.reason == "missing_bytes"
    assert isinstance(good, ReportReceived)


@pytest.mark.parametrize("case", ["deleted", "replaced"])
async def test_a_deleted_or_replaced_object_is_nothing_to_do(tmp_path, case):
    event = dropped(b"x", "a.txt", deleted=case == "deleted")

    events, _ = await ingest(tmp_path, b"x", event, answer=None)

    assert events == ()
    assert list(tmp_path.iterdir()) == []


async def test_a_wrong_digest_note_does_not_decide_the_identity(tmp_path):
    event = dropped(b"other", "a.txt", size=1)

    (received,), _ = await ingest(tmp_path, b"x", event)

    assert received.document_id == sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    ("data", "file", "kind"),
    [
        (b"%PDF-1.7", "a.txt", "application/pdf"),
        (
            b"PK\x03\x04",
            "a.docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (b"PK\x03\x04", "a.txt", "application/zip"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "a.txt", "text/html"),
        (b"\xff\xfea\x00", "a.txt", "text/plain"),
        (b"\x7fELF\x00\x00", "a.txt", "application/octet-stream"),
        ("年报".encode("gb18030"), "a", "text/plain"),
    ],
)
def test_the_media_type_follows_the_bytes_before_the_name(data, file, kind):
    assert media_type(data, file) == kind
