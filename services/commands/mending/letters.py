"""The dead letters on the bus, one after another."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final, cast

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from pydantic import ValidationError

from shared.contracts.events import DeadLetter, Stage
from shared.errors import Unavailable
from shared.runtime.streams import topology
from shared.runtime.streams.looking import look

_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)


async def letters_of(
    js: JetStreamContext, *, unreadable: bool = False
) -> AsyncIterator[tuple[int, DeadLetter]]:
    """Yield the dead letters with their sequences.

    What stands among them and cannot be read is left alone, or with `unreadable` told by `foreign`.
    """
    try:
        last = (await js.stream_info(topology.DEAD)).state.last_seq
        number = 1
        while number <= last:
            message = await look(js, topology.DEAD, number, f"{DeadLetter.subject}.>", reached=last)
            if message is None:
                return
            number = (message.seq or number) + 1
            try:
                letter = DeadLetter.model_validate_json(message.data or b"")
            except ValidationError:
                if not unreadable:
                    continue
                letter = foreign(message)
            yield number - 1, letter
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the dead letters cannot be read: {error!r}") from error


def foreign(message: RawStreamMsg) -> DeadLetter:
    """Return what can be said of a message among the dead letters that no service of ours wrote.

    Its service is what its subject says, whoever that may be.
    """
    subject, number = message.subject or "", message.seq or 0
    return DeadLetter.model_construct(
        service=cast("Stage", subject.removeprefix(f"{DeadLetter.subject}.")),
        document_id=None,
        file=None,
        reason="不是死信，无法读取 · no dead letter of ours, cannot be read",
        error_class="Unreadable",
        attempts=0,
        origin_subject=subject,
        origin_stream=topology.DEAD,
        origin_sequence=number,
        payload="",
        failed_at=message.time or _LONG_AGO,
        replay="",
    )
