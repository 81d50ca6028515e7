"""Keeps the child processes of `gouji up` running: a dead one comes back, a dying one ever later."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from shared.runtime import children

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0
_FORGIVEN_AFTER = 3.0
"""Seconds of healthy life that make up for one earlier death."""
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Ends that a program does not come to by itself."""
_KILLED_DELAY = 1.0
_HOPELESS_KILLS = 30
_HEALTH_FILE = "GOUJI_HEALTH_FILE"
_LOG_BYTES = 16 << 20
_HOPELESS_AFTER = 6


@dataclass(slots=True)
class _Child:
    """One supervised process: how it is started, and how it fared lately.

    `deaths` are those that were not made up for by healthy life: one that ends whenever it starts comes
    back ever later. It is healthy since it first touched its `health` file. `kills` are those by
    somebody else since it was healthy last: it comes back soon, however often.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes]
    health: Path
    healthy_since: float | None = None
    deaths: int = 0
    kills: int = 0
    restart_at: float | None = field(default=None)


class Supervisor:
    """Starts programs, starts them again when they end, and ends them all."""

    def __init__(
        self, logs: Path, env: Mapping[str, str], report: Callable[[str, int, float], None]
    ) -> None:
        """`report` hears of every unexpected end: name, exit code, seconds until the next start."""
        logs.mkdir(parents=True, exist_ok=True)
        self._logs = logs
        self._env = {**os.environ, **env}
        self._report = report
        self._children: list[_Child] = []

    def start(
        self, name: str, argv: Sequence[str], env: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Start a program under a name of its own; `env` is what it alone is told."""
        health = Path(self._env.get(_HEALTH_FILE) or self._logs / f".{name}.healthy")
        told = {**env, _HEALTH_FILE: str(health)}
        process = self._spawn(name, argv, told, health)
        self._children.append(_Child(name, argv, told, process, health))

    def hopeless(self) -> list[str]:
        """Return the programs that ended again and again, soon after each start."""
        return [
            c.name
            for c in self._children
            if c.deaths >= _HOPELESS_AFTER or c.kills >= _HOPELESS_KILLS
        ]

    def mend(self) -> None:
        """Notice what ended and start again what is due; call it several times a second."""
        now = time.monotonic()
        for child in self._children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.process = self._spawn(child.name, child.argv, child.env, child.health)
                    child.restart_at = None
            elif child.process.poll() is not None:
                delay = _delay(child, now)
                child.restart_at, child.healthy_since = now + delay, None
                self._report(child.name, child.process.returncode, delay)
            elif child.healthy_since is None and child.health.exists():
                child.healthy_since = now

    def stop(self, grace_seconds: float) -> None:
        """End all: SIGTERM to everyone at once, SIGKILL to whoever is left after the grace."""
        running = [c.process for c in self._children if c.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + grace_seconds
        for process in running:
            children.stop(process, max(0.05, deadline - time.monotonic()))
        self._children.clear()

    def _spawn(
        self, name: str, argv: Sequence[str], env: Mapping[str, str], health: Path
    ) -> subprocess.Popen[bytes]:
        path = self._logs / f"{name}.log"
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        health.unlink(missing_ok=True)
        told = {**self._env, **env}
        try:
            output = path.open("ab")
        except OSError:
            # a full disk: better a service without a log than none
            return children.spawn(argv, env=told, output=subprocess.DEVNULL)
        with output:
            return children.spawn(argv, env=told, output=output)


def _delay(child: _Child, now: float) -> float:
    """Count the end that a program has just come to; return the seconds until its next start."""
    lived = 0.0 if child.healthy_since is None else now - child.healthy_since
    child.deaths = max(0, child.deaths - int(lived / _FORGIVEN_AFTER))
    if child.process.returncode in _FROM_OUTSIDE:
        child.kills = 1 if lived else child.kills + 1
        return _FIRST_DELAY if lived else _KILLED_DELAY
    child.deaths += 1
    return min(_LONGEST_DELAY, _FIRST_DELAY * float(2 ** (child.deaths - 1)))
