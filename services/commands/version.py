"""`gouji version`: which release this is, and which engine made its readings."""

from importlib.metadata import version
from typing import Annotated

import typer

from services.commands.talking.wording import say_json
from shared.report.identity import ENGINE_VERSION


def run(
    as_json: Annotated[bool, typer.Option("--json", help="JSON.")] = False,
) -> None:
    """显示版本 · Print the version."""
    if as_json:
        say_json({"gouji": version("gouji"), "engine": ENGINE_VERSION})
        return
    print(f"gouji {version('gouji')} (engine {ENGINE_VERSION})")
