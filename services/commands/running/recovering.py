"""What `gouji up` does when its bus was lost or damaged: nothing that is archived stays behind."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from nats.js import JetStreamContext

from services.commands.reaching.following import connected
from services.commands.reaching.publishing import desk
from services.commands.talking.wording import say
from services.ingest.adapters.keeper import Keeper
from services.ingest.adapters.ledger import Ledger
from services.ingest.adapters.mending import Mender
from services.ingest.core.reconciling import UNMENDED, plan
from services.ingest.settings import IngestSettings
from shared.language import spoken
from shared.runtime.archive import FolderArchive
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import Access
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import relief, topology


async def is_new(bus: Access) -> bool:
    """Tell whether streams or consumers are missing: the bus is new, or lost them."""
    async with connected(bus) as client:
        js: JetStreamContext = client.jetstream()
        return bool(await topology.missing(js))


async def provided(server: NatsServer, provision: Callable[[], Awaitable[None]]) -> None:
    """Provision the private server; a consumer whose state it cannot read is made anew."""
    for _ in topology.CONSUMERS:
        try:
            await provision()
        except topology.DamagedStore as error:
            name, stream = error.consumer.name, error.consumer.stream
            say(
                "! "
                + spoken(
                    f"总线上 {name} 的记录已坏，从头再来",
                    f"the bus cannot read its state of {name}: made anew",
                )
            )
            server.stop()
            server.forget_consumer(stream, name)
            server.start()
        else:
            return
    await provision()


async def take_up(bus: Access, database_url: str, archive: Path) -> None:
    """Let everything be read that is archived, has no end, and is nowhere on a bus that is new."""
    ledger = Ledger(database_url)
    try:
        async with desk(bus) as (outlet, js):
            mender = Mender(js, outlet, FolderArchive(archive), ledger, SystemClock())
            survey, _ = await mender.survey_all(check_bytes=False)
            steps = [step for step in plan(survey) if step.action not in UNMENDED]
            taken = sum([await mender.take(step) for step in steps])
    finally:
        ledger.close()
    if taken:
        say(
            spoken(
                f"总线是新的，从存档续办 {taken} 件",
                f"the bus is new: {taken} taken up from the archive",
            )
        )


async def look_after(
    bus: Access, database_url: str, archive: FolderArchive, settings: IngestSettings
) -> None:
    """Do for a locked bus, for ever, what ingest does where everybody may do everything."""
    ledger = Ledger(database_url)
    every = settings.reconcile_every.total_seconds()
    try:
        async with desk(bus) as (outlet, js):
            keeper = Keeper(lambda: js, outlet, archive, ledger, SystemClock(), every)
            await keeper.start()
            try:
                await relief.look_after(js)
            finally:
                await keeper.stop()
    finally:
        ledger.close()
