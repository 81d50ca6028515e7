"""The ingest service, assembled."""

from functools import partial

from faststream import FastStream

from services.ingest.adapters.bucket import WatchedBucket
from services.ingest.handler import handle
from services.ingest.settings import IngestSettings
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import ReportDuplicate, ReportReceived
from shared.runtime import topology
from shared.runtime.archive import FolderArchive
from shared.runtime.bus import Bus
from shared.runtime.clock import SteadyClock
from shared.runtime.work import ThreadWork


def create_app(settings: IngestSettings) -> FastStream:
    """Assemble the service; nothing is connected yet."""
    bus = Bus("ingest", settings)
    clock = SteadyClock()
    bus.bind(
        topology.INGEST,
        consumes=(DroppedObject,),
        produces=(ReportReceived, ReportDuplicate),
        handle=partial(
            handle,
            bucket=WatchedBucket(lambda: bus.js),
            archive=FolderArchive(settings.archive_path),
            clock=clock,
            work=ThreadWork(settings.thread_bytes),
            limit=settings.file_limit,
            memory=topology.WINDOW,
        ),
    )

    async def go_on_from_the_last() -> None:
        newest = await bus.newest(ReportReceived)
        if newest is not None:
            clock.not_before(newest.received_at)

    return bus.app(opening=(go_on_from_the_last,))


app = create_app(IngestSettings())
