"""What measures the line says what happened: ways from logs, files of a stock, the page of a run."""

import ast
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks import bench_page, stock, whole_line
from benchmarks.journeys import journey
from services.pipeline import process, report_of

DROPPED = datetime(2026, 3, 1, 8, tzinfo=UTC)
DOCUMENT = "ab" * 32


def said(service: str | None, event: str, seconds: float, **fields: object) -> str:
    line = {
        "event": event, "document_id": DOCUMENT, "timestamp": (DROPPED + timedelta(seconds=seconds)).isoformat(),
        **({"service": service} if service else {}), **fields,
    }  # fmt: skip
    return json.dumps(line) + "\n"


def handled(service: str, subject: str, seconds: float, ms: float, **fields: object) -> str:
    told = {"outcome": "done", "attempt": 1, "subject": subject, "duration_ms": ms} | fields
    return said(service, "message.handled", seconds, **told)


def test_a_way_tells_waiting_from_working_and_ends_at_the_row(tmp_path):
    (tmp_path / "feeder.log").write_text(said(None, "feeder.file_fed", 0.5))
    (tmp_path / "ingest.log").write_text(handled("ingest", "$O.inbox.M.x", 0.6, 100))
    (tmp_path / "sink.log").write_text(
        handled("sink", "gouji.v1.report.validated", 3.6, 1000, attempt=2)
        + handled("sink", "gouji.v1.report.compared", 9.0, 10)
    )

    fed, ingest, sink = journey(tmp_path, DOCUMENT, DROPPED.timestamp())

    assert (fed.stage, round(fed.waited)) == ("feeder", 500)
    assert (ingest.stage, round(ingest.waited), round(ingest.worked)) == ("ingest", 0, 100)
    assert (sink.stage, round(sink.waited), round(sink.worked)) == ("sink", 2000, 1000)
    assert "attempt 2" in str(sink)


def test_every_made_up_report_is_another_report_of_a_body_with_several_years():
    records = [process(data, name).record for name, data in map(stock.report, range(13))]

    assert all(records)
    assert len({report_of(record) for record in records if record}) == 13
    assert len({record.identity.agency for record in records if record}) == 3


def test_a_stocked_file_arrives_whole_under_its_name(tmp_path):
    source = tmp_path / "000001_a.txt"
    source.write_text("x")
    inbox = tmp_path / "inbox"
    inbox.mkdir()

    assert stock.lay(source, inbox).read_text() == "x"
    assert [p.name for p in inbox.iterdir()] == ["000001_a.txt"]


@pytest.mark.parametrize(("share", "expected"), [(0.5, 51), (0.99, 100), (1.0, 100)])
def test_a_quantile_is_a_value_that_was_measured(share, expected):
    assert whole_line.quantile(list(range(100, 0, -1)), share) == expected


def test_the_page_sets_the_line_beside_the_empty_chain():
    common = {"run": "2026-03-01T08:00:00+00:00", "load": 0.5}
    whole = {
        "label": "1,000 text, sqlite", "rate": 120.0, "compared_after": 2.0, "p50": 90.0, "p99": 300.0,
        "slowest": 310.0, "slowest_way": ["sink waited 200 ms, worked 9 ms (recorded)"],
        "milliseconds": {"sink": 4.0, "extract": 3.0}, "megabytes": {"sink": 120.0},
    }  # fmt: skip
    lines = [{"part": "ceiling", "rate": 480.0, **common}, {"part": "whole", **common, **whole}]

    page = bench_page.render(lines)

    assert "| 1,000 text, sqlite | 120 | 0.25 | 2.0 | 90.0 | 300 | 7.0 |" in page
    assert "sink waited 200 ms" in page


ROOT = Path(__file__).resolve().parents[2]
OWN = ("benchmarks", "services", "shared", "tests", "tools")


@pytest.mark.parametrize(
    "path",
    sorted((*ROOT.glob("benchmarks/*.py"), *ROOT.glob("tools/*.py"))),
    ids=lambda path: f"{path.parent.name}.{path.stem}",
)
def test_whatever_of_ours_a_program_loads_is_there(path):
    loaded = [
        node.module
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(OWN)
    ]
    for module in loaded:
        place = ROOT.joinpath(*module.split("."))
        assert place.is_dir() or place.with_suffix(".py").is_file(), module
