"""`gouji provision`: create the streams and consumers on a bus, or bring them up to date."""

import asyncio

from shared.runtime import topology
from shared.runtime.settings import Settings


def run() -> None:
    """准备总线 · Create the streams and consumers on the bus of GOUJI_NATS_URL."""
    settings = Settings()
    asyncio.run(
        topology.provision_at(
            settings.nats_url,
            total_bytes=settings.bus_bytes,
            ack_wait=settings.ack_wait,
            replicas=settings.replicas,
        )
    )
    print(f"总线已就绪 · the bus is ready: {settings.nats_url}")
