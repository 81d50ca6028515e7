"""`gouji up`: the whole line in one place, with a bus, a database and a folder of its own."""

import asyncio
import os
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from services.commands.reaching import workplace
from services.commands.run import SERVICES, check_settings
from services.commands.running.keyring import Keyring
from services.commands.running.line import EmbeddedLine, Plan
from services.commands.running.line_monitor import addresses
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say
from services.notify.adapters.files import load
from services.validate.adapters.rules_folder import load_for
from shared.language import spoken
from shared.monitoring.address import SETTING
from shared.runtime.paths import require_database_folder, require_folder

_EXAMPLES: Final = Path(str(files("services"))).parent / "examples"

Webhooks = Annotated[
    Path | None,
    typer.Option(
        envvar="GOUJI_WEBHOOKS", help=spoken("网络回调", "TOML file of webhooks to notify.")
    ),
]
Rules = Annotated[
    Path | None,
    typer.Option(
        envvar="GOUJI_RULES", help=spoken("本单位的规则文件夹", "Folder with rules of your own.")
    ),
]
Keys = Annotated[
    Path | None,
    typer.Option(
        help=spoken("密钥文件夹：总线加密并分用户", "Folder of keys: locks the bus (gouji keys).")
    ),
]
Http = Annotated[
    str | None,
    typer.Option(
        envvar=SETTING,
        help=spoken(
            "监测地址，各服务依次用其后的端口",
            "host:port to be scraped at; services take the next ports.",
        ),
    ),
]

Database = Annotated[
    str | None,
    typer.Option(
        help=spoken(
            "数据库地址，默认数据文件夹中的 SQLite",
            "SQLAlchemy URL; SQLite in the data folder if left.",
        )
    ),
]
Data = Annotated[
    Path,
    typer.Option(
        help=spoken("数据文件夹：总线、存档、数据库和日志", "Bus, archive, database and logs.")
    ),
]
Copies = Annotated[
    list[str] | None,
    typer.Option(help=spoken("多开服务，如 extract=2", "Copies of a service, such as extract=2.")),
]

HELP: Final = taught(
    "启动全部",
    "Start everything; exit code 1 if a file died or could not be read.",
    "有文件处理失败或读不了时退出码为 1。",
)


def run(  # noqa: PLR0913 - every option of the command is an argument
    *,
    inbox: Annotated[
        Path, typer.Option(help=spoken("投递文件夹", "Folder to drop reports into."))
    ] = Path("inbox"),
    data: Data = Path("data"),
    database: Database = None,
    until_idle: Annotated[
        bool,
        typer.Option("--until-idle", help=spoken("处理完即结束", "End when every file is done.")),
    ] = False,
    copies: Copies = None,
    webhooks: Webhooks = None,
    rules: Rules = None,
    keys: Keys = None,
    http: Http = None,
    examples: Annotated[
        bool,
        typer.Option("--examples", help=spoken("先投入示例", "Drop the example reports first.")),
    ] = False,
) -> None:
    """Start everything; exit code 1 if a file died or could not be read."""
    # faulty rules stop the start here, not a child that is started again and again
    load_for(rules)
    if rules is not None:
        os.environ["GOUJI_RULES"] = str(rules.resolve())
    plan = Plan(
        inbox=inbox.resolve(),
        data=data.resolve(),
        database_url=(
            workplace.named_database(database) if database else workplace.default_database(data)
        ),
        copies=_copies(copies or []),
        until_idle=until_idle,
        webhooks=load(webhooks) if webhooks is not None else (),
        rules=rules.resolve() if rules is not None else None,
        keys=Keyring(keys.resolve()) if keys is not None else None,
        http=http or None,
    )
    if webhooks is None:
        if plan.copies.pop("notify") != 1:
            raise typer.BadParameter(
                "--copies notify: " + spoken("须有 --webhooks", "needs --webhooks")
            )
    else:
        os.environ["GOUJI_WEBHOOKS"] = str(webhooks.resolve())
    addresses(plan.http, list(plan.copies))
    # said here in one line, not by a service that is started again and again
    check_settings(plan.copies)
    _check_places(plan, database)
    with workplace.held(plan.data):
        plan.inbox.mkdir(parents=True, exist_ok=True)
        (plan.data / "logs").mkdir(exist_ok=True)
        if examples:
            _drop_examples(plan.inbox)
        raise typer.Exit(asyncio.run(EmbeddedLine(plan).run()))


def _check_places(plan: Plan, database: str | None) -> None:
    """Look at every folder that the line needs; raises `BadSetting` for one that cannot be had."""
    require_folder(plan.inbox, "--inbox")
    require_folder(plan.data, "--data")
    if plan.data.is_dir():
        for part in ("nats", "archive", "logs"):
            require_folder(plan.data / part, f"--data: {part}")
    require_database_folder(plan.database_url, "--database" if database else "GOUJI_DATABASE_URL")
    if plan.keys is not None:
        require_folder(plan.keys.folder, "--keys", written=False)


def _copies(wishes: list[str]) -> dict[str, int]:
    """Read `extract=2` and the like; every service not named runs once."""
    found = dict.fromkeys(SERVICES, 1)
    for wish in wishes:
        service, _, number = wish.partition("=")
        if service not in SERVICES or not number.isdecimal():
            raise typer.BadParameter(
                f"{wish!r} {spoken('不是 extract=2 这样的写法', 'is not of the form extract=2')}"
            )
        found[service] = int(number)
    return found


def _drop_examples(inbox: Path) -> None:
    """Copy the example reports into the folder, whole or not at all; what is there stays."""
    if not _EXAMPLES.is_dir():
        say(spoken("没有示例文件夹", "there are no example reports beside this installation"))
        return
    for source in sorted(p for p in _EXAMPLES.rglob("*") if p.suffix in (".txt", ".md")):
        target = inbox / source.relative_to(_EXAMPLES)
        if source.name.lower().startswith("readme") or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.part")
        shutil.copyfile(source, aside)
        aside.replace(target)
