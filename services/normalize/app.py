"""The normalize service, assembled."""

from functools import partial

from faststream import FastStream

from services.normalize.handler import handle
from services.normalize.settings import NormalizeSettings
from shared.contracts.events import ReportNormalized, ReportReceived
from shared.runtime import topology
from shared.runtime.archive import FolderArchive
from shared.runtime.bus import Bus
from shared.runtime.work import ThreadWork


def create_app(settings: NormalizeSettings) -> FastStream:
    """Assemble the service; nothing is connected yet."""
    bus = Bus("normalize", settings)
    bus.bind(
        topology.NORMALIZE,
        consumes=(ReportReceived,),
        produces=(ReportNormalized,),
        handle=partial(
            handle,
            archive=FolderArchive(settings.archive_path),
            work=ThreadWork(settings.thread_bytes),
        ),
    )
    return bus.app()


app = create_app(NormalizeSettings())
