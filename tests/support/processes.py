"""Starting `gouji` as a user does, and looking after what it leaves behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import psutil

from services.commands.reaching.records import file_states
from shared.errors import Unavailable

T = TypeVar("T")
GOUJI = Path(sys.executable).with_name("gouji")
QUICK = {"GOUJI_ACK_WAIT": "3s", "GOUJI_RETRY_FIRST": "200ms", "GOUJI_RETRY_LONGEST": "2s"}
"""Settings with short waits, so that tests of waiting are short."""


def wait_for(what: str, look: Callable[[], T | None], within: float = 60.0) -> T:
    """Return what `look` finds as soon as it is truthy; fail with `what` after a while."""
    deadline = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(0.05)


def gouji(
    *arguments: object, cwd: Path, env: dict[str, str] | None = None, within: float = 120.0
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [GOUJI, *map(str, arguments)],
        cwd=cwd, env=_environment(env), capture_output=True, text=True, timeout=within, check=False,
    )  # fmt: skip


class Up:
    """A running `gouji up` in a folder of its own."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.process = process
        self.inbox = folder / "inbox"
        self.tree: set[psutil.Process] = set()

    @property
    def line(self) -> dict[str, Any]:
        """Where the line is reached, once it says so."""
        return wait_for("up.json", self._announced)

    @property
    def output(self) -> str:
        return (self.folder / "up.out").read_text(errors="replace")

    def drop(self, name: str, data: bytes) -> None:
        """Put a file into the folder, whole under its name."""
        target = self.inbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.part")
        aside.write_bytes(data)
        aside.replace(target)

    def processes(self, part: str = "") -> list[psutil.Process]:
        """Return the living processes below this one whose command line names `part`."""
        try:
            below = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            below = []
        self.tree.update(below)
        return [p for p in below if part in _command(p)]

    def service(self, name: str) -> psutil.Process:
        """Return the running process of a service."""
        return wait_for(f"service {name}", lambda: self.processes(f"services.{name}"))[0]

    def states(self) -> dict[str, int]:
        """Return how many files are in which terminal state."""
        try:
            return dict(Counter(row.state for row in file_states(self.line["database_url"])))
        except Unavailable:
            return {}

    def signal(self, number: int) -> None:
        self.processes()
        self.process.send_signal(number)

    def left_behind(self) -> list[psutil.Process]:
        """Return processes of this run that are still alive."""
        return [p for p in self.tree if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]

    def _announced(self) -> dict[str, Any] | None:
        if self.process.poll() is not None:
            raise AssertionError(f"up ended with {self.process.returncode}: {self.output}")
        try:
            return json.loads((self.folder / "data" / "up.json").read_text())
        except (OSError, ValueError):
            return None


@contextmanager
def up(folder: Path, *arguments: object, env: dict[str, str] | None = None) -> Iterator[Up]:
    """Run `gouji up` in a folder while the block runs; nothing of it survives the block."""
    (folder / "inbox").mkdir(parents=True, exist_ok=True)
    with (folder / "up.out").open("ab") as output:
        process = subprocess.Popen(
            [GOUJI, "up", *map(str, arguments)],
            cwd=folder, env=_environment(env), stdout=output, stderr=output, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    running = Up(folder, process)
    try:
        yield running
    finally:
        running.processes()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _environment(more: dict[str, str] | None) -> dict[str, str]:
    return {**os.environ, **QUICK, **(more or {})}


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
