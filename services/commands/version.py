"""`gouji version`: which release this is, and which engine made its readings."""

from importlib.metadata import version

from shared.report.identity import ENGINE_VERSION


def run() -> None:
    """显示版本 · Print the version."""
    print(f"gouji {version('gouji')} (engine {ENGINE_VERSION})")
