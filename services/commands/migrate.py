"""`gouji migrate`: bring the database's schema up to date."""

from pathlib import Path
from typing import Final

from services.commands.reaching import records, workplace
from services.commands.reaching.options import AsJson, Data, DatabaseUrl
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say, say_json
from shared.language import spoken
from shared.runtime.paths import require_database_folder

HELP: Final = taught(
    "升级数据库结构",
    "Bring the database's schema up to date; harmless when it is.",
    "结构已是最新时不作改动。",
)


def run(
    database: DatabaseUrl = None,
    data: Data = Path("data"),
    as_json: AsJson = False,
) -> None:
    """Bring the database's schema up to date; harmless when it is."""
    url = workplace.named_database(database) if database else workplace.default_database(data)
    require_database_folder(url, "--database" if database else "GOUJI_DATABASE_URL")
    records.migrate(url)
    if as_json:
        say_json({"database": records.shown(url), "ready": True})
    else:
        say(f"{spoken('数据库已就绪', 'the database is ready')}: {records.shown(url)}")
