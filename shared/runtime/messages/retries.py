"""How long gouji tries, and how it remembers what was not a message's own fault."""

import json
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from shared.runtime.settings import Settings
from shared.runtime.streams.topology import HANDBACK_SUBJECT, HANDBACKS

_GROWTH: Final = 4
_JITTER: Final = 0.2
_REMEMBERED: Final = 10_000
_INCREMENT: Final = "Nats-Incr"


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds of trying: times are in seconds."""

    first: float
    longest: float
    max_attempts: int
    dead_letter_limit: int
    heartbeat: float

    @classmethod
    def of(cls, settings: Settings) -> "Patience":
        """Take the bounds from the settings; three heartbeats fit into one ack wait."""
        return cls(
            first=settings.retry_first.total_seconds(),
            longest=settings.retry_longest.total_seconds(),
            max_attempts=settings.max_attempts,
            dead_letter_limit=settings.dead_letter_limit,
            heartbeat=settings.ack_wait / timedelta(seconds=3),
        )

    def delay(self, attempt: int) -> float:
        """Return the pause after an attempt: it grows, is bounded, and spreads by a fifth."""
        grown = min(self.longest, self.first * float(_GROWTH) ** min(attempt - 1, 16))
        # spreading retries is no secret
        return grown * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311


class Harmless:
    """The last messages that this process came through: whatever they are, they do not end it.

    A bus that was killed or damaged may forget what was acknowledged and deliver it again and again; that
    must not look like a message whose every attempt ended without a word.
    """

    def __init__(self) -> None:
        """Nothing was done yet."""
        self._known: dict[tuple[str, int], None] = {}

    def add(self, consumer: str, sequence: int) -> None:
        """Remember one; the oldest make room."""
        if len(self._known) >= _REMEMBERED:
            del self._known[next(iter(self._known))]
        self._known[consumer, sequence] = None

    def knows(self, consumer: str, sequence: int) -> bool:
        """Tell whether it was come through before."""
        return (consumer, sequence) in self._known


class RetryNotes:
    """Counts, on the bus, how often a message was handed back in order.

    The bus counts deliveries, but not why they ended. An outage must not use up the attempts of a
    message, while one that kills its process must run out of them; any copy may ask. Each message has
    one counter, which the server adds up: so a note needs no answer, and a long outage no more room.
    """

    def __init__(self, client: Client) -> None:
        """Use this connection; the provisioner owns the stream."""
        self._client = client
        self._js = client.jetstream()

    async def count(self, consumer: str, stream: str, sequence: int) -> int:
        """Return how often this message was handed back to this consumer."""
        subject = _subject(consumer, stream, sequence)
        try:
            counter = await self._js.get_last_msg(HANDBACKS, subject, direct=True)
        except NotFoundError:
            return 0
        return int(json.loads(counter.data or b"{}")["val"])

    async def add(self, consumer: str, stream: str, sequence: int) -> None:
        """Note that it is being handed back once more; unconfirmed, as a stopping service must."""
        subject = _subject(consumer, stream, sequence)
        await self._client.publish(subject, headers={_INCREMENT: "1"})


def _subject(consumer: str, stream: str, sequence: int) -> str:
    return f"{HANDBACK_SUBJECT}.{consumer}.{stream}.{sequence}"
