"""The normalize service, assembled: one durable consumer for each lane it serves."""

from functools import partial
from typing import Final, NamedTuple

from faststream import FastStream

from services.normalize.adapters.dropping import Dropping
from services.normalize.adapters.workshop import Workshop
from services.normalize.handler import handle
from services.normalize.settings import LaneName, NormalizeSettings
from shared.contracts.events import ReportDeferred as Deferred
from shared.contracts.events import ReportExpanded, ReportNormalized, ReportReceived
from shared.runtime.archive import FolderArchive
from shared.runtime.bus import Bus
from shared.runtime.process import assembled
from shared.runtime.streams import topology
from shared.runtime.work import ThreadWork


class Lane(NamedTuple):
    """Where the files of a lane wait, in which event, and the help that is given there."""

    consumer: topology.Consumer
    event: type[ReportReceived | Deferred]
    help_from: tuple[str, ...]


LANES: Final[dict[LaneName, Lane]] = {
    "quick": Lane(topology.NORMALIZE, ReportReceived, ()),
    "office": Lane(topology.NORMALIZE_OFFICE, Deferred, ("office",)),
    "ocr": Lane(topology.NORMALIZE_OCR, Deferred, ("office", "ocr")),
}
"""A later lane gives the earlier help too, so that no file goes back and forth."""


def create_app(settings: NormalizeSettings) -> FastStream:
    """Assemble the service; nothing is connected yet."""
    bus = Bus("normalize", settings)
    workshop, archive = Workshop(settings), FolderArchive(settings.archive_path)
    read = partial(
        handle,
        archive=archive,
        work=ThreadWork(settings.thread_bytes),
        workshop=workshop,
        bucket=Dropping(bus.writing(topology.INBOX_BUCKET)),
    )
    for name in dict.fromkeys(settings.lanes):
        lane = LANES[name]
        bus.bind(
            lane.consumer,
            consumes=(lane.event,),
            produces=(ReportNormalized, ReportExpanded, Deferred),
            handle=partial(read, help_from=lane.help_from),
            loops=settings.loops_of(name),
        )
    return bus.app(closing=(workshop.close,), stores={"archive": archive.is_there})


app = assembled(lambda: create_app(NormalizeSettings()))
