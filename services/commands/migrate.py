"""`gouji migrate`: bring the database's schema up to date."""

from pathlib import Path
from typing import Annotated

import typer

from services.commands.reaching import records, workplace
from services.commands.talking.wording import say, say_json
from shared.runtime.paths import require_database_folder


def run(
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL.")] = None,
    data: Annotated[Path, typer.Option(help="数据文件夹 · Data folder.")] = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
) -> None:
    """升级数据库结构 · Bring the database's schema up to date; harmless when it is."""
    url = workplace.named_database(database) if database else workplace.default_database(data)
    require_database_folder(url, "--database" if database else "GOUJI_DATABASE_URL")
    records.migrate(url)
    if as_json:
        say_json({"database": records.shown(url), "ready": True})
    else:
        say(f"数据库已就绪 · the database is ready: {records.shown(url)}")
