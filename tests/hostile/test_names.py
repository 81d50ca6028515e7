"""Names and sizes that mean harm: nothing escapes, nothing is waited for, nothing moves the cursor."""

import os
import re
import time
from pathlib import Path
from random import Random

import orjson
import pytest

from services.commands.wording import say
from tests.support import hostile
from tests.support.fill import fill
from tests.support.processes import gouji
from tests.support.render import render

NAMES = (
    "../../escaped.txt",
    "/tmp/gouji-escaped.txt",
    "C:\\Windows\\escaped.txt",
    "a\nb.txt",
    "a\x1b[2Jb.txt",
    "-rf.txt",
    "con.txt",
    "年报.pdf.exe.txt",
    "\u202etxt.exe",
    "x" * 255 + ".txt",
    "=cmd|' /C calc'!A0.txt",
)


def checked(folder: Path, *files: object, **options: object) -> list[dict[str, object]]:
    """Return the lines of `gouji check` run in a folder."""
    ended = gouji("check", "--format", "jsonl", "--", *files, cwd=folder, **options)
    assert ended.returncode in (0, 1, 2), ended.stderr
    return [orjson.loads(line) for line in ended.stdout.splitlines()]


def test_nothing_is_written_under_a_members_name(tmp_path):
    report = render(fill(1, "2021", kind="small"), "tabs_grid", Random(1)).data
    members = {name: report + str(n).encode() for n, name in enumerate(NAMES)}
    (tmp_path / "a.zip").write_bytes(hostile.packed(members))
    before = sorted(tmp_path.parent.rglob("*"))

    archive, *lines = checked(tmp_path, "a.zip")

    assert archive["status"] == "expanded"
    assert [line["status"] for line in lines] == ["recorded"] * len(NAMES)
    assert sorted(tmp_path.parent.rglob("*")) == before
    assert not Path("/tmp/gouji-escaped.txt").exists()
    for line in lines:
        name = str(line["file"])
        assert name.startswith("a.zip/")
        assert ".." not in name.split("/")
        assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e]", name)
        assert len(name.encode()) < 300


def test_a_file_may_have_any_name_a_disk_takes(tmp_path):
    report = render(fill(1, "2021", kind="small"), "tabs_grid", Random(1)).data
    names = [n for n in NAMES if "/" not in n and len(n.encode()) <= 255]
    for name in names:
        (tmp_path / name).write_bytes(report)
    gb = "年报.txt".encode("gb18030")
    (tmp_path / os.fsdecode(gb)).write_bytes(report)

    lines = checked(tmp_path, *names)
    odd = gouji("check", "--", *[p.name for p in tmp_path.iterdir()], cwd=tmp_path)
    (odd_line,) = checked(tmp_path, os.fsdecode(gb))

    assert [line["status"] for line in lines] == ["recorded"] * len(names)
    assert odd.returncode in (0, 1), odd.stderr
    assert "\x1b[2J" not in odd.stdout
    assert (odd_line["status"], odd_line["file"]) == ("recorded", "年报.txt")


def test_pipes_devices_and_folders_are_refused_and_links_followed(tmp_path):
    report = render(fill(1, "2021", kind="small"), "tabs_grid", Random(1)).data
    (tmp_path / "real.txt").write_bytes(report)
    (tmp_path / "link.txt").symlink_to("real.txt")
    (tmp_path / "dangling.txt").symlink_to("nowhere.txt")
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "folder").mkdir()
    given = ["link.txt", "dangling.txt", "loop.txt", "pipe.txt", "folder", "/dev/zero"]

    lines = checked(tmp_path, *given, within=20.0)

    assert [line["status"] for line in lines] == ["recorded"] + ["refused"] * 5
    assert {line["reason"] for line in lines[1:]} == {"missing_bytes"}


def test_sizes_from_nothing_to_gigabytes(tmp_path):
    for name, size in (("0", 0), ("1", 1), ("100M", 100 << 20), ("2G", 2 << 30)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    began = time.monotonic()

    lines = checked(tmp_path, "0", "1", "100M", "2G")

    assert time.monotonic() - began < 10
    assert [line["reason"] for line in lines][::2] == ["empty", "too_large"]
    assert lines[1]["reason"] in ("binary", "empty", "not_a_report", "no_text")
    assert lines[3]["reason"] == "too_large"


@pytest.mark.parametrize(
    "text", ["a\x1b[2J", "a\x1b]0;title\x07", "a\rb", "a\nb", "a\u202eb", "a\x9bb"]
)
def test_what_is_said_cannot_steer_a_terminal(capsys, text):
    say(f"\033[31m{text}\033[0m")

    shown = capsys.readouterr().out
    assert shown.startswith("\033[31ma")
    assert shown.endswith("\033[0m\n")
    assert "\ufffd" in shown
    assert not re.search(r"[\x00-\x09\x0b-\x1a\x7f-\x9f\u202e]|\x1b(?!\[\d+m)", shown)
