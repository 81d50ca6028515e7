"""A private PostgreSQL cluster on a free port, gone with the process that started it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import LiteralString, Self

import psutil
import psycopg

from shared.runtime import children

_START_SECONDS = 30.0
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")


def find_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server programs, None without one."""
    named = os.environ.get("GOUJI_PG_BIN")
    candidates = [Path(named)] if named else []
    for pattern in _PLACES:
        found = Path("/").glob(pattern.lstrip("/"))
        candidates += sorted(found, key=lambda p: _version(p.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    if on_path is not None:
        candidates.append(Path(on_path).resolve().parent)
    return next(
        (c for c in candidates if (c / "initdb").exists() and (c / "postgres").exists()), None
    )


class Cluster:
    """One cluster in a temporary folder; as root it runs as another user, which PostgreSQL demands."""

    def __init__(self, *, max_connections: int = 200, durable: bool = False) -> None:
        """Only a `durable` one waits for the disk, as in service; tests are in a hurry."""
        programs = find_programs()
        if programs is None:
            raise RuntimeError("no PostgreSQL server on this machine: type `make postgresql`")
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="gouji-pg-"))
        self._as_user = _become_ordinary(self._folder)
        self._numbers = count(1)
        self._child: subprocess.Popen[bytes] | None = None
        self._max_connections = max_connections
        self._wait_for_disk = "on" if durable else "off"
        self._starter = ThreadPoolExecutor(1)
        self.port = _free_port()

    def start(self) -> Self:
        data = self._folder / "data"
        subprocess.run(
            [*self._as_user, self._programs / "initdb", "-D", data, "-A", "trust", "-U", "gouji", "-E", "UTF8", "--no-sync"],
            check=True, cwd=self._folder, capture_output=True,
        )  # fmt: skip
        return self.resume()

    def resume(self) -> Self:
        """Start the server on the data that is there."""
        settings = {
            "port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self._folder,
            "fsync": self._wait_for_disk, "synchronous_commit": self._wait_for_disk, "full_page_writes": self._wait_for_disk,
            "max_connections": self._max_connections,
            "deadlock_timeout": "100ms",
        }  # fmt: skip
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            argv = [
                *self._as_user,
                str(self._programs / "postgres"),
                "-D",
                str(self._folder / "data"),
                *options,
            ]
            # the server dies with the thread that starts it, and faults strike from short-lived ones
            start = partial(children.spawn, argv, cwd=self._folder, output=log)
            self._child = self._starter.submit(start).result()
        self._await_ready()
        return self

    def kill(self) -> None:
        """End the server and all its sessions at once, as a crash would."""
        assert self._child is not None
        sessions = psutil.Process(self._child.pid).children(recursive=True)
        self._child.kill()
        self._child.wait()
        # those that are left would keep the next start from the shared memory
        psutil.wait_procs(sessions, 10)

    def execute(self, *statements: LiteralString) -> None:
        """Do something as the superuser, outside any transaction."""
        with self._connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def connect(
        self, database: str | None = None, *, autocommit: bool = True
    ) -> psycopg.Connection:
        """Open a session, on the database of a URL if one is named."""
        name = "postgres" if database is None else database.rpartition("/")[2]
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="gouji", dbname=name, autocommit=autocommit, connect_timeout=3,
        )  # fmt: skip

    def stop(self) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGINT)
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self._starter.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def new_database(self, like: str | None = None) -> str:
        """Create a database, empty or as the one of a URL that nobody is connected to; return its SQLAlchemy URL."""
        name = f"gouji_{next(self._numbers)}"
        template = "template1" if like is None else like.rpartition("/")[2]
        with self._connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return f"postgresql://gouji@127.0.0.1:{self.port}/{name}"

    def _connect(self) -> psycopg.Connection:
        return self.connect()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self._connect().close()
            except psycopg.OperationalError:
                assert self._child is not None
                if self._child.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((self._folder / "log").read_text(errors="replace")) from None
                time.sleep(0.02)
            else:
                return

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdecimal())


def _become_ordinary(folder: Path) -> list[str]:
    """Hand the folder to an ordinary user and return the words that run a program as them."""
    if os.geteuid() != 0:
        return []
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        # the change of user clears the death signal that `children.spawn` set: set it again
        return [
            "setpriv",
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--clear-groups",
            "--pdeathsig=KILL",
        ]
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
