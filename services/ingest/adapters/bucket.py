"""The watched bucket over the connection that the running service has."""

from collections.abc import Callable

from nats.js import JetStreamContext

from shared.contracts.dropped import DroppedObject
from shared.runtime.messages.delivery import current
from shared.runtime.streams.inbox import Inbox


class WatchedBucket:
    """`shared.contracts.ports.Bucket`; the connection exists only once the service runs."""

    def __init__(self, js: Callable[[], JetStreamContext]) -> None:
        """Take the connection from `js` when it is needed."""
        self._js = js

    async def read(self, dropped: DroppedObject) -> bytes | None:
        """Return the object's bytes, None if it was replaced or deleted since."""
        delivery = current.get()
        reached = delivery.sequence if delivery is not None else 0
        return await Inbox(self._js()).read(dropped, reached=reached)
