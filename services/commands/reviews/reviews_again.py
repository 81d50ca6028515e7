"""What people decided and the database no longer knows, as far as the bus still tells it."""

import asyncio
from typing import Final

import orjson
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from pydantic import ValidationError

from services.commands.reaching.reading import Reader
from shared.contracts.reviews import REVIEW_EVENTS, AgenciesListed, CellCorrected, IssueDecided
from shared.errors import Unavailable
from shared.runtime.streams import topology
from shared.runtime.streams.flight import scan

_KINDS: Final = {kind.subject: kind for kind in REVIEW_EVENTS}


async def unknown_reviews(js: JetStreamContext, reader: Reader) -> dict[int, str]:
    """Return the acts of reviewers without a row, by sequence, with the file they are about.

    Of several lists of one name the latest alone counts. Acts that wait for the sink are left alone.
    """
    known = await asyncio.to_thread(_known, reader)
    found: dict[str, tuple[int, str]] = {}
    try:
        info = await js.consumer_info(topology.REVIEWS, topology.SINK_REVIEWS.name)
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        async for message in scan(js, topology.REVIEWS, (topology.REVIEW_SUBJECTS,), bodies=True):
            sequence = message.metadata.sequence.stream
            act = _act(message.subject, message.data)
            if act is not None and sequence <= floor and act[0] not in known:
                found[act[0]] = (sequence, act[1])
    except (NatsError, TimeoutError) as error:
        raise Unavailable(f"the bus does not answer: {error!r}") from error
    return dict(sorted(found.values()))


def _act(subject: str, body: bytes) -> tuple[str, str] | None:
    """Return the key of an act and the file it is about; None for what nobody can read."""
    kind = _KINDS.get(subject)
    if kind is None:
        return None
    try:
        event = kind.model_validate(orjson.loads(body))
    except (ValueError, ValidationError):
        return None
    if isinstance(event, IssueDecided | CellCorrected):
        return event.id, event.file
    assert isinstance(event, AgenciesListed)
    return f"list:{event.name}", event.file


def _known(reader: Reader) -> set[str]:
    acts = reader.rows("SELECT id FROM decisions UNION SELECT id FROM corrections")
    lists = reader.rows("SELECT name FROM agency_lists")
    return {row["id"] for row in acts} | {f"list:{row['name']}" for row in lists}
