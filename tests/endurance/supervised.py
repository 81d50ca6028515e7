"""The line as `gouji up` runs it: one parent looks after all parts."""

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import psutil

from tests.endurance.line import BROKER, START_SECONDS, Line, below, environment
from tests.support.processes import GOUJI, Up, wait_for


class Supervised(Line):
    """A running `gouji up`."""

    def __init__(
        self,
        folder: Path,
        database_url: str | None = None,
        *,
        env: dict[str, str] | None = None,
        quick: bool = True,
        arguments: Sequence[str] = (),
    ) -> None:
        """Nothing is started yet."""
        super().__init__(folder, database_url)
        self._env = environment(env, quick=quick)
        self._arguments = arguments
        self._up: Up | None = None

    @property
    def nats_url(self) -> str:
        """Where the bus is."""
        assert self._up is not None
        return str(self._up.line["nats_url"])

    def start(self) -> None:
        """Start `gouji up` and wait until the services are ready."""
        command = [GOUJI, "up", "--database", self.database_url, *self._arguments]
        with (self.folder / "up.out").open("ab") as output:
            child = subprocess.Popen(
                command, cwd=self.folder, env=self._env, stdout=output, stderr=output,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        self._up = Up(self.folder, child)
        wait_for("the line is announced", self._up._announced, START_SECONDS)
        for service in self.services:
            self.await_ready(service)

    def stop(self) -> None:
        """End `gouji up` in order."""
        if self._up is None:
            return
        child = self._up.process
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        wait_for("nothing is left behind", lambda: not self._up.left_behind(), 10)  # type: ignore[union-attr]

    def crash(self) -> None:
        """End `gouji up` at once and, by the kernel's hand, all it started."""
        assert self._up is not None
        up = self._up
        up.processes()
        up.process.kill()
        up.process.wait()
        wait_for("nothing is left behind", lambda: not up.left_behind(), 20)

    def process(self, part: str) -> psutil.Process | None:
        """Return the living process of a part, None while it is down."""
        assert self._up is not None
        words = "nats.conf" if part == BROKER else f"services.{part}"
        return below(self._up.process.pid, words)
