"""The catalogue is what is recorded, what the page says, and what alerts and dashboard may ask for."""

import json
import re
from typing import get_args

import pytest
import yaml

from services.cli import COMMANDS
from shared.monitoring import catalogue
from shared.monitoring.catalogue import LINE_METRICS, METRICS, PAGE_METRICS, SERVICE_METRICS
from shared.monitoring.exposition import Registry
from tests.support.monitoring import MONITORING, ROOT, promtool
from tools import dashboard, metrics_page

ALERTS = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"][0][
    "rules"
]
CASES = sorted((ROOT / "tests" / "monitoring").glob("*_test.yml"))
NAMES = {a["alert"] for a in ALERTS}
PANELS = json.loads((MONITORING / "grafana" / "gouji.json").read_text(encoding="utf-8"))["panels"]
QUERIES = list(dict.fromkeys(t["expr"] for p in PANELS for t in p["targets"]))
OF_THE_PROCESS = {
    "process_start_time_seconds",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
    "up",
}
OF_THE_SCRAPER = {"job", "instance", "le"}
UNBOUNDED = {
    "agency",
    "file",
    "document",
    "document_id",
    "report_id",
    "subject",
    "region",
    "error",
    "detail",
}


def known_names() -> dict[str, set[str]]:
    """Return every name a query may use, with its labels."""
    found = {name: set(OF_THE_SCRAPER) for name in OF_THE_PROCESS}
    for metric in METRICS.values():
        labels = {*metric.labels, *OF_THE_SCRAPER}
        ends = ("_bucket", "_sum", "_count") if metric.kind == "histogram" else ("",)
        found |= {metric.name + end: labels for end in ends}
    return found


def used(query: str) -> set[str]:
    """Return the metrics that a query names."""
    return set(re.findall(r"\b(?:gouji|process)_\w+|\bup\b", re.sub(r'"[^"]*"', "", query)))


def test_every_name_that_code_may_use_is_described_once():
    names = [m.name for m in (*SERVICE_METRICS, *PAGE_METRICS, *LINE_METRICS)]
    typed = [n for kind in get_args(catalogue.Name) for n in (get_args(kind) or (kind,))]
    assert sorted(names) == sorted(set(names)) == sorted(typed)


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda m: m.name)
def test_a_name_follows_the_rules_of_prometheus(metric):
    assert re.fullmatch(r"gouji_[a-z]+(_[a-z]+)*", metric.name)
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert not UNBOUNDED & set(metric.labels)
    assert (metric.buckets != ()) == (metric.kind == "histogram")


def test_promtool_finds_nothing_to_complain_of():
    values = {
        m.name: {tuple("x" for _ in m.labels): 1.0} for m in METRICS.values() if m.kind == "gauge"
    }
    recorded = [m for m in (*SERVICE_METRICS, *PAGE_METRICS) if m.kind != "gauge"]
    registry = Registry(recorded, lambda: values, process=False)
    for metric in recorded:
        labels = tuple("x" for _ in metric.labels)
        (registry.count if metric.kind == "counter" else registry.observe)(metric.name, labels, 1)

    text = registry.expose("")[0].decode()

    assert {m.name for m in METRICS.values()} <= {
        line.split()[2] for line in text.splitlines() if line.startswith("# HELP")
    }
    checked = promtool("check", "metrics", given=text)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_page_and_the_dashboard_are_current():
    assert metrics_page.PAGE.read_text(encoding="utf-8") == metrics_page.page()
    assert dashboard.PATH.read_text(encoding="utf-8") == dashboard.dashboard()


@pytest.mark.parametrize("query", [*QUERIES, *(a["expr"] for a in ALERTS)])
def test_a_query_asks_only_for_what_there_is(query):
    names = known_names()

    assert used(query)
    assert used(query) <= names.keys()
    labels = set(re.findall(r"[{,]\s*(\w+)\s*(?:=|!=|=~|!~)\s*\"", query))
    for group in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", query):
        labels |= {label.strip() for label in group.split(",")}
    assert labels <= set().union(*(names[name] for name in used(query)))


def test_every_query_of_the_dashboard_is_valid(tmp_path):
    rules = [
        {"record": f"q:{n}", "expr": q.replace("$__rate_interval", "1m")}
        for n, q in enumerate(QUERIES)
    ]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": rules}]}), encoding="utf-8")

    checked = promtool("check", "rules", "--lint=none", path)

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_query_for_what_there_is_not_would_be_noticed():
    assert used("rate(gouji_no_such_thing_total[5m])") - known_names().keys()


def test_panels_do_not_overlap():
    taken = [
        (p["gridPos"]["x"] + dx, p["gridPos"]["y"] + dy)
        for p in PANELS for dx in range(p["gridPos"]["w"]) for dy in range(p["gridPos"]["h"])
    ]  # fmt: skip
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


@pytest.mark.parametrize("name", ["prometheus.yml", "prometheus-up.yml"])
def test_promtool_accepts_the_configurations(name):
    checked = promtool("check", "config", MONITORING / name)
    assert checked.returncode == 0, checked.stderr


def test_alerts_fire_when_they_should_and_only_then():
    tested = promtool("test", "rules", *CASES)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_every_alert_is_tested():
    text = "".join(path.read_text(encoding="utf-8") for path in CASES)
    assert {name for name in NAMES if name not in text} == set()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda a: a["alert"])
def test_an_alert_says_what_it_means_and_what_mends_it(alert):
    notes = alert["annotations"]
    manual = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    heading = notes["runbook_url"].partition("#")[2]

    assert alert["labels"]["severity"] in {"critical", "warning", "info"}
    assert re.search(r"[一-鿿].* · \w", notes["summary"])
    assert notes["description"].endswith(".")
    assert heading == alert["alert"].lower()
    assert f"### {alert['alert']}\n" in manual
    program, *rest = notes["command"].split()
    assert program in {"gouji", "jq", "curl"}
    assert program != "gouji" or rest[0] in COMMANDS


@pytest.mark.parametrize("name", ["operations.md", "operations.zh.md"])
def test_every_alert_has_its_paragraph_in_both_manuals_and_every_paragraph_its_alert(name):
    manual = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert set(re.findall(r"^### (Gouji\w+)$", manual, re.MULTILINE)) == NAMES
