"""The whole line as a user runs it: `gouji up`, files in the folder, rows in the database."""

import asyncio
import json
import signal
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import nats
import orjson
import pytest
from nats.js.api import DeliverPolicy

from services.pipeline import process
from services.sink.adapters.export import export_lines
from services.validate.core.rulebook import load
from shared.runtime.streams import topology
from tests.support.dump import dump
from tests.support.fill import fill
from tests.support.processes import Up, gouji, up, wait_for
from tests.support.render import LAYOUTS, render

pytestmark = pytest.mark.system

SERVICES = ("ingest", "normalize", "extract", "validate", "sink")
BESIDE_OTHERS = {rule.id for rule in load().rules if rule.needs is not None}
STREAM_SUBJECTS = (
    "gouji.v1.report.received",
    "gouji.v1.report.normalized",
    "gouji.v1.report.extracted",
    "gouji.v1.report.validated",
)


def made_up(count: int, first: int = 0) -> dict[str, bytes]:
    """Return generated reports by file name, every layout in turn."""
    files = {}
    for number in range(first, first + count):
        report = render(fill(number), LAYOUTS[number % len(LAYOUTS)], Random(number))
        files[f"{number:04d}_{report.name}"] = report.data
    return files


def put(inbox: Path, files: dict[str, bytes]) -> None:
    inbox.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def exported(url: str) -> dict[str, dict[str, Any]]:
    return {line["file"]: line for line in export_lines(url, every_revision=True)}


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder}/data/gouji.db"


def wait_until_done(running: Up, count: int, within: float = 120.0) -> None:
    wait_for(f"{count} files done", lambda: sum(running.states().values()) >= count, within)


def test_dropped_reports_become_the_rows_that_the_same_core_gives_in_process(tmp_path, empty_url):
    files = made_up(len(LAYOUTS))
    put(tmp_path / "inbox", files)

    ended = gouji("up", "--until-idle", "--database", empty_url, cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = exported(empty_url)
    assert lines.keys() == files.keys()
    for name, data in files.items():
        assert orjson.dumps(alone(lines[name])) == orjson.dumps(process(data, name).neutral())


def test_every_bad_input_ends_with_its_reason_and_the_line_goes_on(tmp_path):
    good = made_up(2)
    (whole_name, whole), (_, cut) = good.items()
    bad = {
        "empty.txt": b"",
        "binary.txt": Random(1).randbytes(20_000),
        "notice.txt": "关于做好2023年政府信息公开工作年度报告编制工作的通知\n各区县、各部门：\n请于1月20日前报送。\n".encode(),
        "budget.txt": "2023年部门预算公开\n收入总计 1,200 万元\n支出总计 1,200 万元\n".encode() * 5,
        "index.txt": "政府信息公开年度报告\n2023年年度报告 2024-01-20\n2022年年度报告 2023-01-19\n下一页 末页\n".encode(),
        "huge.txt": "一、总体情况\n".encode() * (100_000_000 // 19),
    }
    put(tmp_path / "inbox", {**bad, whole_name: whole, "cut.txt": cut[: len(cut) * 2 // 3]})

    ended = gouji("up", "--until-idle", cwd=tmp_path)

    lines = exported(sqlite(tmp_path))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert {name: lines[name]["reason"] for name in bad} == {
        "empty.txt": "empty",
        "binary.txt": "binary",
        "notice.txt": "not_a_report",
        "budget.txt": "not_a_report",
        "index.txt": "not_a_report",
        "huge.txt": "too_large",
    }
    assert lines[whole_name]["status"] == "recorded"
    cut_short = {i["rule"] for i in lines["cut.txt"]["issues"] if i["severity"] == "error"}
    assert lines["cut.txt"]["status"] == "recorded"
    assert cut_short & {"s_row_missing", "s_table_missing", "s_section_missing", "e_page_lost"}
    for name in bad:
        assert f"refused  {name}" in ended.stdout


def test_the_same_bytes_are_a_duplicate_and_changed_bytes_a_new_revision(tmp_path):
    ((name, data),) = made_up(1).items()
    changed = data + "\n附注：本报告已更正。\n".encode()
    with up(tmp_path) as running:
        running.drop(name, data)
        wait_until_done(running, 1)
        running.drop("copy.txt", data)
        wait_until_done(running, 2)
        running.drop(name, changed)
        wait_until_done(running, 3)

    found = Counter(
        (line["file"], line["status"])
        for line in export_lines(sqlite(tmp_path), every_revision=True)
    )
    assert found == {(name, "recorded"): 2, ("copy.txt", "duplicate"): 1}
    (current,) = [x for x in export_lines(sqlite(tmp_path)) if x["status"] == "recorded"]
    assert current["document_id"] == process(changed, name).document_id


async def test_every_event_again_twice_and_shuffled_changes_no_row(tmp_path, database_url):
    files = made_up(12)
    notice = {"notice.txt": "关于召开会议的通知\n".encode()}
    with up(tmp_path, "--database", database_url) as running:
        put(running.inbox, files | notice)
        await asyncio.to_thread(wait_until_done, running, 13)
        client = await nats.connect(running.line["nats_url"])
        js = client.jetstream()
        await _settled(js)
        before = dump(database_url)

        stored = [m async for m in _all_events(js)]
        again = [*stored, *stored]
        Random(7).shuffle(again)
        for number, message in enumerate(again):
            headers = {**(message.headers or {}), "Nats-Msg-Id": f"again-{number}"}
            await js.publish(message.subject, message.data, headers=headers)
        await _settled(js)
        await client.close()

        assert dump(database_url) == before


@pytest.mark.long
def test_each_service_killed_once_in_mid_load_loses_and_doubles_nothing(tmp_path):
    files = made_up(150)
    with up(tmp_path) as running:
        victims = {service: running.service(service).pid for service in SERVICES}
        put(running.inbox, files)
        for number, service in enumerate(SERVICES):
            wait_for(
                "the load goes on", lambda least=number * 10: sum(running.states().values()) > least
            )
            running.service(service).kill()
        wait_until_done(running, len(files))
        revived = {service: running.service(service).pid for service in SERVICES}

    assert not set(revived.values()) & set(victims.values())
    _assert_whole(tmp_path, files)


def test_two_copies_of_extract_share_the_load_and_one_may_die(tmp_path):
    files = made_up(60)
    with up(tmp_path, "--copies", "extract=2") as running:
        wait_for("two copies", lambda: len(running.processes("services.extract")) == 2)
        wait_for(
            "both ready",
            lambda: all(_handled(tmp_path, x, "service.ready") for x in ("extract", "extract-2")),
        )
        put(running.inbox, files)
        wait_for(
            "both copies work", lambda: all(_handled(tmp_path, x) for x in ("extract", "extract-2"))
        )
        running.processes("services.extract")[1].kill()
        wait_until_done(running, len(files))

    _assert_whole(tmp_path, files)


async def test_an_outside_subscriber_hears_failures_live_and_can_replay_them(tmp_path):
    report = render(fill(3, "2021", kind="busy"), "tabs_grid", Random(3))
    heard: list[str] = []

    async def hear(message: Any) -> None:
        heard.append(message.headers["Nats-Msg-Id"])

    with up(tmp_path) as running:
        client = await nats.connect(running.line["nats_url"])
        await client.subscribe("gouji.v1.issue.>", cb=hear)
        running.drop("cut.txt", report.data[: len(report.data) * 2 // 3])
        await asyncio.to_thread(wait_until_done, running, 1)
        js = client.jetstream()
        durable = await js.pull_subscribe(
            "gouji.v1.issue.>", durable="outsider", stream=topology.ISSUES,
            config=nats.js.api.ConsumerConfig(deliver_policy=DeliverPolicy.ALL),
        )  # fmt: skip
        replayed = [m.headers["Nats-Msg-Id"] for m in await durable.fetch(len(heard), timeout=5)]
        shown = await asyncio.to_thread(gouji, "failures", "--format", "jsonl", cwd=tmp_path)
        await client.close()

    assert heard
    assert replayed == heard
    assert len(shown.stdout.splitlines()) == len(heard)


def test_drop_waits_and_tells_what_became_of_each_file(tmp_path):
    ((name, data),) = made_up(1).items()
    put(tmp_path / "elsewhere", {name: data, "empty.txt": b""})
    with up(tmp_path) as running:
        assert running.line
        told = gouji("drop", "--wait", f"elsewhere/{name}", "elsewhere/empty.txt", cwd=tmp_path)

    assert told.returncode == 0, told.stderr
    assert f"recorded  {name}" in told.stdout
    assert "refused  empty.txt" in told.stdout


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_no_process_is_left_behind_however_up_ends(tmp_path, number):
    with up(tmp_path) as running:
        for service in SERVICES:
            running.service(service)
        assert running.processes("nats-server")
        running.signal(number)
        running.process.wait(30)

        wait_for("all gone", lambda: not running.left_behind(), within=10)

    assert len(running.tree) >= 6


def test_a_second_up_on_the_same_data_says_so_and_ends(tmp_path):
    with up(tmp_path) as running:
        assert running.line

        second = gouji("up", cwd=tmp_path)

    assert second.returncode == 2
    assert "another `gouji up` runs" in second.stderr


def test_up_goes_on_where_it_was_killed(tmp_path):
    files = made_up(40)
    with up(tmp_path) as running:
        assert running.line
        put(running.inbox, files)
        wait_for("the load has begun", lambda: sum(running.states().values()) >= 3)
        running.signal(signal.SIGKILL)
        running.process.wait(10)
        wait_for("all gone", lambda: not running.left_behind(), within=10)

    ended = gouji("up", "--until-idle", cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    _assert_whole(tmp_path, files)


def _assert_whole(folder: Path, files: dict[str, bytes]) -> None:
    lines = list(export_lines(sqlite(folder), every_revision=True))
    assert Counter(line["status"] for line in lines) == {"recorded": len(files)}
    assert Counter(line["file"] for line in lines) == Counter(files.keys())
    for line in lines:
        wanted = process(files[line["file"]], line["file"]).neutral()
        assert alone(line) == wanted


def alone(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line without what was found beside the other made-up reports."""
    return {**line, "issues": [i for i in line["issues"] if i["rule"] not in BESIDE_OTHERS]}


def _handled(folder: Path, service: str, event: str = "message.handled") -> bool:
    log = folder / "data" / "logs" / f"{service}.log"
    return log.exists() and any(
        json.loads(x)["event"] == event for x in log.read_text().splitlines()
    )


async def _all_events(js: Any) -> Any:
    number = 1
    while True:
        try:
            message = await js.get_msg(topology.REPORTS, number, "gouji.v1.report.>", next=True)
        except nats.js.errors.NotFoundError:
            return
        number = message.seq + 1
        yield message


async def _settled(js: Any, within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        quiet = 0
        while quiet < 5:
            infos = [await js.consumer_info(c.stream, c.name) for c in topology.CONSUMERS]
            idle = all(i.num_pending == 0 and i.num_ack_pending == 0 for i in infos)
            quiet = quiet + 1 if idle else 0
            await asyncio.sleep(0.1)
