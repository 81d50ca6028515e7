"""What may happen to a database: crashes, outages, refusals, other writers, a file that goes away."""

import contextlib
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import psycopg
from sqlalchemy import make_url

from tests.endurance.line import Line
from tests.support.postgres import Cluster


@dataclass(slots=True)
class PostgresDown:
    """SIGKILL of the server and all its sessions; it stays down until the fault ends."""

    cluster: Cluster
    _down: bool = False

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "PostgreSQL killed and down"

    def inject(self, line: Line, rng: Random) -> bool:
        """Kill it."""
        self.cluster.kill()
        self._down = True
        return True

    def end(self, line: Line) -> None:
        """Start it again."""
        if self._down:
            self.cluster.resume()
            self._down = False


@dataclass(frozen=True, slots=True)
class PostgresReadOnly:
    """Every new transaction is read-only, as on a standby."""

    cluster: Cluster

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "PostgreSQL read-only"

    def inject(self, line: Line, rng: Random) -> bool:
        """Let nobody write."""
        self.cluster.execute(
            "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()"
        )
        return True

    def end(self, line: Line) -> None:
        """Let everybody write."""
        self.cluster.execute(
            "SET default_transaction_read_only = off",
            "ALTER SYSTEM RESET default_transaction_read_only",
            "SELECT pg_reload_conf()",
        )


@dataclass(slots=True)
class PostgresCrowded:
    """Strangers hold every connection there is; our own sessions were ended before."""

    cluster: Cluster
    _strangers: list[psycopg.Connection] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "PostgreSQL out of connections"

    def inject(self, line: Line, rng: Random) -> bool:
        """End all other sessions and take their places."""
        self.cluster.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gouji'"
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                self._strangers.append(self.cluster.connect())
            except psycopg.OperationalError:
                return True
        return False

    def end(self, line: Line) -> None:
        """Let go of all connections."""
        for stranger in self._strangers:
            stranger.close()
        self._strangers.clear()


@dataclass(slots=True)
class PostgresDeadlock:
    """Another program locks our tables the other way round, again and again."""

    cluster: Cluster
    database_url: str
    met: int = 0
    _ending: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "PostgreSQL deadlocks with another writer"

    def inject(self, line: Line, rng: Random) -> bool:
        """Begin."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return True

    def end(self, line: Line) -> None:
        """Leave."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(10)

    def _run(self) -> None:
        with self.cluster.connect(self.database_url, autocommit=False) as connection:
            while not self._ending.wait(0.05):
                try:
                    connection.execute("LOCK TABLE revisions IN SHARE MODE")
                    time.sleep(0.15)
                    connection.execute("LOCK TABLE documents IN SHARE MODE")
                except psycopg.errors.DeadlockDetected:
                    self.met += 1
                connection.rollback()


@dataclass(slots=True)
class SqliteLocked:
    """Another writer holds the database."""

    _locker: sqlite3.Connection | None = None

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "SQLite locked by another writer"

    def inject(self, line: Line, rng: Random) -> bool:
        """Take the lock."""
        path = _path(line)
        self._locker = sqlite3.connect(
            path, isolation_level=None, timeout=30, check_same_thread=False
        )
        self._locker.execute("BEGIN IMMEDIATE")
        return True

    def end(self, line: Line) -> None:
        """Let go."""
        if self._locker is not None:
            self._locker.rollback()
            self._locker.close()


@dataclass(slots=True)
class SqliteGone:
    """The database's folder is moved away, as when a disk is unmounted, and comes back."""

    _elsewhere: Path | None = None

    @property
    def name(self) -> str:
        """What the figures call it."""
        return "SQLite's folder gone"

    def inject(self, line: Line, rng: Random) -> bool:
        """Move it away."""
        folder = _path(line).parent
        self._elsewhere = folder.with_name(f"{folder.name}-elsewhere")
        folder.rename(self._elsewhere)
        return True

    def end(self, line: Line) -> None:
        """Bring it back."""
        folder = _path(line).parent
        if self._elsewhere is not None:
            with contextlib.suppress(FileNotFoundError):
                folder.rmdir()
            self._elsewhere.rename(folder)


def _path(line: Line) -> Path:
    return Path(str(make_url(line.database_url).database))
