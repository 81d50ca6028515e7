"""Streams of earlier versions: what they know goes over to those of this one, and they go when nobody needs them.

Services of the version before may work beside those of this one, and need their streams until the last of them
has ended. So providing leaves these alone; removing them is a step of its own.
"""

from contextlib import suppress
from typing import Final

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.errors import Unavailable
from shared.runtime.streams.topology import HANDBACK_SUBJECT, HANDBACKS, RETIRED

_RETRIES: Final = "RETRIES"
_RETRY_SUBJECT: Final = "gouji.internal.retry"
_INCREMENT: Final = "Nats-Incr"


async def left_over(js: JetStreamContext) -> tuple[str, ...]:
    """Return the streams of earlier versions that are still there; raises `Unavailable`."""
    found = []
    try:
        for name in RETIRED:
            with suppress(NotFoundError):
                await js.stream_info(name)
                found.append(name)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error
    return tuple(found)


async def take_over(js: JetStreamContext) -> None:
    """Take over what the streams of earlier versions know and ours do not; raises `Unavailable`.

    Version 0.1 noted in `RETRIES` how often a message was handed back in order. A message that came often
    during an outage would else look like one that ends its process, and be given up.
    """
    try:
        noted = await _subjects(js, _RETRIES, _RETRY_SUBJECT)
        known = await _subjects(js, HANDBACKS, HANDBACK_SUBJECT) if noted else {}
        for message, times in noted.items():
            if message not in known:
                subject, headers = f"{HANDBACK_SUBJECT}.{message}", {_INCREMENT: str(times)}
                await js.publish(subject, headers=headers)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error


async def retire(js: JetStreamContext) -> None:
    """Remove the streams of earlier versions; no service of theirs may run any more. Raises `Unavailable`."""
    await take_over(js)
    try:
        for name in RETIRED:
            with suppress(NotFoundError):
                await js.delete_stream(name)
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error


async def _subjects(js: JetStreamContext, stream: str, prefix: str) -> dict[str, int]:
    """Return what a stream holds below a prefix, as messages by the rest of their subject."""
    try:
        info = await js.stream_info(stream, subjects_filter=f"{prefix}.>")
    except NotFoundError:
        return {}
    found = info.state.subjects or {}
    return {subject.removeprefix(f"{prefix}."): count for subject, count in found.items()}
