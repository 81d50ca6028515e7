"""The line as separate processes, each started again as soon as it ends, unless it is held.

Every part has a program of its own, so that a trial may run one of another version, wrapped in
another program, or more than one copy of it.
"""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from shared.errors import Unavailable
from shared.runtime import children
from shared.runtime.connections.embedded import NatsServer
from tests.endurance.line import BROKER, FEEDER, SERVICES, START_SECONDS, Line, environment
from tests.support.processes import GOUJI, wait_for

_LOOK_SECONDS = 0.05
_GRACE_SECONDS = 20.0


@dataclass
class Part:
    """One part: what starts it, the process that runs, whether it is to stay down, how it ended."""

    argv: Sequence[str]
    env: Mapping[str, str]
    child: subprocess.Popen[bytes] | None = None
    held: bool = False
    starts: int = 0
    exits: list[int] = field(default_factory=list)


class Loose(Line):
    """Parts without a common parent's care; a thread of the trial looks after them."""

    def __init__(
        self,
        folder: Path,
        database_url: str | None = None,
        *,
        env: Mapping[str, str] | None = None,
        quick: bool = True,
        sync: str = "always",
        programs: Mapping[str, Sequence[str]] | None = None,
        server: NatsServer | None = None,
    ) -> None:
        """Nothing is started. `programs` are those to run in place of `gouji run …`, by part."""
        super().__init__(folder, database_url)
        self.server = server or NatsServer(folder / "data" / "nats", sync=sync)
        self.parts: dict[str, Part] = {}
        self._env = dict(env or {})
        self._quick = quick
        self._programs = dict(programs or {})
        self._broker_held = False
        self._ending = threading.Event()
        self._lock = threading.RLock()
        self._keeper: threading.Thread | None = None
        self._failed: BaseException | None = None

    @property
    def nats_url(self) -> str:
        """Where the bus is."""
        return self.server.url

    def start(self) -> None:
        """Start bus, database and every part; wait until the services are ready."""
        started = threading.Event()
        self._keeper = threading.Thread(target=self._keep, args=(started,), daemon=True)
        self._keeper.start()
        started.wait()
        if self._failed is not None:
            raise self._failed
        for service in self.services:
            self.await_ready(service)

    def stop(self) -> None:
        """End every part in order."""
        self._ending.set()
        if self._keeper is not None:
            self._keeper.join(_GRACE_SECONDS + 20)

    def add(self, name: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Start a further part under a name of its own, such as a second copy of a service."""
        with self._lock:
            self.parts[name] = Part(argv, {**self._environment(), **(env or {})})

    def replace(self, part: str, argv: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        """Give a part another program; it runs from the next start on."""
        with self._lock:
            known = self.parts[part]
            known.argv, known.env = argv, {**known.env, **(env or {})}

    def hold(self, part: str) -> None:
        """Keep a part down from its next end on."""
        with self._lock:
            if part == BROKER:
                self._broker_held = True
            else:
                self.parts[part].held = True

    def let_go(self, part: str) -> None:
        """Start a held part again."""
        with self._lock:
            if part == BROKER:
                self._broker_held = False
            else:
                self.parts[part].held = False

    def process(self, part: str) -> psutil.Process | None:
        """Return the living process of a part, None while it is down."""
        with self._lock:
            if part == BROKER:
                pid = self.server.pid
            else:
                child = self.parts[part].child
                pid = child.pid if child is not None and child.poll() is None else None
        try:
            return None if pid is None else psutil.Process(pid)
        except psutil.NoSuchProcess:
            return None

    def await_up(self, part: str, within: float = 30.0) -> None:
        """Wait until a part runs."""
        wait_for(f"{part} runs", lambda: self.process(part), within)

    def _environment(self) -> dict[str, str]:
        own = {
            "GOUJI_NATS_URL": self.server.url,
            "GOUJI_DATABASE_URL": self.database_url,
            "GOUJI_ARCHIVE_PATH": str(self.archive),
            "GOUJI_LOG_FORMAT": "json",
        }
        return environment({**own, **self._env}, quick=self._quick)

    def _keep(self, started: threading.Event) -> None:
        """Start everything and start again what ends; the kernel ends it all with this thread."""
        try:
            self._begin()
        except BaseException as error:
            self._failed = error
            self._end()
            return
        finally:
            started.set()
        while not self._ending.wait(_LOOK_SECONDS):
            with self._lock:
                if not self._broker_held and not self.server.is_running():
                    with contextlib.suppress(Unavailable):
                        self.server.start()
                for name, part in self.parts.items():
                    self._mend(name, part)
        self._end()

    def _begin(self) -> None:
        self.server.start()
        env = self._environment()
        for command in (["provision"], ["migrate"]):
            _run([str(GOUJI), *command], env)
        for service in SERVICES:
            argv = self._programs.get(service, [str(GOUJI), "run", service])
            self.parts[service] = Part(argv, env)
        feed = [str(GOUJI), "feed", "--inbox", str(self.inbox)]
        self.parts[FEEDER] = Part(self._programs.get(FEEDER, feed), env)
        for name, part in self.parts.items():
            self._mend(name, part)

    def _mend(self, name: str, part: Part) -> None:
        if part.child is not None:
            code = part.child.poll()
            if code is None:
                return
            part.exits.append(code)
            part.child = None
        if part.held:
            return
        with (self.logs / f"{name}.log").open("ab") as output:
            part.child = children.spawn(part.argv, env=part.env, output=output)
        part.starts += 1

    def _end(self) -> None:
        with self._lock:
            running = [p.child for p in self.parts.values() if p.child and p.child.poll() is None]
            for child in running:
                child.send_signal(signal.SIGTERM)
                child.send_signal(signal.SIGCONT)
            deadline = time.monotonic() + _GRACE_SECONDS
            for child in running:
                children.stop(child, max(0.05, deadline - time.monotonic()))
            if self.server.pid is not None:
                psutil.Process(self.server.pid).send_signal(signal.SIGCONT)
            self.server.stop()


def _run(argv: Sequence[str], env: Mapping[str, str]) -> None:
    """Run a command of the start to its end."""
    subprocess.run(argv, env=env, check=True, capture_output=True, timeout=START_SECONDS)
