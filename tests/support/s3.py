"""A real S3 server (SeaweedFS, from a package), and one that lies as a test tells it to."""

import json
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from aiobotocore.config import AioConfig
from aiobotocore.session import get_session

from services.ingest.adapters import feeder, s3
from shared.runtime.children import spawn, stop

KEY, SECRET = "gouji", "only-for-tests"
_WEED = Path(sys.executable).with_name("weed")


class Told:
    """Stands in for the log of the feeders and keeps what is said, as one text."""

    def __init__(self) -> None:
        self.text = ""

    def info(self, event: str, **fields: object) -> None:
        self.text += f"{event} {fields}\n"

    warning = info


def told_by(monkeypatch: pytest.MonkeyPatch) -> Told:
    told = Told()
    for module in (feeder, s3):
        monkeypatch.setattr(module, "log", told)
    return told


class Store:
    """SeaweedFS with one bucket on ports and a folder of its own; it may be killed and started again."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        # the ports of its remote calls are 10000 above these
        self._ports = dict(zip(("master", "volume", "filer", "s3"), _free_ports(4), strict=True))
        self._config = folder / "s3.json"
        self.allow(KEY, SECRET)
        self._child: Any = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._ports['s3']}"

    def allow(self, key: str, secret: str) -> None:
        """Let in whoever has this key, from the next start on."""
        identity = {"name": "test", "credentials": [{"accessKey": key, "secretKey": secret}],
                    "actions": ["Admin", "Read", "Write", "List", "Tagging"]}  # fmt: skip
        self._config.write_text(json.dumps({"identities": [identity]}))

    def start(self) -> None:
        ports = [f"-{name}.port={port}" for name, port in self._ports.items()]
        with (self._folder / "weed.log").open("ab") as log:
            self._child = spawn(
                [str(_WEED), "mini", f"-dir={self._folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
                 "-admin.ui=false", "-webdav=false", "-metricsPort=0", "-s3.port.iceberg=0", "-s3.port.lance=0",
                 "-bucket=reports", f"-s3.config={self._config}", *ports],
                cwd=self._folder, output=log,
            )  # fmt: skip
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._child.poll() is None, (self._folder / "weed.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the store does not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """End it without warning."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            self._child = None

    def stop(self) -> None:
        if self._child is not None:
            stop(self._child, grace_seconds=5)
            self._child = None

    def _answers(self) -> bool:
        """Ask for what nobody may see without a key: only a store that is up refuses."""
        try:
            urllib.request.urlopen(f"{self.url}/reports?list-type=2", timeout=2).close()
        except urllib.error.HTTPError as error:
            return error.code == 403
        except OSError:
            return False
        return True

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Any]:
        async with get_session().create_client(
            "s3", endpoint_url=self.url, region_name="us-east-1",
            aws_access_key_id=KEY, aws_secret_access_key=SECRET,
            config=AioConfig(s3={"addressing_style": "path"}),
        ) as client:  # fmt: skip
            yield client


@contextmanager
def store(folder: Path) -> Iterator[Store]:
    one = Store(folder)
    one.start()
    try:
        yield one
    finally:
        one.stop()


def _free_ports(number: int) -> list[int]:
    found: list[int] = []
    for port in range(21000 + time.time_ns() % 20000, 65000):
        if all(map(_is_free, (port, port + 10000))):
            found.append(port)
        if len(found) == number:
            return found
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


class Liar:
    """An S3 server in this process: what it lists and what it answers need not agree."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.etags: dict[str, str] = {}
        """ETags that answers to a read have instead of the listed one."""
        self.sizes: dict[str, int] = {}
        """Sizes that are listed instead of the true ones."""
        self.cut = 0
        """How many reads more break off in the middle."""
        self.page = 1000
        self.fail_page: int | None = None
        self.status = 200
        self.listings = 0

    def listing(self, query: dict[str, list[str]]) -> bytes:
        after = query.get("continuation-token", [""])[0]
        self.listings += not after
        prefix = query.get("prefix", [""])[0]
        keys = [k for k in sorted(self.objects) if k.startswith(prefix) and k > after]
        if after and self.fail_page is not None:
            raise ConnectionResetError
        shown, more = keys[: self.page], len(keys) > self.page
        entries = "".join(
            f"<Contents><Key>{quote(k)}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
            f"<ETag>&quot;{hash_of(self.objects[k])}&quot;</ETag>"
            f"<Size>{self.sizes.get(k, len(self.objects[k]))}</Size></Contents>"
            for k in shown
        )
        token = (
            f"<NextContinuationToken>{escape(shown[-1])}</NextContinuationToken>" if more else ""
        )
        return (
            f"<?xml version='1.0'?><ListBucketResult><EncodingType>url</EncodingType>{entries}"
            f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}</ListBucketResult>"
        ).encode()


def hash_of(data: bytes) -> str:
    return f"{hash(data) & 0xFFFFFFFF:08x}-{len(data)}"


@contextmanager
def lying() -> Iterator[tuple[Liar, str]]:
    """Yield the server and its address."""
    liar = Liar()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            try:
                if liar.status != 200:
                    self._send(liar.status, b"<Error><Code>SlowDown</Code></Error>", {})
                elif "list-type" in query:
                    self._send(200, liar.listing(query), {})
                else:
                    self._read(unquote(parts.path).split("/", 2)[2])
            except ConnectionResetError:
                self.connection.close()

        def _read(self, key: str) -> None:
            data = liar.objects.get(key)
            if data is None:
                self._send(404, b"<Error><Code>NoSuchKey</Code></Error>", {})
                return
            etag = liar.etags.get(key, hash_of(data))
            if key not in liar.etags and self.headers.get("If-Match", "").strip('"') != etag:
                self._send(412, b"<Error><Code>PreconditionFailed</Code></Error>", {})
                return
            wanted = self.headers.get("Range")
            if wanted:
                start, end = map(int, wanted.removeprefix("bytes=").split("-"))
                data = data[start : end + 1]
            self._send(206 if wanted else 200, data, {"ETag": f'"{etag}"'})

        def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if liar.cut > 0 and "ETag" in headers:
                liar.cut -= 1
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.wfile.write(body)

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield liar, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
