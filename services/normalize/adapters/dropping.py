"""Puts the members of an archive into the watched bucket, as if each had been dropped."""

from collections.abc import Callable

from nats.js import JetStreamContext

from shared.runtime.streams.inbox import Inbox


class Dropping:
    """The watched bucket, write side; the connection exists only once the service runs."""

    def __init__(self, js: Callable[[], JetStreamContext]) -> None:
        """Take the connection from `js` when it is needed."""
        self._js = js

    async def put(self, data: bytes, file: str) -> str:
        """Put one file under its content hash; return the hash. A second time changes nothing."""
        return (await Inbox(self._js()).put(data, file)).document_id
