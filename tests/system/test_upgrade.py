"""The documented upgrade, run for real: from the oldest state that was recorded to this version.

A bus as version 0.1 left it (its streams and consumers, what it had published, half of it not yet in the
database) and a database at the first migration become a line of today by the commands of docs/operations.md.
"""

import asyncio
import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nats
import orjson
import pytest
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, StorageType, StoreCompression, StreamConfig
from sqlalchemy import inspect, text

from services.commands.reaching.records import file_states
from services.sink.adapters import migrating
from services.sink.adapters.database import Database
from services.sink.handler import handle as keep
from shared.contracts.events import ReportRecorded, ReportValidated
from shared.database.engine import open_engine
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from tests.contracts.test_released import EVENTS, RELEASED
from tests.support.bus import bodies, settled
from tests.support.little_line import InTurn
from tests.support.processes import QUICK, gouji

pytestmark = [pytest.mark.system, pytest.mark.long]

DONE = 3
"""Reports that the sink of 0.1 had recorded before it was stopped."""
LATER = {"decisions", "corrections", "comparisons", "marks", "agencies"}
STREAMS = {
    "OBJ_inbox": ["$O.inbox.C.>", "$O.inbox.M.>"], "OBJ_claims": ["$O.claims.C.>", "$O.claims.M.>"],
    "REPORTS": ["gouji.v1.report.>"], "ISSUES": ["gouji.v1.issue.>"], "REVIEWS": ["gouji.v1.review.>"],
    "DEAD": ["gouji.v1.dead.>"], "RETRIES": ["gouji.internal.retry.>"],
}  # fmt: skip
CONSUMERS = {
    "normalize": ["gouji.v1.report.received"], "extract": ["gouji.v1.report.normalized"],
    "validate": ["gouji.v1.report.extracted"],
    "sink": [f"gouji.v1.report.{kind}" for kind in ("validated", "refused", "duplicate", "expanded")],
}  # fmt: skip


def published() -> list[dict[str, Any]]:
    lines = gzip.decompress((RELEASED / "events-0.1.jsonl.gz").read_bytes()).splitlines()
    return [orjson.loads(line) for line in lines]


async def lay_bus(js: JetStreamContext) -> None:
    """Make the bus that version 0.1 left, stopped in the middle of its work."""
    for name, subjects in STREAMS.items():
        await js.add_stream(
            StreamConfig(
                name=name, subjects=subjects, storage=StorageType.FILE, allow_direct=True,
                compression=StoreCompression.S2, max_bytes=64 << 20, duplicate_window=86400,
                allow_rollup_hdrs=name.startswith("OBJ_"),
            )
        )  # fmt: skip
    for line in published():
        await js.publish(line["subject"], line["body"].encode(), headers=line["headers"])
    for name, filters in CONSUMERS.items():
        await js.add_consumer(
            "REPORTS",
            ConsumerConfig(
                durable_name=name, ack_policy=AckPolicy.EXPLICIT, ack_wait=30,
                filter_subjects=filters, max_ack_pending=64,
            ),
        )  # fmt: skip
        await work_off(js, name, DONE if name == "sink" else 1000)


async def work_off(js: JetStreamContext, consumer: str, most: int) -> None:
    """Acknowledge the first messages of a consumer; of the sink's as many verdicts as are recorded."""
    reader = await js.pull_subscribe_bind(stream="REPORTS", consumer=consumer)
    info = await js.consumer_info("REPORTS", consumer)
    for _ in range(info.num_pending or 0):
        (message,) = await reader.fetch(1, timeout=5)
        await message.ack()
        most -= message.subject == ReportValidated.subject or consumer != "sink"
        if most == 0:
            return


def lay_database(url: str) -> None:
    """Make the database of 0.1 with its first reports: rows of today, without what came later."""
    database = Database(url)
    database.migrate()

    async def record() -> None:
        left = DONE
        for line in published():
            if left and line["subject"] in CONSUMERS["sink"]:
                event = EVENTS[line["headers"]["ce-type"]].model_validate_json(line["body"])
                await keep(event, store=database, work=InTurn())
                left -= isinstance(event, ReportValidated)

    asyncio.run(record())
    database.close()
    engine = open_engine(url, writing=True)
    with engine.begin() as connection:
        migrating.downgrade(connection, "0001")
    assert not LATER & set(inspect(engine).get_table_names())
    engine.dispose()


@contextmanager
def running(service: str, folder: Path, env: dict[str, str]) -> Iterator[None]:
    with (folder / f"{service}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"services.{service}"],
            cwd=folder, env=os.environ | QUICK | env, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def within(url: str, what: Any) -> Any:
    """Do something over a connection of its own."""

    async def do() -> Any:
        client = await nats.connect(url)
        try:
            return await what(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(do())


def rows(url: str, question: str) -> Any:
    engine = open_engine(url, writing=False)
    try:
        with engine.connect() as connection:
            return connection.execute(text(question)).scalar()
    finally:
        engine.dispose()


async def all_settled(js: JetStreamContext) -> None:
    for _ in range(2):  # what one says another may have to hear
        for consumer in topology.CONSUMERS:
            if consumer not in (topology.INGEST, topology.NORMALIZE, topology.NORMALIZE_OCR):
                await settled(js, consumer, within=60)


def test_the_oldest_recorded_state_becomes_a_line_of_today(empty_url, tmp_path):
    with NatsServer(tmp_path / "nats", sync="2m") as server:
        within(server.url, lay_bus)
        lay_database(empty_url)
        env = {"GOUJI_NATS_URL": server.url, "GOUJI_DATABASE_URL": empty_url,
               "GOUJI_ARCHIVE_PATH": str(tmp_path / "archive"), "GOUJI_BUS_BYTES": str(512 << 20)}  # fmt: skip

        # as docs/operations.md says: schema, bus, then the services, the sink first; twice is harmless
        for _ in range(2):
            for step in ("migrate", "provision"):
                ended = gouji(step, cwd=tmp_path, env=env)
                assert ended.returncode == 0, ended.stderr
            assert "gouji provision --retire" in ended.stdout
        with running("sink", tmp_path, env), running("validate", tmp_path, env):
            within(server.url, all_settled)
            ended = gouji("provision", "--retire", cwd=tmp_path, env=env)
            assert ended.returncode == 0, ended.stderr
            rechecked = gouji("recheck", "--all", "--wait", cwd=tmp_path, env=env)
            within(server.url, all_settled)
        streams = {one.config.name for one in within(server.url, JetStreamContext.streams_info)}
        dead = within(server.url, lambda js: bodies(js, "gouji.v1.dead.>"))
        told = within(server.url, lambda js: bodies(js, ReportRecorded.subject))
        exported = gouji("export", "--database", empty_url, cwd=tmp_path, env=env)
    logs = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert rechecked.returncode == 0, rechecked.stderr
    assert dead == []
    assert "RETRIES" not in streams
    assert streams >= {stream.name for stream in topology.STREAMS}
    # nothing is lost, nothing doubled, nothing of the first three forgotten
    assert Counter(row.state for row in file_states(empty_url)) == {
        "recorded": 7, "duplicate": 1, "refused": 2, "expanded": 1
    }  # fmt: skip
    assert rows(empty_url, "SELECT count(*) FROM revisions") == 7
    assert rows(empty_url, "SELECT count(DISTINCT report_id) FROM revisions") == len(
        {one["report_id"] for one in told}
    )
    assert rows(empty_url, "SELECT count(*) FROM decisions") == 1
    # what 0.1 never did is done for what it recorded: each report was held against its neighbours
    assert logs.count('"subject":"gouji.v1.report.recorded"') >= 7
    lines = [json.loads(line) for line in exported.stdout.splitlines()]
    assert Counter(line["status"] for line in lines)["recorded"] == 7
    assert '"outcome":"dead"' not in logs
    assert '"level":"error"' not in logs
