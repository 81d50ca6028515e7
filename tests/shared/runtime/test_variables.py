"""What is wrong with the environment is said so that an operator can mend it, and stops the start."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from services.commands.run import SERVICES
from services.ingest.settings import FeedSettings
from shared.runtime.settings import Settings
from shared.runtime.variables import KNOWN, allowed, names_of, suspected
from shared.secrets import BadSetting
from tests.support.processes import gouji

ROOT = Path(__file__).resolve().parents[3]
CLASSES = [
    Settings,
    FeedSettings,
    *(
        getattr(import_module(f"services.{name}.settings"), f"{name.title()}Settings")
        for name in SERVICES
    ),
]
BAD = {"integer": "many", "boolean": "perhaps", "array": "nonsense"}


def variables() -> set[str]:
    return {
        name for model in CLASSES for field in model.model_fields for name in names_of(model, field)
    }


def test_every_setting_is_known_so_that_no_service_suspects_it():
    assert variables() <= KNOWN, "add to KNOWN in shared/runtime/variables.py"


def test_what_is_known_besides_is_used_somewhere():
    told = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("services", "deploy")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".yaml", ".env")
    )
    assert [name for name in sorted(KNOWN - variables()) if name not in told] == []


@pytest.mark.parametrize("model", CLASSES, ids=lambda model: model.__name__)
def test_every_setting_that_can_be_wrong_says_what_is_allowed(model, monkeypatch):
    """Field by field: nothing that is refused is refused without variable, value and what would do."""
    tried = 0
    for field in model.model_fields:
        shape = model.model_json_schema(by_alias=False)["properties"][field]
        free_text = (
            shape.get("type") == "string" and not {"enum", "format", "pattern"} & shape.keys()
        )
        is_path = any(part.get("format") == "path" for part in (shape, *shape.get("anyOf", ())))
        is_open = (
            any(part.get("type") == "null" for part in shape.get("anyOf", ()))
            and "pattern" not in shape
        )
        if free_text or is_path or is_open:
            continue
        variable, value = names_of(model, field)[0], BAD.get(shape.get("type", ""), "nonsense?")
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            with pytest.raises(BadSetting) as refused:
                model()
        assert str(refused.value) == f"{variable}={value!r}: 须为 must be {allowed(model, field)}"
        tried += 1
    assert tried > 10


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("GOUJI_LOOPS", "0", "GOUJI_LOOPS='0': 须为 must be 整数 · a whole number (≥ 1, ≤ 64)"),
        ("GOUJI_LOOPS", "", "GOUJI_LOOPS='': 须为 must be 整数 · a whole number (≥ 1, ≤ 64)"),
        ("GOUJI_LOG_LEVEL", "loud", "must be DEBUG | INFO | WARNING | ERROR"),
        ("GOUJI_ACK_WAIT", "soon", "a duration such as 500ms, 30s, 2m, 24h (> 0)"),
        ("GOUJI_PROVISION", "perhaps", "true 或 false · true or false"),
        ("GOUJI_S3_ENDPOINT", "store:9000", "must be Address of a store that is not Amazon's"),
    ],
)
def test_a_message_names_variable_value_and_what_is_allowed(monkeypatch, variable, value, says):
    monkeypatch.setenv(variable, value)

    with pytest.raises(BadSetting) as refused:
        FeedSettings()

    assert f"{variable}={value!r}" in str(refused.value)
    assert says in str(refused.value)


def test_several_faults_are_told_at_once_and_secrets_in_addresses_are_not(monkeypatch):
    monkeypatch.setenv("GOUJI_LOOPS", "postgresql://u:geheim@h/d")
    monkeypatch.setenv("GOUJI_REPLICAS", "x" * 500 + "\n")

    with pytest.raises(BadSetting) as refused:
        Settings()

    told = str(refused.value)
    assert "GOUJI_LOOPS='postgresql://***@h/d'" in told
    assert "GOUJI_REPLICAS=" in told
    assert "geheim" not in told
    assert len(told) < 500


@pytest.mark.parametrize("service", SERVICES)
def test_a_bad_setting_stops_a_service_with_one_message_and_exit_code_2(service, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", f"services.{service}"],
        cwd=tmp_path, env=os.environ | {"GOUJI_ACK_WAIT": "soon"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert ended.stderr.startswith("gouji: GOUJI_ACK_WAIT='soon': 须为 must be")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command", [["feed"], ["status"], ["provision"], ["feed", "--s3", "http://x/y"]]
)
def test_a_bad_setting_stops_a_command_with_exit_code_2(command, tmp_path):
    bad = {} if "--s3" in command else {"GOUJI_LOOPS": "many"}
    # nobody listens there: a setting that was taken for good would be told of in other words
    ended = gouji(*command, cwd=tmp_path, env={"GOUJI_NATS_URL": "nats://127.0.0.1:1"} | bad)

    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_up_reads_the_settings_of_its_services_before_it_starts_them(tmp_path):
    ended = gouji("up", "--until-idle", cwd=tmp_path, env={"GOUJI_OCR_MEMORY": "1 bit"})

    assert ended.returncode == 2
    assert ended.stderr.startswith("gouji: GOUJI_OCR_MEMORY='1 bit': 须为 must be 字节数")
    assert not (tmp_path / "data" / "nats").exists()


def test_a_typo_is_told_of_with_what_was_meant_and_stops_nothing(tmp_path):
    ended = gouji("version", cwd=tmp_path, env={"GOUJI_LOPS": "4", "GOUJI_NATS_ULR": "x"})

    assert ended.returncode == 0
    assert (
        "GOUJI_LOPS: 没有这个设置，是否指 · no such setting, did you mean GOUJI_LOOPS?"
        in ended.stderr
    )
    assert "GOUJI_NATS_URL?" in ended.stderr


def test_only_what_looks_like_a_setting_is_suspected():
    assert suspected(KNOWN) == []
    assert (
        suspected(
            ["GOUJI_GOLDEN", "GOUJI_PG_BIN", "GOUJI_PREVIOUS", "PATH", "GOUJI_SOMETHING_ELSE"]
        )
        == []
    )
    assert suspected(["gouji_log_levl"]) == [("gouji_log_levl", "GOUJI_LOG_LEVEL")]
    assert suspected(["GOUJI_DEADLETTER_LIMIT"]) == [
        ("GOUJI_DEADLETTER_LIMIT", "GOUJI_DEAD_LETTER_LIMIT")
    ]


@pytest.mark.parametrize(
    ("service", "variable", "value", "says"),
    [
        ("extract", "GOUJI_NATS_URL", "http://x:1", "such as nats://127.0.0.1:4222"),
        ("extract", "GOUJI_NATS_NKEY_FILE", "/nowhere", "cannot be read"),
        ("extract", "GOUJI_NATS_CA_FILE", "/nowhere", "cannot be read"),
        ("sink", "GOUJI_DATABASE_URL", "nonsense", "sqlite:///gouji.db, postgresql://"),
        ("sink", "GOUJI_DATABASE_URL", "mysql://u:geheim@h/d", "sqlite:///gouji.db, postgresql://"),
        ("validate", "GOUJI_RULES", "/nowhere", "does not exist"),
        ("notify", "GOUJI_WEBHOOKS", "/nowhere", "cannot be read"),
        ("normalize", "GOUJI_SOFFICE", "/nowhere", "such as /usr/bin/soffice"),
    ],
)  # fmt: skip
def test_what_a_setting_leads_to_is_looked_at_before_the_start(
    service, variable, value, says, tmp_path
):
    """Text and paths say little by themselves; what is wrong with them is told as a fault of the variable."""
    ended = subprocess.run(
        [sys.executable, "-m", f"services.{service}"],
        cwd=tmp_path, env=os.environ | {variable: value, "GOUJI_LOG_FORMAT": "json"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    told = ended.stderr.splitlines()[-1]
    assert ended.returncode == 2, ended.stderr
    assert variable in told
    assert says in told
    # of an address of a database any part may be a password
    assert value in told or variable == "GOUJI_DATABASE_URL"
    assert "Traceback" not in ended.stderr
    assert "geheim" not in ended.stderr
