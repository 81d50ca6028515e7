"""What is sent, how it is signed, and what an answer means."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import orjson
import pytest
from pydantic import SecretBytes

from services.notify.core.notices import Notice, judge, notice_of, signed
from services.notify.core.readers import secret
from shared.contracts.parcel import Parcel
from shared.errors import Undeliverable

NOW = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
HEADERS = {"ce-type": "gouji.issue.v1", "ce-id": "abc:1.2", "ce-time": "2025-03-01T07:00:00+00:00"}


def test_a_notice_holds_the_event_as_it_is_and_what_it_is():
    notice = notice_of(Parcel(HEADERS, '{"file":"年报.txt"}'.encode()))

    assert orjson.loads(notice.body) == {
        "type": "gouji.issue.v1",
        "id": "abc:1.2",
        "time": "2025-03-01T07:00:00+00:00",
        "data": {"file": "年报.txt"},
    }


def test_the_same_message_gives_the_same_bytes_under_an_id_without_full_stops():
    parcel = Parcel(HEADERS, b'{"a":1}')

    assert notice_of(parcel) == notice_of(parcel)
    assert notice_of(parcel).id == "abc:1_2"


@pytest.mark.parametrize(
    ("headers", "body"),
    [({}, b"{}"), (HEADERS, b"{not json"), (HEADERS, b"[]"), (HEADERS, b"\xff"), (HEADERS, b"")],
)
def test_what_is_no_event_is_never_sent(headers, body):
    with pytest.raises(Undeliverable) as caught:
        notice_of(Parcel(headers, body))

    assert caught.value.final


def test_a_signature_is_what_the_standard_says():
    key = secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    notice = Notice("msg_1", '{"图":"数"}'.encode())

    headers = signed(notice, [SecretBytes(key)], NOW)

    mac = hmac.new(base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), digestmod=hashlib.sha256)
    mac.update(b"msg_1.1740816000." + notice.body)
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1740816000",
        "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode(),
    }


def test_while_secrets_change_each_signs():
    secrets = [SecretBytes(b"the old secret of ours"), SecretBytes(b"the new secret of ours")]
    notice = Notice("msg_1", b"{}")

    both = signed(notice, secrets, NOW)["webhook-signature"].split(" ")

    assert both == [signed(notice, [s], NOW)["webhook-signature"] for s in secrets]
    assert both[0] != both[1]


@pytest.mark.parametrize("status", [200, 202, 204, 299])
def test_every_answer_of_the_two_hundreds_is_delivered(status):
    judge(status, None, NOW)


@pytest.mark.parametrize("status", [100, 301, 400, 404, 429, 500, 999])
def test_every_other_answer_is_tried_again(status):
    with pytest.raises(Undeliverable) as caught:
        judge(status, None, NOW)

    assert not caught.value.final


def test_gone_is_for_good():
    with pytest.raises(Undeliverable) as caught:
        judge(410, None, NOW)

    assert caught.value.final


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("9" * 400, 999999999.0),
        ("Sat, 01 Mar 2025 08:01:00 GMT", 60.0),
        ("Sat, 01 Mar 2025 07:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        (None, None),
    ],
)
def test_a_wish_to_be_left_alone_is_read_and_nonsense_is_none(text, seconds):
    with pytest.raises(Undeliverable) as caught:
        judge(503, text, NOW)

    assert caught.value.retry_after == seconds
