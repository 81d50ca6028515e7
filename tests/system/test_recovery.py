"""What the bus, the database or the archive lost comes back from what the others hold."""

import asyncio
import shutil
import signal
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import nats
import pytest

from services.commands.records import file_states
from shared.contracts.events import ReportDuplicate, ReportReceived
from shared.runtime import topology
from shared.runtime.archive import FolderArchive
from tests.support.dump import dump
from tests.support.fill import fill
from tests.support.processes import Up, gouji, up, wait_for
from tests.support.render import LAYOUTS, render

pytestmark = pytest.mark.system

NOTICE = {"notice.txt": "关于召开会议的通知\n".encode()}
BY_HAND = {"GOUJI_RECONCILE_EVERY": "1h"}
"""Nobody but the command itself reconciles."""


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in BY_HAND.items():
        monkeypatch.setenv(name, value)


def made_up(count: int, first: int = 0) -> dict[str, bytes]:
    """Return generated reports by file name, every layout in turn."""
    files = {}
    for number in range(first, first + count):
        report = render(fill(number), LAYOUTS[number % len(LAYOUTS)], Random(number))
        files[f"{number:04d}_{report.name}"] = report.data
    return files


def drop(running: Up, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        running.drop(name, data)


def done(running: Up, count: int) -> None:
    wait_for(f"{count} files done", lambda: sum(running.states().values()) >= count, 60)
    wait_for("settled", lambda: asyncio.run(is_settled(running)), 60)


async def is_settled(running: Up) -> bool:
    client = await nats.connect(running.line["nats_url"])
    try:
        js = client.jetstream()
        infos = [await js.consumer_info(c.stream, c.name) for c in topology.CONSUMERS]
        return all(i.num_pending == 0 and i.num_ack_pending == 0 for i in infos)
    finally:
        await client.close()


def reconcile(folder: Path, *options: str) -> Any:
    return gouji("reconcile", *options, cwd=folder)


def test_nothing_is_found_where_nothing_was_lost(tmp_path, database_url):
    files = made_up(6) | NOTICE
    with up(tmp_path, "--database", database_url) as running:
        drop(running, files)
        drop(running, {"again.txt": next(iter(files.values()))})
        done(running, len(files) + 1)
        before = dump(database_url)

        told = reconcile(tmp_path)

        assert told.returncode == 0, told.stdout + told.stderr
        assert "bus, archive and database agree" in told.stdout
        assert dump(database_url) == before


def test_a_database_that_was_lost_comes_back_from_archive_and_bucket(tmp_path):
    files = made_up(6) | NOTICE
    with up(tmp_path) as running:
        drop(running, files)
        drop(running, {"again.txt": next(iter(files.values()))})
        done(running, len(files) + 1)
    url = f"sqlite:///{tmp_path}/data/gouji.db"
    before = dump(url)
    for path in (tmp_path / "data").glob("gouji.db*"):
        path.unlink()

    with up(tmp_path) as running:
        assert running.line
        told = reconcile(tmp_path, "--wait")
        done(running, len(files) + 1)

        assert told.returncode == 0, told.stdout + told.stderr
        wait_for("the same rows", lambda: dump(url) == before)
        assert "agree" in reconcile(tmp_path).stdout
