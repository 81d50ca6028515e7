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
from shared.runtime.embedded import NatsServer

_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0
_HEALTHY_AFTER = 30.0
_LOG_BYTES = 16 << 20
_HOPELESS_AFTER = 6


@dataclass(slots=True)
class _Child:
    """One supervised process: how it is started, and how it fared lately."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes]
    started: float
    deaths: int = 0
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
        process = self._spawn(name, argv, env)
        self._children.append(_Child(name, argv, env, process, time.monotonic()))

    def hopeless(self) -> list[str]:
        """Return the programs that ended again and again, soon after each start."""
        return [c.name for c in self._children if c.deaths >= _HOPELESS_AFTER]

    def mend(self) -> None:
        """Notice what ended and start again what is due; call it several times a second."""
        now = time.monotonic()
        for child in self._children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.process, child.started = (
                        self._spawn(child.name, child.argv, child.env),
                        now,
                    )
                    child.restart_at = None
            elif child.process.poll() is not None:
                child.deaths = 1 if now - child.started > _HEALTHY_AFTER else child.deaths + 1
                delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2 ** (child.deaths - 1))
                child.restart_at = now + delay
                self._report(child.name, child.process.returncode, delay)

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
        self, name: str, argv: Sequence[str], env: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        path = self._logs / f"{name}.log"
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as output:
            return children.spawn(argv, env={**self._env, **env}, output=output)


def mend_server(server: NatsServer, report: Callable[[str, int, float], None]) -> None:
    """Start the private nats-server again when it died; it keeps its ports and its store."""
    if not server.is_running():
        report("nats-server", -1, 0.0)
        server.start()
