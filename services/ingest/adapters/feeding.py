"""The feeders' side of the bucket: files under their hash, and notices of files too large for it."""

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from shared.contracts.dropped import object_key
from shared.errors import Unavailable
from shared.runtime.streams.inbox import Inbox, printable_name


class BucketFeed:
    """Puts files into the watched bucket; doing so again changes nothing."""

    def __init__(self, js: JetStreamContext) -> None:
        """Use this connection; the provisioner owns the bucket itself."""
        self._inbox = Inbox(js)

    async def put(self, data: bytes, file: str) -> str:
        """Put one file under its content hash; return the hash. Raises `Unavailable`."""
        return (await self._inbox.put(data, file)).document_id

    async def announce(self, file: str, document_id: str, size: int) -> None:
        """Tell ingest of a file that is too large to carry: it is refused by its size, unread.

        The notice has the size and hash of the file and no bytes behind it.
        """
        key = object_key(document_id, printable_name(file))
        try:
            there = await self._inbox.find(key)
            if there is not None and there.size == size:
                return
            await self._inbox.announce(key, document_id[:22], size, 0, document_id)
        except (NatsError, TimeoutError) as error:
            raise Unavailable(f"the bucket does not take the notice: {error!r}") from error
