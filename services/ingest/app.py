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
from shared.runtime.clock import SystemClock
from shared.runtime.work import ThreadWork


def create_app(settings: IngestSettings) -> FastStream:
    """Assemble the service; nothing is connected yet."""
    bus = Bus("ingest", settings)
    bus.bind(
        topology.INGEST,
        consumes=(DroppedObject,),
        produces=(ReportReceived, ReportDuplicate),
        handle=partial(
            handle,
            bucket=WatchedBucket(bus.reading(topology.INBOX_BUCKET)),
            archive=FolderArchive(settings.archive_path),
            clock=SystemClock(),
            work=ThreadWork(settings.thread_bytes),
            limit=settings.max_file_bytes,
        ),
    )
    return bus.app()


app = create_app(IngestSettings())
