"""The extract service with a defect: `python -m tests.endurance.failing` fails at every file named so."""

from collections.abc import Sequence
from typing import Any

from services.extract import handler
from shared.contracts.events import Event
from shared.runtime.process import run

MARK = "defect"
_handle = handler.handle


async def handle(event: Any, **ports: Any) -> Sequence[Event]:
    """Fail where the name says so, every time."""
    if event.file.startswith(MARK):
        raise ZeroDivisionError("a defect made on purpose")
    return await _handle(event, **ports)


if __name__ == "__main__":
    # before the app is assembled, which takes the handler as it finds it
    handler.handle = handle  # type: ignore[assignment]
    from services.extract.app import app

    run(app)
