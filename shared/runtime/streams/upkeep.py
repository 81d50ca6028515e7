"""A second try for a dead letter, and consumers that are ahead of their stream."""

from datetime import datetime
from typing import Final

from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from shared.contracts.events import DeadLetter
from shared.contracts.parcel import ONLY_FOR
from shared.runtime.logs import log
from shared.runtime.streams import envelope, topology
from shared.runtime.streams.looking import look

_ROLL_UP: Final = "Nats-Rollup"
_LOST_CHARACTER: Final = "\N{REPLACEMENT CHARACTER}"
"""What a letter has in place of a byte that is no text."""


async def replay(js: JetStreamContext, number: int, letter: DeadLetter) -> bool:
    """Publish a dead letter's message again as a new message, and drop the letter.

    `number` is the letter's sequence among the dead letters; it makes the new message's id, so that
    a message may die and be replayed more than once. Results that were published the first time are
    recognised by their ids and not doubled. False, changing nothing, where neither the letter nor the
    stream has the message any more; `Unavailable` while nobody can tell.
    """
    message = await _message_of(js, letter)
    if message is None:
        return False
    headers, body = message
    if letter.origin_stream == topology.INBOX_STREAM:
        headers[_ROLL_UP] = "sub"
    headers.pop("Nats-Expected-Stream", None)
    if letter.consumer is not None:
        headers[ONLY_FOR] = letter.consumer
    base = headers.get(envelope.MESSAGE_ID, f"{letter.origin_stream}:{letter.origin_sequence}")
    headers[envelope.MESSAGE_ID] = f"{base}:r{number}"
    await js.publish(letter.origin_subject, body, headers=headers, timeout=10)
    await js.delete_msg(topology.DEAD, number)
    return True


async def is_lost(js: JetStreamContext, letter: DeadLetter) -> bool:
    """Tell whether nobody has a letter's message any more; `Unavailable` while nobody can tell."""
    return await _message_of(js, letter) is None


async def _message_of(
    js: JetStreamContext, letter: DeadLetter
) -> tuple[dict[str, str], bytes] | None:
    return _carried(letter) or await _standing(js, letter)


def _carried(letter: DeadLetter) -> tuple[dict[str, str], bytes] | None:
    """Return the message that a letter carries; None unless it carries all of it.

    It goes before what stands in the stream: one that lost its end numbers other messages alike.
    """
    if not letter.headers or _LOST_CHARACTER in letter.payload:
        return None
    return dict(letter.headers), letter.payload.encode()


async def _standing(
    js: JetStreamContext, letter: DeadLetter
) -> tuple[dict[str, str], bytes] | None:
    """Return the message of a letter from where it stood, else what the letter has of it."""
    if not letter.origin_subject:
        # the server gave up what the stream had let go of: nobody knows what it was
        return None
    stood = letter.origin_sequence
    found = await look(js, letter.origin_stream, stood, reached=stood)
    if found is not None and found.subject == letter.origin_subject:
        return dict(found.headers or {}), found.data or b""
    if _LOST_CHARACTER in letter.payload:
        return None
    return dict(letter.headers), letter.payload.encode()


async def tell_again(
    js: JetStreamContext, stream: str, number: int, again: str, *, drop: bool
) -> None:
    """Publish the message of this sequence once more, for the occasion `again`; `drop` the first one."""
    try:
        told = await js.get_msg(stream, number)
    except NotFoundError:
        # it was replayed, told again or forgotten meanwhile
        return
    headers = dict(told.headers or {})
    headers[envelope.AGAIN] = again
    headers[envelope.MESSAGE_ID] = f"{headers.get(envelope.MESSAGE_ID, number)}:{again}"
    await js.publish(told.subject or "", told.data or b"", headers=headers, timeout=10)
    if drop:
        await js.delete_msg(stream, number)


async def wind_back_all(js: JetStreamContext) -> None:
    """Wind back every consumer of the line that is ahead of its stream; asks each of both once."""
    for stream in topology.STREAMS:
        ours = [c for c in topology.CONSUMERS if c.stream == stream.name]
        for consumer in ours:
            floor = (await js.consumer_info(consumer.stream, consumer.name)).ack_floor
            # the stream is asked later than the consumer: it can only have grown meanwhile
            last = (await js.stream_info(stream.name)).state.last_seq
            if floor is not None and floor.stream_seq > last:
                await wind_back(js, consumer)


async def wind_back(js: JetStreamContext, consumer: topology.Consumer) -> None:
    """Let a consumer begin at the first message that its stream has.

    One that is ahead of its stream, because that lost its end, would pass over what is new.
    """
    first = (await js.stream_info(consumer.stream)).state.first_seq
    await js.reset_consumer(consumer.stream, consumer.name, max(1, first))
    log("warning", "bus.wound_back", consumer=consumer.name, stream=consumer.stream)


async def wind_back_to(js: JetStreamContext, moment: datetime) -> None:
    """Let every consumer of the line have again what came at a moment or later; never skip anything.

    A consumer's state that was saved after its stream's messages says done of what has no result yet.
    """
    for stream in topology.STREAMS:
        first = await _first_since(js, stream.name, moment)
        for consumer in topology.CONSUMERS:
            if consumer.stream != stream.name:
                continue
            floor = (await js.consumer_info(consumer.stream, consumer.name)).ack_floor
            if floor is not None and floor.stream_seq >= first:
                await js.reset_consumer(consumer.stream, consumer.name, first)


async def _first_since(js: JetStreamContext, stream: str, moment: datetime) -> int:
    """Return the sequence of the first message of a stream that came at a moment or later."""
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.BY_START_TIME,
        opt_start_time=moment,
        inactive_threshold=60.0,
        mem_storage=True,
    )
    info = await js.add_consumer(stream, config)
    await js.delete_consumer(stream, info.name)
    return max(1, (info.delivered.stream_seq if info.delivered else 0) + 1)
