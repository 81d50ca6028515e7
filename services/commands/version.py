"""`gouji version`: which release this is, and which engine made its readings."""

from importlib.metadata import version

import typer

from shared.report.identity import ENGINE_VERSION

app = typer.Typer()


@app.command()
def show() -> None:
    """显示版本 · Print the version."""
    print(f"gouji {version('gouji')} (engine {ENGINE_VERSION})")
