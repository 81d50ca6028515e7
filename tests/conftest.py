"""Fixtures that more than one folder uses; nothing is imported from here."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# before anything of gouji is loaded: what it says must not depend on the machine's locale
os.environ["GOUJI_LANGUAGE"] = "both"

from shared.runtime.connections.embedded import NatsServer
from tests.support.postgres import Cluster


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """One private nats-server for all tests that bring their own subjects."""
    with NatsServer(tmp_path_factory.mktemp("nats"), sync="2m") as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """One private PostgreSQL cluster; each test takes a database of its own from it."""
    with Cluster() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gouji.db"
    return request.getfixturevalue("postgres").new_database()
