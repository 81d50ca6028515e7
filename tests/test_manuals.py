"""What the operator's guides tell to type, set and look for is there, in both languages."""

import re
from pathlib import Path
from typing import get_args

import pytest

from services.cli import COMMANDS
from shared.monitoring.catalogue import METRICS
from shared.runtime.logs import LogName
from shared.runtime.variables import KNOWN

ROOT = Path(__file__).resolve().parents[1]
MANUALS = {
    name: (ROOT / "docs" / name).read_text(encoding="utf-8")
    for name in ("operations.md", "operations.zh.md")
}
BLOCK = re.compile(r"^    (?=\S)(.*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
EVENTS = set(get_args(LogName))


def typed(text: str) -> list[str]:
    """Return everything that is set as code."""
    return [*BLOCK.findall(text), *CODE.findall(text)]


@pytest.mark.parametrize("name", MANUALS)
def test_every_command_of_a_manual_exists(name):
    told = [
        word
        for text in typed(MANUALS[name])
        for word in re.findall(r"(?:^|&& |bin/|[A-Z]+=\S+ )gouji ([a-z]+)", text)
    ]

    assert {word for word in told if word not in COMMANDS} == set()
    assert {"up", "provision", "replay", "discard", "backup", "restore", "reconcile", "keys"} <= {
        *told
    }


@pytest.mark.parametrize("name", MANUALS)
def test_every_variable_of_a_manual_is_a_setting(name):
    told = set(re.findall(r"\bGOUJI_[A-Z][A-Z_0-9]*[A-Z0-9]\b", MANUALS[name]))
    beside = {"GOUJI_VERSION", "GOUJI_PG_BIN"}

    assert told - KNOWN - beside == set()


@pytest.mark.parametrize("name", MANUALS)
def test_every_line_of_the_logs_that_a_manual_explains_can_be_written(name):
    families = {event.partition(".")[0] for event in EVENTS}
    told = {
        code
        for code in CODE.findall(MANUALS[name])
        if re.fullmatch(r"[a-z]+\.[a-z_]+", code) and code.partition(".")[0] in families
    }

    assert {code for code in told - EVENTS if not code.endswith((".nk", ".log", ".toml"))} == set()
    assert len(told) > 12


@pytest.mark.parametrize("name", MANUALS)
def test_every_metric_of_a_manual_is_told(name):
    told = set(re.findall(r"`(gouji_[a-z_]+)`", MANUALS[name]))

    assert told - set(METRICS) == set()
    assert told


def test_the_chinese_manual_installs_and_scales_as_the_english_one_does():
    """A line that differs in one language is a line that was forgotten there."""
    english, chinese = (
        {re.sub(r"\s+#.*", "", line) for line in BLOCK.findall(text)} for text in MANUALS.values()
    )
    steps = ("apt-get", "/opt/gouji", "install ", "systemd-", "systemctl", "kubectl", "gouji keys")

    missing = {line for line in english - chinese if line.startswith(steps)}
    assert {line for line in missing if "watcher" not in line and "journalctl" not in line} == set()


def test_the_questions_of_the_chinese_manual_are_those_of_the_english_one():
    asked = {line for line in BLOCK.findall(MANUALS["operations.zh.md"]) if "| jq " in line}

    assert asked
    assert asked <= set(BLOCK.findall(MANUALS["operations.md"]))


def test_every_unit_that_a_manual_installs_is_shipped():
    for text in MANUALS.values():
        named = set(re.findall(r"deploy/systemd/[\w.-]+", text))
        assert {path for path in named if not (ROOT / path).is_file()} == set()
        shipped = {f"deploy/systemd/{p.name}" for p in (ROOT / "deploy" / "systemd").iterdir()}
        assert named == shipped
