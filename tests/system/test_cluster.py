"""The files of deploy/cluster/ and what gouji does with a cluster made of them."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import nats
import pytest
from nats.errors import Error as NatsError
from nats.js.errors import NoStreamResponseError, NotFoundError

from services.commands.running.lags import lags_of
from shared.contracts.events import ReportReceived
from shared.errors import Unavailable
from shared.runtime.connections.embedded import server_binary
from shared.runtime.streams import topology
from shared.runtime.streams.looking import look
from tests.support import bus
from tests.support.cluster import SHIPPED, Cluster, with_certificates
from tests.support.processes import gouji, wait_for

pytestmark = pytest.mark.system

THREE_COPIES = {"GOUJI_BUS_BYTES": "1000000000", "GOUJI_REPLICAS": "3"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with Cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An authority and one certificate for every node on the loopback, good for both sides."""
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "ext").write_text(
        "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n"
    )
    for line in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -days 2 -subj /CN=ca",
        "req -newkey rsa:2048 -nodes -keyout node-key.pem -out node.csr -subj /CN=node",
        "x509 -req -in node.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -out node.pem",
    ):
        subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)
    return folder


def checked(folder: Path, node: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [server_binary(), "-t", "-c", str(folder / "node.conf")],
        env={**os.environ, "NODE": node}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("node", ["nats-1", "nats-2", "nats-3"])
def test_the_shipped_files_are_valid_on_every_node(node):
    found = checked(SHIPPED, node)

    assert found.returncode == 0, found.stderr


def test_the_lines_for_certificates_are_valid_once_they_are_taken_in(tmp_path, certificates):
    for path in SHIPPED.glob("*.conf"):
        body = path.read_text()
        if path.name != "node.conf":
            body = with_certificates(body, certificates)
            assert "\ntls {\n  cert_file" in body
        (tmp_path / path.name).write_text(body)

    assert checked(tmp_path, "nats-1").returncode == 0


def test_nodes_with_certificates_find_one_another_and_let_no_stranger_in(tmp_path, certificates):
    with Cluster(tmp_path / "c", cuttable=False, certificates=certificates) as three:
        assert all(len(node.ask("/routez")["routes"]) > 0 for node in three.nodes)
        stranger = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{three.nodes[0].route}"],
            input=b"", capture_output=True, timeout=20, check=False,
        )  # fmt: skip
        wait_for("a refusal", lambda: "TLS" in three.nodes[0].log, 10)
        assert stranger.returncode != 0 or "TLS route handshake error" in three.nodes[0].log


def test_one_copy_becomes_three_where_it_stands(cluster, tmp_path):
    where = {"GOUJI_NATS_URL": cluster.url}
    one = topology.provision_at(
        bus.way_in(cluster.url), total_bytes=10**9, ack_wait=timedelta(seconds=30)
    )
    asyncio.run(one)
    asyncio.run(_publish(cluster.urls, "a"))

    again = gouji("provision", cwd=tmp_path, env={**where, **THREE_COPIES})

    assert again.returncode == 0, again.stderr
    copies, messages, stages = asyncio.run(_state(cluster.urls))
    assert copies == {3}
    assert messages == 1
    assert stages == len(topology.CONSUMERS)


async def _publish(urls: list[str], file: str) -> None:
    client = await nats.connect(urls)
    try:
        # a node that was not the one asked learns a moment later that there is a stream now
        async with asyncio.timeout(10):
            while True:
                try:
                    return await bus.publish(client.jetstream(), bus.received(file))
                except NoStreamResponseError:
                    await asyncio.sleep(0.05)
    finally:
        await client.close()


async def _state(urls: list[str]) -> tuple[set[int], int, int]:
    client = await nats.connect(urls)
    try:
        js = client.jetstream()
        infos = [await js.stream_info(stream.name) for stream in topology.STREAMS]
        consumers = [await js.consumer_info(c.stream, c.name) for c in topology.CONSUMERS]
        copies = {i.config.num_replicas for i in infos} | {c.config.num_replicas for c in consumers}
        reports = next(i for i in infos if i.config.name == topology.REPORTS)
        return copies, reports.state.messages, len(await lags_of(js))
    finally:
        await client.close()


async def test_a_copy_that_was_parted_from_the_others_says_not_there_of_nothing(cluster, tmp_path):
    if not cluster.cuttable:
        pytest.skip("needs network namespaces")
    await topology.provision_at(
        bus.way_in(cluster.url), total_bytes=1 << 30, ack_wait=topology.WINDOW, replicas=3
    )
    leader = wait_for("a leader", lambda: cluster.leader_of(topology.REPORTS))
    parted = next(node for node in cluster.nodes if node is not leader)
    inside = await nats.connect(parted.url)
    cluster.cut_from_peers(parted)
    try:
        await _publish([leader.url], "b")
        async with bus.client(leader.url) as js:
            last = (await js.stream_info(topology.REPORTS)).state.last_seq
        stale = inside.jetstream(timeout=1)
        for _ in range(3):
            with pytest.raises((Unavailable, NatsError)) as met:
                await look(stale, topology.REPORTS, last, ReportReceived.subject, reached=last)
            assert not isinstance(met.value, NotFoundError)
    finally:
        cluster.heal(parted)
        await inside.close()
