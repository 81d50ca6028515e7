"""What a dropped file becomes: received, a further name of known bytes, or refused."""

from services.ingest.core.sniff import media_type
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import Event, ReportDuplicate, ReportReceived, ReportRefused
from shared.contracts.ports import Arrival
from shared.errors import BadInput


def refuse_by_size(size: int, limit: int) -> BadInput | None:
    """Return the refusal of a file that is too large to be read."""
    if size <= limit:
        return None
    return BadInput(
        "too_large",
        f"文件大小 {size} 字节，超过上限 {limit} 字节。",
        f"The file has {size} bytes; the limit is {limit}.",
    )


def refuse_empty() -> BadInput:
    """Return the refusal of a file without a byte."""
    return BadInput("empty", "文件为空。", "The file is empty.")


def alias(dropped: DroppedObject, first: Arrival) -> ReportDuplicate | None:
    """Return the event of a further name, None if these bytes came first under this very name."""
    if first.object_key == dropped.name or first.file == dropped.file:
        return None
    return ReportDuplicate(
        document_id=first.document_id,
        file=first.file,
        received_at=first.received_at,
        alias=dropped.file,
    )


def refused(first: Arrival, refusal: BadInput) -> Event:
    """Return the event of a refusal at the door."""
    return ReportRefused(
        document_id=first.document_id,
        file=first.file,
        received_at=first.received_at,
        stage="ingest",
        reason=refusal.reason,
        detail_zh=refusal.detail_zh,
        detail_en=refusal.detail_en,
    )


def received(first: Arrival, data: bytes) -> Event:
    """Return the event of a file that goes on; the same again if it is delivered again."""
    if not data:
        return refused(first, refuse_empty())
    return ReportReceived(
        document_id=first.document_id,
        file=first.file,
        received_at=first.received_at,
        media_type=media_type(data, first.file),
        size=len(data),
    )
