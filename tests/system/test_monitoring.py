"""A real line, scraped by a real Prometheus with the shipped rules, traced to a real OTLP receiver, its logs asked by jq."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import Iterator
from random import Random
from typing import Any

import nats
import pytest

from services.commands.reaching.records import file_states
from shared.runtime.streams import topology
from tests.support.fill import fill
from tests.support.monitoring import (
    ROOT,
    Collector,
    Prometheus,
    free_ports,
    get,
    prometheus,
    samples,
    total,
)
from tests.support.processes import Up, gouji, up, wait_for
from tests.support.render import LAYOUTS, render

pytestmark = [pytest.mark.system, pytest.mark.long]

SERVICES = ("ingest", "normalize", "extract", "validate", "sink")
MANUAL = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^    (cat data/logs/.*)$", MANUAL, re.MULTILINE)


class Watched:
    """A running line with everything that looks at it; what it had to do is done."""

    def __init__(self, running: Up, scraper: Prometheus, collector: Collector, port: int) -> None:
        self.up = running
        self.prometheus = scraper
        self.collector = collector
        self.port = port

    def page(self, name: str, service: str = "line") -> tuple[int, str]:
        number = 0 if service == "line" else 1 + SERVICES.index(service)
        return get(f"http://127.0.0.1:{self.port + number}/{name}")


def drop_reports(running: Up) -> None:
    for number in range(4):
        made = render(fill(number), LAYOUTS[number], Random(number))
        running.drop(f"{number}_{made.name}", made.data)
    running.drop("no_report.txt", "关于开展植树活动的通知。".encode())
    wait_for("files done", lambda: sum(running.states().values()) == 5)
    running.drop("again.txt", (running.inbox / "no_report.txt").read_bytes())
    wait_for("a duplicate", lambda: running.states().get("duplicate") == 1)


async def send_nonsense(url: str) -> None:
    """Publish what no service of ours writes: it ends as a dead letter at once."""
    client = await nats.connect(url)
    await client.jetstream().publish("gouji.v1.report.normalized", b'{"document_id": 7}')
    await client.close()


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """One line for all tests here: starting one costs seconds."""
    folder, port = tmp_path_factory.mktemp("watched"), free_ports(6)
    told = {"OTEL_BSP_SCHEDULE_DELAY": "200", "GOUJI_LOG_FORMAT": "json"}
    with Collector() as collector:
        told["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.endpoint
        with (
            up(folder, "--http", f"127.0.0.1:{port}", env=told) as running,
            prometheus(folder / "prometheus", port) as scraper,
        ):
            drop_reports(running)
            yield Watched(running, scraper, collector, port)


def test_every_process_says_that_it_lives_can_work_and_what_it_is(line):
    for service in ("line", *SERVICES):
        wait_for(f"{service} ready", lambda s=service: line.page("readyz", s)[0] == 200)
        status, body = line.page("version", service)

        assert line.page("livez", service) == (200, '{"live":true}')
        assert (status, json.loads(body)["service"]) == (200, service)
        assert total(line.page("metrics", service)[1], "gouji_ready", service=service) == 1
    assert json.loads(line.page("readyz", "sink")[1]) == {
        "ready": True, "checks": {"bus": "ok", "database": "ok"},
    }  # fmt: skip
    wait_for("six targets", lambda: set(line.prometheus.targets().values()) == {"up"})
    assert len(line.prometheus.targets()) == 6


def test_what_is_counted_agrees_with_the_database_and_the_logs(line):
    states = line.up.states()

    def seen() -> dict[str, float]:
        text = line.page("metrics")[1]
        return {k: v for k in states if (v := total(text, "gouji_line_files", state=k))}

    wait_for("files by state", lambda: seen() == states, 15)
    assert states == {"recorded": 4, "refused": 1, "duplicate": 1}
    sink, extract = line.page("metrics", "sink")[1], line.page("metrics", "extract")[1]
    handled = "gouji_messages_handled_total"
    assert total(sink, handled, consumer="sink", outcome="recorded") == 4
    assert total(sink, handled, consumer="sink") == 4 + 1 + 1
    assert total(sink, "gouji_database_batch_events_sum") == 4 + 1 + 1
    assert total(extract, "gouji_refusals_total", reason="not_a_report") == 1
    for service in SERVICES:
        log = (line.up.folder / "data" / "logs" / f"{service}.log").read_text()
        lines = [json.loads(told) for told in log.splitlines() if told.startswith("{")]
        text = line.page("metrics", service)[1]
        assert total(text, handled) == sum(one["event"] == "message.handled" for one in lines)
    issues = sum(v for (n, _), v in samples(line.page("metrics", "validate")[1]).items()
                 if n == "gouji_issues_total")  # fmt: skip
    assert issues == sum(told["published"].get("ValidationFailed", 0)
                         for told in handled_by(line, "validate") if told.get("published"))  # fmt: skip


def handled_by(line: Watched, service: str) -> list[dict[str, Any]]:
    log = (line.up.folder / "data" / "logs" / f"{service}.log").read_text()
    lines = [json.loads(told) for told in log.splitlines() if told.startswith("{")]
    return [one for one in lines if one["event"] == "message.handled"]


def test_one_drop_is_one_trace_through_all_stages_in_order(line):
    (report,) = (r for r in file_states(line.up.line["database_url"]) if r.name.startswith("0_"))
    document = report.document_id
    way = [*SERVICES, "validate-beside"]
    wait_for("spans", lambda: len(line.collector.trace(document[:32])) >= len(way), 15)

    spans = line.collector.trace(document[:32])

    assert [s.name for s in spans] == way
    assert spans[0].parent_id == ""
    assert [s.parent_id for s in spans[1:]] == [s.span_id for s in spans[:-1]]
    assert [s.service for s in spans[:5]] == [f"gouji-{name}" for name in SERVICES]
    assert [s.attributes["gouji.outcome"] for s in spans[:5]] == [
        "received", "normalized", "extracted", "validated", "recorded",
    ]  # fmt: skip
    assert {s.attributes["gouji.document_id"] for s in spans} == {document}
    assert {s.attributes["gouji.attempt"] for s in spans} == {1}
    assert all(s.start <= s.end for s in spans)
    said = json.dumps([s.attributes for s in line.collector.spans], ensure_ascii=False)
    assert report.name not in said


def test_a_dead_letter_makes_its_alert_fire_and_no_other(line):
    assert line.prometheus.alerts("GoujiDeadLetters") == []

    asyncio.run(send_nonsense(line.up.line["nats_url"]))

    fired = wait_for("alert", lambda: line.prometheus.alerts("GoujiDeadLetters"), 20)
    assert [a["service"] for a in fired] == ["extract"]
    text = line.page("metrics", "extract")[1]
    assert (
        total(text, "gouji_dead_letters_total", consumer="extract", error_class="Unreadable") == 1
    )
    for other in ("GoujiServiceDown", "GoujiNotReady", "GoujiBusNearlyFull", "GoujiSinkFailing"):
        assert line.prometheus.alerts(other) == []


def test_the_line_is_told_once_on_the_terminal_too(line):
    told = gouji("metrics", cwd=line.up.folder)

    assert told.returncode == 0, told.stderr
    assert total(told.stdout, "gouji_line_files", state="recorded") == 4
    assert {n for n, _ in samples(told.stdout) if not n.startswith("gouji_line_")} == set()
    assert {
        dict(k)["consumer"] for n, k in samples(told.stdout) if n == "gouji_line_messages_pending"
    } == {consumer.name for consumer in topology.CONSUMERS}


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_the_questions_of_the_manual_are_answered_by_real_logs(line, question):
    asyncio.run(send_nonsense(line.up.line["nats_url"])) if '"dead"' in question else None
    document = handled_by(line, "sink")[0]["document_id"]
    asked = question.replace("report.txt", "no_report.txt")

    def answered() -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", asked],
            cwd=line.up.folder, env={**os.environ, "TRACE": document[:32]},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout

    if '"retried"' in question:
        answered()
        return
    found = wait_for("an answer", answered, 10)
    if "no_report.txt" in asked:
        assert [told.split("\t")[1:] for told in found.splitlines()][:3] == [
            ["ingest", "received"], ["normalize", "normalized"], ["extract", "refused"],
        ]  # fmt: skip
