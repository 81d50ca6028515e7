"""What each service is made of: its durable consumers and its own handlers, over the made-up outside."""

from functools import partial
from typing import Any

from services.extract.handler import handle as extract
from services.ingest.adapters.bucket import WatchedBucket
from services.ingest.handler import handle as ingest
from services.normalize.adapters.dropping import Dropping
from services.normalize.handler import handle as normalize
from services.notify.adapters.consumers import consumers_of
from services.notify.core.families import FAMILIES
from services.notify.core.webhooks import Webhook
from services.notify.handler import handle as notify
from services.sink.handler import handle as keep
from services.sink.handler import handle_dead, handle_review
from services.validate.handler import handle as judge
from services.validate.handler import handle_again, handle_beside
from shared.contracts.dropped import DroppedObject
from shared.contracts.events import (
    DeadLetter,
    RecheckRequested,
    ReportCompared,
    ReportDeferred,
    ReportDuplicate,
    ReportExpanded,
    ReportExtracted,
    ReportNormalized,
    ReportReceived,
    ReportRecorded,
    ReportRefused,
    ReportValidated,
    Stage,
)
from shared.contracts.reviews import REVIEW_EVENTS
from shared.runtime.messages.positions import Positions
from shared.runtime.streams import topology
from tests.simulation.doors import Workshop
from tests.simulation.memory import remember
from tests.simulation.process import Binding, Process, Work

LIMIT = 1 << 20
MEMORY = topology.WINDOW
WEBHOOK = Webhook("all", "https://nowhere", (), tuple(FAMILIES.values()), {}, 10.0, {})
NOTIFY = consumers_of(WEBHOOK)
SERVICES: tuple[Stage, ...] = ("ingest", "normalize", "extract", "validate", "sink", "notify")


def bindings(process: Process, service: Stage) -> list[Binding]:
    """Return what a process of this service listens to."""
    world, work = process.world, Work(process, remember)
    made = {
        "ingest": _ingest, "normalize": _normalize, "extract": _extract,
        "validate": _validate, "sink": _sink, "notify": _notify,
    }  # fmt: skip
    return made[service](process, world, work)


def _ingest(process: Process, world: Any, work: Work) -> list[Binding]:
    handle = partial(
        ingest, bucket=WatchedBucket(lambda: process.js), archive=world.archive, clock=world.clock_of(process),
        work=work, limit=LIMIT, memory=MEMORY,
    )  # fmt: skip
    return [Binding(topology.INGEST, (DroppedObject,), handle)]


def _normalize(process: Process, world: Any, work: Work) -> list[Binding]:
    read = partial(
        normalize, archive=world.archive, work=work, workshop=Workshop(world, process),
        bucket=Dropping(lambda: process.js),
    )  # fmt: skip
    return [
        Binding(
            topology.NORMALIZE, (ReportReceived,), partial(read, help_from=()), pure="normalize"
        ),
        Binding(
            topology.NORMALIZE_OFFICE,
            (ReportDeferred,),
            partial(read, help_from=("office",)),
            1,
            "office",
        ),
        Binding(
            topology.NORMALIZE_OCR,
            (ReportDeferred,),
            partial(read, help_from=("office", "ocr")),
            1,
            "ocr",
        ),
    ]


def _extract(process: Process, world: Any, work: Work) -> list[Binding]:
    return [
        Binding(topology.EXTRACT, (ReportNormalized,), partial(extract, work=work), pure="extract")
    ]


def _validate(process: Process, world: Any, work: Work) -> list[Binding]:
    book, shelf = world.rulebook_of(process), world.shelf
    position = Positions(lambda: process.js, topology.REPORTS)
    process.opening.append(position.open)
    beside = partial(handle_beside, shelf=shelf, work=work, position=position, rulebook=book)
    return [
        Binding(
            topology.VALIDATE,
            (ReportExtracted,),
            partial(judge, work=work, rulebook=book),
            pure=f"judge {book.version}",
        ),
        Binding(topology.VALIDATE_BESIDE, (ReportRecorded,), beside),
        Binding(
            topology.VALIDATE_AGAIN,
            (RecheckRequested,),
            partial(handle_again, shelf=shelf, work=work, rulebook=book),
        ),
    ]


def _sink(process: Process, world: Any, work: Work) -> list[Binding]:
    store = world.store
    kinds = (ReportValidated, ReportCompared, ReportRefused, ReportDuplicate, ReportExpanded)
    return [
        Binding(topology.SINK, kinds, partial(keep, store=store, work=work)),
        Binding(topology.SINK_DEAD, (DeadLetter,), partial(handle_dead, store=store, work=work), 1),
        Binding(
            topology.SINK_REVIEWS,
            REVIEW_EVENTS,
            partial(handle_review, store=world.reviews, work=work),
            1,
        ),
    ]


def _notify(process: Process, world: Any, work: Work) -> list[Binding]:
    door = world.webhook.of(process)
    return [
        Binding(
            consumer, (), partial(notify, webhook=WEBHOOK, consumer=consumer.name, door=door), 1
        )
        for consumer in NOTIFY
    ]
