"""The commands of the documents, typed one after another beside a running line."""

import json
import shutil
import signal
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.docs.commands import ROOT, commands, documents
from tests.support.fill import fill
from tests.support.formats import docx, pdf
from tests.support.processes import GOUJI, gouji, up, wait_for

pytestmark = [pytest.mark.system, pytest.mark.long]

ENDLESS = ("up", "serve", "run", "failures --follow")
"""Commands that go on until they are stopped: they must live, and end when asked to."""
ELSEWHERE = ("feed --s3", "provision")
"""tests/system/test_s3.py and test_cluster.py run these, with a store and a cluster."""
FINDINGS = frozenset({"check", "missing", "replay", "discard"})
"""Commands whose exit code 1 says that something was found, or that a choice meets nothing."""
LIVES = 10.0
"""Seconds that a command must go on without being stopped; on a busy machine it takes some to begin."""
NEW_FORM = 2024
CITY = "广州市增城区"
BODIES = f"agency,region\n{CITY}信访局,广东省广州市增城区\n"


def told() -> list[tuple[str, tuple[str, ...]]]:
    """Return every command of a block once, with the first place that tells it."""
    found = {}
    for path in documents():
        for command in commands(path):
            if command.words[0].rpartition("/")[2] == "gouji" and not command.mentioned:
                found.setdefault(command.words[1:], command.place)
    return [(place, words) for words, place in found.items()]


def begins(words: tuple[str, ...], *wanted: str) -> bool:
    return any(set(w.split()) <= set(words) and w.split()[0] == words[0] for w in wanted)


def made(seed: int, module=docx, year: int | None = None) -> bytes:
    return module.render(fill(seed, "2021", year=year), Random(seed), module.VARIANTS[0])


def furnish(desk: Path) -> None:
    """Put everything on the desk that the documents speak of."""
    for name, seed in (("report.docx", 1), ("draft.docx", 2)):
        (desk / name).write_bytes(made(seed))
    for name, year in (
        ("last-year.pdf", 2021),
        ("2021.pdf", 2021),
        ("2022.pdf", 2022),
        ("2023.pdf", 2023),
    ):
        (desk / name).write_bytes(made(2, pdf, year))
    (desk / "report.pdf").write_bytes(made(4, pdf))
    for folder in ("reports", "filed"):
        (desk / folder).mkdir()
        shutil.copy(desk / "draft.docx", desk / folder)
    with zipfile.ZipFile(desk / "a.zip", "w") as archive:
        archive.write(desk / "report.docx", "report.docx")
    shutil.copytree(ROOT / "deploy" / "rules", desk / "rules")
    shutil.copytree(ROOT / "examples", desk / "examples")
    (desk / "2021.csv").write_text(BODIES, encoding="utf-8")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with a running line that has read the examples and one PDF."""
    folder = tmp_path_factory.mktemp("desk")
    furnish(folder)
    with up(folder) as line:
        for path in (ROOT / "examples").iterdir():
            line.drop(path.name, path.read_bytes())
        line.drop("report.pdf", (folder / "report.pdf").read_bytes())
        count = len(list((ROOT / "examples").iterdir())) + 1
        wait_for("all files", lambda: sum(line.states().values()) >= count, 120)
        yield folder


@pytest.fixture(scope="module")
def known(desk):
    """Return what stands for the names that the documents made up."""
    failures = gouji("failures", "--format", "jsonl", cwd=desk).stdout.splitlines()
    issues = [json.loads(line)["issue"]["id"] for line in failures]
    new_form = next(told for line in failures if (told := json.loads(line))["year"] == NEW_FORM)
    document = new_form["document_id"]
    chosen = dict(zip(("3fa94c", "77b02e", "9d1c55"), issues, strict=False))
    return {
        **chosen,
        "8f3a21": document,
        "/backups": str(desk / "backups"),
        "qh_hotline_named": "t3_balance",
    }


def place_of(words: tuple[str, ...], desk: Path, tmp_path: Path) -> Path:
    """Return where a command is typed: one that makes a line of its own gets a folder of its own."""
    return tmp_path if begins(words, "up", "restore", "keys --host") else desk


@pytest.mark.parametrize(("place", "words"), told(), ids=[" ".join(words) for _, words in told()])
def test_it_does_what_it_is_told_for(place, words, desk, known, tmp_path):
    if begins(words, *ELSEWHERE):
        return
    words = [known.get(word, word) for word in words]
    if words[0] == "discard":
        # it asks, and nobody is there to answer
        words.append("--yes")
    where = place_of(tuple(words), desk, tmp_path)
    if begins(tuple(words), *ENDLESS) and not {"--add-user", "--users"} & set(words):
        assert lives_and_ends(words, where), place
        return

    ended = subprocess.run(
        [GOUJI, *words], cwd=where, input="a long enough password\n", capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip

    assert ended.returncode in ({0, 1} if words[0] in FINDINGS else {0}), (
        ended.stdout + ended.stderr
    )
    assert "Traceback" not in ended.stderr


def lives_and_ends(words: list[str], where: Path) -> bool:
    quiet = subprocess.DEVNULL
    running = subprocess.Popen([GOUJI, *words], cwd=where, stdout=quiet, stderr=quiet)
    with suppress(subprocess.TimeoutExpired):
        running.wait(LIVES)
        return False
    running.send_signal(signal.SIGINT)
    return running.wait(60) in {0, 130}
