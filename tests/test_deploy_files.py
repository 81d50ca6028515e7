"""Manifests, units and images say the same as the code; and each checker finds what is wrong."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.commands.run import SERVICES
from services.ingest.settings import FeedSettings
from services.normalize.settings import NormalizeSettings
from services.notify.settings import NotifySettings
from services.page.settings import PageSettings
from services.validate.settings import ValidateSettings
from shared.runtime.settings import Settings
from shared.runtime.streams import topology
from shared.runtime.variables import KNOWN, names_of
from tools import deploy_check

DEPLOY = deploy_check.DEPLOY
SCALED = {"ingest", "normalize", "normalize-office", "normalize-ocr", "extract", "validate", "sink"}
TO_ZERO = {"normalize", "normalize-office", "normalize-ocr", "extract", "validate"}
READERS = {"normalize", "normalize-office", "normalize-ocr", "extract"}
USES_DATABASE = {"keeper", "validate", "sink", "page", "migrate", "provision"}
MODELS = (Settings, FeedSettings, NormalizeSettings, NotifySettings, PageSettings, ValidateSettings)


@cache
def example() -> list[dict[str, Any]]:
    return deploy_check.manifests("overlays/example")


def of(kind: str) -> dict[str, dict[str, Any]]:
    return {one["metadata"]["name"]: one for one in example() if one["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    return {name: one["spec"]["template"] for name, one in (of("Deployment") | of("Job")).items()}


def container(pod: dict[str, Any]) -> dict[str, Any]:
    (one,) = pod["spec"]["containers"]
    return one


def settings() -> dict[str, str]:
    (found,) = [
        one["data"] for name, one in of("ConfigMap").items() if name.startswith("gouji-settings")
    ]
    return found


def variables(pod: dict[str, Any]) -> dict[str, str]:
    return settings() | {one["name"]: one["value"] for one in container(pod).get("env", [])}


def selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    exact = selector.get("matchLabels", {}).items() <= labels.items()
    return exact and all(
        labels.get(one["key"]) in one["values"] for one in selector.get("matchExpressions", ())
    )


@pytest.mark.parametrize("check", deploy_check.CHECKS)
def test_every_file_passes_its_checker(check):
    try:
        assert list(deploy_check.CHECKS[check]()) == []
    except FileNotFoundError as error:
        pytest.skip(f"{error.filename} is not on this machine")


# --- Kubernetes


def test_scaling_listens_to_the_very_consumers_of_the_bus():
    ours = {(one.stream, one.name) for one in topology.CONSUMERS}
    asked = [
        (trigger["metadata"]["stream"], trigger["metadata"]["consumer"])
        for one in of("ScaledObject").values()
        for trigger in one["spec"]["triggers"]
    ]

    assert sorted(asked) == sorted(ours), "KEDA takes an unknown consumer for a full stream"


def test_every_scalable_service_is_scaled_by_its_own_consumers_and_may_be_disrupted_one_by_one():
    for name, one in of("ScaledObject").items():
        spec = one["spec"]
        consumers = [trigger["metadata"]["consumer"] for trigger in spec["triggers"]]
        assert spec["scaleTargetRef"]["name"] == name
        assert all(consumer.startswith(name.split("-")[0]) for consumer in consumers)
        assert (spec["minReplicaCount"] == 0) == (name in TO_ZERO)
    assert of("ScaledObject").keys() == of("PodDisruptionBudget").keys() == SCALED
    assert of("Deployment").keys() >= SCALED
    assert not any("replicas" in of("Deployment")[name]["spec"] for name in SCALED)


@pytest.mark.parametrize(
    "name", sorted(SCALED | {"keeper", "feeder", "notify", "page", "migrate", "provision"})
)
def test_every_pod_is_confined(name):
    pod = pods()[name]
    spec, one = pod["spec"], container(pod)

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 10001
    assert spec["automountServiceAccountToken"] is False
    assert spec["serviceAccountName"] == "gouji"
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    assert (
        {"cpu", "memory"}
        == one["resources"]["requests"].keys()
        == one["resources"]["limits"].keys()
    )
    assert {"mountPath": "/tmp", "name": "tmp"} in one["volumeMounts"]
    grace = Settings.model_fields["graceful_timeout"].default.total_seconds()
    assert spec["terminationGracePeriodSeconds"] > grace + 2
    assert settings()["GOUJI_GRACEFUL_TIMEOUT"] == f"{grace:g}s"


def test_services_are_probed_where_they_answer():
    for name, pod in pods().items():
        one = container(pod)
        is_service = one["command"][1] in {"run", "serve"}
        assert ("livenessProbe" in one) == is_service, name
        if is_service:
            assert one["command"][1:] == ["serve"] or one["command"][2] in SERVICES
            assert one["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
            assert one["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "http"}
            assert variables(pod)["GOUJI_HTTP_ADDRESS"].endswith(
                f":{one['ports'][0]['containerPort']}"
            )


def test_every_pod_has_its_own_key_and_who_uses_the_database_its_password():
    for name, pod in pods().items():
        user = {"migrate": "keeper", "provision": "keeper"}.get(name, name.split("-")[0])
        secrets = [
            source["secret"]["name"]
            for volume in pod["spec"]["volumes"]
            for source in volume.get("projected", {}).get("sources", ())
        ]
        assert secrets == [f"gouji-key-{user}", "gouji-authorities"]
        has = any(
            v.get("secret", {}).get("secretName") == "gouji-database"
            for v in pod["spec"]["volumes"]
        )
        assert has == (name in USES_DATABASE), name
    assert not of("Secret")


def test_the_network_lets_out_what_is_needed_and_nothing_else():
    reached: dict[str, set[int]] = {}
    for name, pod in pods().items():
        labels = pod["metadata"]["labels"]
        policies = [
            p["spec"]
            for p in of("NetworkPolicy").values()
            if selects(p["spec"]["podSelector"], labels)
        ]
        assert any(p["policyTypes"] == ["Ingress", "Egress"] for p in policies)
        reached[name] = {
            port["port"] for p in policies for rule in p.get("egress", ()) for port in rule["ports"]
        } - {53}
    for name, ports in reached.items():
        expected = {4222} | ({5432} if name in USES_DATABASE else set())
        expected |= {443} if name in {"feeder", "notify"} else set()
        assert ports == expected, name
    assert all(reached[name] == {4222} for name in READERS)


def test_every_variable_of_the_manifests_is_a_setting():
    known = {
        name for model in MODELS for field in model.model_fields for name in names_of(model, field)
    }
    for name, pod in pods().items():
        ours = {one for one in variables(pod) if one.startswith("GOUJI_")}
        assert ours <= known, name
    assert "GOUJI_LOOPS" in known <= KNOWN


@pytest.mark.parametrize("name", sorted(SCALED | {"notify", "page", "feeder", "keeper"}))
def test_the_settings_of_every_pod_are_taken(name, monkeypatch):
    for variable, value in variables(pods()[name]).items():
        monkeypatch.setenv(variable, value)

    for model in MODELS:
        assert model().replicas == 3


def test_services_may_not_make_streams_and_keepers_may():
    for name, pod in pods().items():
        api = variables(pod)["GOUJI_NATS_API"]
        assert (api == "$JS.API") == (name in {"keeper", "migrate", "provision"}), name


def test_every_image_is_a_target_of_the_dockerfile():
    targets = set(re.findall(r"^FROM \S+ AS ([a-z0-9-]+)$", _dockerfile(), re.MULTILINE))
    images = {container(pod)["image"] for pod in pods().values()}
    names = {re.sub(r"^.*/|:.*$", "", image) for image in images}

    assert all(":" in image for image in images)
    assert {name.removeprefix("gouji-") for name in names} <= targets
    assert {"gouji", "archives", "office", "ocr", "s3", "page"} <= targets


def test_an_unknown_field_a_wrong_type_and_a_foreign_scaler_are_found():
    deployment = yaml.safe_load(yaml.safe_dump(of("Deployment")["extract"]))
    deployment["spec"]["template"]["spec"]["containers"][0]["imagePullPolice"] = "Always"
    assert list(deploy_check.faults_of(deployment))
    budget = yaml.safe_load(yaml.safe_dump(of("PodDisruptionBudget")["extract"]))
    budget["spec"]["selector"] = "extract"
    assert list(deploy_check.faults_of(budget))
    scaled = yaml.safe_load(yaml.safe_dump(of("ScaledObject")["extract"]))
    scaled["spec"]["triggers"][0]["metadata"]["lagThreshold"] = 64
    assert list(deploy_check.faults_of(scaled))


# --- images and compose


def _dockerfile() -> str:
    return (DEPLOY / "Dockerfile").read_text(encoding="utf-8")


def test_every_image_runs_as_the_user_that_manifests_and_compose_name():
    stages = re.split(r"^(?=FROM )", _dockerfile(), flags=re.MULTILINE)[1:]
    for stage in stages:
        users = re.findall(r"^USER (\S+)$", stage, re.MULTILINE)
        if users:
            assert users[-1] == "10001:10001", stage.splitlines()[0]
    last = re.findall(r"^FROM base AS (\S+)$", _dockerfile(), re.MULTILINE)
    assert last[-1] == "gouji"
    assert "useradd --system --uid 10001" in _dockerfile()


def test_only_the_image_of_the_office_lane_carries_libreoffice():
    stages = re.split(r"^(?=FROM )", _dockerfile(), flags=re.MULTILINE)[1:]

    assert [s.splitlines()[0] for s in stages if "libreoffice" in s] == ["FROM base AS office"]
    assert "PIP_CONSTRAINT" in _dockerfile()


def _compose(name: str = "compose.yaml") -> dict[str, Any]:
    text = (DEPLOY / name).read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(deploy_check.interpolated(text))
    return read


def test_copies_of_a_service_do_not_meet_over_names_or_ports():
    for name, service in _compose()["services"].items():
        assert "container_name" not in service
        # the page is one of a kind, and nobody but a proxy on this machine reaches it
        assert name == "page" or "ports" not in service
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_compose_builds_targets_that_are_there_and_mounts_volumes_that_are_declared():
    targets = set(re.findall(r" AS ([a-z0-9-]+)$", _dockerfile(), re.MULTILINE))
    read = _compose()
    for name, service in read["services"].items():
        if "build" in service:
            assert service["build"]["target"] in targets, name
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source.startswith("./") or source in read["volumes"], (name, source)


def test_every_part_of_the_line_is_sent_to_the_cluster():
    ours = {name for name, service in _compose()["services"].items() if "build" in service}

    assert ours <= _compose("cluster/compose.yaml")["services"].keys()


def test_a_compose_file_with_a_misspelt_key_is_found(monkeypatch, tmp_path):
    (tmp_path / "cluster").mkdir()
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    (tmp_path / "compose.yaml").write_text(text.replace("  read_only: true", "  read_onyl: true"))
    (tmp_path / "cluster" / "compose.yaml").write_text("services: {a: {image: b, restart: [no]}}")
    monkeypatch.setattr(deploy_check, "DEPLOY", tmp_path)

    assert [fault.split(":")[0] for fault in deploy_check.compose()] == ["compose.yaml"] * 2


def test_a_dashboard_that_grafana_would_not_take_is_found():
    read = json.loads((DEPLOY / "monitoring" / "grafana" / "gouji.json").read_text("utf-8"))
    broken = json.loads(json.dumps(read))
    broken["panels"][0]["gridPos"]["w"] = 25
    del broken["panels"][1]["targets"]
    broken["panels"][2]["id"] = broken["panels"][3]["id"]

    assert list(deploy_check.faults_of_dashboard(read)) == []
    assert len(list(deploy_check.faults_of_dashboard(broken))) == 3


# --- systemd


def test_units_start_what_the_command_line_knows():
    for path in (DEPLOY / "systemd").glob("*.service"):
        for command in re.findall(
            r"^ExecStart=/opt/gouji/bin/gouji (\S+)", path.read_text(), re.MULTILINE
        ):
            assert command in {"up", "backup", "serve"}


def test_the_service_is_hardened_and_a_broken_unit_is_found(monkeypatch, tmp_path):
    try:
        ratings = [deploy_check.exposure(name) for name in ("gouji", "gouji-page")]
    except FileNotFoundError:
        pytest.skip("systemd-analyze is not on this machine")
    print(ratings)
    assert all(float(re.findall(r"(\d+\.\d)", rating)[0]) < 2.5 for rating in ratings)
    (tmp_path / "systemd").mkdir()
    text = (DEPLOY / "systemd" / "gouji.service").read_text()
    (tmp_path / "systemd" / "gouji.service").write_text(
        text.replace("Restart=on-failure", "Restart=sometimes")
    )
    monkeypatch.setattr(deploy_check, "DEPLOY", tmp_path)

    assert list(deploy_check.units())


def test_paths_of_units_tmpfiles_and_users_agree():
    folder = DEPLOY / "systemd"
    made = {
        line.split()[1]
        for line in (folder / "gouji.tmpfiles.conf").read_text().splitlines()
        if line.startswith("d ")
    }
    unit = (folder / "gouji.service").read_text()

    assert "--inbox /var/lib/gouji/inbox" in unit
    assert {"/var/lib/gouji/inbox", "/var/backups/gouji"} <= made
    assert (folder / "gouji.sysusers.conf").read_text().splitlines()[-1].startswith("u gouji ")
    assert Path("/var/lib/gouji").name in unit
