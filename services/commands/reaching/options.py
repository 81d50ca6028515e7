"""Options that many commands have: where the line is, and how the answer is printed."""

from pathlib import Path
from typing import Annotated

import typer

from shared.language import spoken

Data = Annotated[Path, typer.Option(help=spoken("数据文件夹", "Data folder of `up`."))]
DatabaseUrl = Annotated[str | None, typer.Option(help=spoken("数据库地址", "SQLAlchemy URL."))]
Archive = Annotated[
    Path | None, typer.Option(envvar="GOUJI_ARCHIVE_PATH", help=spoken("存档", "Archive folder."))
]
Rules = Annotated[
    Path | None,
    typer.Option(
        envvar="GOUJI_RULES", help=spoken("自订规则文件夹", "Folder with rules of your own.")
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON.")]
