"""What scripts read: `--json` of the commands that move and keep things; no service runs."""

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli import build
from services.commands.running.keyring import USERS
from services.sink.adapters.database import Database
from shared.contracts.events import ReportReceived, ReportRefused
from shared.contracts.ports import Arrival
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from tests.services.sink import made
from tests.support import bus
from tests.support.terminal import watched

pytestmark = pytest.mark.system


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    found = Database(f"sqlite:///{tmp_path}/gouji.db")
    found.migrate()
    yield found
    found.close()


@pytest.fixture
def desk(tmp_path: Path, server: NatsServer, js, store, monkeypatch):
    """Run a command within this process and return what it printed as values, and its exit code."""
    monkeypatch.chdir(tmp_path)
    env = {
        "GOUJI_NATS_URL": server.url,
        "GOUJI_DATABASE_URL": f"sqlite:///{tmp_path}/gouji.db",
        "GOUJI_ARCHIVE_PATH": str(tmp_path / "archive"),
    }

    async def run(*arguments: object, **more: str) -> tuple[list[Any], int]:
        typed = [*map(str, arguments), "--json"]
        ended = await asyncio.to_thread(
            CliRunner().invoke, build(typed), typed, env=env | more, catch_exceptions=False
        )
        return [json.loads(line) for line in ended.stdout.splitlines()], ended.exit_code

    run.env = env
    return run


def archived(folder: Path, n: int) -> None:
    identity, event = made.document(n), made.validated(n)
    arrival = Arrival(identity, event.file, f"{identity}/{event.file}", event.received_at)
    FolderArchive(folder / "archive").put(f"document {n}".encode(), arrival)


async def test_drop_tells_what_the_bus_has_and_what_cannot_be_read(desk, js, tmp_path):
    (tmp_path / "a.txt").write_text("a")

    told, code = await desk("drop", "a.txt", "nowhere.txt")

    assert code == 1
    assert told[0] == {
        "state": "dropped", "path": "a.txt", "file": "a.txt",
        "document_id": sha256(b"a").hexdigest(),
    }  # fmt: skip
    assert (told[1]["state"], told[1]["path"]) == ("unreadable", "nowhere.txt")
    assert "nowhere.txt" in told[1]["detail"]


async def test_drop_that_waits_tells_the_end_of_each_file(desk, js, store, tmp_path):
    (tmp_path / "known.txt").write_bytes(b"document 1")
    (tmp_path / "new.txt").write_bytes(b"document 2")
    store.record(made.validated(1).model_copy(update={"file": "known.txt"}))

    waiting = asyncio.create_task(desk("drop", "--wait", "known.txt", "new.txt"))
    while (await js.stream_info(topology.INBOX_STREAM)).state.messages < 4:
        await asyncio.sleep(0.05)
    refused = ReportRefused(
        document_id=made.document(2), file="new.txt", received_at=bus.MOMENT, media_type="text/plain",
        stage="extract", reason="not_a_report", detail_zh="不是年报", detail_en="no report",
    )  # fmt: skip
    await bus.publish(js, refused)
    told, code = await waiting

    assert code == 0
    ends = {line["file"]: line for line in told if line["state"] != "dropped"}
    assert ends["known.txt"]["state"] == "recorded"
    assert ends["known.txt"]["known_before"] is True
    assert ends["new.txt"]["state"] == "refused"
    assert ends["new.txt"]["reason"] == "not_a_report"
    assert ends["new.txt"]["document_id"] == made.document(2)


async def test_reconcile_tells_each_step_and_the_counts_in_one_line(desk, js, store, tmp_path):
    archived(tmp_path, 1)
    step = {"action": "read", "file": made.validated(1).file, "document_id": made.document(1)}

    ((dry,), _) = await desk("reconcile", "--dry-run")
    assert await bus.messages(js, ReportReceived.subject) == []
    ((done,), code) = await desk("reconcile")

    assert dry == {"steps": [step], "counts": {"read": 1}, "under_way": 0, "dry_run": True}
    assert done == {"steps": [step], "counts": {"read": 1}, "under_way": 0, "dry_run": False}
    assert code == 0
    assert len(await bus.messages(js, ReportReceived.subject)) == 1


async def test_backup_verify_and_restore_each_tell_one_object(
    desk, js, store, tmp_path, tmp_path_factory
):
    archived(tmp_path, 1)
    store.record(made.validated(1))

    ((saved,), code) = await desk("backup", "place")
    ((whole,), _) = await desk("backup", "--verify", "place")
    assert code == 0
    assert saved["archive"] == {"files": 2, "new": 2, "damaged": []}
    assert saved["bus"]["streams"] == len(topology.STREAMS)
    assert saved["began"] < saved["ended"]
    assert whole == {"backup": saved["backup"], "whole": True, "faults": []}

    with NatsServer(tmp_path_factory.mktemp("other"), sync="2m") as fresh:
        target = {"GOUJI_NATS_URL": fresh.url, "GOUJI_ARCHIVE_PATH": str(tmp_path / "new"),
                  "GOUJI_DATABASE_URL": f"sqlite:///{tmp_path}/other.db"}  # fmt: skip
        ((restored,), code) = await desk("restore", "place", **target)
    assert code == 0
    assert restored["backup"] == saved["backup"]
    assert restored["as_of"] == saved["began"]
    assert restored["archive"] == {"files": 2, "damaged": []}
    assert restored["bus"]["streams"] == saved["bus"]["streams"]
    assert restored["reconciled"]["dry_run"] is False

    (tmp_path / saved["backup"] / "database.sqlite").write_bytes(b"other")
    ((spoilt,), code) = await desk("backup", "--verify", "place")
    assert code == 1
    assert (spoilt["whole"], len(spoilt["faults"])) == (False, 1)


async def test_what_prepares_a_line_tells_programs_too(desk, server, tmp_path):
    ((bus_ready,), _) = await desk("provision")
    ((database,), _) = await desk("migrate")
    ((keys,), _) = await desk("keys", "keys")
    ((again,), _) = await desk("keys", "keys")

    assert bus_ready == {"bus": server.url, "kept_for_earlier_versions": []}
    assert database["ready"] is True
    assert {f"keys/users/{name}.nk" for name in USERS} < set(keys["made"])
    assert again["made"] == []
    assert keys["certificates"].keys() == {"nats", "postgres"}


@pytest.mark.parametrize(
    ("command", "words"), [("drop", "投递 dropping"), ("backup", "备份存档 archive")]
)
async def test_what_takes_long_shows_a_bar_on_a_terminal_and_none_to_programs(
    desk, tmp_path, monkeypatch, command, words
):
    archived(tmp_path, 1)
    (tmp_path / "a.txt").write_text("a")
    for name, value in desk.env.items():
        monkeypatch.setenv(name, value)

    async def shown(*arguments: object, **where: bool) -> str:
        call = partial(watched, command, *arguments, monkeypatch=monkeypatch, **where)
        return (await asyncio.to_thread(call))[0]

    target = "a.txt" if command == "drop" else "place"
    assert words in await shown(target)
    assert words not in await shown(target, "--json")
    assert words not in await shown(target, piped=True)
