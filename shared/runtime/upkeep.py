"""Looking after the streams: room when they fill up, and a second try for a dead letter."""

from typing import Final

from nats.js import JetStreamContext

from shared.runtime import envelope, topology
from shared.runtime.logs import log

_FULL: Final = 0.8


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
        floors = [(await js.consumer_info(c.stream, c.name)).ack_floor for c in consumers]
        done = min(floor.stream_seq if floor else 0 for floor in floors)
        middle = (info.state.first_seq + info.state.last_seq) // 2
        before = min(done, middle) + 1
        if before > info.state.first_seq:
            await js.purge_stream(stream.name, seq=before)
            log("warning", "bus.relieved", stream=stream.name, before=before)


async def replay(js: JetStreamContext, stream: str, sequence: int) -> None:
    """Publish a stored message once more under its own subject, as a new message.

    Raises `nats.js.errors.NotFoundError` if it is not kept any more. Results that were published
    the first time are recognised by their ids and not doubled.
    """
    found = await js.get_msg(stream, sequence)
    headers = dict(found.headers or {})
    original = headers.get(envelope.MESSAGE_ID, f"{stream}:{sequence}")
    headers[envelope.MESSAGE_ID] = f"{original}:replayed:{sequence}"
    headers.pop("Nats-Expected-Stream", None)
    await js.publish(found.subject or "", found.data or b"", headers=headers)
