"""Looking after the streams: room when they fill up, and a second try for a dead letter."""

from typing import Final

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.contracts.events import DeadLetter
from shared.contracts.parcel import ONLY_FOR
from shared.runtime import envelope, topology
from shared.runtime.logs import log

_FULL: Final = 0.8
_ROLL_UP: Final = "Nats-Rollup"


async def relieve(js: JetStreamContext) -> None:
    """Drop the older half of what is worked off from streams that are nearly full.

    A full stream would stop every stage. Only messages that all our consumers are done with go;
    archive and database hold what they led to.
    """
    for stream in topology.STREAMS:
        consumers = [c for c in topology.CONSUMERS if c.stream == stream.name]
        info = await js.stream_info(stream.name)
        limit = info.config.max_bytes or 0
        if not consumers or limit <= 0 or info.state.bytes < _FULL * limit:
            continue
        done = min([await _done_until(js, c, info.state.last_seq) for c in consumers])
        middle = (info.state.first_seq + info.state.last_seq) // 2
        before = min(done, middle) + 1
        if before > info.state.first_seq:
            await js.purge_stream(stream.name, seq=before)
            log("warning", "bus.relieved", stream=stream.name, before=before)


async def _done_until(js: JetStreamContext, consumer: topology.Consumer, last: int) -> int:
    """Return up to where a consumer needs nothing any more.

    Its own floor says where it last finished; one that waits for rare messages, as the lanes of slow
    help do, stands still there while what it never asked for goes by.
    """
    floor = (await js.consumer_info(consumer.stream, consumer.name)).ack_floor
    reached = floor.stream_seq if floor else 0
    for subject in consumer.filters:
        try:
            found = await js.get_msg(consumer.stream, reached + 1, subject, direct=True, next=True)
        except NotFoundError:
            continue
        last = min(last, (found.seq or reached + 1) - 1)
    return last


async def replay(js: JetStreamContext, number: int, letter: DeadLetter) -> None:
    """Publish a dead letter's message again where it stood, as a new message, and drop the letter.

    `number` is the letter's sequence among the dead letters; it makes the new message's id, so that
    a message may die and be replayed more than once. Results that were published the first time are
    recognised by their ids and not doubled.
    """
    headers, body = dict(letter.headers), letter.payload.encode()
    try:
        original = await js.get_msg(letter.origin_stream, letter.origin_sequence)
        headers, body = dict(original.headers or {}), original.data or b""
    except NotFoundError:
        # the stream has forgotten it: the letter carries it
        pass
    if letter.origin_stream == topology.INBOX_STREAM:
        headers[_ROLL_UP] = "sub"
    headers.pop("Nats-Expected-Stream", None)
    if letter.consumer is not None:
        headers[ONLY_FOR] = letter.consumer
    base = headers.get(envelope.MESSAGE_ID, f"{letter.origin_stream}:{letter.origin_sequence}")
    headers[envelope.MESSAGE_ID] = f"{base}:r{number}"
    await js.publish(letter.origin_subject, body, headers=headers, timeout=10)
    await js.delete_msg(topology.DEAD, number)
