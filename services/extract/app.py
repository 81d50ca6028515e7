"""The extract service, assembled."""

from functools import partial

from faststream import FastStream

from services.extract.handler import handle
from services.extract.settings import ExtractSettings
from shared.contracts.events import ReportExtracted, ReportNormalized
from shared.runtime.bus import Bus
from shared.runtime.process import assembled
from shared.runtime.streams import topology
from shared.runtime.work import ThreadWork


def create_app(settings: ExtractSettings) -> FastStream:
    """Assemble the service; nothing is connected yet."""
    bus = Bus("extract", settings)
    bus.bind(
        topology.EXTRACT,
        consumes=(ReportNormalized,),
        produces=(ReportExtracted,),
        handle=partial(handle, work=ThreadWork(settings.thread_bytes)),
    )
    return bus.app()


app = assembled(lambda: create_app(ExtractSettings()))
