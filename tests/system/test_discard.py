"""`gouji discard` on a real bus and a real database, with the sink that writes rows of dead letters."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from services.commands import discard
from services.commands.mending.letters import letters_of
from services.commands.reaching.records import file_states
from services.commands.running.line_state import of_bus
from services.sink.adapters.database import Database
from services.sink.app import create_app
from services.sink.settings import SinkSettings
from shared.contracts.events import DeadLetter, ReportReceived
from shared.contracts.ports import Arrival
from shared.errors import Unavailable
from shared.runtime.archive import FolderArchive
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from tests.services.sink import made
from tests.support import bus
from tests.support.processes import gouji

pytestmark = pytest.mark.system


@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path}/gouji.db"
    store = Database(found)
    store.migrate()
    store.close()
    return found


@pytest.fixture
def desk(tmp_path: Path, url: str, server: NatsServer) -> Any:
    env = {
        "GOUJI_NATS_URL": server.url, "GOUJI_DATABASE_URL": url,
        "GOUJI_ARCHIVE_PATH": str(tmp_path / "archive"),
    }  # fmt: skip

    async def run(*arguments: object) -> Any:
        return await asyncio.to_thread(gouji, *arguments, cwd=tmp_path, env=env)

    return run


async def letters(js: Any, url: str, server: NatsServer, tmp_path: Path) -> None:
    """Lay three letters: of a file of ours, of a stranger's message, and one that is no letter at all."""
    archive = FolderArchive(tmp_path / "archive")
    first = made.document(1)
    archive.put(b"document 1", Arrival(first, "1.txt", f"{first}/1.txt", made.JANUARY))
    for n in (1, 2):
        await bus.publish(js, bus.received(f"{n}.txt"))
        fields = {"origin_subject": ReportReceived.subject, "origin_stream": "REPORTS",
                  "origin_sequence": n, "error_class": "OSError" if n == 1 else "Unreadable"}  # fmt: skip
        body = made.dead(n, **fields).model_dump_json().encode()
        await js.publish(f"{DeadLetter.subject}.extract", body)
    await js.publish(f"{DeadLetter.subject}.nobody", b"{}")
    settings = SinkSettings(nats_url=server.url, database_url=url, log_format="json")
    async with bus.running(create_app(settings)):
        await bus.settled(js, topology.SINK_DEAD)


async def test_strangers_letters_go_from_bus_and_database_and_a_file_of_ours_stays(
    desk, js, url, server, tmp_path
):
    (tmp_path / "data" / "logs").mkdir(parents=True)
    await letters(js, url, server, tmp_path)
    assert {row.document_id for row in file_states(url)} == {made.document(1), made.document(2)}

    unasked = await desk("discard", "--all")
    assert unasked.returncode == 2
    assert "--yes" in unasked.stderr
    looked = await desk("discard", "--all", "--dry-run")
    assert looked.returncode == 1, looked.stderr
    assert len([one async for one in letters_of(js, unreadable=True)]) == 3

    one = await desk("discard", "--error-class", "Unreadable", "--yes", "--json")
    kept = await desk("discard", "--all", "--yes")

    assert one.returncode == 0, one.stderr
    assert len(json.loads(one.stdout)["gone"]) == 2
    assert kept.returncode == 1
    assert "gouji replay REPORTS 7" in kept.stdout
    # bus and database say the same, and of the strangers nothing is left
    assert [x.document_id async for _, x in letters_of(js, unreadable=True)] == [made.document(1)]
    assert [row.document_id for row in file_states(url)] == [made.document(1)]
    assert "agree" in (await desk("reconcile")).stdout
    replayed = await desk("replay", "--all")
    assert replayed.returncode == 0, replayed.stderr
    assert sum((await of_bus(js, 0.0))["gouji_line_dead_letters"].values()) == 0
    told = [json.loads(line) for line in (tmp_path / "data/logs/operator.log").read_text().splitlines()]  # fmt: skip
    assert [x["event"] for x in told] == ["letter.discarded"] * 2
    assert all(x["by"] for x in told)


async def test_a_file_whose_letter_lost_its_message_is_discarded_and_then_read_again(
    desk, js, url, server, tmp_path
):
    archive = FolderArchive(tmp_path / "archive")
    held = archive.put(
        b"document 1", Arrival(made.document(1), "1.txt", f"{made.document(1)}/1.txt", made.JANUARY)
    )
    for n in (1, 2):
        await bus.publish(js, bus.received(f"{n}.txt"))
    await js.delete_msg(topology.REPORTS, 1)
    lost = made.dead(1, origin_subject=ReportReceived.subject, origin_stream="REPORTS",
                     origin_sequence=1, payload="\ufffd")  # fmt: skip
    await js.publish(f"{DeadLetter.subject}.extract", lost.model_dump_json().encode())
    settings = SinkSettings(nats_url=server.url, database_url=url, log_format="json")
    async with bus.running(create_app(settings)):
        await bus.settled(js, topology.SINK_DEAD)
    assert [row.state for row in file_states(url)] == ["dead"]

    replayed = await desk("replay", "--all")
    assert replayed.returncode == 1
    assert "gouji discard REPORTS 1" in replayed.stderr
    discarded = await desk("discard", "REPORTS", 1, "--yes")
    assert discarded.returncode == 0, discarded.stdout
    assert file_states(url) == []
    mended = await desk("reconcile")

    assert held.document_id in mended.stdout
    again = await js.get_last_msg(topology.REPORTS, ReportReceived.subject)
    assert json.loads(again.data)["document_id"] == held.document_id


async def test_a_letter_that_no_sink_has_read_is_not_thrown_away(js, monkeypatch):
    """Else its row would be written when it is gone."""
    monkeypatch.setattr(discard, "_PATIENCE_SECONDS", 0.5)
    await js.publish(f"{DeadLetter.subject}.nobody", b"{}")

    with pytest.raises(Unavailable, match="sink"):
        await discard._heard_by_sink(js, 1)


def test_nothing_is_meant_without_a_condition(desk):
    assert "--all" in asyncio.run(desk("discard", "--yes")).stderr
