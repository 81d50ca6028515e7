"""A received file, plus ports, becomes a normalized document, its members, or waits in a lane."""

from collections.abc import Collection, Sequence
from typing import Protocol

from services.normalize.core.outcomes import Members, Outcome
from shared.contracts.events import (
    ArchiveMember,
    Event,
    ReportDeferred,
    ReportExpanded,
    ReportNormalized,
    ReportReceived,
)
from shared.contracts.ports import Archive, Work
from shared.report.document import Document


class Workshop(Protocol):
    """Where files are read, with the help that the lanes allow."""

    async def read_fully(self, data: bytes, name: str, lanes: Collection[str]) -> Outcome:
        """Return what is in a file, or the need that none of the lanes may fulfil."""
        ...


class Bucket(Protocol):
    """The watched bucket, write side."""

    async def put(self, data: bytes, file: str) -> str:
        """Put a file; return its document id. A second time changes nothing."""
        ...


async def handle(
    event: ReportReceived | ReportDeferred,
    *,
    help_from: Collection[str],
    archive: Archive,
    work: Work,
    workshop: Workshop,
    bucket: Bucket,
) -> Sequence[Event]:
    """Read the archived bytes, with help from these lanes; raises `BadInput` if that cannot be."""
    data = await work.wait(archive.get, event.document_id)
    found = await workshop.read_fully(data, event.file, help_from)
    known = {
        "document_id": event.document_id,
        "file": event.file,
        "received_at": event.received_at,
    }
    if isinstance(found, Document):
        return (ReportNormalized.model_validate(known | {"document": found}),)
    if isinstance(found, Members):
        members = await _drop(found, event.file, bucket)
        inside = {"members": members, "skipped": found.skipped}
        return (ReportExpanded.model_validate(known | inside),)
    return (ReportDeferred.model_validate(known | {"lane": found.lane}),)


async def _drop(found: Members, archive: str, bucket: Bucket) -> tuple[ArchiveMember, ...]:
    """Drop the members of an archive into the bucket, one after another."""
    names = [f"{archive}/{member.name}" for member in found.members]
    return tuple(
        [
            ArchiveMember(file=name, document_id=await bucket.put(member.data, name))
            for name, member in zip(names, found.members, strict=True)
        ]
    )
