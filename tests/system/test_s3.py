"""The S3 feeder against a real S3 server: from objects to events on the bus."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.commands.feed import woken
from services.commands.reaching.records import file_states
from services.ingest.adapters.feeding import BucketFeed
from services.ingest.adapters.s3 import S3Feeder, S3Source
from services.ingest.app import create_app
from services.ingest.settings import IngestSettings
from shared.contracts.events import ReportDuplicate, ReportReceived
from shared.runtime.streams import topology
from shared.runtime.streams.inbox import Inbox
from tests.support import bus
from tests.support.feeders import MemoryBucket, looked_again, running, until
from tests.support.processes import GOUJI, Up, up
from tests.support.s3 import KEY, SECRET, Store, Told, store, told_by
from tests.support.secured import Secured

EXAMPLES = Path(__file__).parents[2] / "examples"

pytestmark = [pytest.mark.system, pytest.mark.long]


@pytest.fixture(scope="module")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    return told_by(monkeypatch)


def source(weed: Store, prefix: str, **fields: Any) -> S3Source:
    quick = {"rescan": 0.2, "max_bytes": 5_000_000, "retry_at_most": 0.5} | fields
    return S3Source(bucket="reports", prefix=prefix, endpoint=weed.url, **quick)


def feeding(origin: S3Source, bucket: Any) -> AbstractAsyncContextManager[S3Feeder]:
    return running(S3Feeder(origin, bucket))


async def put(client: Any, key: str, data: bytes) -> None:
    await client.put_object(Bucket="reports", Key=key, Body=data)


async def test_from_objects_to_events_and_what_happens_twice_changes_nothing(
    weed, js, server, tmp_path
):
    app = create_app(IngestSettings(nats_url=server.url, archive_path=tmp_path, log_format="json"))
    async with weed.client() as client:
        await put(client, "line/杭州/年报 2024.txt", "年报".encode())
        await put(client, "line/copy.txt", "年报".encode())
        async with bus.running(app), feeding(source(weed, "line/"), BucketFeed(js)) as feeder:
            await until(lambda: feeder.looks and not feeder.unfinished)
            await put(client, "line/copy.txt", b"a second revision")
            await client.delete_object(Bucket="reports", Key="line/杭州/年报 2024.txt")
            await looked_again(feeder)
            await until(lambda: not feeder.unfinished)
            # a new feeder remembers nothing, and what it feeds again is known by its hash
            async with feeding(source(weed, "line/"), BucketFeed(js)) as another:
                await looked_again(another)
            await bus.settled(js, topology.INGEST)

    received = await bus.bodies(js, ReportReceived.subject)
    again = await bus.bodies(js, ReportDuplicate.subject)
    held = await Inbox(js).keys()
    assert {r["document_id"] for r in received} == {
        sha256("年报".encode()).hexdigest(), sha256(b"a second revision").hexdigest()
    }  # fmt: skip
    assert (len(received), len(again)) == (2, 1)
    assert sorted(one.file for one in held) == ["copy.txt", "copy.txt", "杭州/年报 2024.txt"]


async def test_large_objects_come_whole_and_too_large_ones_are_announced(weed):
    data = bytes(range(256)) * (18 << 10)
    bucket = MemoryBucket()
    async with weed.client() as client:
        await put(client, "large/a.bin", data)
        await put(client, "large/huge.bin", b"x" * 5_000_001)
        await put(client, "large/empty.txt", b"")

        async with feeding(source(weed, "large/"), bucket):
            await until(lambda: len(bucket.files) == 2 and bucket.announced)

    assert bucket.files == {"a.bin": [data], "empty.txt": [b""]}
    assert bucket.announced == {"huge.bin": 5_000_001}


async def test_a_replaced_object_is_never_mixed_with_what_it_was(weed):
    """Replaced all the time while it is read in pieces: what is fed is always one of its contents."""
    contents = [bytes([65 + n]) * (9 << 20) for n in range(5)]
    bucket = MemoryBucket()
    async with weed.client() as client:
        await put(client, "turns/a.bin", contents[0])
        async with feeding(source(weed, "turns/", max_bytes=20 << 20), bucket):
            for data in contents[1:]:
                await put(client, "turns/a.bin", data)
            await until(lambda: bucket.files and bucket.files["a.bin"][-1] == contents[-1])

    assert all(data in contents for data in bucket.files["a.bin"])


async def test_a_store_that_was_killed_is_waited_for(weed, told):
    bucket = MemoryBucket()
    async with weed.client() as client:
        await put(client, "killed/a.txt", b"a")
        async with feeding(source(weed, "killed/"), bucket):
            await until(lambda: bucket.files)
            weed.kill()
            await until(lambda: "feeder.source_away" in told.text)
            weed.start()
            await put(client, "killed/b.txt", b"b")
            await until(lambda: len(bucket.files) == 2, within=60)

    assert bucket.files == {"a.txt": [b"a"], "b.txt": [b"b"]}
    assert "feeder.source_back" in told.text


async def test_a_bucket_that_is_missing_is_waited_for(weed, told):
    bucket = MemoryBucket()
    origin = S3Source(bucket="later", endpoint=weed.url, rescan=0.2, retry_at_most=0.5)
    async with weed.client() as client, feeding(origin, bucket):
        await until(lambda: "NoSuchBucket" in told.text)
        await client.create_bucket(Bucket="later")
        await client.put_object(Bucket="later", Key="a.txt", Body=b"a")
        await until(lambda: bucket.files)


async def test_wrong_keys_are_told_of_and_right_ones_taken_up_without_a_restart(
    weed, monkeypatch, tmp_path, told
):
    def written(secret: str) -> None:
        lines = f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {secret}\n"
        (tmp_path / "credentials").write_text(lines)

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    bucket = MemoryBucket()
    async with weed.client() as client:
        await put(client, "keys/a.txt", b"a")
        written("not-the-secret")
        async with feeding(source(weed, "keys/"), bucket):
            await until(lambda: "SignatureDoesNotMatch" in told.text)
            assert bucket.files == {}
            written(SECRET)
            await until(lambda: bucket.files)

    assert "not-the-secret" not in told.text


async def test_a_notice_wakes_and_a_missed_or_made_up_one_does_not_matter(weed, js):
    bucket = MemoryBucket()
    notice = {"EventName": "s3:ObjectCreated:Put", "Key": "reports/hints/b.txt", "Records": []}
    async with weed.client() as client:
        await put(client, "hints/a.txt", b"a")
        slow = source(weed, "hints/", rescan=30.0)
        async with feeding(slow, bucket) as feeder, woken(js._nc, feeder, "store.events"):
            await until(lambda: bucket.files)
            await asyncio.sleep(0.5)
            await put(client, "hints/b.txt", b"b")
            await js._nc.publish("store.events", json.dumps(notice).encode())
            started = time.monotonic()
            await until(lambda: len(bucket.files) == 2)
            assert time.monotonic() - started < 15
            await js._nc.publish("store.events", b"\xff no notice at all")
            await looked_again(feeder, 1)
        # one that nobody heard: polling finds the object all the same
        async with feeding(source(weed, "hints/"), bucket):
            await put(client, "hints/c.txt", b"c")
            await until(lambda: len(bucket.files) == 3)

    assert bucket.files["c.txt"] == [b"c"]


async def test_the_command_feeds_objects_as_it_feeds_a_folder(weed, js, server, tmp_path):
    environment = {"GOUJI_NATS_URL": server.url, "GOUJI_S3_ENDPOINT": weed.url, "GOUJI_S3_POLL": "200ms",
                   "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}  # fmt: skip
    async with weed.client() as client:
        await put(client, "command/a.txt", b"by command")
    async with fed_by_command("s3://reports/command", environment, tmp_path), asyncio.timeout(60):
        while not await Inbox(js).keys():
            await asyncio.sleep(0.1)

    (found,) = await Inbox(js).keys()
    assert found.sha256 == sha256(b"by command").hexdigest()


async def test_from_objects_to_rows_through_a_running_line_that_is_restarted_meanwhile(
    weed, tmp_path
):
    examples = sorted(EXAMPLES.glob("[01]*"))
    half = len(examples) // 2
    environment = {"GOUJI_S3_ENDPOINT": weed.url, "GOUJI_S3_POLL": "200ms",
                   "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}  # fmt: skip

    def told_of(line: Up) -> dict[str, str]:
        return {one.name: one.state for one in file_states(line.line["database_url"])}

    for lot in (examples[:half], examples[half:]):
        # nobody hears of what is put while line and feeder are away
        async with weed.client() as client:
            for path in lot:
                await put(client, f"rows/{path.name}", path.read_bytes())
        with up(tmp_path) as line:
            at = environment | {"GOUJI_NATS_URL": line.line["nats_url"]}
            async with fed_by_command("s3://reports/rows", at, tmp_path):
                names = {path.name for path in lot}
                await until(lambda line=line, names=names: names <= set(told_of(line)), 120)
            found = told_of(line)

    expected = {path.name: "recorded" for path in examples}
    expected |= {
        "10_notice_refused.txt": "refused",
        "11_same_bytes_as_01.txt": "duplicate",
    }
    assert found == expected


async def test_on_a_bus_with_keys_the_feeder_puts_objects_with_a_key_that_can_do_nothing_else(
    weed, tmp_path
):
    secured = Secured(tmp_path / "secured")
    with secured.server:
        await secured.provision()
        environment = secured.environment("feeder") | {
            "GOUJI_S3_ENDPOINT": weed.url, "GOUJI_S3_POLL": "200ms", "GOUJI_S3_HINTS": "store.events",
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
        }  # fmt: skip
        async with weed.client() as client, secured.client("operator") as operator:
            await put(client, "locked/a.txt", b"behind locks")
            inbox = Inbox(operator.js)
            async with fed_by_command("s3://reports/locked", environment, tmp_path):
                await until_held(inbox, 1)
                await put(client, "locked/b.txt", b"and later")
                # a notice that the feeder may not hear changes nothing: what is listed counts
                await operator.client.publish("store.events", b"{}")
                await until_held(inbox, 2)
            # it begins anew, and the bucket knows by the hash what it has
            async with fed_by_command("s3://reports/locked", environment, tmp_path):
                await put(client, "locked/c.txt", b"after a restart")
                await until_held(inbox, 3)
            held = {one.sha256 for one in await inbox.keys()}
        log = (tmp_path / "feed.log").read_text()

    assert held == {
        sha256(data).hexdigest() for data in (b"behind locks", b"and later", b"after a restart")
    }
    assert "bus.denied" not in log
    assert SECRET not in log


async def test_3000_objects_are_fed_without_loss_or_repetition_while_both_sides_fall(
    weed, tmp_path: Path
):
    expected = {f"{n}.txt": b"%d" % n for n in range(3000)}
    bucket = MemoryBucket()
    async with weed.client() as client:
        slots = asyncio.Semaphore(16)

        async def write(name: str, data: bytes) -> None:
            async with slots:
                await put(client, f"many/{name}", data)

        await asyncio.gather(*(write(*one) for one in expected.items()))
        async with feeding(source(weed, "many/"), bucket):
            await until(lambda: len(bucket.files) > 500)
            weed.kill()
            weed.start()
            await until(lambda: len(bucket.files) > 1500, within=120)
        # the feeder itself begins anew: everything is listed and put again, as the bucket knows by hash
        async with feeding(source(weed, "many/"), bucket):
            await until(lambda: len(bucket.files) == 3000, within=120)

    assert {name: set(data) for name, data in bucket.files.items()} == {
        name: {data} for name, data in expected.items()
    }


async def until_held(inbox: Inbox, count: int) -> None:
    async with asyncio.timeout(60):
        while len(await inbox.keys()) < count:
            await asyncio.sleep(0.1)


@asynccontextmanager
async def fed_by_command(url: str, more: dict[str, str], folder: Path) -> AsyncIterator[None]:
    """Run `gouji feed --s3` while the block runs; what it says is in `feed.log`."""
    with (folder / "feed.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            GOUJI, "feed", "--s3", url, cwd=folder, env=os.environ | more, stderr=log, stdout=log
        )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
