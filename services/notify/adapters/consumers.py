"""The durable consumers of the webhooks: one for each webhook and stream, nobody else's."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from services.notify.core.webhooks import Webhook, subjects
from shared.errors import Unavailable
from shared.runtime.logs import log
from shared.runtime.settings import Settings
from shared.runtime.streams import topology

_PREFIX: Final = "notify-"
_PAUSE_SECONDS: Final = 1.0


def consumers_of(webhook: Webhook) -> tuple[topology.Consumer, ...]:
    """Return where a webhook's messages wait: `notify-<name>`, and with `-reports` for verdicts."""
    filters: dict[str, list[str]] = {}
    for subject in subjects(webhook):
        filters.setdefault(topology.stream_of(subject), []).append(subject)
    return tuple(
        topology.Consumer(_name(webhook.name, stream), stream, tuple(found), outside=True)
        for stream, found in filters.items()
    )


def _name(webhook: str, stream: str) -> str:
    name = _PREFIX + webhook
    return name if stream == topology.ISSUES else f"{name}-{stream.lower()}"


async def known(js: JetStreamContext) -> list[ConsumerInfo]:
    """Return the state of all webhooks' consumers on a bus; raises `Unavailable`."""
    try:
        found = [
            info
            for stream in (topology.ISSUES, topology.REPORTS)
            for info in await js.consumers_info(stream)
        ]
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the consumers of {topology.ISSUES}: {error!r}") from error
    return [info for info in found if info.name.startswith(_PREFIX)]


async def announce(webhooks: Sequence[Webhook]) -> None:
    """Say in the log who is served; without anybody the service just waits to be stopped."""
    if not webhooks:
        log("warning", "notify.no_webhooks", setting="GOUJI_WEBHOOKS")
    for webhook in webhooks:
        log(
            "info",
            "notify.webhook",
            webhook=webhook.name,
            events=[family.name for family in webhook.families],
            filters=dict(webhook.wanted) or None,
        )


async def provide(
    js: Callable[[], JetStreamContext], webhooks: Sequence[Webhook], settings: Settings
) -> None:
    """Return when every consumer is there with the filters of today; say so while waiting."""
    wanted = [consumer for webhook in webhooks for consumer in consumers_of(webhook)]
    while True:
        try:
            if settings.provision:
                await topology.provide(
                    js(), wanted, ack_wait=settings.ack_wait, replicas=settings.replicas
                )
            else:
                for consumer in wanted:
                    await js().consumer_info(consumer.stream, consumer.name)
        except NotFoundError:
            log("warning", "bus.waiting", error=f"no consumer {consumer.name}: gouji provision")
        except (Unavailable, NatsError, TimeoutError) as error:
            log("warning", "bus.waiting", error=str(error))
        else:
            return
        await asyncio.sleep(_PAUSE_SECONDS)
