"""A second try for a dead letter."""

from typing import Final

from nats.js import JetStreamContext

from shared.contracts.events import DeadLetter
from shared.contracts.parcel import ONLY_FOR
from shared.runtime import envelope, topology
from shared.runtime.looking import look

_ROLL_UP: Final = "Nats-Rollup"


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
