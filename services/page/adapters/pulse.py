"""Whether the page can work: looked at every few seconds, told to whoever asks and by a file."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

from services.page.adapters.shelf import Shelf
from shared.errors import GoujiError
from shared.monitoring.checks import OK
from shared.runtime.logs import log

_EVERY_SECONDS: Final = 5.0


class Pulse:
    """Looks at the database; the bus may be away, the page only says so."""

    def __init__(self, shelf: Shelf, health_file: Path | None) -> None:
        """Look at nothing yet; `health_file` is touched after each look that found all well."""
        self._shelf, self._health_file = shelf, health_file
        self._state = "starting"

    def checks(self) -> dict[str, str]:
        """Return how the last look went."""
        return {"database": self._state}

    async def keep_looking(self) -> None:
        """Look for ever."""
        while True:
            await self._look()
            await asyncio.sleep(_EVERY_SECONDS)

    async def _look(self) -> None:
        try:
            await asyncio.to_thread(self._shelf.is_there)
        except GoujiError as error:
            if self._state != "away":
                log("warning", "service.waiting", store="database", error=str(error))
            self._state = "away"
            return
        self._state = OK
        if self._health_file is not None:
            with suppress(OSError):
                self._health_file.touch()
