"""What the bus calls a second copy: is the first one really the same.

Message ids follow from content, so that anybody who may publish can take the id of a message to come.
The bus would then drop the true one as a copy and say that it is stored. So a copy is compared.
"""

from collections.abc import Mapping

from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import NotFoundError

from shared.contracts.events import DeadLetter
from shared.runtime import envelope
from shared.runtime.objects import digest_of


async def is_same(js: JetStreamContext, stored: PubAck, subject: str, body: bytes) -> bool:
    """Tell whether what the bus holds under the same id says the same; not if it is gone.

    Raises what the client library raises when the bus does not answer.
    """
    try:
        first = await js.get_msg(stored.stream, stored.seq, direct=True)
    except NotFoundError:
        return False
    if first.subject != subject:
        return False
    # when a dead letter failed, and how often it was tried, is another thing each time
    return subject.startswith(DeadLetter.subject) or (first.data or b"") == body


def other_id(headers: Mapping[str, str], body: bytes) -> str:
    """Return a further id for a message whose own one is taken; the same for the same message."""
    return f"{headers[envelope.MESSAGE_ID]}:{digest_of(body)[:16]}"
