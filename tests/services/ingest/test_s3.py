"""The S3 feeder: every object once per content, whole or not at all, whatever the store says."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from services.ingest.adapters import s3
from services.ingest.adapters.feeder import Seen
from services.ingest.adapters.folder import FolderFeeder
from services.ingest.adapters.s3 import S3Feeder, S3Source, parse_url
from services.ingest.adapters.source import Signature
from shared.errors import Unavailable
from shared.secrets import BadSetting
from tests.support.feeders import MemoryBucket, looked_again, running, until
from tests.support.s3 import Liar, Told, lying, told_by

QUICK = S3Source(bucket="reports", rescan=0.1, max_bytes=1000, retry_at_most=0.2)


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return told_by(monkeypatch)


@pytest.fixture
def store() -> Iterator[tuple[Liar, str]]:
    with lying() as one:
        yield one


def feeding(source: S3Source, bucket: MemoryBucket) -> AbstractAsyncContextManager[S3Feeder]:
    return running(S3Feeder(source, bucket))


async def test_objects_are_fed_once_each_page_after_page_and_sources_stay(store):
    liar, url = store
    liar.page = 7
    liar.objects = {f"年报/{n}.txt": b"%d" % n for n in range(50)}
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket) as feeder:
        await until(lambda: len(bucket.files) == 50)
        await looked_again(feeder)

    assert bucket.files == {f"年报/{n}.txt": [b"%d" % n] for n in range(50)}
    assert len(liar.objects) == 50


async def test_a_replaced_object_is_fed_again_and_a_deleted_one_is_nothing(store):
    liar, url = store
    liar.objects = {"a.txt": b"first", "b.txt": b"other"}
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket) as feeder:
        await until(lambda: len(bucket.files) == 2)
        liar.objects["a.txt"] = b"second"
        del liar.objects["b.txt"]
        await until(lambda: len(bucket.files["a.txt"]) == 2)
        await looked_again(feeder)
        assert feeder.unfinished == ()

    assert bucket.files == {"a.txt": [b"first", b"second"], "b.txt": [b"other"]}


async def test_keys_below_the_prefix_become_names_without_it(store):
    liar, url = store
    liar.objects = {"2024/a.txt": b"a", "2024/x/b.txt": b"b", "2023/c.txt": b"c", "20245.txt": b"d"}
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url, prefix="2024/"), bucket):
        await until(lambda: len(bucket.files) == 2)

    assert bucket.files == {"a.txt": [b"a"], "x/b.txt": [b"b"]}


async def test_keys_that_no_folder_could_hold_stop_nothing(store):
    liar, url = store
    keys = [
        "a//b.txt",
        "/lead.txt",
        "a/./b.txt",
        "x%2Fy.txt",
        "new\nline.txt",
        "a+b&c=d?.txt",
        "e\x07.txt",
    ]
    liar.objects = {key: key.encode() for key in keys}
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket):
        await until(lambda: len(bucket.files) >= len(keys) - 1)
        liar.objects["later.txt"] = b"later"
        await until(lambda: "later.txt" in bucket.files)

    assert set(keys) - bucket.files.keys() <= {"a/./b.txt"}
    assert all(bucket.files[key] == [key.encode()] for key in bucket.files if key in keys)


async def test_folders_hidden_and_unfinished_objects_are_left_alone(store):
    liar, url = store
    names = ("folder/", ".hidden.txt", ".git/a.txt", "~$a.docx", "b.part")
    liar.objects = dict.fromkeys(names, b"no") | {"real.txt": b"yes"}
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket) as feeder:
        await until(lambda: bucket.files)
        await looked_again(feeder)

    assert bucket.files == {"real.txt": [b"yes"]}


async def test_an_object_that_breaks_off_in_the_middle_is_read_again_whole(store):
    liar, url = store
    liar.objects, liar.cut = {"a.txt": b"whole" * 100}, 2
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket):
        await until(lambda: bucket.files)

    assert bucket.files == {"a.txt": [b"whole" * 100]}
    assert liar.cut == 0


@pytest.mark.parametrize("lie", ["etag", "longer", "shorter"])
async def test_an_object_that_is_not_what_was_listed_waits_for_the_next_listing(store, lie):
    liar, url = store
    liar.objects = {"a.txt": b"bytes"}
    if lie == "etag":
        liar.etags = {"a.txt": "another"}
    else:
        liar.sizes = {"a.txt": 4 if lie == "longer" else 6}
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket) as feeder:
        await looked_again(feeder)
        assert bucket.files == {}
        liar.etags, liar.sizes = {}, {}
        await until(lambda: bucket.files)

    assert bucket.files == {"a.txt": [b"bytes"]}


async def test_a_large_object_is_read_in_pieces_of_one_and_the_same(store, monkeypatch):
    monkeypatch.setattr(s3, "PIECE", 100)
    liar, url = store
    data = bytes(n % 251 for n in range(950))
    liar.objects = {"a.bin": data, "exact.bin": data[:300], "empty.bin": b""}
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket):
        await until(lambda: len(bucket.files) == 3)

    assert bucket.files == {"a.bin": [data], "exact.bin": [data[:300]], "empty.bin": [b""]}


async def test_an_object_too_large_is_announced_with_its_size_and_hash_and_not_carried(store):
    liar, url = store
    liar.objects = {"huge.bin": b"x" * 1001}
    fed = []
    feeder = S3Feeder(replace(QUICK, endpoint=url), bucket := MemoryBucket(), fed.append)

    await feeder.look()
    await feeder._close()

    assert (bucket.announced, bucket.files) == ({"huge.bin": 1001}, {})
    assert fed[0].document_id == sha256(b"x" * 1001).hexdigest()


async def test_a_listing_that_breaks_off_feeds_and_forgets_nothing(store, told):
    liar, url = store
    liar.objects, liar.page = {f"{n}.txt": b"%d" % n for n in range(6)}, 4
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket) as feeder:
        await until(lambda: len(bucket.files) == 6)
        liar.fail_page, before = 1, liar.listings
        await until(lambda: liar.listings > before + 2)
        liar.fail_page = None
        await looked_again(feeder)

    assert bucket.files == {f"{n}.txt": [b"%d" % n] for n in range(6)}
    assert "feeder.source_away" in told.text
    assert "feeder.source_back" in told.text


async def test_a_store_that_asks_for_less_is_asked_ever_less_often_and_then_fed(store):
    liar, url = store
    liar.objects, liar.status = {"a.txt": b"a"}, 503
    bucket = MemoryBucket()

    async with feeding(replace(QUICK, endpoint=url), bucket):
        await asyncio.sleep(0.5)
        assert bucket.files == {}
        liar.status = 200
        await until(lambda: bucket.files)


async def test_a_bus_that_is_away_gets_the_object_later(store):
    liar, url = store
    liar.objects = {"a.txt": b"a"}
    bucket = MemoryBucket()
    bucket.away = 2

    async with feeding(replace(QUICK, endpoint=url), bucket):
        await until(lambda: bucket.files)

    assert bucket.files == {"a.txt": [b"a"]}


async def test_an_outage_of_days_does_not_overflow_the_delay(tmp_path: Path):
    feeder = FolderFeeder(tmp_path, MemoryBucket())
    seen = feeder._seen["a.txt"] = Seen(Signature(1, 0, 0, 0), 0.0, attempts=5000)

    feeder._retry_later("a.txt", seen, Unavailable("the bus is away"))

    assert (seen.state, feeder._delay(5001)) == ("failed", 30.0)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("s3://reports", ("reports", "")),
        ("s3://reports/", ("reports", "")),
        ("s3://reports/2024", ("reports", "2024/")),
        ("s3://reports/a/b/", ("reports", "a/b/")),
    ],
)
def test_an_address_has_a_bucket_and_may_have_a_prefix(url, parts):
    assert parse_url(url) == parts


@pytest.mark.parametrize(
    "url", ["", "reports", "http://reports/x", "s3://", "s3:///x", "s3://a b/x"]
)
def test_any_other_address_is_refused_with_what_is_allowed(url):
    with pytest.raises(BadSetting, match="s3://bucket/prefix"):
        parse_url(url)
