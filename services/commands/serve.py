"""`gouji serve`: the review page."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands.reaching import workplace
from services.commands.reaching.options import Data, DatabaseUrl
from services.commands.running.line_monitor import addresses
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say
from services.page.settings import PageSettings
from shared.errors import GoujiError
from shared.language import spoken
from shared.monitoring.address import SETTING
from shared.runtime import logs

HELP: Final = taught(
    "审阅页面",
    "The review page: lists, reports as the form prints them, decisions, statistics.",
    "列表、按国家格式显示的报告、决定和统计。",
)


def run(  # noqa: PLR0913, PLR0917 - what a person may type
    host: Annotated[
        str | None,
        typer.Option(help=spoken("监听地址，默认 127.0.0.1", "Address; 127.0.0.1 if left.")),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help=spoken("端口，默认 8080", "Port; 8080 if left."), min=0, max=65535),
    ] = None,
    data: Data = Path("data"),
    database: DatabaseUrl = None,
    http: Annotated[
        str | None,
        typer.Option(
            envvar=SETTING,
            help=spoken("监测地址 主机:端口", "host:port to be scraped at (metrics)."),
        ),
    ] = None,
    add_user: Annotated[
        str | None,
        typer.Option(
            "--add-user", help=spoken("新增用户或改密码", "Add a user, or a new password.")
        ),
    ] = None,
    remove_user: Annotated[
        str | None, typer.Option("--remove-user", help=spoken("删除用户", "Remove a user."))
    ] = None,
    users: Annotated[bool, typer.Option("--users", help=spoken("列出用户", "List users."))] = False,
) -> None:
    """Serve the review page, or keep its users."""
    settings = _settings(host, port, http)
    path = settings.users or data / "page-users.json"
    if add_user or remove_user or users:
        _keep_users(path, add_user, remove_user)
        return
    _serve(settings, data, database, path)


def _settings(host: str | None, port: int | None, http: str | None) -> PageSettings:
    addresses(http, ())
    wanted = {"host": host, "port": port, "http_address": http or None}
    given = {k: v for k, v in wanted.items() if v is not None}
    return PageSettings().model_copy(update=given)


def _keep_users(path: Path, added: str | None, removed: str | None) -> None:
    from services.page.adapters.people import People  # noqa: PLC0415 - only with the extra `page`

    people = People(path)
    if added is not None:
        people.put(added, _password())
    if removed is not None:
        people.remove(removed)
    for name in people.names():
        say(name)


def _password() -> str:
    """Return a password: typed twice and unseen, or the first line that a program sends."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    asked = spoken("密码", "password", " ")
    typed: str = typer.prompt(asked, hide_input=True, confirmation_prompt=True)
    return typed


def _serve(settings: PageSettings, data: Path, database: str | None, users: Path) -> None:
    try:
        import uvicorn  # noqa: PLC0415 - only with the extra `page`

        from services.commands.pages.serving import HouseDoors  # noqa: PLC0415
        from services.page.adapters.people import People  # noqa: PLC0415
        from services.page.app import create_app  # noqa: PLC0415
    except ImportError as error:
        raise GoujiError(
            spoken(
                f"缺少组件 {error.name}：pip install 'gouji[page]'",
                f"needs {error.name}: pip install 'gouji[page]'",
            )
        ) from error
    # a file of users that cannot be used is told now, and not at the first login
    People(users).names()
    line = workplace.find(data, database)
    # as a running `up` has it, unless the environment names another
    named = "archive_path" in settings.model_fields_set
    archive = settings.archive_path if named else data / "archive"
    app = create_app(
        settings,
        HouseDoors(lambda: workplace.find(data, database), archive),
        database=line.database_url,
        archive=archive,
        users=users,
    )
    logs.configure("page", style=settings.log_format, level=settings.log_level)
    page = spoken("审阅页面", "review page", " ")
    say(f"{page}: http://{settings.host}:{settings.port}/")
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or None,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=10,
        h11_max_incomplete_event_size=32 << 10,
    )
