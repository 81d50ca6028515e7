"""Lanes on a real bus: slow help never delays what can be read at once."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from nats.js import JetStreamContext

from services.normalize import app as normalize
from services.normalize.core.outcomes import (
    Member,
    Members,
    NeedsConversion,
    NeedsRecognition,
    Outcome,
)
from services.normalize.settings import NormalizeSettings
from shared.contracts.events import ReportExpanded, ReportNormalized, ReportReceived
from shared.contracts.ports import Arrival
from shared.runtime.archive import FolderArchive
from shared.runtime.streams import topology
from shared.runtime.streams.inbox import Inbox
from tests.support.bus import MOMENT, bodies, client, fresh, publish, running, settled
from tests.support.toy import document

pytestmark = [pytest.mark.system, pytest.mark.long]


class ToyWorkshop:
    """Bytes say what a file needs: `office ocr 1.5` is converted, then recognised for 1.5 seconds."""

    calls: list[tuple[str, tuple[str, ...]]] = []  # noqa: RUF012 - one list for all copies

    def __init__(self, _settings: NormalizeSettings) -> None:
        """Like the real one, of the settings alone."""

    async def read_fully(self, data: bytes, name: str, lanes: Collection[str]) -> Outcome:
        self.calls.append((name, tuple(lanes)))
        wants = data.decode().split()
        if "archive" in wants:
            return Members((Member("a.txt", b"quick a"), Member("x/b.txt", b"quick b")))
        if "office" in wants and "office" not in lanes:
            return NeedsConversion(".doc")
        if "ocr" in wants and "ocr" not in lanes:
            return NeedsRecognition(())
        if "ocr" in wants:
            await asyncio.sleep(float(wants[-1]))
        return document(name)

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
async def js(nats_server, monkeypatch) -> AsyncIterator[JetStreamContext]:
    monkeypatch.setattr(normalize, "Workshop", ToyWorkshop)
    ToyWorkshop.calls.clear()
    async with client(nats_server.url) as context:
        await fresh(context)
        yield context


@asynccontextmanager
async def serving(url: str, folder: Path, *lanes: str, **fields: Any) -> AsyncIterator[None]:
    """Run a normalize process that serves these lanes."""
    settings = NormalizeSettings(
        nats_url=url, archive_path=folder, lanes=lanes, ack_wait="2s", log_format="json", **fields
    )
    async with running(normalize.create_app(settings)):
        yield


async def drop(js: JetStreamContext, folder: Path, name: str, wants: str) -> str:
    # blanks make every file another one, and say nothing
    blanks = " " * (int(sha256(name.encode()).hexdigest(), 16) % 5000)
    data = f"{wants}{blanks}".encode()
    document_id = sha256(data).hexdigest()
    FolderArchive(folder).put(data, Arrival(document_id, name, name, MOMENT))
    event = ReportReceived(
        document_id=document_id, file=name, received_at=MOMENT, media_type="x", size=len(data)
    )
    await publish(js, event)
    return document_id


async def normalized(js: JetStreamContext) -> list[str]:
    return [body["file"] for body in await bodies(js, ReportNormalized.subject)]


async def until(js: JetStreamContext, count: int, within: float = 15.0) -> list[str]:
    deadline = time.monotonic() + within
    while len(found := await normalized(js)) < count:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.05)
    return found


async def test_quick_files_pass_the_slow_ones(js, nats_server, tmp_path):
    async with serving(nats_server.url, tmp_path, "quick", "office", "ocr"):
        for number in range(4):
            await drop(js, tmp_path, f"scan{number}", "ocr 1.5")
        for number in range(30):
            await drop(js, tmp_path, f"quick{number}", f"quick {number}")

        first = await until(js, 30)

        assert sum(name.startswith("quick") for name in first) >= 29
        assert len(await until(js, 34)) == 34


async def test_a_lane_that_nobody_serves_keeps_its_files_until_somebody_does(
    js, nats_server, tmp_path
):
    async with serving(nats_server.url, tmp_path, "quick"):
        await drop(js, tmp_path, "scan", "ocr 0.1")
        await drop(js, tmp_path, "text", "quick")
        assert await until(js, 1) == ["text"]
        await settled(js, topology.NORMALIZE)
    waiting = await js.consumer_info(topology.REPORTS, topology.NORMALIZE_OCR.name)
    assert waiting.num_pending == 1

    async with serving(nats_server.url, tmp_path, "ocr"):
        assert await until(js, 2) == ["text", "scan"]


async def test_a_file_that_needs_both_kinds_of_help_goes_from_lane_to_lane(
    js, nats_server, tmp_path
):
    async with serving(nats_server.url, tmp_path, "quick", "office", "ocr"):
        await drop(js, tmp_path, "old scan", "office ocr 0.1")
        await until(js, 1)

    assert ToyWorkshop.calls == [
        ("old scan", ()),
        ("old scan", ("office",)),
        ("old scan", ("office", "ocr")),
    ]


async def test_work_that_outlasts_the_ack_wait_is_done_once(js, nats_server, tmp_path):
    async with serving(nats_server.url, tmp_path, "quick", "ocr"):
        await drop(js, tmp_path, "long", "ocr 5")
        await until(js, 1)
        await settled(js, topology.NORMALIZE_OCR)

    assert [lanes for name, lanes in ToyWorkshop.calls if "ocr" in lanes] == [("office", "ocr")]


async def test_an_archive_is_dropped_again_as_its_members_and_only_once(js, nats_server, tmp_path):
    async with serving(nats_server.url, tmp_path, "quick"):
        await drop(js, tmp_path, "年报.zip", "archive")
        await _expanded(js)
        before = await Inbox(js).keys()
        await drop(js, tmp_path, "年报.zip", "archive")
        await settled(js, topology.NORMALIZE)
        after = await Inbox(js).keys()

    assert sorted(o.file for o in before) == ["年报.zip/a.txt", "年报.zip/x/b.txt"]
    assert [o.nuid for o in after] == [o.nuid for o in before]
    (event,) = await bodies(js, ReportExpanded.subject)
    assert {m["document_id"] for m in event["members"]} == {o.sha256 for o in before}


async def _expanded(js: JetStreamContext) -> None:
    deadline = time.monotonic() + 10
    while not await bodies(js, ReportExpanded.subject):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def test_run_serves_the_lanes_it_is_told(monkeypatch):
    from typer.testing import CliRunner

    from services.cli import build
    from services.commands import run

    started: list[list[str]] = []
    monkeypatch.setattr(run.os, "execv", lambda _, argv: started.append(argv))
    monkeypatch.setenv("GOUJI_NORMALIZE_LANES", "")

    ended = CliRunner().invoke(build(["run"]), ["run", "normalize", "--lanes", "office,ocr"])

    assert ended.exit_code == 0, ended.output
    assert started[0][-1] == "services.normalize"
    assert os.environ["GOUJI_NORMALIZE_LANES"] == "office,ocr"
    for wrong in (["normalize", "--lanes", "fast"], ["extract", "--lanes", "ocr"]):
        assert CliRunner().invoke(build(["run"]), ["run", *wrong]).exit_code == 2
