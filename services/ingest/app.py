"""The ingest service, assembled."""

from functools import partial

from faststream import FastStream

from services.ingest.adapters.bucket import WatchedBucket
from services.ingest.adapters.keeper import Keeper
from services.ingest.adapters.ledger import Ledger
from services.ingest.handler import handle
from services.ingest.settings import IngestSettings
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import ReportDuplicate, ReportReceived
from shared.runtime.archive import FolderArchive
from shared.runtime.bus import Bus
from shared.runtime.clock import SteadyClock
from shared.runtime.process import assembled
from shared.runtime.streams import topology
from shared.runtime.work import ThreadWork


def create_app(settings: IngestSettings) -> FastStream:
    """Assemble the service; nothing is connected yet."""
    bus, clock, work = Bus("ingest", settings), SteadyClock(), ThreadWork(settings.thread_bytes)
    archive = FolderArchive(settings.archive_path)
    bus.bind(
        topology.INGEST,
        consumes=(DroppedObject,),
        produces=(ReportReceived, ReportDuplicate),
        handle=partial(
            handle,
            bucket=WatchedBucket(bus.reading(topology.INBOX_BUCKET)),
            archive=archive,
            clock=clock,
            work=work,
            limit=settings.file_limit,
            memory=topology.WINDOW,
        ),
    )

    stores = {"archive": archive.takes_files}
    ask_for_newest = bus.newest(ReportReceived)

    async def go_on_from_the_last() -> None:
        newest = await ask_for_newest()
        if newest is not None:
            clock.not_before(newest.received_at)

    opening = (partial(work.wait, archive.prepare), go_on_from_the_last)
    if not settings.provision:
        # whoever may make streams looks after them, see `gouji reconcile --watch`
        return bus.app(opening=opening, stores=stores)
    keeper = Keeper(
        lambda: bus.js, bus.outlet, archive, Ledger(settings.database), clock,
        settings.reconcile_every.total_seconds(),
    )  # fmt: skip
    return bus.app(opening=(*opening, keeper.start), closing=(keeper.stop,), stores=stores)


app = assembled(lambda: create_app(IngestSettings()))
