"""A notice of the bucket, plus ports, becomes events."""

from collections.abc import Sequence
from datetime import timedelta

from services.ingest.core import intake
from services.ingest.core.reconciling import unread_id
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import Event
from shared.contracts.ports import Archive, Arrival, Bucket, Clock, Work
from shared.errors import BadInput
from shared.report.identity import document_id


async def handle(  # noqa: PLR0913 - the ports and the two bounds, by name
    event: DroppedObject,
    *,
    bucket: Bucket,
    archive: Archive,
    clock: Clock,
    work: Work,
    limit: int,
    memory: timedelta,
) -> Sequence[Event]:
    """Archive a dropped file and say so; a deleted or replaced object is nothing to do.

    `memory` is how long the bus drops a second copy of an event.
    """
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
    if refusal is not None:
        told = intake.refused(first, refusal)
    else:
        assert data is not None
        told = intake.received(first, data)
    duplicate = intake.alias(event, first)
    if duplicate is None:
        return (told,)
    # who came first may have ended, or been deleted, between the archive and its announcement
    return (told, duplicate) if clock.now() - first.received_at < memory else (duplicate,)


async def _archived(event: DroppedObject, archive: Archive, work: Work) -> bytes | None:
    """Return bytes that the bucket has lost, or let go since, from the archive if they got there."""
    if event.sha256 is None:
        return None
    try:
        return await work.wait(archive.get, event.sha256)
    except BadInput:
        return None
