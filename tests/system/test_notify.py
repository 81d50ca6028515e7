"""Webhooks: delivered and signed, one that is broken delays nobody, what fails ends visibly."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path

import orjson
import pytest
from nats.js import JetStreamContext

from services.notify.app import create_app
from services.notify.settings import NotifySettings
from shared.contracts.events import (
    Counts,
    DeadLetter,
    Event,
    ReportRecorded,
    ReportRefused,
    ValidationFailed,
)
from shared.report.issue import Issue
from shared.report.record import Region
from shared.runtime.connections.embedded import NatsServer
from tests.support import bus, hooks
from tests.support.hooks import Hook, hook
from tests.support.processes import gouji, up

pytestmark = pytest.mark.system

DEAD = f"{DeadLetter.subject}.notify"


class Desk:
    """A file of webhooks in a folder, and the service that serves it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.file = folder / "webhooks.toml"
        (folder / "a.secret").write_text(hooks.SECRET)
        self.file.write_text("")

    def add(self, name: str, url: str, more: str = 'events = ["issue"]') -> None:
        entry = f'[[webhooks]]\nname = "{name}"\nurl = "{url}"\nsecret_file = "a.secret"\n{more}\n'
        self.file.write_text(self.file.read_text() + entry)

    def running(self, **settings: object):
        quick = {"retry_first": "100ms", "retry_longest": "500ms", "ack_wait": "2s", "log_format": "json",
                 "graceful_timeout": "300ms"}  # fmt: skip
        chosen = NotifySettings(nats_url=self.url, webhooks=self.file, **(quick | settings))
        return bus.running(create_app(chosen))


@pytest.fixture
def desk(tmp_path: Path, server: NatsServer) -> Desk:
    return Desk(tmp_path, server.url)


async def ready(js: JetStreamContext, *names: str, stream: str = "ISSUES") -> None:
    """Return when the webhooks' consumers are there and asked."""
    for name in names:
        for _ in range(500):
            try:
                if (await js.consumer_info(stream, f"notify-{name}")).num_waiting:
                    break
            except Exception:
                pass
            await asyncio.sleep(0.01)
        else:
            raise AssertionError(f"{name} never asked")


def failure(number: int = 0, **changes: object) -> ValidationFailed:
    issue = Issue(
        id=f"i{number}", rule=str(changes.pop("rule", "t3_balance")),
        severity=changes.pop("severity", "error"), origin="source", addresses=(),
        message_zh="不平", message_en="does not balance",
    )  # fmt: skip
    fields = {
        "region": Region(province="浙江省", code="330106"),
        "year": 2024,
        "agency_level": "county",
        "agency": "某局",
    }
    return ValidationFailed(
        document_id="0" * 64, file="年报.txt", received_at=bus.MOMENT, report_id="r", revision_id="v",
        agency_kind=None, title=None, issue=issue, **(fields | changes),
    )  # fmt: skip


def recorded(year: int = 2024) -> ReportRecorded:
    return ReportRecorded(
        document_id=str(year) * 16, file="a", received_at=bus.MOMENT, report_id="r", revision_id=f"v{year}",
        agency=None, year=year, counts=Counts(), region=Region(code="330106"), agency_level="county",
    )  # fmt: skip


REFUSED = ReportRefused(
    document_id="1" * 64, file="b", received_at=bus.MOMENT, stage="ingest", reason="empty",
    detail_zh="空", detail_en="Empty",
)  # fmt: skip


async def publish(js: JetStreamContext, *events: Event) -> None:
    for event in events:
        await bus.publish(js, event)


async def dead_letters(js: JetStreamContext, number: int, within: float = 10.0) -> list[dict]:
    deadline = time.monotonic() + within
    while len(found := await bus.bodies(js, DEAD)) < number:
        assert time.monotonic() < deadline, f"{len(found)} of {number} dead letters"
        await asyncio.sleep(0.02)
    return found


async def test_failures_and_verdicts_arrive_signed_with_everything_in_them(desk, js):
    async with hook(hooks.well) as good:
        desk.add(
            "desk", good.url, 'events = ["issue", "recorded", "refused"]\nheaders = { X-Key = "k" }'
        )
        async with desk.running():
            await ready(js, "desk")
            await ready(js, "desk-reports", stream="REPORTS")
            await publish(js, failure(), recorded(), REFUSED)
            await good.got(3)

    bodies = {body["type"]: body for body in (request.verified() for request in good.requests)}
    assert set(bodies) == {"gouji.issue.v1", "gouji.report.recorded.v1", "gouji.report.refused.v1"}
    issue = bodies["gouji.issue.v1"]
    assert issue["id"] == failure().message_id()
    assert issue["data"] == orjson.loads(failure().model_dump_json(exclude_defaults=True))
    assert {r.line for r in good.requests} == {"POST /hook HTTP/1.1"}
    assert {r.headers["x-key"] for r in good.requests} == {"k"}
    assert {r.headers["content-type"] for r in good.requests} == {"application/json"}


async def test_a_webhook_hears_what_comes_after_it_was_set_up(desk, js):
    await publish(js, failure(1))
    async with hook(hooks.well) as good:
        desk.add("desk", good.url)
        async with desk.running():
            await ready(js, "desk")
            await publish(js, failure(2))
            await good.got(1)

    assert good.requests[0].verified()["data"]["issue"]["id"] == "i2"


BROKEN = {
    "hang": hooks.hang, "error": hooks.status(500), "garbage": hooks.garbage, "drip": hooks.drip,
    "flood": hooks.flood, "head": hooks.endless_head, "redirect": hooks.status(302, Location="http://127.0.0.1:1/"),
}  # fmt: skip


async def test_webhooks_that_hang_or_answer_nonsense_delay_no_other(desk, js):
    async with AsyncExitStack() as stack:
        broken = {name: await stack.enter_async_context(hook(how)) for name, how in BROKEN.items()}
        for name, bad in broken.items():
            desk.add(name, bad.url, 'events = ["issue"]\ntimeout = 5')
        desk.add("nobody", "http://127.0.0.1:9/")
        desk.add("unknown", "http://no-such-host.invalid/")
        good = await stack.enter_async_context(hook(hooks.well))
        slow = await stack.enter_async_context(hook(hooks.slow_body))
        desk.add("good", good.url)
        desk.add("slow", slow.url)
        async with desk.running():
            await ready(js, *BROKEN, "nobody", "unknown", "good", "slow")
            await publish(js, *(failure(n) for n in range(60)))
            await good.got(60)
            await slow.got(60)
            waits = [await delay_of(js, good, 100 + n) for n in range(30)]
            for bad in broken.values():
                await bad.got(1)
            assert await bus.messages(js, DEAD) == []
            for name in ("good", "slow"):
                info = await js.consumer_info("ISSUES", f"notify-{name}")
                assert (info.num_pending, info.num_redelivered) == (0, 0)
            for name in BROKEN:
                assert (await js.consumer_info("ISSUES", f"notify-{name}")).num_ack_pending > 0

    assert sorted(Counter(good.ids).values()) == [1] * 90
    # had it waited for a hanging one, it would have been those 5 s
    assert sorted(waits)[15] < 5
    for request in good.requests:
        request.verified()


async def delay_of(js: JetStreamContext, good: Hook, number: int) -> float:
    """Return how long one event takes to the good webhook."""
    before, started = len(good.requests), time.monotonic()
    await publish(js, failure(number))
    await good.got(before + 1)
    return time.monotonic() - started


async def all_in(good: Hook, number: int) -> None:
    """Return when so many different notices have come in, however often each."""
    async with asyncio.timeout(60):
        while len(set(good.ids)) < number:
            await asyncio.sleep(0.05)


def start(url: str, webhooks: object, log: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "GOUJI_NATS_URL": url, "GOUJI_WEBHOOKS": str(webhooks), "GOUJI_ACK_WAIT": "1s",
        "GOUJI_RETRY_FIRST": "100ms", "GOUJI_LOG_FORMAT": "json",
    }  # fmt: skip
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "services.notify"], env=environment, stdout=output, stderr=output,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_restart_loses_nothing_and_what_comes_twice_has_the_same_id(
    desk, js, tmp_path, how
):
    async def slowly(writer, request) -> None:
        await asyncio.sleep(0.03)
        writer.write(hooks.OK)

    async with hook(slowly) as good:
        desk.add("desk", good.url)
        process = start(desk.url, desk.file, tmp_path / "notify.log")
        try:
            await ready(js, "desk")
            await publish(js, *(failure(n) for n in range(80)))
            await good.got(15)
            process.send_signal(how)
            await asyncio.to_thread(process.wait)
            between = len(good.requests)
            process = start(desk.url, desk.file, tmp_path / "notify.log")
            await all_in(good, 80)
        finally:
            process.kill()
            await asyncio.to_thread(process.wait)

    assert between < 80
    assert set(good.ids) == {failure(n).message_id() for n in range(80)}
    assert len(good.ids) <= 84


async def test_what_is_not_taken_ends_as_a_dead_letter_and_comes_back_to_that_webhook_alone(
    desk, js, tmp_path
):
    async with hook(hooks.status(503)) as bad, hook(hooks.well) as good:
        desk.add("bad", bad.url)
        desk.add("good", good.url)
        async with desk.running(max_attempts=3):
            await ready(js, "bad", "good")
            await publish(js, failure())
            (letter,) = await dead_letters(js, 1)
            assert (letter["error_class"], letter["attempts"], letter["consumer"]) == (
                "Undeliverable",
                3,
                "notify-bad",
            )
            assert letter["reason"] == "webhook bad: 应答 503 · it answered 503"
            assert letter["replay"] == "gouji replay ISSUES 1"

            bad.answer = hooks.well
            put_back = await asyncio.to_thread(
                gouji,
                "replay",
                "--service",
                "notify",
                cwd=tmp_path,
                env={"GOUJI_NATS_URL": desk.url},
            )
            await bad.got(4)
            await asyncio.sleep(0.3)

    assert put_back.returncode == 0, put_back.stdout + put_back.stderr
    assert len(set(bad.ids)) == 1
    assert len(bad.ids) == 4
    assert bad.requests[-1].verified()["data"]["issue"]["id"] == "i0"
    assert len(good.requests) == 1
    assert await bus.messages(js, DEAD) == []


async def test_two_webhooks_that_fail_have_a_dead_letter_each(desk, js):
    async with hook(hooks.status(500)) as bad:
        desk.add("one", bad.url)
        desk.add("two", bad.url)
        async with desk.running(max_attempts=1):
            await ready(js, "one", "two")
            await publish(js, failure())
            letters = await dead_letters(js, 2)

    assert {letter["consumer"] for letter in letters} == {"notify-one", "notify-two"}


async def test_dead_letters_of_webhooks_never_stop_the_service(desk, js):
    async with hook(hooks.status(410)) as gone, hook(hooks.well) as good:
        desk.add("gone", gone.url)
        async with desk.running(dead_letter_limit=3):
            await ready(js, "gone")
            await publish(js, *(failure(n) for n in range(12)))
            letters = await dead_letters(js, 12)
        desk.add("good", good.url)
        async with desk.running(dead_letter_limit=3):
            await ready(js, "good")
            await publish(js, failure(12))
            await good.got(1)

    assert {letter["attempts"] for letter in letters} == {1}
    assert len(gone.ids) == len(set(gone.ids))


@pytest.mark.parametrize(
    ("asked", "longest", "least", "most"), [(1, "5s", 0.95, 3.0), (3600, "500ms", 0.0, 2.0)]
)
async def test_a_wish_to_be_left_alone_is_kept_within_bounds(desk, js, asked, longest, least, most):
    async with hook(hooks.status(429, Retry_After=asked)) as busy:
        desk.add("busy", busy.url)
        async with desk.running(retry_longest=longest):
            await ready(js, "busy")
            await publish(js, failure())
            await busy.got(2)

    assert least <= busy.requests[1].at - busy.requests[0].at <= most


async def test_an_attempt_is_signed_at_its_own_time(desk, js):
    async with hook(hooks.status(429, Retry_After=2)) as busy:
        desk.add("busy", busy.url)
        async with desk.running(retry_longest="5s"):
            await ready(js, "busy")
            await publish(js, failure())
            await busy.got(2)

    first, second = (int(r.headers["webhook-timestamp"]) for r in busy.requests[:2])
    assert second > first
    assert busy.requests[0].body == busy.requests[1].body


async def test_severity_and_rule_are_filtered_by_the_bus_and_the_rest_by_headers(desk, js):
    async with hook(hooks.well) as good:
        more = 'events = ["issue"]\nseverities = ["error"]\nregions = ["330000"]\nyears = [2024]\nlevels = ["county"]'
        desk.add("desk", good.url, more)
        async with desk.running():
            await ready(js, "desk")
            await publish(
                js,
                failure(1, severity="warning"),
                failure(2, region=Region(code="340100")),
                failure(3, region=Region()),
                failure(4, year=2023),
                failure(5, agency_level="province"),
                failure(6),
            )
            await good.got(1)
            delivered = (await js.consumer_info("ISSUES", "notify-desk")).delivered.consumer_seq

    assert [r.verified()["data"]["issue"]["id"] for r in good.requests] == ["i6"]
    assert delivered == 5


async def test_verdicts_are_filtered_by_year(desk, js):
    async with hook(hooks.well) as good:
        desk.add("desk", good.url, 'events = ["recorded"]\nyears = [2023]')
        async with desk.running():
            await ready(js, "desk-reports", stream="REPORTS")
            await publish(js, recorded(2024), recorded(2023))
            await good.got(1)

    assert [r.verified()["data"]["year"] for r in good.requests] == [2023]


async def test_changed_filters_hold_from_the_next_start(desk, js):
    async with hook(hooks.well) as good:
        desk.add("desk", good.url, 'events = ["issue"]\nseverities = ["error"]')
        async with desk.running():
            await ready(js, "desk")
        desk.file.write_text(desk.file.read_text().replace('["error"]', '["warning"]'))
        async with desk.running():
            await ready(js, "desk")
            await publish(js, failure(1), failure(2, severity="warning"))
            await good.got(1)

    assert [r.verified()["data"]["issue"]["id"] for r in good.requests] == ["i2"]


async def test_what_is_no_event_is_a_dead_letter_and_not_sent(desk, js):
    async with hook(hooks.well) as good:
        desk.add("desk", good.url)
        async with desk.running():
            await ready(js, "desk")
            await js.publish("gouji.v1.issue.error.t3_balance", b"nonsense")
            (letter,) = await dead_letters(js, 1)

    assert letter["attempts"] == 1
    assert good.requests == []


async def test_each_delivery_is_one_line_of_the_log_with_webhook_status_and_attempt(
    desk, js, tmp_path
):
    log = tmp_path / "notify.log"
    async with hook(hooks.status(500)) as bad:
        desk.add("desk", f"{bad.url}?token=t0ken")
        process = start(desk.url, desk.file, log)
        try:
            await ready(js, "desk")
            await publish(js, failure())
            await bad.got(1)
            bad.answer = hooks.well
            await bad.got(2)
            await asyncio.sleep(0.2)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait)

    lines = [orjson.loads(line) for line in log.read_bytes().splitlines()]
    told = [line for line in lines if "webhook" in line and line["event"] != "notify.webhook"]
    assert {line["event"] for line in told} == {"message.handled"}
    assert not [line for line in lines if line["event"] == "library.said"]
    assert [(x["webhook"], x["status"], x["attempt"], x["outcome"]) for x in told] == [
        ("desk", 500, 1, "retried"),
        ("desk", 204, 2, "done"),
    ]
    assert "t0ken" not in log.read_text()
    assert "MfKQ9r8G" not in log.read_text()


async def test_kept_failures_are_chosen_by_who_when_and_where(desk, js, tmp_path):
    await publish(
        js,
        failure(1),
        failure(2, year=2023),
        failure(3, region=Region(province="安徽省", code="340100")),
        failure(4, severity="warning", agency="某厅"),
    )

    def shown(*options: str) -> list[str]:
        ended = gouji(
            "failures",
            "--format",
            "jsonl",
            *options,
            cwd=tmp_path,
            env={"GOUJI_NATS_URL": desk.url},
        )
        assert ended.returncode == 0, ended.stderr
        return [orjson.loads(line)["issue"]["id"] for line in ended.stdout.splitlines()]

    assert await asyncio.to_thread(
        shown, "--year", "2024", "--region", "33", "--severity", "error"
    ) == ["i1"]
    assert await asyncio.to_thread(shown, "--region", "安徽", "--region", "44") == ["i3"]
    assert await asyncio.to_thread(shown, "--agency", "厅") == ["i4"]
    assert await asyncio.to_thread(shown, "--year", "2019") == []


async def test_a_test_event_says_what_the_webhook_answers(desk, tmp_path):
    async with hook(hooks.well) as good, hook(hooks.status(401)) as bad:
        desk.add("good", good.url)
        desk.add("bad", bad.url)
        file = ("--file", desk.file)
        took = await asyncio.to_thread(gouji, "webhooks", "test", "good", *file, cwd=tmp_path)
        not_took = await asyncio.to_thread(gouji, "webhooks", "test", "bad", *file, cwd=tmp_path)
        listed = await asyncio.to_thread(gouji, "webhooks", *file, cwd=tmp_path)

    assert (took.returncode, not_took.returncode, listed.returncode) == (0, 1, 0)
    assert "it answered 204" in took.stdout
    assert "it answered 401" in not_took.stdout
    assert listed.stdout.split() == ["good", "issue", "bad", "issue"]
    assert good.requests[0].verified()["type"] == "gouji.test.v1"


async def test_a_webhook_that_hangs_does_not_hold_up_the_end_either(desk, js, tmp_path):
    async with hook(hooks.hang) as bad:
        desk.add("bad", bad.url, 'events = ["issue"]\ntimeout = 60')
        process = start(desk.url, desk.file, tmp_path / "notify.log")
        await ready(js, "bad")
        await publish(js, failure())
        await bad.got(1)
        process.terminate()
        code = await asyncio.to_thread(process.wait, 10)
        bad.answer = hooks.well
        async with desk.running():
            await bad.got(2)

    assert code == 0
    assert len(set(bad.ids)) == 1


async def test_the_receiver_of_the_documents_takes_what_is_genuine_and_nothing_else(
    desk, js, tmp_path
):
    page = (Path(__file__).parents[2] / "docs" / "subscribers.md").read_text(encoding="utf-8")
    (receiver,) = (
        code for code in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "hmac" in code
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running, impostor = (
        start_receiver(receiver, port, tmp_path / "took"),
        f"http://127.0.0.1:{port}/",
    )
    (desk.file.parent / "b.secret").write_text("not the secret they agreed on")
    desk.add("genuine", impostor)
    desk.add("impostor", impostor, 'events = ["recorded"]')
    desk.file.write_text(
        desk.file.read_text()[::-1].replace("a.secret"[::-1], "b.secret"[::-1], 1)[::-1]
    )
    try:
        async with desk.running(max_attempts=4):
            await ready(js, "genuine")
            await ready(js, "impostor-reports", stream="REPORTS")
            await publish(js, failure(), recorded())
            (letter,) = await dead_letters(js, 1)
    finally:
        running.kill()
        await asyncio.to_thread(running.wait)

    assert "it answered 401" in letter["reason"]
    assert (tmp_path / "took").read_text().split() == ["gouji.issue.v1"]


def start_receiver(code: str, port: int, took: Path) -> subprocess.Popen[bytes]:
    with took.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-c", code, str(port)], env=os.environ | {"SECRET": hooks.SECRET},
            stdout=output, stderr=subprocess.DEVNULL,
        )  # fmt: skip


async def test_without_webhooks_the_service_says_so_and_waits(server, js, tmp_path):
    process = start(server.url, "", tmp_path / "log")
    try:
        async with asyncio.timeout(60):
            while b"service.ready" not in (tmp_path / "log").read_bytes():
                await asyncio.sleep(0.05)
    finally:
        process.terminate()
        code = await asyncio.to_thread(process.wait)

    assert b"notify.no_webhooks" in (tmp_path / "log").read_bytes()
    assert code == 0


async def test_up_notifies_of_the_very_first_file(desk, tmp_path):
    example = next(Path(__file__).parents[2].joinpath("examples").rglob("*.txt"))
    async with hook(hooks.well) as good:
        desk.add("desk", good.url, 'events = ["issue", "recorded", "refused"]')
        with up(tmp_path, "--webhooks", desk.file) as running:
            running.drop("report.txt", example.read_bytes())
            running.drop("empty.txt", b"")
            await good.got(2, within=40)
            status = await asyncio.to_thread(gouji, "status", cwd=tmp_path)

    kinds = {request.verified()["type"] for request in good.requests}
    assert kinds <= {"gouji.issue.v1", "gouji.report.recorded.v1", "gouji.report.refused.v1"}
    assert "notify-desk-reports" in status.stdout
