"""Fetching that stays calm while a consumer has no leader.

The bus answers a fetch at once when it can give nothing: no leader, consumer gone, connection
closed. FastStream asks again at once, which takes a whole core for as long as that lasts.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Any, Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError

_AT_ONCE: Final = 0.5
_PAUSE: Final = 0.5


class CalmPull:
    """A pull subscription that gives nothing no faster than twice a second; seconds throughout."""

    def __init__(self, subscription: Any) -> None:
        """Fetch through this subscription."""
        self._subscription = subscription

    async def fetch(self, batch: int = 1, timeout: float | None = 5) -> list[Msg]:  # noqa: ASYNC109 - the client's signature
        """Return messages; raises the client's `TimeoutError` where there are none for now."""
        started = time.monotonic()
        try:
            found: list[Msg] = await self._subscription.fetch(batch=batch, timeout=timeout)
        except (NatsError, TimeoutError) as error:
            if time.monotonic() - started < _AT_ONCE:
                await asyncio.sleep(_PAUSE)
            raise NatsTimeoutError from error
        return found

    async def unsubscribe(self) -> None:
        """End the subscription."""
        await self._subscription.unsubscribe()


def calm(subscribers: Iterable[Any]) -> None:
    """Let the running pull loops of FastStream's subscribers fetch calmly from now on."""
    for subscriber in subscribers:
        subscription = getattr(subscriber, "subscription", None)
        if subscription is not None and not isinstance(subscription, CalmPull):
            subscriber.subscription = CalmPull(subscription)
