"""Names and sizes that mean harm: nothing escapes, nothing is waited for, nothing moves the cursor."""

import asyncio
import os
import re
import socket
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import orjson
import pytest
from nats.js.object_store import ObjectStore

from services.commands.talking.wording import painted, say
from services.ingest.app import create_app
from services.ingest.settings import IngestSettings
from shared.contracts.events import ReportReceived
from tests.services.ingest.test_folder import feeding
from tests.support import bus, hostile
from tests.support.feeders import MemoryBucket, looked_again, until
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
    assert "\ufffd" in shown
    assert shown.endswith("\n")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown)


def test_a_terminal_gets_our_own_colours_and_no_others(capsys, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    say(painted("a\x1b[8mhidden\x1b[2J", "error"))

    assert capsys.readouterr().out == "\x1b[31ma\ufffd[8mhidden\ufffd[2J\x1b[0m\n"


HOSTILE_KEYS = (
    "../../escaped.txt", "/tmp/gouji-escaped.txt", "..", "/", "a/../../b.txt", "a\nb.txt", "a\r\nNats-Msg-Id: x.txt",
    "a\x00b.txt", "a\x1b[2Jb.txt", "-rf", "--help", "con", "NUL.txt", "aux.pdf.exe", "\u202etxt.exe", "x" * 255,
    "年" * 600, "=cmd|' /C calc'!A0", "a*b?c>d.txt", " ", ".", "~/.ssh/authorized_keys", "C:\\Windows\\x.txt",
    "0" * 64 + "/../x.txt", "$(id)`id`;id", "<script>.html",
)  # fmt: skip


@pytest.mark.system
async def test_an_object_may_have_any_key_and_is_stored_under_its_hash(nats_server, tmp_path):
    outside = sorted(p for p in tmp_path.parent.iterdir() if p != tmp_path)
    archive = tmp_path / "archive"
    settings = IngestSettings(nats_url=nats_server.url, archive_path=archive, log_format="json")
    async with bus.client(nats_server.url) as js:
        await bus.fresh(js)
        store = ObjectStore(name="inbox", stream="OBJ_inbox", js=js)
        async with bus.running(create_app(settings)):
            for number, key in enumerate(HOSTILE_KEYS):
                await store.put(key, b"%d 2023" % number)
            for _ in range(600):
                told = await bus.bodies(js, ReportReceived.subject)
                if len(told) == len(HOSTILE_KEYS):
                    break
                await asyncio.sleep(0.05)

        for one in await bus.messages(js, ReportReceived.subject):
            assert all("\n" not in v and "\r" not in v for v in one.headers.values())
    assert {one["file"] for one in told} == {
        key.removeprefix("0" * 64 + "/") for key in HOSTILE_KEYS
    }
    kept = [p.relative_to(archive) for p in archive.rglob("*") if p.is_file()]
    assert len(kept) == 2 * len(HOSTILE_KEYS)
    assert all(re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{64}(\.json)?", str(path)) for path in kept)
    assert sorted(p for p in tmp_path.parent.iterdir() if p != tmp_path) == outside
    assert not Path("/tmp/gouji-escaped.txt").exists()  # noqa: ASYNC240 - a look at the disk is quick


async def test_only_files_of_the_folder_itself_are_fed_whatever_lies_in_it(tmp_path, monkeypatch):
    inbox, bucket = tmp_path / "inbox", MemoryBucket()
    inbox.mkdir()
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "b.txt").write_bytes(b"other")
    (inbox / "passwd.txt").symlink_to("/etc/passwd")
    (inbox / "out.txt").symlink_to("../secret.txt")
    (inbox / "folder").symlink_to(tmp_path / "other", target_is_directory=True)
    (inbox / "itself").symlink_to(inbox, target_is_directory=True)
    (inbox / "loop.txt").symlink_to("loop.txt")
    os.mkfifo(inbox / "pipe.txt")
    with suppress(PermissionError):
        os.mknod(inbox / "zero.txt", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    names = [n for n in NAMES if "/" not in n and len(n.encode()) <= 255]
    for number, name in enumerate(names):
        (inbox / name).write_bytes(b"%d" % number)
    (inbox / "hard.txt").hardlink_to(inbox / "con.txt")
    with socket.socket(socket.AF_UNIX) as door:
        monkeypatch.chdir(inbox)
        door.bind("door.txt")
        async with feeding(inbox, bucket) as feeder:
            await until(lambda: len(bucket.files) > len(names))
            await looked_again(feeder)

    assert bucket.files.keys() == {*names, "hard.txt"}
    assert {data for found in bucket.files.values() for data in found} == {
        b"%d" % number for number in range(len(names))
    }
