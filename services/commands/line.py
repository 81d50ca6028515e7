"""The embedded line: starts and supervises the parts, feeds the folder, tells what happens."""

import asyncio
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog
from nats.js import JetStreamContext

from services.commands import records, workplace
from services.commands.following import connected, follow, last_sequence
from services.commands.run import command_of
from services.commands.supervising import Supervisor, mend_server
from services.commands.tracking import FATEFUL, Tracker
from services.commands.wording import fate_lines, say, summary_lines
from services.ingest.adapters.folder import Fed, FolderFeeder
from shared.contracts.events import DeadLetter
from shared.runtime import topology
from shared.runtime.embedded import NatsServer
from shared.runtime.inbox import Inbox
from shared.runtime.settings import Settings

_TICK_SECONDS: Final = 0.2
_GRACE_SECONDS: Final = 10.0
_QUIET_TICKS: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What `gouji up` was asked for."""

    inbox: Path
    data: Path
    database_url: str
    copies: dict[str, int]
    until_idle: bool


class EmbeddedLine:
    """One run of `gouji up`, from the first child to the last."""

    def __init__(self, plan: Plan) -> None:
        """Nothing is started yet."""
        self._plan = plan
        self._stop = asyncio.Event()
        self._tracker = Tracker()
        self._fed: dict[str, str] = {}
        self._feeder: FolderFeeder | None = None
        self._server = NatsServer(plan.data / "nats")
        self._supervisor = Supervisor(
            plan.data / "logs", self._environment, self._tell_end, 
        )
