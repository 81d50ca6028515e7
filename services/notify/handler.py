"""A message, plus a door to the outside, becomes one request to one webhook, or nothing."""

from collections.abc import Sequence
from typing import Protocol

from services.notify.core.notices import Notice, notice_of
from services.notify.core.webhooks import Webhook, wants
from shared.contracts.events import Event
from shared.contracts.parcel import Parcel


class Door(Protocol):
    """The way to one webhook."""

    async def post(self, notice: Notice) -> int:
        """Deliver and return the status of the answer; raises `Undeliverable`."""
        ...

    def pass_over(self) -> None:
        """Note that a message is not for this webhook."""
        ...


async def handle(
    parcel: Parcel, *, webhook: Webhook, consumer: str, door: Door, masks: bool = True
) -> Sequence[Event]:
    """Deliver what the webhook wants; nothing is published."""
    if wants(webhook, consumer, parcel.headers):
        await door.post(notice_of(parcel, masks=masks))
    else:
        door.pass_over()
    return ()
