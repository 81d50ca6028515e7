"""`gouji keys`: complete, closed to others, never over what is there; rights that follow from the code."""

import ssl
from pathlib import Path

import pytest

from services.commands import keys
from services.commands.run import SERVICES
from services.commands.running import certificates
from services.commands.running.keyring import USERS, Keyring
from services.commands.running.rights import (
    HOME,
    feeder_reach,
    needs_of,
    service_reach,
    watcher_reach,
)
from shared.runtime.streams import topology
from shared.secrets import BadSetting


def made(folder: Path) -> Keyring:
    ring = Keyring(folder / "keys")
    keys.complete(ring, watchers=("acme",))
    return ring


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_everybody_gets_a_key_that_nobody_else_can_read(tmp_path):
    ring = made(tmp_path)

    secret = [*map(ring.user, USERS), ring.watcher("acme"), ring.certificate("ca")[1],
              ring.certificate("nats")[1], ring.certificate("postgres")[1]]  # fmt: skip
    assert {path.stat().st_mode & 0o777 for path in secret} == {0o600}
    assert len({path.read_bytes() for path in secret}) == len(secret)
    assert ring.folder.stat().st_mode & 0o777 == 0o700


def test_a_second_time_changes_nothing_and_adds_what_is_missing(tmp_path):
    ring = made(tmp_path)
    before = contents(ring.folder)
    ring.user("sink").unlink()

    added = keys.complete(ring, watchers=("acme", "beta"))
    after = contents(ring.folder)

    assert added == [ring.user("sink"), ring.watcher("beta")]
    assert {name for name in after if after[name] != before.get(name)} == {
        "users/sink.nk", "watchers/beta.nk",
    }  # fmt: skip


def test_an_authority_whose_key_is_kept_elsewhere_is_not_replaced(tmp_path):
    ring = made(tmp_path)
    ring.certificate("ca")[1].unlink()
    assert keys.complete(ring) == []
    for path in ring.certificate("nats"):
        path.unlink()

    with pytest.raises(BadSetting, match=r"ca\.key"):
        keys.complete(ring)


def test_a_certificate_for_other_hosts_is_asked_for_not_overwritten(tmp_path):
    ring = made(tmp_path)
    with pytest.raises(BadSetting, match="move it"):
        keys.complete(ring, hosts=("bus.example.org",))
    for name in ("nats", "postgres"):
        for path in ring.certificate(name):
            path.unlink()
    keys.complete(ring, hosts=("bus.example.org", "10.0.0.7"))

    found = certificates.hosts_of(ring.certificate("nats")[0].read_bytes())
    assert found == {"localhost", "127.0.0.1", "::1", "nats", "bus.example.org", "10.0.0.7"}


def test_the_certificates_are_such_as_a_strict_client_takes(tmp_path):
    ring = made(tmp_path)
    context = ssl.create_default_context(cafile=ring.ca_file)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.load_cert_chain(*ring.certificate("nats"))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(*ring.certificate("nats"))
    server = serving.wrap_bio(incoming, outgoing, server_side=True)
    client = context.wrap_bio(outgoing, incoming, server_hostname="127.0.0.1")
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue

    assert client.getpeercert()["subject"]


@pytest.mark.parametrize("name", ["", "a.b", "a>b", "../x", "A", "a" * 40, 'a"b'])
def test_a_watcher_has_a_name_that_is_one_word_of_a_subject(tmp_path, name):
    with pytest.raises(BadSetting, match="--watcher"):
        keys.complete(Keyring(tmp_path), watchers=(name,))


def test_the_rights_hold_public_keys_only(tmp_path):
    ring = made(tmp_path)
    keys.write_rights(ring, ring.rights_file)
    text = ring.rights_file.read_text()

    assert f"{HOME} {{" in text
    for path in (*map(ring.user, USERS), ring.watcher("acme")):
        assert path.read_text().strip() not in text


def test_what_a_service_reaches_follows_from_what_it_binds():
    for service in SERVICES:
        needs = needs_of(service)
        reached = {r.subject for r in service_reach(service)}
        assert needs.publishes <= reached
        for consumer in topology.CONSUMERS:
            own = consumer in needs.consumers
            assert (f"$JS.ACK.{consumer.stream}.{consumer.name}.>" in reached) == own, service


def test_nobody_reaches_the_administration_of_streams():
    everybody = [service_reach(s) for s in SERVICES] + [feeder_reach(), watcher_reach("acme")]
    for reach in everybody:
        for subject in (r.subject for r in reach):
            assert not any(x in subject for x in ("CREATE", "DELETE", "PURGE", "UPDATE")), subject
            assert subject not in {">", "$JS.API.>", "gouji.>", "gouji.v1.>", "gouji.v1.report.>"}


def test_only_who_needs_it_reaches_the_files_that_were_dropped():
    reading = {s for s in SERVICES if any("OBJ_inbox" in r.subject and "MSG.GET" in r.subject
                                          for r in service_reach(s))}  # fmt: skip
    writing = {s for s in SERVICES if any("$O.inbox" in r.subject for r in service_reach(s))}

    assert (reading, writing) == ({"ingest", "normalize"}, {"normalize"})


def test_half_written_files_of_a_crash_do_not_stand_in_the_way(tmp_path):
    ring = Keyring(tmp_path)
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / ".sink.nk.part").write_bytes(b"S")
    (tmp_path / "users" / ".sink.nk.part").chmod(0o644)

    keys.complete(ring)

    assert len(ring.user("sink").read_text().strip()) == 58
    assert not list((tmp_path / "users").glob(".*"))
