"""Nobody is let in who has no key, and nobody with a key gets further than it reaches."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import nkeys
import pytest
from nats.errors import Error as NatsError

from services.commands.reaching.following import connected
from services.commands.run import SERVICES
from services.commands.running import certificates
from services.commands.running.certificates import Certified
from services.commands.running.rights import needs_of, page_reach, service_reach
from shared.contracts.events import ReportNormalized
from shared.errors import Unavailable
from shared.runtime.clock import SystemClock
from shared.runtime.connections.connecting import connect
from shared.runtime.connections.embedded import NatsServer
from shared.runtime.streams import topology
from tests.support import bus
from tests.support.processes import wait_for
from tests.support.secured import WATCHERS, Secured, contents
from tests.support.toy import document

pytestmark = pytest.mark.system

EVERYBODY = (*SERVICES, "feeder", "page", *WATCHERS)
ADMINISTRATION = (
    "STREAM.CREATE.MINE", "STREAM.DELETE.REPORTS", "STREAM.PURGE.REPORTS", "STREAM.UPDATE.REPORTS",
    "STREAM.MSG.DELETE.REPORTS", "STREAM.SNAPSHOT.REPORTS", "STREAM.MSG.GET.REPORTS",
    "STREAM.NAMES", "STREAM.LIST", "CONSUMER.CREATE.REPORTS.spy",
    "CONSUMER.DURABLE.CREATE.REPORTS.spy", "CONSUMER.DELETE.REPORTS.extract", "CONSUMER.LIST.REPORTS",
)  # fmt: skip
"""What nobody but the keeper needs; some of it the operator may."""


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    found = Secured(tmp_path_factory.mktemp("secured"))
    with found.server:
        yield found


@pytest.fixture
async def ready(secured: Secured) -> Secured:
    """Provisioned, with the rights of the folder, whatever the test before did to them."""
    await secured.enforce()
    await secured.provision()
    return secured


def own_subjects(who: str) -> set[str]:
    reach = service_reach(who) if who in SERVICES else page_reach() if who == "page" else ()
    return {r.subject for r in reach if r.kind == "service"}


def all_published() -> set[str]:
    return {subject for service in SERVICES for subject in needs_of(service).publishes}


@pytest.mark.parametrize("who", EVERYBODY)
async def test_nobody_publishes_what_is_for_another_to_say(ready, who):
    foreign = [s.replace(">", "x") for s in all_published() - own_subjects(who)]
    foreign += ["gouji.v1.review.decided"] if who != "page" else []
    foreign += [
        "gouji.v1.review.corrected",
        "gouji.v1.review.agencies",
        "gouji.internal.handback.other.REPORTS.1",
    ]
    foreign += ["$O.inbox.M.abc"] if who not in {"normalize", "feeder", "page"} else []

    async with ready.client("keeper") as keeper, ready.client(who) as guest:
        before = await contents(keeper)
        denied = await guest.try_all(foreign)

        assert denied == set(foreign)
        assert await contents(keeper) == before


@pytest.mark.parametrize("who", EVERYBODY)
async def test_nobody_reads_what_waits_for_another(ready, who):
    own = {c.name for c in needs_of(who).consumers} if who in SERVICES else {f"watcher-{who}"}
    others = [c for c in topology.CONSUMERS if c.name not in own]
    places = [f"{c.stream}.{c.name}" for c in others]
    places += [f"ISSUES.watcher-{w}" for w in WATCHERS if w != who]
    asked = [f"CONSUMER.MSG.NEXT.{p}" for p in places] + [f"CONSUMER.INFO.{p}" for p in places]

    async with ready.client(who) as guest:
        wanted = [f"{guest.api}.{request}" for request in asked]
        wanted += [f"$JS.API.{request}" for request in asked]
        wanted += [f"$JS.ACK.{place}.1.1.1.1.0" for place in places]

        assert await guest.try_all(wanted, reply="_INBOX.me") == set(wanted)


@pytest.mark.parametrize("who", EVERYBODY)
async def test_nobody_makes_changes_or_empties_streams(ready, who):
    async with ready.client("keeper") as keeper, ready.client(who) as guest:
        before = await contents(keeper)
        wanted = [f"{api}.{x}" for x in ADMINISTRATION for api in ("$JS.API", guest.api)]
        if who not in {"ingest", "normalize", "feeder", "page"}:
            wanted += [f"{guest.api}.STREAM.MSG.GET.OBJ_inbox", f"{guest.api}.DIRECT.GET.OBJ_inbox"]

        assert await guest.try_all(wanted) == set(wanted)
        assert await contents(keeper) == before


@pytest.mark.parametrize("who", EVERYBODY)
async def test_an_answer_can_be_sent_to_nobody_else(ready, who):
    """Within one account, a request that names `$JS.API.STREAM.DELETE.REPORTS` as its reply deletes it."""
    requests = {
        "extract": "CONSUMER.MSG.NEXT.REPORTS.extract",
        "acme": "CONSUMER.MSG.NEXT.ISSUES.watcher-acme",
        "feeder": "STREAM.MSG.GET.OBJ_inbox",
        "page": "STREAM.MSG.GET.OBJ_inbox",
    }
    info = needs_of(who).consumers[:1] if who in SERVICES else []
    asked = [f"CONSUMER.INFO.{c.stream}.{c.name}" for c in info] + [
        f"CONSUMER.MSG.NEXT.{c.stream}.{c.name}" for c in info
    ]
    asked += [requests[who]] if who in requests else []
    targets = ["$JS.API.STREAM.DELETE.REPORTS", "$JS.API.STREAM.PURGE.DEAD",
               "gouji.v1.report.received", "gouji.v1.review.decided"]  # fmt: skip
    targets = [t for t in targets if t not in own_subjects(who)]

    async with ready.client("keeper") as keeper, ready.client(who) as guest:
        await keeper.js.publish("gouji.v1.report.normalized", b"{}")
        await keeper.js.publish("gouji.v1.issue.error.t3_balance", b"{}")
        before = await contents(keeper)
        for request in asked:
            for target in targets:
                await guest.try_all([f"{guest.api}.{request}"], reply=target)

        assert guest.denied == set()
        assert await contents(keeper) == before


async def test_answers_to_one_are_heard_by_no_other(ready):
    async with ready.client("sink") as sink, ready.client("extract") as extract:
        heard: list[str] = []

        async def hear(message):
            heard.append(message.subject)

        for subject in (">", "_INBOX_sink.>", "gouji.>", "$JS.>", "$O.>"):
            await extract.client.subscribe(subject, cb=hear)
        await extract.client.flush()
        await sink.js.consumer_info("REPORTS", "sink")
        async with ready.client("keeper") as keeper:
            await keeper.js.publish("gouji.v1.report.normalized", b"{}")
        await asyncio.sleep(0.2)

        assert heard == []


async def test_a_watcher_hears_new_issues_and_reads_kept_ones_by_a_durable_of_its_own(ready):
    async with (
        ready.client("keeper") as keeper,
        ready.client("validate") as validate,
        ready.client("acme") as acme,
    ):
        live = await acme.client.subscribe("gouji.v1.issue.>")
        await acme.client.flush()
        # as it comes in earnest: from an account of its own
        await validate.js.publish("gouji.v1.issue.error.n_received", b'{"n": 1}')
        heard = await live.next_msg(timeout=5)
        reader = await acme.js.pull_subscribe_bind(consumer="watcher-acme", stream="ISSUES")
        kept = await reader.fetch(10, timeout=5)
        held = (await keeper.js.consumer_info("ISSUES", "watcher-acme")).num_ack_pending
        for message in kept:
            await message.ack()
        await acme.client.flush()
        await asyncio.sleep(0.5)
        left = (await keeper.js.consumer_info("ISSUES", "watcher-acme")).num_ack_pending

        # other tests may have some of the same consumer in hand
        assert held - left == len(kept)
        assert heard.data == b'{"n": 1}'
        assert kept[-1].data == b'{"n": 1}'
        assert acme.denied == set()


async def test_the_operator_is_kept_from_making_and_emptying_streams(ready):
    async with ready.client("operator") as operator:
        wanted = [f"$JS.API.STREAM.{x}.REPORTS" for x in ("CREATE", "UPDATE", "DELETE", "PURGE")]

        assert await operator.try_all(wanted) == set(wanted)
        assert (await operator.js.stream_info("REPORTS")).config.name == "REPORTS"


def stranger(folder: Path) -> Path:
    path = folder / "stranger.nk"
    path.write_bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    path.chmod(0o600)
    return path


def foreign_ca(folder: Path) -> Path:
    path = folder / "foreign.crt"
    path.write_bytes(certificates.authority(SystemClock().now()).certificate)
    return path


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda a, folder: replace(a, nkey_file=stranger(folder)), "authorization"),
        (lambda a, _: replace(a, nkey_file=None), "authorization"),
        (lambda a, _: replace(a, nkey_file=None, user="sink", password="guess"), "authorization"),
        (lambda a, folder: replace(a, ca_file=foreign_ca(folder)), "certificate"),
        (lambda a, _: replace(a, servers=(a.servers[0].replace("127.0.0.1", "127.0.0.2"),)), ""),
    ],
    ids=["a strange key", "no key", "a password", "a foreign authority", "nobody there"],
)  # fmt: skip
async def test_who_has_no_key_or_trusts_another_authority_is_told_why(
    ready, tmp_path, change, told
):
    access = change(ready.access("extract"), tmp_path)

    with pytest.raises(Unavailable) as refused:
        async with connected(access):
            pass

    expected = "does not let us in: " + told if told else "no bus answers"
    assert expected in str(refused.value)
    assert "guess" not in str(refused.value)


async def test_a_client_without_tls_is_not_answered(ready):
    reader, writer = await asyncio.open_connection("127.0.0.1", int(ready.server.url.split(":")[2]))
    writer.write(b'CONNECT {"verbose":false,"user":"sink","pass":"x"}\r\nPING\r\n')
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()

    assert b"PONG" not in answer
    assert b"INFO" not in answer


@contextmanager
def impostor() -> Iterator[tuple[int, list[bytes]]]:
    """A server that speaks NATS and offers no TLS; it notes what it is told."""
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    guest, _ = listener.accept()
                except TimeoutError:
                    continue
                with guest:
                    guest.settimeout(1)
                    try:
                        guest.sendall(
                            b'INFO {"server_id":"X","version":"2.15.1","max_payload":1048576}\r\n'
                        )
                        told.append(guest.recv(4096))
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], told
        finally:
            over.set()
            thread.join()


async def test_a_server_without_tls_hears_nothing_from_us(ready):
    with impostor() as (port, told):
        access = replace(
            ready.access("extract"), servers=(f"nats://127.0.0.1:{port}",), nkey_file=None,
            user="extract", password="geheim-geheim",
        )  # fmt: skip
        with pytest.raises((NatsError, OSError, TimeoutError)):
            await connect(access, allow_reconnect=False, connect_timeout=2, error_cb=_quiet)

    assert told
    assert not any(b"CONNECT" in words or b"geheim" in words for words in told)


async def _quiet(_: Exception) -> None: ...


@pytest.mark.parametrize(
    ("hosts", "days", "why"),
    [(["127.0.0.1"], -1, "expired"), (["somewhere.example"], 30, "IP address mismatch")],
    ids=["an expired certificate", "a certificate for another host"],
)
async def test_a_server_with_a_bad_certificate_is_refused(ready, tmp_path, hosts, days, why):
    ca, ca_key = ready.ring.certificate("ca")
    made = certificates.server(
        Certified(ca.read_bytes(), ca_key.read_bytes()), hosts,
        SystemClock().now() - timedelta(days=10 if days < 0 else 0), days=abs(days),
    )  # fmt: skip
    (tmp_path / "bad.crt").write_bytes(made.certificate)
    (tmp_path / "bad.key").write_bytes(made.key)
    locks = replace_locks(ready, tmp_path / "bad.crt", tmp_path / "bad.key")
    with NatsServer(tmp_path / "nats", sync="2m", locks=locks) as server:
        access = replace(ready.access("extract"), servers=(server.url,))
        with pytest.raises(ssl.SSLCertVerificationError, match=why):
            await connect(access, allow_reconnect=False, error_cb=_quiet)


def replace_locks(secured: Secured, certificate: Path, key: Path):
    return secured.server._locks._replace(certificate=certificate, key=key)


class Service:
    """A service as a process of its own, and the lines of its log."""

    def __init__(self, secured: Secured, name: str, folder: Path, **more: str) -> None:
        self.log = folder / f"{name}.log"
        self.health = folder / "health"
        env = {**secured.environment(name), "GOUJI_HEALTH_FILE": str(self.health), **more}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", f"services.{name}"], env=env, cwd=folder,
                stdout=output, stderr=output,
            )  # fmt: skip

    def lines(self, name: str) -> list[dict]:
        text = self.log.read_text(errors="replace").splitlines()
        found = [json.loads(line) for line in text if line.startswith("{")]
        return [line for line in found if line["event"] == name]

    async def says(self, name: str, within: float = 60.0) -> dict:
        return (await asyncio.to_thread(wait_for, name, lambda: self.lines(name), within))[-1]

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def service(tmp_path: Path, secured: Secured):
    started: list[Service] = []

    def start(name: str, **more: str) -> Service:
        started.append(Service(secured, name, tmp_path, **more))
        return started[-1]

    yield start
    for one in started:
        one.end()


def normalized(name: str) -> ReportNormalized:
    """A document that is no report: extract says that it refuses it."""
    came = bus.received(name)
    return ReportNormalized(
        document_id=came.document_id, file=name, received_at=came.received_at,
        document=document("关于召开会议的通知"),
    )  # fmt: skip


async def test_what_a_service_is_denied_stands_in_its_log_and_it_is_not_healthy(ready, service):
    rights = ready.rights.read_text()
    less = [
        line.replace('"gouji.v1.report.refused"', '"nothing"') if "allow:" in line else line
        for line in rights.splitlines()
    ]
    await ready.enforce("\n".join(less))
    extract = service("extract")
    await extract.says("service.ready")
    await asyncio.to_thread(wait_for, "healthy", extract.health.exists)

    async with ready.client("keeper") as keeper:
        await bus.publish(keeper.js, normalized("denied.txt"))
    line = await extract.says("bus.denied")
    touched = extract.health.stat().st_mtime
    await asyncio.sleep(7)

    assert (line["operation"], line["subject"]) == ("publish", "gouji.v1.report.refused")
    assert extract.health.stat().st_mtime == touched
    assert extract.process.poll() is None


async def test_a_key_taken_away_shuts_a_service_out_and_given_back_lets_it_in_again(ready, service):
    extract = service("extract")
    await extract.says("service.ready")
    rights = ready.rights.read_text()
    public = public_key(ready.ring.user("extract"))

    await ready.enforce(rights.replace(f"nkey: {public}", f"nkey: {strange_public()}"))
    refused = await extract.says("bus.refused")
    await ready.enforce(rights)
    await extract.says("bus.back")

    assert "authorization" in refused["reason"]
    assert extract.process.poll() is None


async def test_a_reconnect_that_is_refused_goes_on_and_works_once_it_is_not(ready, service):
    extract = service("extract")
    await extract.says("service.ready")
    rights = ready.rights.read_text()
    public = public_key(ready.ring.user("extract"))

    ready.server.stop()
    ready.rights.write_text(rights.replace(f"nkey: {public}", f"nkey: {strange_public()}"))
    ready.server.start()
    ready._enforced = ""
    await extract.says("bus.refused")
    await ready.enforce(rights)
    await extract.says("bus.back")
    async with ready.client("keeper") as keeper:
        await bus.publish(keeper.js, normalized("after.txt"))
        await bus.settled(keeper.js, topology.EXTRACT, within=30)

    assert extract.process.poll() is None
    assert extract.lines("message.handled")


async def test_the_key_before_opens_the_door_until_it_is_removed(ready, tmp_path):
    path = ready.ring.user("validate")
    old = path.with_name(path.name + ".old")
    path.rename(old)
    path.write_bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    path.chmod(0o600)
    await ready.enforce()

    for seed in (old, path):
        access = replace(ready.access("validate"), nkey_file=seed)
        await (await connect(access, allow_reconnect=False, error_cb=_quiet)).close()

    kept = tmp_path / "kept.nk"
    old.rename(kept)
    await ready.enforce()
    with pytest.raises(NatsError, match="Authorization"):
        await connect(replace(access, nkey_file=kept), allow_reconnect=False, error_cb=_quiet)


def public_key(path: Path) -> str:
    return nkeys.from_seed(bytearray(path.read_bytes().strip())).public_key.decode()


def strange_public() -> str:
    seed = bytearray(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))
    return nkeys.from_seed(seed).public_key.decode()
