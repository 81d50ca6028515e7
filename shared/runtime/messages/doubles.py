"""Whether a message that the bus calls a second copy really says the same as the first one.

Message ids follow from content, so that anybody who may publish can take the id of a message to come.
The bus would then drop the true one as a copy and say that it is stored. So a copy is compared.
"""

from collections.abc import Mapping

from nats.js import JetStreamContext
from nats.js.api import PubAck

from shared.contracts.events import DeadLetter
from shared.runtime.streams import envelope
from shared.runtime.streams.looking import look
from shared.runtime.streams.objects import digest_of


async def is_same(js: JetStreamContext, stored: PubAck, subject: str, body: bytes) -> bool:
    """Tell whether what the bus holds under the same id says the same; not if it is gone.

    Raises what the client library raises when the bus does not answer.
    """
    first = await look(js, stored.stream, stored.seq, reached=stored.seq)
    if first is None or first.subject != subject:
        return False
    # when a dead letter failed, and how often it was tried, is another thing each time
    return subject.startswith(DeadLetter.subject) or (first.data or b"") == body


def other_id(headers: Mapping[str, str], body: bytes) -> str:
    """Return a further id for a message whose own one is taken; the same for the same message."""
    return f"{headers[envelope.MESSAGE_ID]}:{digest_of(body)[:16]}"
