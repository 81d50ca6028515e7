"""The validate service, assembled."""

from functools import partial

from faststream import FastStream

from services.validate.adapters.rules_folder import load_for
from services.validate.adapters.shelf import DatabaseShelf
from services.validate.handler import handle, handle_again, handle_beside
from services.validate.settings import ValidateSettings
from shared.contracts.events import (
    RecheckRequested,
    ReportCompared,
    ReportExtracted,
    ReportRecorded,
    ReportValidated,
    ValidationFailed,
)
from shared.runtime.bus import Bus
from shared.runtime.messages.positions import Positions
from shared.runtime.process import assembled
from shared.runtime.streams import topology
from shared.runtime.work import ThreadWork


def create_app(settings: ValidateSettings) -> FastStream:
    """Assemble the service; nothing is connected yet."""
    bus = Bus("validate", settings)
    work = ThreadWork(settings.thread_bytes)
    shelf = DatabaseShelf(settings.database)
    position = Positions(lambda: bus.js, topology.REPORTS)
    rulebook = load_for(settings.rules)
    bus.bind(
        topology.VALIDATE,
        consumes=(ReportExtracted,),
        produces=(ValidationFailed, ReportValidated),
        handle=partial(handle, work=work, rulebook=rulebook),
    )
    bus.bind(
        topology.VALIDATE_BESIDE,
        consumes=(ReportRecorded,),
        produces=(ReportCompared,),
        handle=partial(handle_beside, shelf=shelf, work=work, position=position, rulebook=rulebook),
        loops=settings.beside_loops,
    )
    bus.bind(
        topology.VALIDATE_AGAIN,
        consumes=(RecheckRequested,),
        produces=(ReportValidated,),
        handle=partial(handle_again, shelf=shelf, work=work, rulebook=rulebook),
        loops=settings.beside_loops,
    )
    stores = {"database": shelf.answers}
    return bus.app(
        opening=(position.open,), closing=(partial(work.wait, shelf.close),),
        stores=stores, rulebook_version=rulebook.version,
    )  # fmt: skip


app = assembled(lambda: create_app(ValidateSettings()))
