"""`gouji version`: which release this is, and which engine made its readings."""

from importlib.metadata import version
from typing import Final

from services.commands.reaching.options import AsJson
from services.commands.talking.teaching import taught
from services.commands.talking.wording import say_json
from shared.report.identity import ENGINE_VERSION

HELP: Final = taught("显示版本", "Print the version.")


def run(
    as_json: AsJson = False,
) -> None:
    """Print the version."""
    if as_json:
        say_json({"gouji": version("gouji"), "engine": ENGINE_VERSION})
        return
    print(f"gouji {version('gouji')} (engine {ENGINE_VERSION})")
