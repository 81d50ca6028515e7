"""`gouji provision`: create the streams and consumers on a bus, or bring them up to date."""

import asyncio

from services.notify.adapters.consumers import consumers_of
from services.notify.adapters.files import load
from services.notify.settings import NotifySettings
from shared.runtime import topology


def run() -> None:
    """准备总线 · Create the streams and consumers on the bus of GOUJI_NATS_URL."""
    settings = NotifySettings()
    webhooks = load(settings.webhooks) if settings.webhooks is not None else ()
    asyncio.run(
        topology.provision_at(
            settings.nats_url,
            total_bytes=settings.bus_bytes,
            ack_wait=settings.ack_wait,
            replicas=settings.replicas,
            others=[consumer for webhook in webhooks for consumer in consumers_of(webhook)],
        )
    )
    print(f"总线已就绪 · the bus is ready: {settings.nats_url}")
