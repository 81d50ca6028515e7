"""The review page, assembled: database and archive of its own, the rest through the doors it is given."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.types import ASGIApp

from services.page.adapters.feed import Feed
from services.page.adapters.gate import Bounds, Gate
from services.page.adapters.people import People
from services.page.adapters.pulse import Pulse
from services.page.adapters.rendering import Renderer
from services.page.adapters.sessions import Sessions
from services.page.adapters.shelf import Shelf
from services.page.adapters.tallies import Tallies
from services.page.adapters.throttle import Throttle
from services.page.core.doors import Doors
from services.page.settings import PageSettings
from services.page.views.routes import ROUTES, TROUBLES
from services.page.views.shell import House, refusal
from shared.monitoring.catalogue import PAGE_METRICS
from shared.runtime.archive import FolderArchive
from shared.runtime.clock import SystemClock
from shared.runtime.monitor import RECORDED, Monitor

_FORM_BYTES = 64 << 10


def create_app(
    settings: PageSettings, doors: Doors, *, database: str, archive: Path, users: Path
) -> ASGIApp:
    """Assemble the page; nothing is opened or connected yet."""
    shelf, people, clock = Shelf(database), People(users), time.monotonic
    idle, longest = (d.total_seconds() for d in (settings.session_idle, settings.session_longest))
    house = House(
        settings, doors, shelf, FolderArchive(archive), people,
        Sessions(people, idle=idle, longest=longest, clock=clock),
        strict=Throttle(most=5, seconds=900, clock=clock),
        loose=Throttle(most=50, seconds=900, clock=clock),
        renderer=Renderer(),
        feed=Feed(doors, most=settings.live_readers, masks=not settings.shows_personal),
        tallies=Tallies(shelf, clock),
        clock=SystemClock(),
    )  # fmt: skip

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        pulse = Pulse(shelf, settings.health_file)
        monitor = Monitor(
            "page", settings.http_address, checks=pulse.checks,
            values=lambda: {"gouji_page_listeners": {(): float(house.feed.listeners)}},
            recorded=(*RECORDED, *(m for m in PAGE_METRICS if m.kind != "gauge")),
        )  # fmt: skip
        await monitor.open()
        looking = asyncio.create_task(pulse.keep_looking())
        yield
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
        await monitor.close()
        await house.feed.close()
        await doors.close()
        shelf.close()

    app = Starlette(routes=ROUTES, exception_handlers=TROUBLES, lifespan=lifespan)
    app.state.house = house
    bounds = Bounds(
        app, names=settings.names, form_bytes=_FORM_BYTES, upload_bytes=settings.upload_bytes
    )
    return Gate(bounds, refusal)
