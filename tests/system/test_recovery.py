"""What the bus, the database or the archive lost comes back from what the others hold."""

import asyncio
import shutil
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import nats
import pytest

from services.commands.reaching.records import file_states
from shared.runtime.archive import FolderArchive
from shared.runtime.streams import topology
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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
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
    url = sqlite(tmp_path)
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


@pytest.mark.long
def test_what_only_the_archive_still_has_is_read_again_by_the_next_start(tmp_path):
    files = made_up(5) | NOTICE
    with up(tmp_path) as running:
        drop(running, files)
        done(running, len(files))
    before = dump(sqlite(tmp_path))
    shutil.rmtree(tmp_path / "data" / "nats")
    shutil.rmtree(tmp_path / "inbox")
    for path in (tmp_path / "data").glob("gouji.db*"):
        path.unlink()

    ended = gouji("up", "--until-idle", cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"{len(files)} taken up from the archive" in ended.stdout
    assert dump(sqlite(tmp_path)) == before


@pytest.mark.long
def test_a_consumer_whose_state_the_bus_cannot_read_does_not_stop_the_line(tmp_path):
    files = made_up(3)
    with up(tmp_path) as running:
        drop(running, files)
        done(running, len(files))
    (state,) = (tmp_path / "data" / "nats").glob("jetstream/*/streams/REPORTS/obs/extract/o.dat")
    state.write_bytes(b"x")

    with up(tmp_path) as running:
        drop(running, made_up(1, first=3))
        done(running, len(files) + 1)

    assert states(tmp_path) == {"recorded": 4}
    assert "made anew" in running.output


def states(folder: Path) -> Counter[str]:
    return Counter(row.state for row in file_states(sqlite(folder)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database; PostgreSQL only in the long form: the statements are tested on both elsewhere."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gouji.db"
    return request.getfixturevalue("postgres").new_database()


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder}/data/gouji.db"


@pytest.mark.long
def test_a_backup_under_load_restores_every_file_and_the_same_answers(
    tmp_path, database_url, request
):
    """R23: back up in mid load, destroy everything, restore, go on: nothing is missing, nothing differs."""
    files = made_up(30) | NOTICE
    with up(tmp_path, "--database", database_url) as running:
        drop(running, files)
        archive = FolderArchive(tmp_path / "data" / "archive")
        wait_for("all archived", lambda: sum(1 for _ in held(archive)) == len(files))

        told = gouji("backup", "backup", "--database", database_url, cwd=tmp_path)

        assert told.returncode == 0, told.stdout + told.stderr
        in_between = sum(running.states().values())
        done(running, len(files))
    before = dump(database_url)
    assert gouji("backup", "--verify", "backup", cwd=tmp_path).returncode == 0
    shutil.rmtree(tmp_path / "data")
    shutil.rmtree(tmp_path / "inbox")
    (tmp_path / "gouji.db").unlink(missing_ok=True)
    if database_url.startswith("postgresql"):
        database_url = request.getfixturevalue("postgres").new_database()

    restored = gouji("restore", "backup", "--database", database_url, cwd=tmp_path)
    ended = gouji("up", "--until-idle", "--database", database_url, cwd=tmp_path)

    assert restored.returncode == 0, restored.stdout + restored.stderr
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert dump(database_url) == before, f"{in_between} were done when the backup was made"
    refused = gouji("restore", "backup", "--database", database_url, cwd=tmp_path)
    assert refused.returncode == 2
    assert "--force" in refused.stderr


def held(archive: FolderArchive) -> Any:
    return (h for shard in archive.shards() for h in archive.holdings(shard) if h.has_arrival)


@pytest.mark.long
def test_a_locked_line_comes_back_from_its_backup_with_all_that_its_bus_held(tmp_path):
    """A private bus is restored open; behind its locks it goes on with the same streams, and in good health."""
    files = made_up(3)
    with up(tmp_path, "--keys", "keys") as running:
        drop(running, files)
        wait_for("files done", lambda: sum(running.states().values()) == len(files), 60)
        saved = gouji("backup", "backup", cwd=tmp_path)
        told = gouji("failures", "--json", cwd=tmp_path).stdout
    assert saved.returncode == 0, saved.stderr
    assert told
    (tmp_path / "data").rename(tmp_path / "lost")

    restored = gouji("restore", "backup", cwd=tmp_path)
    assert restored.returncode == 0, restored.stderr
    before = len((tmp_path / "up.out").read_text())
    with up(tmp_path, "--keys", "keys") as running:
        again = wait_for("failures", lambda: gouji("failures", "--json", cwd=tmp_path).stdout)
        health = wait_for("a health file", (tmp_path / "data/logs/.sink.healthy").exists)
        # as long as the keeper looks three times at the server
        asyncio.run(asyncio.sleep(8))
        output = running.output[before:]

    assert health
    assert sorted(again.splitlines()) == sorted(told.splitlines())
    assert "took no writes" not in output
