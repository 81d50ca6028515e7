"""A notice of the bucket, plus ports, becomes events."""

from collections.abc import Sequence
from typing import Protocol

from pydantic import ValidationError

from services.ingest.core import intake
from services.ingest.core.reconciling import unread_id
from shared.contracts.advisories import GivenUp
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import Event
from shared.contracts.parcel import Parcel
from shared.contracts.ports import Archive, Arrival, Bucket, Clock, Work
from shared.errors import BadInput
from shared.report.identity import document_id


class Letters(Protocol):
    """Writes dead letters for others."""

    async def bury(self, given_up: GivenUp) -> bool:
        """Publish the letter of a message that the server gave up; False if it needs none."""
        ...


async def handle_given_up(advisory: Parcel, *, letters: Letters) -> Sequence[Event]:
    """Write the dead letter of a message that ended without one; a second time changes nothing."""
    try:
        given_up = GivenUp.model_validate_json(advisory.body)
    except ValidationError as error:
        raise ValueError("the server's advisory is not what it promises") from error
    await letters.bury(given_up)
    return ()


async def handle(
    event: DroppedObject,
    *,
    bucket: Bucket,
    archive: Archive,
    clock: Clock,
    work: Work,
    limit: int,
) -> Sequence[Event]:
    """Archive a dropped file and say so; a deleted or replaced object is nothing to do."""
    if event.deleted:
        return ()
    refusal = intake.refuse_by_size(event.size, limit)
    data = None
    if refusal is None:
        try:
            data = await bucket.read(event)
        except BadInput as error:
            data = await _archived(event, archive, work)
            refusal = error if data is None else None
        else:
            if data is None:
                return ()
    if data is None:
        # unread: bytes that were never seen must not stand for the same bytes dropped well later
        too_large = refusal is not None and refusal.reason == "too_large"
        noted = event.sha256 if too_large else None
        identity = noted or unread_id(event)
    else:
        identity = await work.compute(len(data), document_id, data)
    arrival = Arrival(identity, event.file, event.name, clock.now())
    if data is None:
        first = await work.wait(archive.register, arrival)
    else:
        first = await work.wait(archive.put, data, arrival)
    duplicate = intake.alias(event, first)
    if duplicate is not None:
        return (duplicate,)
    if refusal is not None:
        return (intake.refused(first, refusal),)
    assert data is not None
    return (intake.received(first, data),)


async def _archived(event: DroppedObject, archive: Archive, work: Work) -> bytes | None:
    """Return bytes that the bucket has lost, or let go since, from the archive if they got there."""
    if event.sha256 is None:
        return None
    try:
        return await work.wait(archive.get, event.sha256)
    except BadInput:
        return None
