"""The files of a backup: whole or not there, copied once, and told from damaged ones."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from services.commands.backups import dumping, manifest
from services.commands.backups.copying import copy_archive, put_back
from services.commands.backups.manifest import LISTING, Incomplete, Manifest
from shared.contracts.ports import Arrival
from shared.errors import Unavailable
from shared.runtime.archive import FolderArchive
from shared.runtime.streams.snapshots import Saved

MOMENT = datetime(2026, 1, 31, 8, tzinfo=UTC)


def archived(folder: Path, *texts: str) -> FolderArchive:
    archive = FolderArchive(folder)
    for text in texts:
        data = text.encode()
        identity = sha256(data).hexdigest()
        archive.put(data, Arrival(identity, f"{text}.txt", f"{identity}/{text}.txt", MOMENT))
    return archive


def backed_up(archive: FolderArchive, place: Path) -> Path:
    """A backup whose streams and database are a few bytes."""
    folder = place / "20260131T080000Z"
    folder.mkdir(parents=True)
    (folder / "database.sqlite").write_bytes(b"rows")
    (folder / "REPORTS.stream").write_bytes(b"events")
    copied = copy_archive(archive, place)
    (folder / LISTING).write_bytes(manifest.lines_of(copied.listing))
    whole = Manifest(
        MOMENT, MOMENT, "1",
        {"file": "database.sqlite", "sha256": manifest.hash_of(folder / "database.sqlite")},
        (Saved("REPORTS", {}, {}, manifest.hash_of(folder / "REPORTS.stream"), 6),),
        {"files": len(copied.listing), "sha256": manifest.hash_of(folder / LISTING)},
    )  # fmt: skip
    manifest.write(folder, whole)
    assert manifest.read(folder) == whole
    return folder


def test_a_second_copy_takes_only_what_is_new(tmp_path):
    archive = archived(tmp_path / "archive", "a", "b")
    first = copy_archive(archive, tmp_path / "place")
    archived(tmp_path / "archive", "c")

    second = copy_archive(archive, tmp_path / "place")

    assert (first.new, second.new) == (4, 2)
    assert len(second.listing) == 6


def test_damaged_bytes_are_named_and_never_replace_good_ones_of_an_earlier_copy(tmp_path):
    archive = archived(tmp_path / "archive", "a")
    identity = sha256(b"a").hexdigest()
    copy_archive(archive, tmp_path / "place")
    archive.path_of(identity).write_bytes(b"longer")

    copied = copy_archive(archive, tmp_path / "place")

    assert copied.damaged == [identity]
    assert (tmp_path / "place" / "archive" / identity[:2] / identity).read_bytes() == b"a"


def test_what_was_copied_can_be_put_back_twice(tmp_path):
    copied = copy_archive(archived(tmp_path / "archive", "a", "b"), tmp_path / "place")

    for _ in range(2):
        assert put_back(tmp_path / "place", iter(copied.listing), tmp_path / "new") == []

    again = FolderArchive(tmp_path / "new")
    assert again.get(sha256(b"a").hexdigest()) == b"a"
    assert again.arrival(sha256(b"b").hexdigest()).file == "b.txt"


def test_a_whole_backup_has_no_faults(tmp_path):
    folder = backed_up(archived(tmp_path / "archive", "a"), tmp_path / "place")

    assert list(manifest.faults(tmp_path / "place", folder)) == []


@pytest.mark.parametrize("name", ["database.sqlite", "REPORTS.stream", LISTING])
def test_a_changed_or_missing_part_is_found(tmp_path, name):
    folder = backed_up(archived(tmp_path / "archive", "a"), tmp_path / "place")
    (folder / name).write_bytes(b"other")
    assert list(manifest.faults(tmp_path / "place", folder)) == [f"{folder.name}/{name}"]

    (folder / name).unlink()

    assert list(manifest.faults(tmp_path / "place", folder)) == [f"{folder.name}/{name}"]


def test_a_damaged_archived_file_of_a_backup_is_found_and_not_put_back(tmp_path):
    folder = backed_up(archived(tmp_path / "archive", "a"), tmp_path / "place")
    identity = sha256(b"a").hexdigest()
    name = f"archive/{identity[:2]}/{identity}"
    (tmp_path / "place" / name).write_bytes(b"b")

    assert list(manifest.faults(tmp_path / "place", folder)) == [name]
    listing = manifest.listed(folder / LISTING)
    assert put_back(tmp_path / "place", listing, tmp_path / "new") == [name]
    assert not FolderArchive(tmp_path / "new").path_of(identity).exists()


def test_what_has_no_manifest_is_no_backup_and_the_newest_whole_one_counts(tmp_path):
    place = tmp_path / "place"
    with pytest.raises(Incomplete):
        manifest.latest(place)
    older = backed_up(archived(tmp_path / "archive", "a"), place)
    (place / "20260201T080000Z").mkdir()

    assert manifest.latest(place) == older
    assert manifest.latest(older) == older


def test_an_sqlite_database_is_copied_as_of_one_moment_while_it_is_written(tmp_path):
    url = f"sqlite:///{tmp_path}/live.db"
    with closing(sqlite3.connect(tmp_path / "live.db")) as live:
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("CREATE TABLE t (x)")
        live.commit()
        live.execute("INSERT INTO t VALUES (1)")

        saved = dumping.save(url, tmp_path)

        live.commit()
    dumping.restore(f"sqlite:///{tmp_path}/new/new.db", saved)
    with closing(sqlite3.connect(tmp_path / "new" / "new.db")) as new:
        assert new.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_damaged_sqlite_database_is_not_called_a_backup(tmp_path):
    path = tmp_path / "live.db"
    with closing(sqlite3.connect(path)) as live:
        live.execute("CREATE TABLE t (x)")
        live.executemany("INSERT INTO t VALUES (?)", [("x" * 500,)] * 200)
        live.commit()
    data = bytearray(path.read_bytes())
    data[4096:8192] = b"\xff" * 4096
    path.write_bytes(data)

    with pytest.raises(Unavailable):
        dumping.save(f"sqlite:///{path}", tmp_path)


def test_a_backup_of_one_kind_of_database_is_not_restored_into_the_other(tmp_path):
    with pytest.raises(dumping.OtherKind):
        dumping.restore("postgresql://x@127.0.0.1:1/y", tmp_path / "database.sqlite")


def test_the_password_of_a_database_is_never_an_argument(tmp_path, monkeypatch):
    seen = {}

    def run(command, env, **_):
        seen.update(command=command, password=env["PGPASSWORD"])
        return type("Ended", (), {"returncode": 0})()

    monkeypatch.setattr(dumping.subprocess, "run", run)
    monkeypatch.setattr(dumping, "_program", lambda name: name)

    dumping.save("postgresql://gouji:s3cret@db/gouji", tmp_path)

    assert seen["password"] == "s3cret"
    assert "s3cret" not in " ".join(map(str, seen["command"]))
