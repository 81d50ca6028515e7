"""A received file, plus ports, becomes a normalized document."""

from collections.abc import Sequence

from services.normalize.core.reading import read_document
from shared.contracts.events import Event, ReportNormalized, ReportReceived
from shared.contracts.ports import Archive, Work


async def handle(event: ReportReceived, *, archive: Archive, work: Work) -> Sequence[Event]:
    """Read the archived bytes into paragraphs and tables; raises `BadInput` if that cannot be."""
    data = await work.wait(archive.get, event.document_id)
    document = await work.compute(len(data), read_document, data, event.file)
    return (
        ReportNormalized(
            document_id=event.document_id,
            file=event.file,
            received_at=event.received_at,
            document=document,
        ),
    )
