"""What strangers write into headers and subjects neither ends the client's reading nor speaks for the server."""

import pytest
from nats.aio.client import Client

from shared.runtime.connections import strangers
from shared.runtime.streams import topology

ACK = b"$JS.ACK.REPORTS.extract.1.1.1.1.0"


def test_whatever_talks_to_the_bus_is_careful() -> None:
    assert topology.STREAMS
    assert Client._process_headers is strangers._headers
    assert Client._build_message is strangers._message


async def test_the_library_itself_still_breaks_on_a_status_line_of_noise() -> None:
    # when this no longer raises, what `harden` does about it can go
    with pytest.raises(UnicodeDecodeError):
        await strangers._read_headers(Client(), b"NATS/1.0 \xff\xfe\xfd \xff\xff\r\n\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"NATS/1.0 \xff\xfe\xfd \xff\xff\r\n\r\n",
        b"NATS/1.0",
        b"NATS/1.0\r\n\r\n",
        b"N",
        b"NATS/1.0\r\n\xff: \xff\r\n\r\n",
    ],
)
async def test_headers_that_cannot_be_read_are_none(raw: bytes) -> None:
    assert not await Client()._process_headers(raw)


def test_a_message_out_of_a_stream_does_not_speak_for_the_server() -> None:
    for reply, extra in ((ACK, {}), (b"", {"Nats-Sequence": "7"})):
        headers = {"Status": "404", "Description": "No Messages", "ce-type": "x", **extra}
        message = Client()._build_message(1, b"gouji.v1.x", reply, b"", headers)
        assert message.headers == {"ce-type": "x", **extra}


def test_the_server_still_speaks_for_itself() -> None:
    message = Client()._build_message(1, b"_INBOX.a", b"", b"", {"Status": "404"})
    assert message.headers == {"Status": "404"}


def test_a_subject_that_is_no_text_is_a_subject_still() -> None:
    message = Client()._build_message(1, b"gouji.v1.issue.\xff", ACK, b"", None)
    assert message.subject == "gouji.v1.issue.\ufffd"
