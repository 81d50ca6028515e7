"""How long gouji tries, and how it remembers what was not a message's own fault."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from nats.aio.client import Client

from shared.runtime.settings import Settings
from shared.runtime.topology import RETRIES, RETRY_SUBJECT

_GROWTH: Final = 4
_JITTER: Final = 0.2


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


class RetryNotes:
    """Counts, on the bus, how often a message was handed back in order.

    The bus counts deliveries, but not why they ended. An outage must not use up the attempts of a
    message, while one that kills its process must run out of them; any copy may ask.
    """

    def __init__(self, client: Client) -> None:
        """Use this connection; the provisioner owns the stream."""
        self._client = client
        self._js = client.jetstream()

    async def count(self, consumer: str, stream: str, sequence: int) -> int:
        """Return how often this message was handed back to this consumer."""
        subject = _subject(consumer, stream, sequence)
        info = await self._js.stream_info(RETRIES, subjects_filter=subject)
        return (info.state.subjects or {}).get(subject, 0)

    async def add(self, consumer: str, stream: str, sequence: int) -> None:
        """Note that it is being handed back once more; unconfirmed, as a stopping service must."""
        await self._client.publish(_subject(consumer, stream, sequence))


def _subject(consumer: str, stream: str, sequence: int) -> str:
    return f"{RETRY_SUBJECT}.{consumer}.{stream}.{sequence}"
