"""Looking after the streams: room when they fill up, and a second try for a dead letter."""

from typing import Final

from nats.js import JetStreamContext

from shared.contracts.events import DeadLetter
from shared.contracts.parcel import ONLY_FOR
from shared.runtime import envelope, topology
from shared.runtime.logs import log
from shared.runtime.looking import look, same_leader

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
        if not same_leader(info, await js.stream_info(stream.name)):
            # a new leader may have looked before it had written all that was agreed
            continue
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
    reached, stop = floor.stream_seq if floor else 0, last
    for subject in consumer.filters:
        found = await look(js, consumer.stream, reached + 1, subject, reached=last)
        if found is not None:
            stop = min(stop, (found.seq or reached + 1) - 1)
    return stop


async def replay(js: JetStreamContext, number: int, letter: DeadLetter) -> None:
    """Publish a dead letter's message again where it stood, as a new message, and drop the letter.

    `number` is the letter's sequence among the dead letters; it makes the new message's id, so that
    a message may die and be replayed more than once. Results that were published the first time are
    recognised by their ids and not doubled.
    """
    headers, body = {}, letter.payload.encode()
    stood = letter.origin_sequence
    original = await look(js, letter.origin_stream, stood, reached=stood)
    if original is not None:
        # else the stream has forgotten it: the letter carries the payload
        headers, body = dict(original.headers or {}), original.data or b""
    if letter.origin_stream == topology.INBOX_STREAM:
        headers[_ROLL_UP] = "sub"
    headers.pop("Nats-Expected-Stream", None)
    if letter.consumer is not None:
        headers[ONLY_FOR] = letter.consumer
    base = headers.get(envelope.MESSAGE_ID, f"{letter.origin_stream}:{letter.origin_sequence}")
    headers[envelope.MESSAGE_ID] = f"{base}:r{number}"
    await js.publish(letter.origin_subject, body, headers=headers, timeout=10)
    await js.delete_msg(topology.DEAD, number)
