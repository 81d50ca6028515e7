"""What is under way on the bus: the documents that some stage still has before it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from shared.errors import Unavailable
from shared.runtime.streams import topology
from shared.runtime.streams.inbox import read_notice
from shared.runtime.streams.topology import Consumer

DOCUMENT: Final = "ce-subject"
"""Header of our events that names the document."""

LINE: Final = (
    topology.INGEST, topology.NORMALIZE, topology.NORMALIZE_OFFICE, topology.NORMALIZE_OCR,
    topology.EXTRACT, topology.VALIDATE, topology.SINK, topology.SINK_DEAD,
)  # fmt: skip
"""The consumers that a document passes, in the order in which it passes them."""

_AT_ONCE = 256
_WAIT_SECONDS = 5.0
_FORGOTTEN_AFTER_SECONDS = 60.0


@dataclass(slots=True)
class Flight:
    """What is under way: documents by id, bucket objects by key, and consumers that skip messages.

    `ahead` are consumers that count messages as done which their stream does not have (it lost its
    end): they would pass over as many new ones without a word.
    """

    documents: set[str] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    ahead: list[Consumer] = field(default_factory=list)


async def scan(
    js: JetStreamContext,
    stream: str,
    subjects: Sequence[str],
    *,
    after: int = 0,
    bodies: bool = False,
) -> AsyncIterator[Msg]:
    """Yield what a stream holds now under these subjects after a sequence; headers alone unless told.

    Nothing is left on the bus. Raises what the client library raises.
    """
    info = await js.add_consumer(
        stream,
        ConsumerConfig(
            filter_subjects=list(subjects),
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=after + 1,
            headers_only=None if bodies else True,
            inactive_threshold=_FORGOTTEN_AFTER_SECONDS,
            mem_storage=True,
        ),
    )
    left = info.num_pending or 0
    try:
        if not left:
            return
        reader = await js.pull_subscribe_bind(stream=stream, consumer=info.name)
        while left > 0:
            try:
                found = await reader.fetch(min(left, _AT_ONCE), timeout=_WAIT_SECONDS)
            except TimeoutError:
                # what was deleted meanwhile is not waited for
                if not (await js.consumer_info(stream, info.name)).num_pending:
                    return
                continue
            for message in found:
                yield message
            left -= len(found)
    finally:
        await js.delete_consumer(stream, info.name)


async def in_flight(js: JetStreamContext) -> Flight:
    """Return what is under way; raises `Unavailable` when the bus does not answer.

    The consumers are asked in the order of the line, and a stage acknowledges only when its result is
    stored: a document that moves on meanwhile is met further down. So whatever was archived before
    and is not found here has its end in the database by now, or was lost.
    """
    flight = Flight()
    try:
        for consumer in LINE:
            await _note(js, consumer, flight)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error
    return flight


async def _note(js: JetStreamContext, consumer: Consumer, flight: Flight) -> None:
    """Note what a consumer is not done with: all after its floor.

    What was finished out of order stands above the floor too, which is harmless: it counts as under way a
    little longer.
    """
    info = await js.consumer_info(consumer.stream, consumer.name)
    floor = info.ack_floor.stream_seq if info.ack_floor else 0
    state = (await js.stream_info(consumer.stream)).state
    if floor > state.last_seq:
        flight.ahead.append(consumer)
        floor = state.last_seq
    elif not (info.num_pending or info.num_ack_pending):
        # a floor below that is of a message that the server gave up: it stands there for ever
        return
    of_bucket = consumer.stream == topology.INBOX_STREAM
    async for message in scan(js, consumer.stream, consumer.filters, after=floor, bodies=of_bucket):
        if of_bucket:
            _note_object(message.data, flight)
        elif (document := (message.headers or {}).get(DOCUMENT)) is not None:
            flight.documents.add(document)


def _note_object(data: bytes, flight: Flight) -> None:
    dropped = read_notice(data)
    if dropped is None:
        # nothing of ours: ingest will say so
        return
    flight.objects.add(dropped.name)
    if dropped.sha256 is not None:
        flight.documents.add(dropped.sha256)
