"""The folder feeder: every file once, whole, whatever way it comes."""

import asyncio
import os
import shutil
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from services.ingest.adapters.folder import FolderFeeder, FolderSettings
from tests.support.feeders import MemoryBucket, looked_again, running, until

QUICK = FolderSettings(settle=0.2, settle_closed=0.05, settle_grown=0.4, rescan=0.3, max_bytes=1000)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def bucket() -> MemoryBucket:
    return MemoryBucket()


def feeding(inbox: Path, bucket: MemoryBucket) -> AbstractAsyncContextManager[FolderFeeder]:
    return running(FolderFeeder(inbox, bucket, QUICK))


async def test_files_that_are_there_at_start_are_fed(inbox, bucket):
    (inbox / "a.txt").write_bytes(b"one")

    async with feeding(inbox, bucket):
        await until(lambda: "a.txt" in bucket.files)

    assert bucket.files == {"a.txt": [b"one"]}


async def test_a_renamed_file_is_fed_under_its_new_name_only(inbox, bucket):
    async with feeding(inbox, bucket) as feeder:
        (inbox / ".a.txt.part").write_bytes(b"whole")
        (inbox / ".a.txt.part").rename(inbox / "a.txt")
        await until(lambda: bucket.files)
        await looked_again(feeder)

    assert bucket.files == {"a.txt": [b"whole"]}


async def test_a_file_is_never_taken_while_a_program_writes_it(inbox, bucket):
    async with feeding(inbox, bucket) as feeder:
        with (inbox / "slow.txt").open("wb") as file:
            for _ in range(3):
                file.write(b"piece ")
                file.flush()
                await looked_again(feeder, 5)
                assert bucket.files == {}
        await until(lambda: bucket.files)

    assert bucket.files == {"slow.txt": [b"piece piece piece "]}


async def test_of_a_file_that_is_closed_between_its_pieces_only_the_first_may_be_taken(
    inbox, bucket
):
    feeder = FolderFeeder(inbox, bucket, replace(QUICK, settle_grown=60))
    (inbox / "pieces.txt").write_bytes(b"one ")
    while not bucket.files:
        await feeder.look()
        await asyncio.sleep(0.02)

    for _ in range(3):
        with (inbox / "pieces.txt").open("ab") as file:
            file.write(b"more ")
        await feeder.look()
        await asyncio.sleep(2 * QUICK.settle)
        await feeder.look()

    assert bucket.files == {"pieces.txt": [b"one "]}
    assert feeder.unfinished == ("pieces.txt",)


async def test_a_file_in_a_folder_made_just_now_is_fed_with_its_path(inbox, bucket):
    async with feeding(inbox, bucket) as feeder:
        await looked_again(feeder)
        (inbox / "区县" / "2023").mkdir(parents=True)
        (inbox / "区县" / "2023" / "a.txt").write_bytes(b"deep")
        await until(lambda: bucket.files)

    assert bucket.files == {"区县/2023/a.txt": [b"deep"]}


async def test_a_burst_of_2000_files_is_fed_without_loss_or_repetition(inbox, bucket):
    async with feeding(inbox, bucket):
        for number in range(2000):
            (inbox / f"{number}.txt").write_bytes(b"%d" % number)
        await until(lambda: len(bucket.files) == 2000, within=60)

    assert bucket.files == {f"{n}.txt": [b"%d" % n] for n in range(2000)}


async def test_a_backlog_is_fed_within_a_few_looks_however_long_it_is(inbox, bucket, monkeypatch):
    monkeypatch.setattr(FolderFeeder, "batch", 4)
    for number in range(640):
        aside = inbox.parent / f"{number}.txt"
        aside.write_bytes(b"x")
        os.utime(aside, (1, 1))
        aside.rename(inbox / aside.name)
    feeder = FolderFeeder(inbox, bucket)

    looks = 1
    while await feeder.look():
        looks += 1

    assert len(bucket.files) == 640
    assert looks <= 17


async def test_changed_bytes_under_the_same_name_are_fed_again(inbox, bucket):
    async with feeding(inbox, bucket):
        (inbox / "a.txt").write_bytes(b"first")
        await until(lambda: bucket.files)
        (inbox / "a.txt").write_bytes(b"second edition")
        await until(lambda: len(bucket.files["a.txt"]) == 2)

    assert bucket.files == {"a.txt": [b"first", b"second edition"]}


async def test_a_file_too_large_is_announced_with_its_size_and_not_carried(inbox, bucket):
    (inbox / "huge.txt").write_bytes(b"x" * 1001)

    async with feeding(inbox, bucket):
        await until(lambda: bucket.announced)

    assert (bucket.announced, bucket.files) == ({"huge.txt": 1001}, {})


async def test_what_is_no_report_file_is_left_alone(inbox, bucket, tmp_path):
    (tmp_path / "outside.txt").write_bytes(b"secret")
    (inbox / "link.txt").symlink_to(tmp_path / "outside.txt")
    (inbox / "folder-link").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe.txt")
    for name in (".hidden.txt", "~$open.txt", "a.tmp", "b.part", "c.crdownload"):
        (inbox / name).write_bytes(b"no")

    async with feeding(inbox, bucket) as feeder:
        (inbox / "real.txt").write_bytes(b"yes")
        await until(lambda: bucket.files)
        await looked_again(feeder)

    assert bucket.files == {"real.txt": [b"yes"]}


async def test_a_bucket_that_is_away_gets_the_file_later(inbox, bucket):
    bucket.away = 1
    (inbox / "a.txt").write_bytes(b"one")

    async with feeding(inbox, bucket) as feeder:
        await until(lambda: bucket.files)
        assert feeder.unfinished == ()

    assert bucket.files == {"a.txt": [b"one"]}


async def test_a_folder_that_comes_back_is_fed_again(inbox, bucket):
    async with feeding(inbox, bucket) as feeder:
        await looked_again(feeder, 1)
        shutil.rmtree(inbox)
        await asyncio.sleep(QUICK.rescan)
        inbox.mkdir()
        (inbox / "a.txt").write_bytes(b"back")
        await until(lambda: bucket.files)

    assert bucket.files == {"a.txt": [b"back"]}


async def test_names_of_old_chinese_archives_are_read_as_gb18030(inbox, bucket):
    name = os.fsdecode("年报.txt".encode("gb18030"))
    (inbox / name).write_bytes(b"old")

    async with feeding(inbox, bucket):
        await until(lambda: bucket.files)

    assert bucket.files == {"年报.txt": [b"old"]}


async def test_sources_stay_where_they_are(inbox, bucket):
    (inbox / "a.txt").write_bytes(b"one")

    async with feeding(inbox, bucket):
        await until(lambda: bucket.files)

    assert (inbox / "a.txt").read_bytes() == b"one"


async def test_large_files_are_read_one_at_a_time(inbox, monkeypatch):
    monkeypatch.setattr("services.ingest.adapters.feeder._LARGE", 100)
    under_way: list[str] = []

    class SlowBucket(MemoryBucket):
        async def put(self, data: bytes, file: str) -> str:
            under_way.append(file)
            assert len(under_way) == 1
            await asyncio.sleep(0.1)
            under_way.remove(file)
            return await super().put(data, file)

    bucket = SlowBucket()
    for number in range(4):
        (inbox / f"{number}.txt").write_bytes(b"x" * 200)
    async with feeding(inbox, bucket):
        await until(lambda: len(bucket.files) == 4)

    assert all(len(found) == 1 for found in bucket.files.values())
