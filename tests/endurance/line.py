"""The real line as a trial sees it: parts that can be killed, paused and ended, a folder, a database.

Two forms share this face: `Supervised` is `gouji up`, `Loose` is every part as a process of its own.
"""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Self

import psutil

from tests.support.processes import QUICK, wait_for

SERVICES: Final = ("ingest", "normalize", "extract", "validate", "sink")
BROKER: Final = "nats-server"
FEEDER: Final = "feed"
START_SECONDS: Final = 300.0
"""A start takes two seconds; on a machine that is busy with other tests it may take a hundred times that."""
_END_OF_LOG: Final = 1 << 18
"""Bytes at the end of a log in which a service that runs has told that it is ready."""


class Line:
    """A running line in `folder`; what stands here is what faults may use."""

    services: tuple[str, ...] = SERVICES
    """The parts whose death must cost nothing, by name."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        """Nothing is started yet; SQLite in the folder unless a database is named."""
        self.folder = folder
        self.inbox = folder / "inbox"
        self.archive = folder / "data" / "archive"
        self.logs = folder / "data" / "logs"
        self.database_url = database_url or f"sqlite:///{folder}/data/gouji.db"
        for needed in (self.inbox, self.archive, self.logs):
            needed.mkdir(parents=True, exist_ok=True)

    @property
    def nats_url(self) -> str:
        """Where the bus is."""
        raise NotImplementedError

    def start(self) -> None:
        """Start every part and wait until all services are ready."""
        raise NotImplementedError

    def stop(self) -> None:
        """End every part in order; nothing is left behind."""
        raise NotImplementedError

    def process(self, part: str) -> psutil.Process | None:
        """Return the living process of a part, None while it is down."""
        raise NotImplementedError

    def children(self, part: str) -> list[psutil.Process]:
        """Return the processes below a part: the workers that read strangers' files."""
        process = self.process(part)
        try:
            return process.children(recursive=True) if process else []
        except psutil.Error:
            return []

    def signal(self, part: str, number: int) -> bool:
        """Send a signal to a part; False if it is down just now."""
        process = self.process(part)
        if process is None:
            return False
        try:
            process.send_signal(number)
        except psutil.Error:
            return False
        return True

    def kill(self, part: str) -> bool:
        """End a part at once; who looks after it starts it again."""
        return self.signal(part, signal.SIGKILL)

    def drop(self, name: str, data: bytes) -> None:
        """Put a file into the folder, whole under its name."""
        target = self.inbox / name
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.part")
        aside.write_bytes(data)
        aside.replace(target)

    def logged(self, part: str, *, last_bytes: int = 1 << 40) -> Iterator[dict[str, Any]]:
        """Yield what a part has logged, at the end at least; lines that a kill cut short are left out."""
        try:
            with (self.logs / f"{part}.log").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - last_bytes))
                text = file.read().decode(errors="replace")
        except OSError:
            return
        for line in text.splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue

    def await_ready(self, part: str, within: float = START_SECONDS) -> None:
        """Wait until the process of a part that runs now has told that it is ready."""

        def ready() -> bool:
            process = self.process(part)
            return process is not None and any(
                line.get("event") == "service.ready" and line.get("pid") == process.pid
                for line in self.logged(part, last_bytes=_END_OF_LOG)
            )

        wait_for(f"{part} is ready", ready, within)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def environment(more: dict[str, str] | None = None, *, quick: bool = True) -> dict[str, str]:
    """Return what parts find in their environment: short waits, unless the real ones are wanted."""
    return {**os.environ, **(QUICK if quick else {}), **(more or {})}


def below(pid: int, words: str) -> psutil.Process | None:
    """Return a living process below `pid` whose command line holds these words."""
    try:
        found = psutil.Process(pid).children()
    except psutil.Error:
        return None
    for process in found:
        try:
            if words in " ".join(process.cmdline()) and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except psutil.Error:
            continue
    return None


def await_exit(process: psutil.Process, within: float) -> float:
    """Return after how many seconds a process ended; raises when it does not."""
    began = time.monotonic()
    process.wait(within)
    return time.monotonic() - began
