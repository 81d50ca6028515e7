"""`gouji provision`: create the streams and consumers on a bus, or bring them up to date."""

import asyncio
from typing import Annotated, Final

import typer

from services.commands.reaching.following import connected
from services.commands.reaching.options import AsJson
from services.commands.running import recovering
from services.commands.running.line_monitor import showing
from services.commands.running.rights import watcher_consumer
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json
from services.ingest.settings import IngestSettings
from services.notify.adapters.consumers import consumers_of
from services.notify.adapters.files import load
from services.notify.settings import NotifySettings
from shared.language import spoken
from shared.runtime import logs
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.connecting import KEEPER, Access, access_of
from shared.runtime.streams import retiring, topology
from shared.runtime.streams.topology import Consumer

HELP: Final = taught(
    "准备总线",
    "Create the streams and consumers on the bus of GOUJI_NATS_URL.",
    "在 GOUJI_NATS_URL 所指的总线上建立流和消费者。",
)


def run(
    *,
    watcher: Annotated[
        list[str] | None,
        typer.Option(
            envvar="GOUJI_WATCHERS", help=spoken("外部订阅者，可多次", "Somebody outside, by name.")
        ),
    ] = None,
    retire: Annotated[
        bool,
        typer.Option(
            "--retire",
            help=spoken("旧版服务都已停止，删去其专用的流", "Remove streams of earlier versions."),
        ),
    ] = False,
    as_json: AsJson = False,
    stay: Annotated[
        bool,
        typer.Option(
            "--stay",
            help=spoken("留守：腾出空间、修复丢失", "Stay, make room, mend what the bus lost."),
        ),
    ] = False,
) -> None:
    """Create the streams and consumers on the bus of GOUJI_NATS_URL."""
    settings = NotifySettings()
    access = access_of(settings, KEEPER)
    left = asyncio.run(_provision(access, settings, watcher or [], retire=retire))
    _tell(access, left, as_json=as_json)
    if stay:
        logs.configure(KEEPER, style=settings.log_format, level=settings.log_level)
        asyncio.run(_stay(access))


def _tell(access: Access, left: tuple[str, ...], *, as_json: bool) -> None:
    if as_json:
        say_json({"bus": access.shown, "kept_for_earlier_versions": left})
        return
    say(f"{spoken('总线已就绪', 'the bus is ready')}: {access.shown}")
    if left:
        kept = spoken("旧版本的流仍保留", "kept for services of an earlier version")
        then = spoken("这些服务都停止后", "once none of them runs")
        say(f"{kept}: {', '.join(left)}; {then}: gouji provision --retire")


async def _provision(
    access: Access, settings: NotifySettings, watchers: list[str], *, retire: bool
) -> tuple[str, ...]:
    """Make the bus ready; return the streams of earlier versions that are kept."""
    webhooks = load(settings.webhooks) if settings.webhooks is not None else ()
    others: list[Consumer] = [c for webhook in webhooks for c in consumers_of(webhook)]
    async with connected(access):
        # says at once, in one line, when nobody answers or lets us in
        pass
    await topology.provision_at(
        access,
        total_bytes=settings.bus_bytes,
        ack_wait=settings.ack_wait,
        replicas=settings.replicas,
        others=[*others, *map(watcher_consumer, watchers)],
    )
    async with connected(access) as client:
        js = client.jetstream()
        await (retiring.retire(js) if retire else retiring.take_over(js))
        return await retiring.left_over(js)


async def _stay(access: Access) -> None:
    settings = IngestSettings()
    archive = FolderArchive(settings.archive_path)
    async with connected(access) as client:
        js, http, backups = client.jetstream(), settings.http_address, settings.backups
        async with showing(js, settings.database, http_address=http, backups=backups):
            await recovering.look_after(access, settings.database, archive, settings)
