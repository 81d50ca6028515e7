"""Looking at gouji as operators' tools do: a scraper, an OTLP receiver, a real Prometheus."""

import json
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Self

import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from shared.runtime import children

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "deploy" / "monitoring"


def free_ports(count: int) -> int:
    """Return the first of so many free ports in a row."""
    rng = Random()
    while True:
        first = rng.randrange(20_000, 30_000)
        if all(map(_is_free, range(first, first + count))):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def get(url: str) -> tuple[int, str]:
    """Return status and body of a page; (0, …) when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def samples(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return the values of an exposition by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(text: str, name: str, **labels: str) -> float:
    """Return the sum of a metric over all series that carry these labels."""
    wanted = set(labels.items())
    return sum(
        value for (n, found), value in samples(text).items() if n == name and wanted <= found
    )


class SpanSeen(NamedTuple):
    """One span as a collector received it; ids in hexadecimal."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    start: int
    end: int
    attributes: dict[str, Any]
    is_error: bool


class Collector:
    """An OTLP receiver over HTTP that keeps what it gets."""

    def __init__(self) -> None:
        self.spans: list[SpanSeen] = []
        keep = self._keep

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keep(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _keep(self, body: bytes) -> None:
        request = ExportTraceServiceRequest.FromString(body)
        for told in request.resource_spans:
            about = _values(told.resource.attributes)
            for scope in told.scope_spans:
                self.spans += [_seen(about["service.name"], span) for span in scope.spans]

    def trace(self, trace_id: str) -> list[SpanSeen]:
        """Return the spans of a trace in the order in which they began."""
        return sorted((s for s in self.spans if s.trace_id == trace_id), key=lambda s: s.start)


def _seen(service: str, span: Any) -> SpanSeen:
    return SpanSeen(
        service, span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex(),
        span.start_time_unix_nano, span.end_time_unix_nano, _values(span.attributes),
        span.status.code == 2,
    )  # fmt: skip


def _values(attributes: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in attributes}


class Prometheus:
    """A running Prometheus, asked over its own interface."""

    def __init__(self, url: str) -> None:
        self.url = url

    def alerts(self, name: str) -> list[dict[str, str]]:
        """Return the labels of an alert that fires now."""
        _, body = get(f"{self.url}/api/v1/alerts")
        found = json.loads(body)["data"]["alerts"] if body.startswith("{") else []
        return [a["labels"] for a in found
                if a["labels"]["alertname"] == name and a["state"] == "firing"]  # fmt: skip

    def targets(self) -> dict[str, str]:
        """Return how each target is, by address."""
        _, body = get(f"{self.url}/api/v1/targets")
        found = json.loads(body)["data"]["activeTargets"] if body.startswith("{") else []
        return {t["labels"]["instance"]: t["health"] for t in found}


@contextmanager
def prometheus(folder: Path, first_port: int) -> Iterator[Prometheus]:
    """Run Prometheus with the shipped configuration and rules, only quicker, on these ports."""
    folder.mkdir()
    shutil.copy(MONITORING / "alerts.yml", folder)
    config = yaml.safe_load((MONITORING / "prometheus-up.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    for job in config["scrape_configs"]:
        (targets,) = job["static_configs"]
        targets["targets"] = [
            f"127.0.0.1:{first_port + int(target[-1])}" for target in targets["targets"]
        ]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_ports(1)
    with (folder / "prometheus.log").open("wb") as output:
        process = children.spawn(
            ["prometheus", f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/data", f"--web.listen-address=127.0.0.1:{port}"],
            output=output,
        )  # fmt: skip
    try:
        yield Prometheus(f"http://127.0.0.1:{port}")
    finally:
        children.stop(process, 5)


def promtool(*arguments: object, given: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run promtool."""
    return subprocess.run(
        ["promtool", *map(str, arguments)], input=given, capture_output=True, text=True, check=False
    )
