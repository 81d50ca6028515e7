"""A notice of the bucket, plus ports, becomes events."""

from collections.abc import Sequence

from services.ingest.core import intake
from services.ingest.core.reconciling import unread_id
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import Event
from shared.contracts.ports import Archive, Arrival, Bucket, Clock, Work
from shared.errors import BadInput
from shared.report.identity import document_id


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
            refusal = error
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
