"""The notify service, assembled: durable consumers, loops and a door of its own for each webhook."""

from functools import partial

from faststream import FastStream

from services.notify.adapters.consumers import announce, consumers_of, provide
from services.notify.adapters.door import HttpDoor
from services.notify.adapters.files import load
from services.notify.handler import handle
from services.notify.settings import NotifySettings
from shared.runtime.bus import Bus
from shared.runtime.clock import SystemClock
from shared.runtime.process import assembled
from shared.secrets import named


def create_app(settings: NotifySettings) -> FastStream:
    """Assemble the service; raises `BadSetting`. Nothing is connected yet."""
    with named("GOUJI_WEBHOOKS"):
        webhooks = load(settings.webhooks) if settings.webhooks is not None else ()
    bus = Bus("notify", settings)
    doors = [HttpDoor(webhook, SystemClock()) for webhook in webhooks]
    for door in doors:
        for consumer in consumers_of(door.webhook):
            bus.bind(
                consumer,
                consumes=(),
                produces=(),
                handle=partial(
                    handle,
                    webhook=door.webhook,
                    consumer=consumer.name,
                    door=door,
                    masks=settings.personal_data == "mask",
                ),
            )
    return bus.app(
        opening=(
            partial(announce, webhooks),
            partial(provide, lambda: bus.js, webhooks, settings),
        ),
        closing=tuple(door.close for door in doors),
    )


app = assembled(lambda: create_app(NotifySettings()))
