"""A bus with locks, the clients of everybody who has a key, and a PostgreSQL that wants TLS."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from nats.aio.client import Client

from services.commands.keys import complete, write_rights
from services.commands.running.keyring import INSIDE, Keyring
from services.commands.running.rights import watcher_consumer
from services.notify.core.webhooks import Webhook
from shared.runtime.connections.connecting import API_FROM_OUTSIDE, Access, connect
from shared.runtime.connections.embedded import Locks, NatsServer
from shared.runtime.connections.refusals import denied_by
from shared.runtime.settings import seconds
from shared.runtime.streams import topology
from tests.support.postgres import Cluster
from tests.support.processes import wait_for

WATCHERS = ("acme", "beta")


class Secured:
    """A nats-server whose users are those of a folder of keys."""

    def __init__(self, folder: Path, webhooks: tuple[Webhook, ...] = ()) -> None:
        self.ring = Keyring(folder / "keys")
        self.rights = folder / "access.conf"
        complete(self.ring, watchers=WATCHERS)
        write_rights(self.ring, self.rights, webhooks)
        self._enforced = self.rights.read_text()
        locks = Locks(*self.ring.certificate("nats"), self.rights)
        self.server = NatsServer(folder / "nats", sync="2m", locks=locks)

    def access(self, who: str) -> Access:
        """Return the way in of one of the line's own, or of a watcher."""
        if who not in WATCHERS:
            return self.ring.access(who, self.server.url)
        return Access(
            (self.server.url,),
            inbox="_INBOX",
            api=API_FROM_OUTSIDE,
            nkey_file=self.ring.watcher(who),
            ca_file=self.ring.ca_file,
        )

    def environment(self, service: str) -> dict[str, str]:
        """Return what a service's process is told, with short waits."""
        return {
            **os.environ,
            "GOUJI_NATS_URL": self.server.url,
            "GOUJI_NATS_NKEY_FILE": str(self.ring.user(service)),
            "GOUJI_NATS_CA_FILE": str(self.ring.ca_file),
            "GOUJI_NATS_API": API_FROM_OUTSIDE,
            "GOUJI_PROVISION": "false",
            "GOUJI_LOG_FORMAT": "json",
            "GOUJI_PUBLISH_PATIENCE": "2s",
        }

    async def enforce(self, rights: str | None = None) -> None:
        """Let the running server take these rights, those of the folder if none are given.

        Who connects while it reads them is turned away, so this waits for the end.
        """
        if rights is None:
            write_rights(self.ring, self.rights)
            rights = self.rights.read_text()
        self.rights.write_text(rights)
        if rights == self._enforced:
            return
        before = self._reloads()
        self.server.reload()
        await asyncio.to_thread(wait_for, "reloaded", lambda: self._reloads() > before)
        self._enforced = rights

    def _reloads(self) -> int:
        return self.server.log_path.read_text(errors="replace").count(
            "Reloaded server configuration"
        )

    async def provision(self) -> None:
        await topology.provision_at(
            self.access("keeper"),
            total_bytes=1 << 30,
            ack_wait=seconds(30),
            others=map(watcher_consumer, WATCHERS),
        )

    @asynccontextmanager
    async def client(self, who: str) -> AsyncIterator["Guest"]:
        heard: list[Exception] = []

        async def hear(error: Exception) -> None:
            heard.append(error)

        client = await connect(self.access(who), allow_reconnect=False, error_cb=hear)
        try:
            yield Guest(who, client, heard)
        finally:
            await client.close()


class Guest:
    """Somebody's connection, and what the server did not allow it."""

    def __init__(self, who: str, client: Client, heard: list[Exception]) -> None:
        self.who = who
        self.client = client
        self.js = client.jetstream()
        self.api = "$JS.API" if who in INSIDE else API_FROM_OUTSIDE
        self._heard = heard

    @property
    def denied(self) -> set[str]:
        return {found[1] for error in self._heard if (found := denied_by(error)) is not None}

    async def try_all(self, subjects: list[str], body: bytes = b"{}", reply: str = "") -> set[str]:
        """Publish to all of these; return those of them that the server denied."""
        for subject in subjects:
            await self.client.publish(subject, body, reply=reply)
        # the answer to a flush comes after whatever the server had to say before; the first may be
        # the answer to the connecting itself
        await self.client.flush(timeout=30)
        await self.client.flush(timeout=30)
        # the client library writes what it heard in small letters
        return {subject for subject in subjects if subject.lower() in self.denied}


async def contents(keeper: Guest) -> dict[str, Any]:
    """Return what every stream holds and who has consumers on it."""
    found = {}
    for info in await keeper.js.streams_info():
        name = info.config.name
        state = (await keeper.js.stream_info(name)).state
        consumers = sorted(c.name for c in await keeper.js.consumers_info(name))
        found[name] = (state.messages, state.last_seq, consumers)
    return found


def demand_tls(cluster: Cluster, ring: Keyring, password: str) -> None:
    """Let a running cluster take connections over TLS with a password only, but for its own checks."""
    data = cluster._folder / "data"
    certificate, key = data / "server.crt", data / "server.key"
    source, source_key = ring.certificate("postgres")
    shutil.copyfile(source, certificate)
    shutil.copyfile(source_key, key)
    owner = data.stat()
    for path in (certificate, key):
        os.chown(path, owner.st_uid, owner.st_gid)
    key.chmod(0o600)
    with cluster._connect() as connection:
        connection.execute(f"ALTER USER gouji PASSWORD '{password}'")
        for name, value in (("ssl", "on"), ("ssl_cert_file", certificate), ("ssl_key_file", key)):
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        (data / "pg_hba.conf").write_text(
            "host postgres gouji 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n"
        )
        connection.execute("SELECT pg_reload_conf()")
