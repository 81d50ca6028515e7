"""The files for containers: each part has its own key, and nothing that it does not need."""

from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
)["services"]
OURS = sorted(name for name in SERVICES if "build" in SERVICES[name])


def mounts(name: str) -> dict[str, str]:
    """Return what a container sees where; the default of a variable stands for it."""
    found = {}
    for volume in SERVICES[name].get("volumes", []):
        source, _, target = volume.replace("${GOUJI_KEYS:-./keys}", "keys").rpartition(":/")
        found["/" + target.split(":")[0]] = source
    return found


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_container_is_confined(name):
    service = SERVICES[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert name == "owner" or service["user"] == "10001:10001"


@pytest.mark.parametrize("name", OURS)
def test_every_part_has_its_own_key_and_no_other(name):
    user = {"prepare": "keeper"}.get(name, name.split("-")[0])
    seen = mounts(name).values()

    assert [s for s in seen if s.endswith((".nk:ro", ".nk"))] == [f"keys/users/{user}.nk"]
    assert not any(s.endswith(".key") or s == "keys" for s in seen)


@pytest.mark.parametrize("name", OURS)
def test_only_who_uses_the_database_has_its_password(name):
    has = any("database.password" in source for source in mounts(name).values())

    assert has == (name in {"prepare", "keeper", "validate", "sink", "page"})
    assert has == ("GOUJI_DATABASE_PASSWORD_FILE" in SERVICES[name]["environment"])


def test_no_secret_stands_in_the_files_themselves():
    for path in (ROOT / "deploy").iterdir():
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert "POSTGRES_PASSWORD:" not in text, path
            assert "change-me" not in text, path


def test_monitoring_is_added_to_services_that_there_are_and_confined_as_they_are():
    added: dict[str, dict[str, Any]] = yaml.safe_load(
        (ROOT / "deploy" / "monitoring" / "compose.yaml").read_text(encoding="utf-8")
    )["services"]
    seen = {n for n, s in added.items() if "GOUJI_HTTP_ADDRESS" in s.get("environment", {})}
    scraped = yaml.safe_load(
        (ROOT / "deploy" / "monitoring" / "prometheus.yml").read_text(encoding="utf-8")
    )["scrape_configs"]
    names = {n for job in scraped for found in job["dns_sd_configs"] for n in found["names"]}

    assert seen == names == set(OURS) - {"prepare", "feeder", "feeder-s3", "notify"}
    for name in added.keys() - seen:
        assert added[name]["read_only"] is True
        assert added[name]["cap_drop"] == ["ALL"]
        assert all(port.startswith("127.0.0.1:") for port in added[name]["ports"])
        for volume in added[name]["volumes"]:
            source = volume.split(":")[0]
            assert not source.startswith(".") or (ROOT / "deploy" / source).is_file()
