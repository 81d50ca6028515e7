"""The archive: the first arrival wins, whole or not at all, whoever dies in between."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import pytest

from shared.contracts.ports import Arrival
from shared.errors import BadInput, Unavailable
from shared.runtime.archive import FolderArchive

DATA = "年度报告".encode()
IDENTITY = sha256(DATA).hexdigest()
MOMENT = datetime(2025, 1, 31, 9, 30, tzinfo=UTC)


def arrival(file: str, minutes: int = 0) -> Arrival:
    return Arrival(IDENTITY, file, f"{IDENTITY}/{file}", MOMENT + timedelta(minutes=minutes))


def put_as(job: tuple[Path, int]) -> Arrival:
    folder, number = job
    return FolderArchive(folder).put(DATA, arrival(f"{number}.txt", number))


def test_bytes_and_first_arrival_come_back(tmp_path):
    archive = FolderArchive(tmp_path / "archive")

    first = archive.put(DATA, arrival("甲 县.txt"))

    assert first == arrival("甲 县.txt")
    assert archive.get(IDENTITY) == DATA
    assert archive.arrival(IDENTITY) == first


def test_a_later_arrival_of_the_same_bytes_learns_who_came_first(tmp_path):
    archive = FolderArchive(tmp_path)
    archive.put(DATA, arrival("first.txt"))

    assert archive.put(DATA, arrival("second.txt", 5)) == arrival("first.txt")


def test_two_processes_that_race_agree_on_one_arrival(tmp_path):
    jobs = [(tmp_path, number) for number in range(24)]
    with get_context("spawn").Pool(2) as processes:
        answers = processes.map(put_as, jobs, chunksize=1)
    with ThreadPoolExecutor(8) as threads:
        answers += threads.map(put_as, jobs)

    assert len(set(answers)) == 1
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [
        IDENTITY,
        f"{IDENTITY}.json",
    ]


def test_a_crash_between_bytes_and_arrival_is_mended_by_the_next_attempt(tmp_path, monkeypatch):
    archive = FolderArchive(tmp_path)
    monkeypatch.setattr(
        FolderArchive, "register", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        archive.put(DATA, arrival("a.txt"))
    assert archive.arrival(IDENTITY) is None
    monkeypatch.undo()

    assert archive.put(DATA, arrival("b.txt")) == arrival("b.txt")
    assert archive.get(IDENTITY) == DATA


def test_a_crash_while_writing_leaves_no_half_file_under_the_hash(tmp_path, monkeypatch):
    def crash(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        FolderArchive(tmp_path).put(DATA, arrival("a.txt"))

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_full_or_forbidden_disk_is_unavailable_not_a_defect(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")

    with pytest.raises(Unavailable):
        FolderArchive(blocked).put(DATA, arrival("a.txt"))


def test_bytes_that_are_gone_are_bad_input_but_a_lost_folder_is_unavailable(tmp_path):
    with pytest.raises(BadInput) as refused:
        FolderArchive(tmp_path).get(IDENTITY)
    with pytest.raises(Unavailable):
        FolderArchive(tmp_path / "not mounted").get(IDENTITY)

    assert refused.value.reason == "missing_bytes"


def test_bytes_that_lost_their_hash_are_never_handed_out(tmp_path):
    archive = FolderArchive(tmp_path)
    archive.put(DATA, arrival("a.txt"))
    archive.path_of(IDENTITY).write_bytes(DATA[:-1] + b"?")

    with pytest.raises(BadInput, match="missing_bytes"):
        archive.get(IDENTITY)
    assert not archive.is_whole(IDENTITY)


def test_the_same_file_put_again_takes_the_place_of_damaged_bytes(tmp_path):
    archive = FolderArchive(tmp_path)
    archive.put(DATA, arrival("a.txt"))
    archive.path_of(IDENTITY).write_bytes(b"")

    archive.put(DATA, arrival("b.txt"))

    assert archive.get(IDENTITY) == DATA
    assert archive.arrival(IDENTITY).file == "a.txt"


def test_what_the_archive_holds_is_listed_without_leftovers(tmp_path):
    archive = FolderArchive(tmp_path)
    archive.put(DATA, arrival("a.txt"))
    shard = archive.path_of(IDENTITY).parent
    (shard / f".{IDENTITY}.1.ab").write_bytes(b"half")
    (tmp_path / "recognised").mkdir()
    unread = IDENTITY[:32]
    archive.register(Arrival(unread, "b.txt", "b.txt", MOMENT))

    found = [h for folder in archive.shards() for h in archive.holdings(folder)]

    assert found == [(unread, False, True), (IDENTITY, True, True)]
    assert archive.newer(shard, 0).keys() == {IDENTITY, unread}
    assert archive.newer(shard, 1e12) == {}
