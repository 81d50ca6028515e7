"""A normalized document becomes a record."""

from collections.abc import Sequence
from functools import partial

from services.extract.core.extraction import extract
from shared.contracts.events import Event, ReportExtracted, ReportNormalized
from shared.contracts.ports import Work

_LINE_BYTES = 100
"""Rough bytes per line, to tell large documents from ordinary ones."""


async def handle(event: ReportNormalized, *, work: Work) -> Sequence[Event]:
    """Read the record out of the document; raises `BadInput` if it is no report."""
    document = event.document
    size = _LINE_BYTES * (document.lines or len(document.blocks))
    call = partial(extract, document, document_id=event.document_id, file=event.file)
    record = await work.compute(size, call)
    return (
        ReportExtracted(
            document_id=event.document_id,
            file=event.file,
            received_at=event.received_at,
            record=record,
        ),
    )
