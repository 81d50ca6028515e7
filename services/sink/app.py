"""The sink service, assembled."""

from functools import partial

from faststream import FastStream

from services.sink.adapters.database import Database
from services.sink.adapters.reviews import Reviews
from services.sink.handler import handle, handle_dead, handle_review
from services.sink.settings import SinkSettings
from shared.contracts.changes import IssueGone, IssuesChanged
from shared.contracts.events import (
    DeadLetter,
    RecheckRequested,
    ReportCompared,
    ReportDuplicate,
    ReportExpanded,
    ReportRecorded,
    ReportRefused,
    ReportValidated,
    ValidationFailed,
)
from shared.contracts.reviews import REVIEW_EVENTS
from shared.runtime.bus import Bus
from shared.runtime.process import assembled
from shared.runtime.streams import topology
from shared.runtime.work import ThreadWork


def create_app(settings: SinkSettings) -> FastStream:
    """Assemble the service; nothing is connected yet, the database is brought up to date first."""
    bus = Bus("sink", settings)
    database, reviews = Database(settings.database), Reviews(settings.database)
    work = ThreadWork(settings.thread_bytes)
    bus.bind(
        topology.SINK,
        consumes=(ReportValidated, ReportCompared, ReportRefused, ReportDuplicate, ReportExpanded),
        produces=(ReportRecorded, ValidationFailed, IssueGone, IssuesChanged),
        handle=partial(handle, store=database, work=work),
    )
    bus.bind(
        topology.SINK_DEAD,
        consumes=(DeadLetter,),
        produces=(),
        handle=partial(handle_dead, store=database, work=work),
    )
    bus.bind(
        topology.SINK_REVIEWS,
        consumes=REVIEW_EVENTS,
        produces=(RecheckRequested,),
        handle=partial(handle_review, store=reviews, work=work),
        loops=2,
    )
    migrate = partial(work.wait, database.migrate)
    closing = (partial(work.wait, database.close), partial(work.wait, reviews.close))
    stores = {"database": database.answers}
    return bus.app(opening=(migrate,), closing=closing, stores=stores)


app = assembled(lambda: create_app(SinkSettings()))
