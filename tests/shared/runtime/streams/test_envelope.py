"""The envelope: CloudEvents attributes that any client can read."""

import pytest

from shared.contracts.events import DeadLetter, ReportDuplicate
from shared.runtime.streams import envelope
from tests.support import bus


@pytest.mark.parametrize("text", ["甲县 报告.txt", 'a"b%c', "line\nbreak\r\n", "plain.txt", ""])
def test_any_file_name_survives_a_header(text):
    encoded = envelope.encode(text)

    assert encoded.isascii()
    assert not set(encoded) & set(' "\r\n')
    assert envelope.decode(encoded) == text


def test_ids_and_trace_depend_on_content_alone():
    one = envelope.headers(bus.received("a"), source="ingest", now=bus.MOMENT)
    again = envelope.headers(bus.received("a"), source="ingest", now=bus.MOMENT)
    other = envelope.headers(bus.received("b"), source="ingest", now=bus.MOMENT)

    assert one == again
    assert one["Nats-Msg-Id"] == one["ce-id"] != other["ce-id"]
    assert one["traceparent"] != other["traceparent"]


def test_every_alias_of_a_document_has_its_own_id():
    base = {"document_id": "0" * 64, "file": "a", "received_at": bus.MOMENT}
    ids = {envelope.message_id(ReportDuplicate(alias=alias, **base)) for alias in ("乙", "丙")}

    assert len(ids) == 2


def test_one_message_has_one_dead_letter_per_place_it_stood():
    fields = dict.fromkeys(("reason", "error_class", "origin_subject", "payload", "replay"), "")
    letter = DeadLetter(
        service="extract", document_id=None, file=None, attempts=5, origin_stream="REPORTS",
        origin_sequence=7, failed_at=bus.MOMENT, **fields,
    )  # fmt: skip

    assert envelope.subject(letter) == "gouji.v1.dead.extract"
    assert envelope.message_id(letter) == "extract:gouji.dead.v1:REPORTS:7"
    assert "ce-subject" not in envelope.headers(letter, source="extract", now=bus.MOMENT)
