"""What normalize publishes for each thing that reading can come to."""

from collections.abc import Collection
from datetime import UTC, datetime
from hashlib import sha256

from services.normalize.core.outcomes import (
    Member,
    Members,
    NeedsConversion,
    NeedsRecognition,
    Outcome,
    Picture,
)
from services.normalize.handler import handle
from shared.contracts.events import (
    ReportDeferred,
    ReportExpanded,
    ReportNormalized,
    ReportReceived,
)
from shared.report.document import Document, Paragraph
from shared.runtime.work import ThreadWork

EVENT = ReportReceived(
    document_id="0" * 64,
    file="a.zip",
    received_at=datetime(2025, 1, 31, tzinfo=UTC),
    media_type="application/zip",
    size=3,
)
DOCUMENT = Document(blocks=(Paragraph(text="标题"),), reader="toy")


class Archive:
    def get(self, document_id: str) -> bytes:
        assert document_id == EVENT.document_id
        return b"abc"


class Workshop:
    def __init__(self, found: Outcome) -> None:
        self.found = found
        self.lanes: Collection[str] = ()

    async def read_fully(self, data: bytes, name: str, lanes: Collection[str]) -> Outcome:
        assert (data, name) == (b"abc", EVENT.file)
        self.lanes = lanes
        return self.found


class Bucket:
    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def put(self, data: bytes, file: str) -> str:
        self.held[file] = data
        return sha256(data).hexdigest()


async def handled(found: Outcome, bucket: Bucket | None = None, lanes: Collection[str] = ()):
    workshop = Workshop(found)
    (event,) = await handle(
        EVENT,
        help_from=lanes,
        archive=Archive(),
        work=ThreadWork(1000),
        workshop=workshop,
        bucket=bucket or Bucket(),
    )
    assert workshop.lanes == lanes
    assert (event.document_id, event.file) == (EVENT.document_id, EVENT.file)
    assert event.received_at == EVENT.received_at
    return event


async def test_a_document_is_normalized():
    event = await handled(DOCUMENT, lanes=("office", "ocr"))

    assert isinstance(event, ReportNormalized)
    assert event.document == DOCUMENT


async def test_a_need_waits_in_its_lane():
    picture = Picture("k", 1, b"png")

    for need, lane in ((NeedsConversion(".doc"), "office"), (NeedsRecognition((picture,)), "ocr")):
        event = await handled(need)
        assert isinstance(event, ReportDeferred)
        assert event.lane == lane


async def test_each_lane_has_its_own_message_and_the_same_again_is_the_same():
    office, ocr = await handled(NeedsConversion(".doc")), await handled(NeedsRecognition(()))
    again = await handled(NeedsConversion(".doc"))

    assert office.message_id() == again.message_id() != ocr.message_id()


async def test_the_members_of_an_archive_are_dropped_under_its_name():
    bucket = Bucket()
    found = Members((Member("x/一.docx", b"1"), Member("二.txt", b"2")), ("Thumbs.db",))

    event = await handled(found, bucket)

    assert isinstance(event, ReportExpanded)
    assert bucket.held == {"a.zip/x/一.docx": b"1", "a.zip/二.txt": b"2"}
    assert [(m.file, m.document_id) for m in event.members] == [
        ("a.zip/x/一.docx", sha256(b"1").hexdigest()),
        ("a.zip/二.txt", sha256(b"2").hexdigest()),
    ]
    assert event.skipped == ("Thumbs.db",)
