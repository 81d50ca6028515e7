"""A path that cannot be what its setting wants stops the start, and the setting is named."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from services import cli
from services.commands.run import SERVICES
from services.ingest.settings import FeedSettings, IngestSettings
from services.page.settings import PageSettings
from services.sink.settings import SinkSettings
from shared.runtime.bus import Bus
from shared.runtime.paths import file_fault, folder_fault
from shared.runtime.settings import Settings
from shared.runtime.variables import names_of
from shared.secrets import BadSetting

CLASSES = [
    Settings,
    FeedSettings,
    PageSettings,
    *(
        getattr(import_module(f"services.{name}.settings"), f"{name.title()}Settings")
        for name in SERVICES
    ),
]
FOLDERS = {"archive_path", "backups", "rules"}
"""Path settings that name a folder; every other one names a file."""
NOBODY = 65534
MISSING_DISK = Path("/no-such-disk/gouji")


def path_settings() -> list[tuple[type[Settings], str]]:
    """Return every setting of every service that is a path."""
    found = []
    for model in CLASSES:
        for field, shape in model.model_json_schema(by_alias=False)["properties"].items():
            if any(part.get("format") == "path" for part in (shape, *shape.get("anyOf", ()))):
                found.append((model, field))
    return found


@contextmanager
def as_nobody() -> Iterator[None]:
    """Go on as somebody who may write nowhere, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def closed() -> Iterator[Path]:
    """Return a folder that everybody sees and nobody but root may write into."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize(
    ("model", "field"), path_settings(), ids=lambda one: getattr(one, "__name__", one)
)
def test_every_path_setting_of_the_wrong_kind_is_refused_with_its_name(
    model, field, tmp_path, monkeypatch
):
    """A folder where a file belongs, a file where a folder belongs, a file as part of the way."""
    file = tmp_path / "file"
    file.touch()
    wrong = [file, file / "below"] if field in FOLDERS else [tmp_path, file / "below"]
    variable = names_of(model, field)[0]
    for given in wrong:
        monkeypatch.setenv(variable, str(given))

        with pytest.raises(BadSetting) as refused:
            model()

        told = str(refused.value)
        assert told.startswith(f"{variable}="), told
        assert " · must be " in told or field == "soffice", told


def test_no_path_setting_was_forgotten():
    assert {field for _, field in path_settings()} >= FOLDERS | {"health_file", "webhooks", "users"}


@pytest.mark.parametrize(
    ("start", "variable", "shape"),
    [
        (IngestSettings, "GOUJI_ARCHIVE_PATH", "{}/archive"),
        (SinkSettings, "GOUJI_DATABASE_URL", "sqlite:///{}/gouji.db"),
        (lambda: Bus("extract", Settings()), "GOUJI_HEALTH_FILE", "{}/healthy"),
    ],
)
def test_what_is_written_must_be_possible_to_write(start, variable, shape, closed, monkeypatch):
    monkeypatch.setenv(variable, shape.format(closed))
    with as_nobody(), pytest.raises(BadSetting, match="不可写 · must be writable") as refused:
        start()
    assert str(refused.value).startswith(f"{variable}=")

    monkeypatch.setenv(variable, shape.format(MISSING_DISK))
    with pytest.raises(BadSetting, match="is a disk not mounted"):
        start()


def test_a_folder_that_is_not_there_yet_is_made_later(tmp_path):
    assert folder_fault(tmp_path / "data" / "archive", written=True) is None
    assert folder_fault(Path("data/archive"), written=True) is None
    assert file_fault(tmp_path / "data" / "gouji.db", written=True) is None


def test_who_only_reads_waits_for_a_disk(monkeypatch):
    monkeypatch.setenv("GOUJI_ARCHIVE_PATH", str(MISSING_DISK / "archive"))
    assert Settings().archive_path == MISSING_DISK / "archive"
    assert FeedSettings().archive_path == MISSING_DISK / "archive"


def test_a_service_does_not_start_on_a_wrong_path(tmp_path):
    file = tmp_path / "file"
    file.touch()

    ended = subprocess.run(
        [sys.executable, "-m", "services.ingest"],
        cwd=tmp_path, env=os.environ | {"GOUJI_ARCHIVE_PATH": str(file)},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert ended.returncode == 2
    assert ended.stderr.startswith("gouji: GOUJI_ARCHIVE_PATH=")
    assert "应是文件夹" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["up", "--data", "file"],
        ["up", "--inbox", "file"],
        ["up", "--rules", "file"],
        ["up", "--webhooks", "."],
        ["up", "--keys", "file"],
        ["up", "--data", "taken"],
        ["up", "--database", "sqlite:///file/gouji.db"],
        ["up", "--data", "/no-such-disk/gouji"],
        ["feed", "--inbox", "file"],
        ["serve", "--users", "--data", "file"],
        ["migrate", "--data", "file"],
        ["backup", "file"],
        ["keys", "file"],
    ],
    ids=" ".join,
)
def test_a_command_does_not_start_on_a_wrong_path(words, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").touch()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "nats").touch()

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["gouji", *words])

    with pytest.raises(SystemExit) as ended:
        cli.main()

    told = capsys.readouterr().err
    assert ended.value.code == 2, told
    assert told.startswith("gouji: ")
    assert words[-1].removeprefix("sqlite:///").split("/")[0] in told
    assert not (tmp_path / "data" / "nats").exists()
