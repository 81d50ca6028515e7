"""The watched bucket and the private server behind it."""

import os
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest
from nats.js.object_store import ObjectStore

from services.ingest.app import create_app
from services.ingest.settings import IngestSettings
from shared.contracts.events import ReportDuplicate, ReportReceived, ReportRefused
from shared.errors import BadInput
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from shared.runtime.streams.inbox import Inbox
from tests.support import bus

pytestmark = pytest.mark.system


def ingest_app(server: NatsServer, folder: Path):
    return create_app(
        IngestSettings(
            nats_url=server.url, archive_path=folder, log_format="json", max_file_bytes=5_000_000
        )
    )


@pytest.mark.parametrize("size", [0, 1, 200_000, 3_000_000])
async def test_what_is_put_can_be_read(js, size):
    data = os.urandom(size)
    inbox = Inbox(js)

    put = await inbox.put(data, "目录/年报 2024.txt")
    found = await inbox.find(put.key)

    assert found is not None
    assert found.file == "目录/年报 2024.txt"
    assert found.sha256 == sha256(data).hexdigest() == put.document_id
    assert await inbox.read(found) == data


async def test_the_same_file_is_put_once(js):
    inbox = Inbox(js)

    first = await inbox.put(b"x", "a.txt")
    second = await inbox.put(b"x", "a.txt")

    assert (first.new, second.new) == (True, False)
    assert len(await inbox.keys()) == 1


async def test_a_notice_that_was_overtaken_reads_as_nothing(js):
    inbox = Inbox(js)
    store = ObjectStore(name="inbox", stream="OBJ_inbox", js=js)
    await store.put("a.txt", b"old")
    old = await inbox.find("a.txt")
    await store.put("a.txt", b"new")

    assert old is not None
    assert await inbox.read(old) is None


async def test_lost_chunks_are_bad_input_and_never_hang(js):
    inbox = Inbox(js)
    put = await inbox.put(os.urandom(400_000), "a.txt")
    found = await inbox.find(put.key)
    assert found is not None
    await js.purge_stream("OBJ_inbox", subject=f"$O.inbox.C.{found.nuid}", keep=1)

    with pytest.raises(BadInput):
        await inbox.read(found)


async def test_two_copies_of_ingest_make_one_report_and_one_alias_of_the_same_bytes(
    server, js, tmp_path
):
    names = [f"{number}.txt" for number in range(20)]
    async with bus.running(ingest_app(server, tmp_path)), bus.running(ingest_app(server, tmp_path)):
        store = ObjectStore(name="inbox", stream="OBJ_inbox", js=js)
        for name in names:
            await store.put(name, b"same bytes")
        await bus.settled(js, topology.INGEST)

    (received,) = await bus.bodies(js, ReportReceived.subject)
    aliases = [body["alias"] for body in await bus.bodies(js, ReportDuplicate.subject)]
    assert sorted([received["file"], *aliases]) == sorted(names)
    assert FolderArchive(tmp_path).get(received["document_id"]) == b"same bytes"


async def test_every_dropped_file_gets_an_answer(server, js, tmp_path):
    inbox = Inbox(js)
    await inbox.put(b"", "empty.txt")
    await inbox.put(b"0" * 5_000_001, "large.txt")
    await inbox.put(b"text", "good.txt")
    async with bus.running(ingest_app(server, tmp_path)):
        await bus.settled(js, topology.INGEST)

    refused = {body["file"]: body["reason"] for body in await bus.bodies(js, ReportRefused.subject)}
    assert refused == {"empty.txt": "empty", "large.txt": "too_large"}
    assert [body["file"] for body in await bus.bodies(js, ReportReceived.subject)] == ["good.txt"]


def test_the_private_server_keeps_its_ports_and_syncs_every_write(tmp_path):
    with NatsServer(tmp_path / "数据 folder") as private:
        url = private.url
        private.kill()
        private.start()

        assert private.url == url
        assert "sync_interval: always" in (private.folder / "nats.conf").read_text()
        assert private.is_running()
    assert not private.is_running()


def test_the_private_server_dies_with_a_parent_that_is_killed(tmp_path):
    program = (
        "import sys, time, pathlib; from shared.runtime.connections.embedded import NatsServer;"
        "print(NatsServer(pathlib.Path(sys.argv[1])).start().pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()

    deadline = time.monotonic() + 5
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(child)


def alive(pid: int) -> bool:
    """Tell whether the process runs; one that ended and was not yet collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
