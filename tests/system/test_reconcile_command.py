"""`gouji reconcile`, `backup` and `restore` on a real bus and both databases; no service runs."""

import asyncio
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.commands.mending.letters import letters_of
from services.sink.adapters.database import Database
from shared.contracts.events import DeadLetter, ReportReceived, ReportRefused
from shared.contracts.ports import Arrival
from shared.contracts.reviews import IssueDecided
from shared.report.identity import ENGINE_VERSION
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import envelope, topology
from shared.runtime.streams.inbox import Inbox
from tests.services.sink import made
from tests.support import bus
from tests.support.dump import dump
from tests.support.processes import GOUJI, QUICK, gouji, wait_for

pytestmark = pytest.mark.system

sqlite_alone = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is asked of the database is asked of both elsewhere."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database; PostgreSQL only in the long form: the statements are tested on both elsewhere."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/gouji.db"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    found.migrate()
    yield found
    found.close()


@pytest.fixture
def desk(tmp_path: Path, database_url: str, server: NatsServer, js, store):
    """Run a command against bus, database and archive, with no data folder of a running `up`."""
    env = {
        "GOUJI_NATS_URL": server.url,
        "GOUJI_DATABASE_URL": database_url,
        "GOUJI_ARCHIVE_PATH": str(tmp_path / "archive"),
    }

    async def run(*arguments: object, **more: str):
        return await asyncio.to_thread(gouji, *arguments, cwd=tmp_path, env=env | more, within=120)

    run.env = {**os.environ, **QUICK, **env}
    return run


def archived(folder: Path, *numbers: int) -> FolderArchive:
    """Archive the documents that the made-up events are about."""
    archive = FolderArchive(folder / "archive")
    for n in numbers:
        identity = made.document(n)
        event = made.validated(n)
        key = f"{identity}/{event.file}"
        archive.put(f"document {n}".encode(), Arrival(identity, event.file, key, event.received_at))
    return archive


async def told(js, event: type = ReportReceived) -> Counter[str]:
    return Counter(m.headers["ce-subject"] for m in await bus.messages(js, event.subject))


async def test_what_has_no_end_is_read_again_once_and_a_second_call_finds_it_under_way(
    desk, js, store, tmp_path
):
    archived(tmp_path, 1, 2, 3)
    store.record(made.validated(1))

    dry = await desk("reconcile", "--dry-run")
    assert await told(js) == {}
    first = await desk("reconcile")
    second = await desk("reconcile")

    assert (dry.returncode, first.returncode, second.returncode) == (0, 0, 0), first.stderr
    assert dry.stdout.count("read again  made") == first.stdout.count("read again  made")
    assert await told(js) == {made.document(2): 1, made.document(3): 1}
    assert "处理中  under way" in second.stdout


@sqlite_alone
async def test_a_call_killed_in_the_middle_is_finished_by_the_next_without_doubling(
    desk, js, tmp_path
):
    numbers = range(1, 301)
    archived(tmp_path, *numbers)
    process = started(desk, tmp_path, ["reconcile"])
    await some(js)
    process.kill()
    process.wait()
    in_between = await told(js)

    ended = await desk("reconcile")

    assert ended.returncode == 0, ended.stderr
    assert await told(js) == {made.document(n): 1 for n in numbers}, len(in_between)


@sqlite_alone
async def test_bytes_come_back_from_the_bucket_and_what_nobody_has_is_told_each_time(
    desk, js, store, tmp_path
):
    archive = archived(tmp_path, 1, 2, 3)
    for n in (1, 2, 3):
        store.record(made.validated(n))
    await Inbox(js).put(b"document 1", made.validated(1).file)
    await Inbox(js).put(b"document 2", made.validated(2).file)
    await acknowledge_all(js, topology.INGEST)
    archive.path_of(made.document(1)).unlink()
    archive.path_of(made.document(2)).write_bytes(b"document?2")
    archive.path_of(made.document(3)).write_bytes(b"")

    first = await desk("reconcile")
    second = await desk("reconcile")

    assert archive.get(made.document(1)) == b"document 1"
    assert archive.get(made.document(2)) == b"document 2"
    assert first.stdout.count("bytes brought back  ") == 3, first.stdout
    assert (first.returncode, second.returncode) == (1, 1)
    assert "bytes are damaged, cannot be mended" in second.stdout
    assert "brought back" not in second.stdout
    assert await told(js) == {}


@sqlite_alone
async def test_an_archive_that_was_lost_comes_back_as_far_as_the_bucket_holds_it(
    desk, js, store, tmp_path
):
    archive = archived(tmp_path, 1, 2)
    store.record(made.validated(1))
    store.record(made.validated(2))
    await Inbox(js).put(b"document 1", made.validated(1).file)
    await acknowledge_all(js, topology.INGEST)
    before = archive.arrival(made.document(1))
    shutil.rmtree(tmp_path / "archive")

    ended = await desk("reconcile")

    assert ended.returncode == 1
    assert "bytes are gone, cannot be mended" in ended.stdout
    assert archive.get(made.document(1)) == b"document 1"
    assert archive.arrival(made.document(1)) == before


async def test_letters_without_a_row_and_rows_without_a_letter_are_made_one_again(
    desk, js, store, tmp_path, database_url
):
    archived(tmp_path, 1, 2)
    await publish(js, made.dead(1))
    await acknowledge_all(js, topology.SINK_DEAD)
    store.bury(made.dead(2))

    ended = await desk("reconcile")

    assert ended.returncode == 0, ended.stderr
    assert await told(js) == {made.document(2): 1}
    ((number, letter),) = [x async for x in letters_of(js)]
    assert (number, letter.document_id) == (2, made.document(1))
    info = await js.consumer_info(topology.DEAD, topology.SINK_DEAD.name)
    assert info.num_pending == 1


async def test_reviews_that_the_database_lost_are_told_again_when_every_document_is_back(
    desk, js, store, tmp_path
):
    archived(tmp_path, 1)
    event = made.validated(1)
    decided = IssueDecided(
        document_id=event.document_id, file=event.file, received_at=event.received_at, by="李审",
        at=bus.MOMENT, issue_id=event.issues[0].id, report_id=event.report_id, verdict="confirm",
    )  # fmt: skip
    await bus.publish(js, decided)
    await acknowledge_all(js, topology.SINK_REVIEWS)

    await desk("reconcile")
    assert len(await bus.messages(js, IssueDecided.subject)) == 1
    store.record(event)
    await acknowledge_all(js, topology.NORMALIZE)
    ended = await desk("reconcile")
    again = await desk("reconcile")

    assert "review noted again" in ended.stdout, ended.stdout + ended.stderr
    messages = await bus.messages(js, IssueDecided.subject)
    assert [m.data for m in messages] == [messages[0].data] * 2, again.stdout
    assert messages[1].headers[envelope.AGAIN].startswith("r")


async def test_what_an_older_engine_read_is_read_again_only_when_asked(desk, js, store, tmp_path):
    archived(tmp_path, 1, 2, 3)
    store.record(made.validated(1, engine="1"))
    store.record(made.validated(2, engine=ENGINE_VERSION))
    store.refuse(made.refused(3))

    plain = await desk("reconcile")
    assert await told(js) == {}
    assert "agree" in plain.stdout
    await desk("reconcile", "--reread")
    assert await told(js) == {made.document(1): 1}
    await desk("reconcile", "--refused")

    assert await told(js) == {made.document(1): 1, made.document(3): 1}


@sqlite_alone
async def test_a_document_without_bytes_anywhere_ends_as_refused(desk, js, tmp_path):
    archive = archived(tmp_path, 1)
    archive.path_of(made.document(1)).unlink()

    ended = await desk("reconcile")

    assert ended.returncode == 1
    (refusal,) = await bus.bodies(js, ReportRefused.subject)
    assert refusal["reason"] == "missing_bytes"


@sqlite_alone
async def test_dead_letters_are_replayed_by_filter(desk, js):
    for n, reason in ((1, "OSError: no space"), (2, "OSError: no space"), (3, "KeyError: x")):
        await bus.publish(js, bus.received(f"{n}.txt"))
        fields = {"origin_subject": ReportReceived.subject, "origin_stream": "REPORTS",
                  "origin_sequence": n, "reason": reason, "error_class": reason.split(":")[0]}  # fmt: skip
        await publish(js, made.dead(n, **fields))

    listed = await desk("replay", "--reason", "*no space*", "--dry-run")
    nothing = await desk("replay", "--reason", "*no such*")
    first = await desk("replay", "--error-class", "OSError", "--limit", "1")
    rest = await desk("replay", "--error-class", "OSError")

    assert [x.returncode for x in (listed, nothing, first, rest)] == [0, 1, 0, 0]
    assert "2 可重放" in listed.stdout
    assert "1 已重放 put back (1 未列 not listed)" in first.stdout
    left = [letter.document_id async for _, letter in letters_of(js)]
    assert left == [made.document(3)]
    assert len(await bus.messages(js, ReportReceived.subject)) == 5


@pytest.mark.long
async def test_interrupted_backups_and_restores_are_made_again_and_lose_nothing(  # noqa: PLR0917
    desk, js, store, tmp_path, database_url, server, tmp_path_factory, request
):
    numbers = range(1, 121)
    archived(tmp_path, *numbers)
    for n in numbers:
        store.record(made.validated(n))
        await bus.publish(js, bus.received(f"{n}.txt"))
    before = dump(database_url)
    kill_when(desk, tmp_path, ["backup", "place"], lambda: list((tmp_path / "place").glob("*/*")))
    kill_when(
        desk, tmp_path, ["backup", "place"], lambda: list((tmp_path / "place").glob("archive/*"))
    )

    whole = await desk("backup", "place")

    assert whole.returncode == 0, whole.stderr
    assert (await desk("backup", "--verify", "place")).returncode == 0
    refused = await desk("restore", "place")
    assert refused.returncode == 2
    assert "not empty" in refused.stderr
    other = new_database(request, tmp_path, database_url)
    with NatsServer(tmp_path_factory.mktemp("other"), sync="2m") as fresh:
        target = {"GOUJI_NATS_URL": fresh.url, "GOUJI_DATABASE_URL": other,
                  "GOUJI_ARCHIVE_PATH": str(tmp_path / "new")}  # fmt: skip
        kill_when(
            desk,
            tmp_path,
            ["restore", "place"],
            lambda: list((tmp_path / "new").glob("*/*")),
            target,
        )
        ended = await desk("restore", "place", "--force", **target)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        async with bus.client(fresh.url) as again:
            restored = await told(again)
        assert dump(other) == before
    assert restored == await told(js)
    for n in numbers:
        assert FolderArchive(tmp_path / "new").get(made.document(n)) == f"document {n}".encode()


def kill_when(desk, folder: Path, arguments: list[str], look: Any, env: Any = None) -> None:
    """Start a command and kill it as soon as `look` finds something."""
    process = started(desk, folder, arguments, env)
    wait_for("it has begun", lambda: look() or process.poll() is not None)
    process.kill()
    process.wait()


def started(desk, folder: Path, arguments: list[str], env: Any = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen([GOUJI, *arguments], cwd=folder, env=desk.env | (env or {}),
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


async def some(js) -> None:
    """Return when the first document is told of."""
    reader = await js.pull_subscribe_bind(stream=topology.REPORTS, consumer="normalize")
    await reader.fetch(1, timeout=60)


def new_database(request: pytest.FixtureRequest, folder: Path, like: str) -> str:
    if like.startswith("sqlite"):
        return f"sqlite:///{folder}/other/gouji.db"
    return request.getfixturevalue("postgres").new_database()


async def publish(js, letter: DeadLetter) -> None:
    headers = envelope.headers(letter, source="test", now=bus.MOMENT)
    await js.publish(envelope.subject(letter), letter.model_dump_json().encode(), headers=headers)


async def acknowledge_all(js, consumer: topology.Consumer) -> None:
    reader = await js.pull_subscribe_bind(stream=consumer.stream, consumer=consumer.name)
    while (await js.consumer_info(consumer.stream, consumer.name)).num_pending:
        for message in await reader.fetch(100, timeout=5):
            await message.ack_sync()
