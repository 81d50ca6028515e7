"""Fixtures that more than one folder uses; nothing is imported from here."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

# before anything of gouji is loaded: what it says must not depend on the machine's locale
os.environ["GOUJI_LANGUAGE"] = "both"

from shared.runtime.connections.embedded import NatsServer
from shared.runtime.process import calm_collector
from tests.support.databases import copied_to, lay_tables
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


@pytest.fixture(scope="session")
def postgres_tables(postgres: Cluster) -> str:
    """A PostgreSQL database with today's tables, to be copied."""
    return lay_tables(postgres.new_database())


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without tables, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gouji.db"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with today's tables and no rows, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return copied_to(tmp_path / "gouji.db")
    cluster: Cluster = request.getfixturevalue("postgres")
    return cluster.new_database(like=request.getfixturevalue("postgres_tables"))


def pytest_collection_finish() -> None:
    """Never look for garbage among the thousands of tests: they live on."""
    calm_collector()
