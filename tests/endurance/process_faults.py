"""Faults of processes: killed, stopped for a while, ended in order."""

import signal
import time
from dataclasses import dataclass
from random import Random
from typing import Final

import psutil

from tests.endurance.line import Line
from tests.support.processes import wait_for

ANY: Final = "any service"
EXIT_SECONDS: Final = 10.0
"""Within which a service that is told to end must have ended."""


class Instant:
    """A fault that lasts no time of its own."""

    def end(self, line: Line) -> None:
        """There is nothing to take away."""


@dataclass(frozen=True, slots=True)
class Kill(Instant):
    """SIGKILL of a part, or of a random service."""

    part: str = ANY

    @property
    def name(self) -> str:
        """What the figures call it."""
        return f"SIGKILL {self.part}"

    def inject(self, line: Line, rng: Random) -> bool:
        """Kill it if it runs."""
        return line.kill(rng.choice(line.services) if self.part == ANY else self.part)


@dataclass(frozen=True, slots=True)
class KillChild(Instant):
    """SIGKILL of a random process below a part: a worker, or the one that makes workers."""

    part: str = "normalize"

    @property
    def name(self) -> str:
        """What the figures call it."""
        return f"SIGKILL child of {self.part}"

    def inject(self, line: Line, rng: Random) -> bool:
        """Kill one if there is any."""
        found = sorted(line.children(self.part), key=lambda p: p.pid)
        if not found:
            return False
        try:
            rng.choice(found).kill()
        except psutil.NoSuchProcess:
            return False
        return True


@dataclass(slots=True)
class Pause:
    """SIGSTOP of a part, or of a random service, until it ends."""

    part: str = ANY
    _stopped: str | None = None

    @property
    def name(self) -> str:
        """What the figures call it."""
        return f"SIGSTOP {self.part}"

    def inject(self, line: Line, rng: Random) -> bool:
        """Stop it."""
        self._stopped = rng.choice(line.services) if self.part == ANY else self.part
        return line.signal(self._stopped, signal.SIGSTOP)

    def end(self, line: Line) -> None:
        """Let it go on."""
        if self._stopped is not None:
            line.signal(self._stopped, signal.SIGCONT)


@dataclass(slots=True)
class Terminate(Instant):
    """SIGTERM of the services, one after another: each must end in time, and is ready again then."""

    slowest: float = 0.0
    _next: int = 0

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "SIGTERM, one service after another"

    def inject(self, line: Line, rng: Random) -> bool:
        """End the next one; fail if it takes longer than it may."""
        part = line.services[self._next % len(line.services)]
        self._next += 1
        process = wait_for(f"{part} runs", lambda: line.process(part))
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        process.wait(6 * EXIT_SECONDS)
        self.slowest = max(self.slowest, time.monotonic() - began)
        wait_for(f"{part} runs again", lambda: line.process(part))
        line.await_ready(part)
        return True
