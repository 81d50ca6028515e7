import os
import shutil
import socket
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import psycopg
import pytest

from services.sink.adapters.database import Database

_NUMBERS = count()


def programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    if found:
        return found[-1]
    anywhere = shutil.which("initdb")
    if anywhere is None:
        pytest.skip("no PostgreSQL programs on this machine")
    return Path(anywhere).resolve().parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def cluster():
    """A private PostgreSQL on a free port; the server refuses root, so it runs as nobody there."""
    bin_folder, folder = programs(), Path(tempfile.mkdtemp(prefix="gouji-sink-"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    port, data = free_port(), folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*as_user, *command], check=True, cwd=folder, capture_output=True)

    try:
        run(
            f"{bin_folder}/initdb",
            "-D",
            f"{data}",
            "-A",
            "trust",
            "-U",
            "gouji",
            "-E",
            "UTF8",
            "--no-sync",
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = f"{folder}/log"
        run(f"{bin_folder}/pg_ctl", "-D", f"{data}", "-o", options, "-l", log, "-w", "start")
        yield f"postgresql://gouji@127.0.0.1:{port}"
    finally:
        if (data / "postmaster.pid").exists():
            run(f"{bin_folder}/pg_ctl", "-D", f"{data}", "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(cluster):
    """A new database on the private server."""
    name = f"sink_{next(_NUMBERS)}"
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{cluster}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """A database without tables, on either system."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gouji.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def url(empty_url):
    database = Database(empty_url)
    database.migrate()
    database.close()
    return empty_url


@pytest.fixture
def database(url):
    database = Database(url)
    yield database
    database.close()
