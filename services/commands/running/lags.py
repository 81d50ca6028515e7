"""How far behind the consumers of the bus are."""

from dataclasses import dataclass

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo

from shared.errors import Unavailable
from shared.runtime.streams import topology


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind one consumer is: waiting, being worked on, and asked for by running copies."""

    stage: str
    waiting: int
    in_work: int
    listening: int


async def lags_of(js: JetStreamContext) -> list[Lag]:
    """Return how far behind each consumer is; raises `Unavailable` when the bus does not answer."""
    return [await lag_of(js, consumer) for consumer in topology.CONSUMERS]


async def lag_of(js: JetStreamContext, consumer: topology.Consumer) -> Lag:
    """Return how far behind one consumer is; raises `Unavailable` when the bus does not answer."""
    try:
        info = await js.consumer_info(consumer.stream, consumer.name)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"{consumer.name}: {error!r}") from error
    return lag(info)


def lag(info: ConsumerInfo) -> Lag:
    """Return how far behind a consumer is by what the bus says of it."""
    return Lag(info.name, info.num_pending or 0, info.num_ack_pending or 0, info.num_waiting or 0)


async def is_worked_off(js: JetStreamContext) -> bool:
    """Tell whether no consumer has anything waiting or under way; False while the bus is silent.

    Webhooks do not count: one that does not answer holds nobody up.
    """
    try:
        return not any(one.waiting or one.in_work for one in await lags_of(js))
    except Unavailable:
        return False
