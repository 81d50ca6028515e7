"""The dead letters on the bus, one after another."""

from collections.abc import AsyncIterator

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from pydantic import ValidationError

from shared.contracts.events import DeadLetter
from shared.errors import Unavailable
from shared.runtime import topology


async def letters_of(js: JetStreamContext) -> AsyncIterator[tuple[int, DeadLetter]]:
    """Yield the dead letters with their sequences; what cannot be read is left alone."""
    try:
        last = (await js.stream_info(topology.DEAD)).state.last_seq
        number = 1
        while number <= last:
            try:
                message = await js.get_msg(
                    topology.DEAD, number, f"{DeadLetter.subject}.>", next=True
                )
            except NotFoundError:
                return
            number = (message.seq or number) + 1
            try:
                letter = DeadLetter.model_validate_json(message.data or b"")
            except ValidationError:
                continue
            yield number - 1, letter
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the dead letters cannot be read: {error!r}") from error
