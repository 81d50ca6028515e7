"""The whole line behind locks: everything works, over TLS, and no secret is in anything it wrote."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest

from services.commands.keys import complete
from services.commands.reaching.records import file_states, migrate
from services.commands.running.keyring import Keyring
from shared.errors import Unavailable
from shared.secrets import with_password_file
from tests.support.fill import fill
from tests.support.postgres import Cluster
from tests.support.processes import Up, gouji, up, wait_for
from tests.support.render import LAYOUTS, render
from tests.support.secured import demand_tls

pytestmark = pytest.mark.system

PASSWORD = "geheim-Wort-4711"
"""It stands in a file; nothing may ever show it."""
WEBHOOK_SECRET = "whsec_Z2VoZWltLWdlaGVpbS1nZWhlaW0="


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    ring = Keyring(tmp_path_factory.mktemp("keys"))
    complete(ring, watchers=("acme",))
    with Cluster() as running:
        demand_tls(running, ring, PASSWORD)
        yield running, ring


def address(running: Cluster, ca: Path, host: str = "localhost") -> str:
    url = running.new_database().replace("127.0.0.1", host)
    return f"{url}?sslmode=verify-full&sslrootcert={ca}"


def password_file(folder: Path, text: str = PASSWORD) -> Path:
    path = folder / "database.password"
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def test_a_database_over_tls_takes_the_password_of_the_file(cluster, tmp_path):
    running, ring = cluster
    url = with_password_file(address(running, ring.ca_file), password_file(tmp_path))

    migrate(url)

    assert file_states(url) == []


@pytest.mark.parametrize(
    ("host", "password", "foreign", "why"),
    [
        ("localhost", PASSWORD, True, "certificate verify failed"),
        ("127.0.0.2", PASSWORD, False, "127.0.0.2"),
        ("localhost", "falsch-falsch", False, "password authentication failed"),
    ],
    ids=["a foreign authority", "another host", "a wrong password"],
)
def test_a_database_that_cannot_be_trusted_is_refused_and_no_password_is_told(
    cluster, tmp_path, host, password, foreign, why
):
    running, ring = cluster
    other = Keyring(tmp_path / "other")
    complete(other)
    ca = other.ca_file if foreign else ring.ca_file
    url = with_password_file(address(running, ca, host), password_file(tmp_path, password))

    with pytest.raises(Unavailable) as refused:
        migrate(url)

    assert why in str(refused.value)
    assert password not in str(refused.value)


@contextmanager
def desk() -> Iterator[tuple[str, list[bytes]]]:
    """A receiver of webhooks: its address, and the bodies that it got."""
    heard: list[bytes] = []

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", heard
        finally:
            server.shutdown()
            thread.join()


def secrets_of(ring: Keyring) -> list[str]:
    """Return every word that must not be seen, and the body of every private key."""
    seeds = [p.read_text().strip() for p in ring.folder.rglob("*.nk")]
    keys = [line for p in ring.folder.rglob("*.key") for line in p.read_text().splitlines()
            if not line.startswith("-")]  # fmt: skip
    return [*seeds, *keys, PASSWORD, WEBHOOK_SECRET]


def written(folder: Path) -> dict[str, bytes]:
    """Return everything a run wrote that is no database and no store: logs, output, up.json, configuration."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and "jetstream" not in path.parts and path.suffix != ".secret":
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


@pytest.mark.long
def test_the_whole_line_works_behind_locks_and_tells_no_secret(cluster, tmp_path):
    running, ring = cluster
    work = tmp_path / "work"
    work.mkdir()
    database = address(running, ring.ca_file)
    env = {
        "GOUJI_DATABASE_PASSWORD_FILE": str(password_file(tmp_path)),
        # every event is too large to travel inline: the claim store is used at each hop
        "GOUJI_INLINE_BYTES": "2000",
        "PGPASSWORD": "",
    }
    said: list[str] = []

    def command(*arguments: object, code: int = 0) -> str:
        ended = gouji(*arguments, cwd=work, env=env)
        said.append(ended.stdout + ended.stderr)
        assert ended.returncode == code, said[-1]
        return ended.stdout

    with desk() as (url, heard):
        webhooks = tmp_path / "webhooks.toml"
        (tmp_path / "desk.secret").write_text(WEBHOOK_SECRET)
        webhooks.write_text(
            f'[[webhooks]]\nname = "desk"\nurl = "{url}"\nsecret_file = "desk.secret"\n'
            'events = ["issue", "recorded"]\n'
        )
        options = ("--keys", ring.folder, "--database", database, "--webhooks", webhooks)
        with up(work, *options, env=env) as line:
            _drop_and_look(line, work, command, heard)
            announced = json.loads((work / "data" / "up.json").read_text())
            mode = (work / "data" / "up.json").stat().st_mode & 0o777
        said.append(line.output)

    assert announced["keys"] == str(ring.folder)
    assert mode == 0o600
    everything = {**written(work), **{f"output {n}": t.encode() for n, t in enumerate(said)}}
    for secret in secrets_of(ring):
        assert [name for name, data in everything.items() if secret.encode() in data] == []
    logs = b"".join(data for name, data in everything.items() if name.endswith(".log"))
    assert b"bus.denied" not in logs
    assert b"bus.refused" not in logs


def _drop_and_look(line: Up, work: Path, command, heard: list[bytes]) -> None:
    """Drop files by folder and by command, list, replay, judge again."""
    first, second = (render(fill(n), LAYOUTS[0], Random(n)) for n in (1, 2))
    assert line.line["keys"]
    line.drop(first.name, first.data)
    wait_for("one recorded", lambda: "recorded" in command("status", "--files"), 120)
    path = work / f"second-{second.name}"
    path.write_bytes(second.data)
    command("drop", path, "--wait")
    states = json.loads(command("status", "--format", "json"))
    assert states["bus"]
    assert states["files"] == {"recorded": 2}
    found = command("failures", "--format", "jsonl").splitlines()
    command("replay")
    command("recheck", "--all", "--wait")
    exported = command("export").splitlines()
    issues = [issue for text in exported for issue in json.loads(text)["issues"]]
    assert len(exported) == 2
    assert len(found) >= len(issues) > 0
    command("decide", issues[0]["id"][:12], "confirm", "--by", "tester")
    wait_for("the webhook heard", lambda: len(heard) >= 2)
    assert re.search(r"tls://127\.0\.0\.1:\d+", json.dumps(line.line))


def test_a_key_that_everybody_can_read_stops_the_start_in_one_line(tmp_path):
    complete(Keyring(tmp_path / "keys"))
    env = {
        "GOUJI_NATS_URL": "tls://127.0.0.1:1",
        "GOUJI_NATS_NKEY_FILE": str(tmp_path / "keys" / "users" / "extract.nk"),
        "GOUJI_NATS_CA_FILE": str(tmp_path / "keys" / "ca.crt"),
        "GOUJI_LOG_FORMAT": "json",
    }
    Path(env["GOUJI_NATS_NKEY_FILE"]).chmod(0o644)

    ended = gouji("run", "extract", cwd=tmp_path, env=env)
    status = gouji("failures", cwd=tmp_path, env=env)

    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert ended.returncode == 2
    assert lines[-1]["event"] == "service.not_started"
    assert "GOUJI_NATS_NKEY_FILE" in lines[-1]["error"]
    assert status.returncode == 2
    assert status.stderr.count("\n") == 1
    assert "GOUJI_NATS_NKEY_FILE" in status.stderr
