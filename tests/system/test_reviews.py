"""What people decide, from the command they type to the row and the event: a real bus and the sink's own process."""

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from services.sink.adapters.database import Database
from services.sink.adapters.export import export_lines
from shared.contracts.events import RecheckRequested, ValidationFailed
from shared.contracts.reviews import AgenciesListed, CellCorrected, IssueDecided
from shared.report.record import Region
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from tests.services.sink import made
from tests.support import bus
from tests.support.processes import GOUJI, QUICK, gouji, wait_for

pytestmark = pytest.mark.system

ZENGCHENG = Region("广东省", "广州市", "增城区", code="440118")


BOTH = pytest.mark.parametrize(
    "database_url",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)],
    indirect=True,
)
"""For what reads or writes in a way of its own; the statements themselves are tested on both elsewhere."""


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty SQLite database, or what a test asks for."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path}/gouji.db"
    return request.getfixturevalue("postgres").new_database()


@pytest.fixture
def desk(tmp_path: Path, database_url: str, server: NatsServer, js):
    """Run a command against the bus and the database, with no data folder of a running `up`."""
    env = {
        "GOUJI_NATS_URL": server.url,
        "GOUJI_DATABASE_URL": database_url,
        "GOUJI_REVIEWER": "李审",
    }
    store = Database(database_url)
    store.migrate()
    store.close()

    async def run(*arguments: object):
        return await asyncio.to_thread(gouji, *arguments, cwd=tmp_path, env=env, within=120)

    run.env = {**os.environ, **QUICK, **env}
    return run


@pytest.fixture
def sink(desk, tmp_path: Path):
    """The sink service as a process of its own."""
    with (tmp_path / "sink.log").open("wb") as output:
        process = subprocess.Popen(
            [GOUJI, "run", "sink"], cwd=tmp_path, env=desk.env, stdout=output, stderr=output
        )
    yield process
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0, (tmp_path / "sink.log").read_text()


def record(url: str, *events):
    store = Database(url)
    for event in events:
        store.record(event)
    store.close()


@BOTH
async def test_a_decision_goes_from_the_command_to_the_export(desk, sink, js, database_url):
    event = made.validated(1)
    record(database_url, event)
    first, second = (issue.id for issue in event.issues)

    ended = await desk("decide", first[:8], second, "dismiss", "--note", "并无此事")
    again = await desk("decide", first, "confirm", "--by", "王审", "--json")

    assert (ended.returncode, again.returncode) == (0, 0), ended.stderr + again.stderr
    assert "→ 不成立或不处理 dismissed  李审  并无此事" in ended.stdout
    assert json.loads(again.stdout)[0]["decision"]["verdict"] == "confirm"
    (line,) = export_lines(database_url)
    found = [(i["decision"]["verdict"], i["decision"]["by"]) for i in line["issues"]]
    assert found == [("confirm", "王审"), ("dismiss", "李审")]
    (told, *_) = await bus.messages(js, IssueDecided.subject)
    assert told.headers["ce-source"] == "/gouji/desk"
    assert told.headers["ce-type"] == IssueDecided.type


async def test_an_issue_that_is_not_there_ends_with_2_and_tells_nobody(desk, js, database_url):
    record(database_url, made.validated(1))
    ended = await desk("decide", "ffffffff", "confirm")
    assert ended.returncode == 2
    assert "no current issue" in ended.stderr
    assert await bus.messages(js, IssueDecided.subject) == []


async def test_without_a_sink_the_decision_is_kept_by_the_bus(desk, js, database_url):
    event = made.validated(1)
    record(database_url, event)
    ended = await desk("decide", event.issues[0].id, "confirm", "--no-wait")
    assert ended.returncode == 0, ended.stderr
    assert len(await bus.messages(js, IssueDecided.subject)) == 1


async def test_a_correction_is_kept_and_asks_for_a_new_judgement(desk, sink, js, database_url):
    record(database_url, made.validated(1))

    ended = await desk(
        "correct", "1.txt", "applications.received_new@total", "7", "--note", "第2页"
    )
    trail = await desk("correct", made.document(1)[:8], "--list", "--json")
    wrong = await desk("correct", "1.txt", "applications.recieved@total", "7")

    assert ended.returncode == 0, ended.stderr
    assert "5 → 7" in ended.stdout
    (act,) = json.loads(trail.stdout)
    assert (act["what"], act["by"], act["note"], act["judged"]) == ("5 → 7", "李审", "第2页", False)
    assert wrong.returncode == 2
    assert "applications.received_new@total" in wrong.stderr
    (told,) = await bus.bodies(js, CellCorrected.subject)
    (asked,) = await bus.bodies(js, RecheckRequested.subject)
    assert (asked["cause"], asked["document_id"]) == ("correction", made.document(1))
    assert asked["requested_at"] == told["at"]


@BOTH
async def test_a_list_is_loaded_once_and_its_roll_ups_are_judged_anew(
    desk, sink, js, database_url, tmp_path
):
    roll_up = {
        "agency": "增城区人民政府",
        "region": ZENGCHENG,
        "kind": "government",
        "scope": "roll_up",
    }
    record(database_url, made.validated(1, **roll_up))
    rows = ["机关名称,区划代码,上级汇总政府,截止年度"]
    rows += [f"第{n}街道办事处,440118,增城区人民政府," for n in "一二三四五六七八九十"]
    path = tmp_path / "2021.csv"
    path.write_text("\n".join([*rows, "鼓楼区教育局,,,"]), encoding="gb18030")

    refused = await desk("agencies", path, "--name", "名单")
    loaded = await desk("agencies", path, "--name", "名单", "--complete", "--skip-faulty")
    again = await desk("agencies", path, "--name", "名单", "--complete", "--skip-faulty")
    shown = await desk("agencies", "--json")

    assert (refused.returncode, loaded.returncode, again.returncode) == (1, 1, 1)
    assert "第 12 行 row 12" in refused.stdout
    assert "not loaded" in refused.stdout
    assert "the same is loaded already" in again.stdout
    (listed,) = json.loads(shown.stdout)
    assert (listed["name"], listed["bodies"], listed["complete"]) == ("名单", 10, True)
    assert len(await bus.messages(js, AgenciesListed.subject)) == 1
    await bus.settled(js, topology.SINK_REVIEWS)
    (asked,) = await bus.bodies(js, RecheckRequested.subject)
    assert (asked["document_id"], asked["cause"]) == (made.document(1), "rulebook")


async def test_a_list_of_thousands_travels_by_claim_check(desk, sink, js, database_url, tmp_path):
    path = tmp_path / "large.csv"
    rows = [f"第{n}街道办事处,440118" for n in map(_numeral, range(3000))]
    path.write_text("\n".join(["agency,region_code", *rows]), encoding="utf-8")
    ended = await desk("agencies", path)
    assert ended.returncode == 0, ended.stdout[-2000:]
    (told,) = await bus.messages(js, AgenciesListed.subject)
    assert "ce-dataref" in told.headers


def _numeral(n: int) -> str:
    return "".join("零一二三四五六七八九"[int(d)] for d in str(n))


async def test_a_repeated_recheck_asks_for_nothing_twice(desk, js, database_url):
    record(database_url, *(made.validated(n) for n in range(5)))

    first = await desk("recheck")
    again = await desk("recheck", "--json")

    assert first.returncode == again.returncode == 0, first.stderr
    asked = await bus.bodies(js, RecheckRequested.subject)
    assert len(asked) == 5
    assert json.loads(again.stdout)["left"] == 5
    assert {a["requested_at"] for a in asked} == {
        json.loads(again.stdout)["moment"].replace("+00:00", "Z")
    }


@BOTH
async def test_a_recheck_waits_for_the_validators_and_then_tells_the_difference(
    desk, js, database_url
):
    record(database_url, *(made.validated(n) for n in range(250)))
    running = asyncio.create_task(desk("recheck", "--ahead", "100", "--wait"))
    consumer = topology.VALIDATE_AGAIN
    await asyncio.to_thread(
        wait_for, "requests", lambda: asyncio.run(waiting(desk.env["GOUJI_NATS_URL"])) == 100
    )
    await asyncio.sleep(1)
    assert (await js.consumer_info(consumer.stream, consumer.name)).num_pending == 100

    reader = await js.pull_subscribe_bind(stream=consumer.stream, durable=consumer.name)
    for _ in range(250):
        (message,) = await reader.fetch(1, timeout=20)
        asked = RecheckRequested.model_validate_json(message.data)
        n = next(n for n in range(250) if made.document(n) == asked.document_id)
        event = made.validated(n, rulebook=asked.rulebook_version)
        record(database_url, event.model_copy(update={"judged_at": asked.requested_at}))
        await message.ack()

    ended = await running
    assert ended.returncode == 0, ended.stderr
    assert "250 / 250" in ended.stdout
    unchanged = [line.split() for line in ended.stdout.splitlines() if "t3_balance" in line]
    assert unchanged == [["t3_balance", "0", "0", "0", "250"]]


async def waiting(url: str) -> int:
    async with bus.client(url) as js:
        info = await js.consumer_info(topology.VALIDATE_AGAIN.stream, topology.VALIDATE_AGAIN.name)
        return info.num_pending


async def test_who_is_missing_is_told_once(desk, js, database_url):
    values = {"region": ZENGCHENG, "level": "county", "year": 2020}
    record(database_url, made.validated(1, agency="增城区信访局", **values))
    options = ("missing", "--year", "2021", "--today", "2022-02-01", "--publish")

    first = await desk(*options)
    again = await desk(*options, "--json")

    assert (first.returncode, again.returncode) == (1, 1), first.stderr
    assert "增城区信访局" in first.stdout
    assert json.loads(again.stdout)["told"] == 0
    subject = f"{ValidationFailed.subject}.warning.h_expected_missing"
    (told,) = await bus.bodies(js, subject)
    assert (told["agency"], told["year"]) == ("增城区信访局", 2021)


async def test_without_a_bus_the_command_says_so(desk, database_url):
    event = made.validated(1)
    record(database_url, event)
    ended = await asyncio.to_thread(
        gouji, "decide", event.issues[0].id, "confirm", cwd=Path(),
        env={**desk.env, "GOUJI_NATS_URL": "nats://127.0.0.1:1"},
    )  # fmt: skip
    assert ended.returncode == 2
    assert "no bus answers" in ended.stderr
