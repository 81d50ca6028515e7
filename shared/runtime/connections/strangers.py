"""The client library made to stand what strangers write into subjects and headers.

The bus keeps any bytes there. Without this, one message whose status line or subject is no UTF-8 ends
the loop that reads from the bus, silently and for good; and a header called `Status` makes the client
take a stored message for the server's own word (no messages, consumer gone), so that it is never
handled and never ended. Both come again after every restart.
"""

from typing import Any, Final

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import Header

from shared.runtime.logs import log

_ACK_PREFIX: Final = b"$JS.ACK."
_STORED: Final = "Nats-Sequence"
"""Header that the server gives a message which it hands out of a stream on request."""
_SERVERS_WORDS: Final = (Header.STATUS.value, Header.DESCRIPTION.value)

Headers = dict[str, str]

_read_headers = Client._process_headers  # noqa: SLF001 - the library has no door for this
_build = Client._build_message  # noqa: SLF001


async def _headers(self: Client, raw: bytes) -> Headers | None:
    try:
        found: Headers | None = await _read_headers(self, raw)
    except (ValueError, IndexError):
        log("warning", "bus.headers_unreadable", size=len(raw))
        return None
    return found


def _message(
    self: Client, sid: int, subject: bytes, reply: bytes, data: bytes, headers: Headers | None
) -> Msg:
    if headers and (reply.startswith(_ACK_PREFIX) or _STORED in headers):
        # a message out of a stream: only its publisher can have said this
        for word in _SERVERS_WORDS:
            headers.pop(word, None)
    readable = subject.decode(errors="replace").encode()
    built: Msg = _build(self, sid, readable, reply, data, headers)
    return built


def harden(client: Any = Client) -> None:
    """Make every client of this process careful; doing it twice changes nothing."""
    client._process_headers = _headers  # noqa: SLF001
    client._build_message = _message  # noqa: SLF001
