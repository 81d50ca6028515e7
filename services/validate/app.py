"""The validate service, assembled."""

from functools import partial

from faststream import FastStream

from services.validate.adapters.rules_folder import load_for
from services.validate.handler import handle
from services.validate.settings import ValidateSettings
from shared.contracts.events import ReportExtracted, ReportValidated, ValidationFailed
from shared.runtime import topology
from shared.runtime.bus import Bus
from shared.runtime.work import ThreadWork


def create_app(settings: ValidateSettings) -> FastStream:
    """Assemble the service; nothing is connected yet. Faulty rules raise `RulebookError`."""
    rulebook = load_for(settings.rules)
    bus = Bus("validate", settings)
    bus.bind(
        topology.VALIDATE,
        consumes=(ReportExtracted,),
        produces=(ValidationFailed, ReportValidated),
        handle=partial(handle, work=ThreadWork(settings.thread_bytes), rulebook=rulebook),
    )
    return bus.app()


app = create_app(ValidateSettings())
