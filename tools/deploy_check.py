"""Checks every file of deploy/ offline: `make deploy-check`. Nothing is started and nothing is fetched.

yamllint for all YAML, hadolint for the Dockerfile, the compose specification (compose-spec) for the compose
files, kustomize (inside kubectl) and the schemas of Kubernetes for the manifests, systemd-analyze for the
units. Scaled objects are held against the few lines below: their published schema is in no package.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import jsonschema
import kubernetes_validate
import yaml
from compose_spec import PyCompose

DEPLOY: Final = Path(__file__).resolve().parents[1] / "deploy"
MANIFESTS: Final = ("base", "overlays/example")
VERSIONS: Final = ("1.31", "1.37")
"""The oldest and the newest Kubernetes that is promised to take the manifests."""

_TEXT: Final = {"type": "string", "minLength": 1}
_NUMBER: Final = {"type": "string", "pattern": "^[0-9]+$"}
_TRIGGER: Final = {
    "type": "object",
    "required": ["type", "metadata"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "nats-jetstream"},
        "metadata": {
            "type": "object",
            "required": ["natsServerMonitoringEndpoint", "account", "stream", "consumer"],
            "additionalProperties": False,
            "properties": {
                "natsServerMonitoringEndpoint": {"type": "string", "pattern": r"^[\w.-]+:\d+$"},
                "account": _TEXT, "stream": _TEXT, "consumer": _TEXT,
                "lagThreshold": _NUMBER, "activationLagThreshold": _NUMBER,
                "useHttps": {"enum": ["true", "false"]},
            },
        },
    },
}  # fmt: skip
SCALED: Final = {
    "type": "object",
    "required": ["scaleTargetRef", "triggers"],
    "additionalProperties": False,
    "properties": {
        "scaleTargetRef": {
            "type": "object", "required": ["name"], "additionalProperties": False,
            "properties": {"name": _TEXT, "kind": _TEXT, "apiVersion": _TEXT},
        },
        "pollingInterval": {"type": "integer", "minimum": 1},
        "cooldownPeriod": {"type": "integer", "minimum": 0},
        "minReplicaCount": {"type": "integer", "minimum": 0},
        "maxReplicaCount": {"type": "integer", "minimum": 1},
        "triggers": {"type": "array", "minItems": 1, "items": _TRIGGER},
    },
}  # fmt: skip
"""What we say in a ScaledObject of keda.sh/v1alpha1, and nothing else of all that one may say."""

_QUERY: Final = {
    "type": "object", "required": ["expr", "refId"],
    "properties": {"expr": _TEXT, "refId": _TEXT, "legendFormat": {"type": "string"}},
}  # fmt: skip
_PANEL: Final = {
    "type": "object",
    "required": ["id", "type", "title", "gridPos", "targets", "datasource"],
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "type": {"enum": ["stat", "timeseries", "table", "gauge", "bargauge"]},
        "title": _TEXT,
        "gridPos": {
            "type": "object", "required": ["x", "y", "w", "h"], "additionalProperties": False,
            "properties": {
                "x": {"type": "integer", "minimum": 0, "maximum": 23},
                "y": {"type": "integer", "minimum": 0},
                "w": {"type": "integer", "minimum": 1, "maximum": 24},
                "h": {"type": "integer", "minimum": 1},
            },
        },
        "targets": {"type": "array", "minItems": 1, "items": _QUERY},
        "datasource": {"type": "object", "required": ["type", "uid"]},
    },
}  # fmt: skip
DASHBOARD: Final = {
    "type": "object",
    "required": ["title", "uid", "schemaVersion", "templating", "panels", "time"],
    "properties": {
        "title": _TEXT, "uid": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$"},
        "schemaVersion": {"type": "integer", "minimum": 30},
        "templating": {
            "type": "object", "required": ["list"],
            "properties": {
                "list": {
                    "type": "array",
                    "contains": {"properties": {"type": {"const": "datasource"}, "name": {"const": "datasource"}}},
                }
            },
        },
        "panels": {"type": "array", "minItems": 1, "items": _PANEL},
    },
}  # fmt: skip
"""What Grafana needs of a dashboard that it imports; it publishes no schema of the format."""

Faults = Iterator[str]


def manifests(folder: str) -> list[dict[str, Any]]:
    """Return what kustomize makes of a folder. Raises CalledProcessError with its message."""
    ended = subprocess.run(
        [_tool("kubectl"), "kustomize", str(DEPLOY / "kubernetes" / folder)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [one for one in yaml.load_all(ended.stdout, yaml.CSafeLoader) if one]


def interpolated(text: str) -> str:
    """Return a compose file with every variable at its default."""
    return re.sub(r"(?<!\$)\$\{\w+:-([^}]*)\}", r"\1", text).replace("$$", "$")


def kubernetes() -> Faults:
    """Every manifest against the schemas of the oldest and the newest version, unknown fields refused."""
    for folder in MANIFESTS:
        for one in manifests(folder):
            yield from (f"{folder}: {fault}" for fault in faults_of(one))


def faults_of(manifest: dict[str, Any]) -> Faults:
    """Say what is wrong with one manifest."""
    name = f"{manifest['kind']}/{manifest['metadata']['name']}"
    try:
        if manifest["apiVersion"] == "keda.sh/v1alpha1":
            jsonschema.validate(manifest["spec"], SCALED)
            return
        for version in VERSIONS:
            kubernetes_validate.validate(manifest, version, strict=True)
    except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
        yield f"{name}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        yield f"{name}: {error.message}"


def compose() -> Faults:
    """Every compose file, by itself and against the specification."""
    for path in sorted(DEPLOY.glob("**/compose.yaml")):
        read = yaml.safe_load(interpolated(path.read_text(encoding="utf-8")))
        said = {key: value for key, value in read.items() if not key.startswith("x-")}
        # there without being written down
        said.setdefault("networks", {})["default"] = {}
        try:
            PyCompose.from_json(json.dumps(said)).validate()
        except ValueError as error:
            yield f"{path.name}: {error}"


def dashboard() -> Faults:
    """The dashboard, as Grafana takes one in; its queries are asked of Prometheus by tests."""
    read = json.loads(
        (DEPLOY / "monitoring" / "grafana" / "gouji.json").read_text(encoding="utf-8")
    )
    yield from faults_of_dashboard(read)


def faults_of_dashboard(read: dict[str, Any]) -> Faults:
    """Say what is wrong with one dashboard."""
    for error in jsonschema.Draft202012Validator(DASHBOARD).iter_errors(read):
        yield f"{error.json_path}: {error.message}"
    ids = [panel.get("id") for panel in read.get("panels", ())]
    if len(set(ids)) < len(ids):
        yield "$.panels: two panels have the same id"


def prometheus() -> Faults:
    """The configurations of Prometheus and the alert rules, by promtool."""
    folder = DEPLOY / "monitoring"
    yield from _said(["promtool", "check", "rules", str(folder / "alerts.yml")])
    for path in sorted(folder.glob("prometheus*.yml")):
        yield from _said(["promtool", "check", "config", "--syntax-only", str(path)])


def dockerfile() -> Faults:
    """The Dockerfile, by hadolint."""
    yield from _said([_tool("hadolint"), "--no-color", str(DEPLOY / "Dockerfile")])


def yaml_files() -> Faults:
    """Every YAML file, by yamllint."""
    yield from _said(
        [_tool("yamllint"), "--strict", "--config-file", str(DEPLOY / "yamllint.yaml"), str(DEPLOY)]
    )


def units() -> Faults:
    """The units of systemd, with a program in place of gouji so that none is missed."""
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((DEPLOY / "systemd").glob("*.*")):
            if path.suffix in (".service", ".timer"):
                text = path.read_text(encoding="utf-8").replace("/opt/gouji/bin/gouji", "/bin/true")
                (Path(folder) / path.name).write_text(text, encoding="utf-8")
        paths = sorted(map(str, Path(folder).iterdir()))
        # of the machine's own units nothing is to be said
        told = _said(["systemd-analyze", "verify", "--man=no", *paths], always=True)
        yield from (line for line in told if folder in line or "gouji" in line)


def exposure(unit: str) -> str:
    """Return how exposed systemd finds a service, 0 (safe) to 10."""
    path = DEPLOY / "systemd" / f"{unit}.service"
    ended = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return (ended.stdout.strip() or ended.stderr.strip()).splitlines()[-1]


CHECKS: Final[dict[str, Callable[[], Faults]]] = {
    "yamllint": yaml_files, "hadolint": dockerfile, "compose": compose,
    "kubernetes": kubernetes, "systemd": units, "grafana": dashboard, "prometheus": prometheus,
}  # fmt: skip


def main() -> int:
    """Run all checks, say what is wrong, return 1 if anything is."""
    wrong = 0
    for name, check in CHECKS.items():
        try:
            faults = list(check())
        except FileNotFoundError as error:
            print(f"{name}: skipped, {error.filename} is not on this machine")
            continue
        print(f"{name}: {'ok' if not faults else f'{len(faults)} faults'}")
        for fault in faults:
            print(f"  {fault}")
        wrong += bool(faults)
    return 1 if wrong else 0


def _tool(name: str) -> str:
    """Return a program that a package put beside Python."""
    return str(Path(sys.executable).with_name(name))


def _said(command: list[str], *, always: bool = False) -> list[str]:
    """Return what a checker says; one that only warns ends well, and is heard `always`."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (ended.stdout + ended.stderr).splitlines()
    if ended.returncode and not lines:
        return [f"{command[0]} ended with {ended.returncode}"]
    return [line for line in lines if line.strip()] if ended.returncode or always else []


if __name__ == "__main__":
    sys.exit(main())
