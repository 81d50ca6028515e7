"""`gouji metrics`: the state of the whole line as Prometheus reads it, once or for as long as asked."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands.reaching import workplace
from services.commands.reaching.following import connected
from services.commands.reaching.options import Data, DatabaseUrl
from services.commands.running.line_monitor import LineMonitor, addresses, showing
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say
from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime import logs
from shared.runtime.settings import Settings

Http = Annotated[
    str | None,
    typer.Option(envvar="GOUJI_HTTP_ADDRESS", help=spoken("监测地址 主机:端口", "host:port to be scraped at.")),
]  # fmt: skip
Backups = Annotated[
    Path | None,
    typer.Option(envvar="GOUJI_BACKUPS", help=spoken("备份文件夹", "Folder of `gouji backup`, to tell its age.")),
]  # fmt: skip

HELP: Final = taught(
    "监测指标",
    "Print the line's metrics once, or serve them at --http; run one of these, not several.",
    "输出一次，或以 --http 提供；只需运行一个。",
)


def run(
    http: Http = None,
    backups: Backups = None,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
) -> None:
    """Print the line's metrics once, or serve them at --http; run one of these, not several."""
    addresses(http, ())
    line = workplace.find(data, database)
    asyncio.run(_show(line, http or None, backups))


async def _show(line: workplace.Line, http: str | None, backups: Path | None) -> None:
    async with connected(line.bus) as client:
        js = client.jetstream()
        if http is None:
            await _print(LineMonitor(js, line.database_url, backups))
            return
        settings = Settings()
        logs.configure("line", style=settings.log_format, level=settings.log_level)
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with showing(js, line.database_url, http_address=http, backups=backups):
            say(f"{spoken('监测', 'metrics', ' ')}: http://{http}/metrics")
            await stop.wait()


async def _print(line: LineMonitor) -> None:
    # the client library of Prometheus is loaded where it is needed alone
    from shared.monitoring.exposition import Registry  # noqa: PLC0415

    try:
        await line.look()
        away = [name for name, state in line.checks().items() if state != "ok"]
        if away:
            raise Unavailable(f"{', '.join(away)} " + spoken("没有应答", "does not answer"))
        print(Registry((), line.gauges, process=False).expose("")[0].decode(), end="")
    finally:
        line.close()
