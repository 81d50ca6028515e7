"""Writes the AsyncAPI description of every service: `python -m tools.asyncapi FOLDER`."""

import importlib
import sys
from pathlib import Path

SERVICES = ("ingest", "normalize", "extract", "validate", "sink", "notify")


def describe(service: str) -> str:
    """Return the AsyncAPI document of one service as YAML."""
    app = importlib.import_module(f"services.{service}.app").app
    text: str = app.schema.to_specification().to_yaml()
    return text


def main(arguments: list[str]) -> int:
    """Write one file per service into the folder given (default docs/asyncapi)."""
    folder = Path(arguments[0]) if arguments else Path("docs/asyncapi")
    folder.mkdir(parents=True, exist_ok=True)
    for service in SERVICES:
        path = folder / f"{service}.yaml"
        path.write_text(describe(service), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
