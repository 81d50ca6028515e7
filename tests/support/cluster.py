"""Three real nats-servers that form one cluster, and the ways to hurt it.

Each node has its own process, store and, where the machine allows, network namespace; without
namespaces all are on the loopback and cannot be cut off, only killed and stopped.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from shared.runtime import children
from shared.runtime.connections.embedded import server_binary
from tests.support.wires import Wires, permitted

NODES = 3
SHIPPED = Path(__file__).parents[2] / "deploy" / "cluster"
"""The files that operators copy; every cluster here runs on them, with only places changed."""


class Node:
    """One server of the cluster: its place, its files, its process."""

    def __init__(self, number: int, folder: Path, host: str, ports: tuple[int, int, int]) -> None:
        self.number, self.name = number, f"n{number + 1}"
        self.folder, self.host = folder / f"n{number + 1}", host
        self.port, self.monitor, self.route = ports
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{self.host}:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "nats-server.log").read_text(errors="replace")

    def is_running(self) -> bool:
        return self.child is not None and self.child.poll() is None

    def ask(self, path: str, timeout: float = 2.0) -> dict[str, Any] | None:
        """Return what the monitoring port says, None while it does not answer."""
        try:
            address = f"http://{self.host}:{self.monitor}{path}"
            with urllib.request.urlopen(address, timeout=timeout) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            # "not healthy" comes as an error, and says why
            return {"status": error.read().decode(errors="replace")}
        except (OSError, ValueError):
            return None


class Cluster:
    """Use it as a context manager; nothing of it survives the block."""

    def __init__(
        self, folder: Path, *, cuttable: bool | None = None, certificates: Path | None = None
    ) -> None:
        """Place three nodes; they are in namespaces unless `cuttable` is False or not permitted.

        With a folder of `certificates` they trust one another by these (node.pem, node-key.pem, ca.pem).
        """
        self.cuttable = permitted() if cuttable is None else cuttable
        self._wires = Wires(NODES) if self.cuttable else None
        self._certificates = certificates
        self._starter = ThreadPoolExecutor(1)
        self.nodes = [
            Node(number, folder.resolve(), *self._place(number)) for number in range(NODES)
        ]

    def _place(self, number: int) -> tuple[str, tuple[int, int, int]]:
        if self._wires is not None:
            return self._wires.address(number), (4222, 8222, 6222)
        return "127.0.0.1", (_free_port(), _free_port(), _free_port())

    @property
    def url(self) -> str:
        """Where clients connect: all nodes."""
        return ",".join(node.url for node in self.nodes)

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def __enter__(self) -> Self:
        if self._wires is not None:
            self._wires.__enter__()
        try:
            for node in self.nodes:
                self.start(node)
            self.await_health()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for node in self.nodes:
            self.kill(node)
        self._starter.shutdown()
        if self._wires is not None:
            self._wires.__exit__()

    def start(self, node: Node) -> None:
        """Start a node; it continues with the store it has."""
        node.folder.mkdir(parents=True, exist_ok=True)
        config = self._configure(node)
        place = self._wires.inside(node.number) if self._wires is not None else ()
        # the kernel ends children with the thread that started them: it must be one that lasts
        node.child = self._starter.submit(
            children.spawn,
            [*place, server_binary(), "--config", str(config)],
            env={"GOMAXPROCS": "1", "NODE": node.name, **os.environ},
            output=subprocess.DEVNULL,
        ).result()

    def _configure(self, node: Node) -> Path:
        """Write the shipped configuration with this node's places."""
        routes = ", ".join(f'"nats://{x.host}:{x.route}"' for x in self.nodes)
        text = (SHIPPED / "node.conf").read_text(encoding="utf-8")
        for shipped, ours in (
            ('"0.0.0.0:4222"', f'"{node.host}:{node.port}"'),
            ('"127.0.0.1:8222"', f'"{node.host}:{node.monitor}"'),
            ('"0.0.0.0:6222"', f'"{node.host}:{node.route}"'),
            ("store_dir: /data", f"store_dir: {json.dumps(str(node.folder))}"),
            ('"nats://nats-1:6222", "nats://nats-2:6222", "nats://nats-3:6222"', routes),
        ):
            assert text.count(shipped) == 1, shipped
            text = text.replace(shipped, ours)
        config = node.folder / "node.conf"
        config.write_text(f'{text}\nlog_file: "{node.folder}/nats-server.log"\n', encoding="utf-8")
        for included in ("routes.conf", "access.conf"):
            body = (SHIPPED / included).read_text(encoding="utf-8")
            if self._certificates is not None and included == "routes.conf":
                body = with_certificates(body, self._certificates)
            (node.folder / included).write_text(body, encoding="utf-8")
        return config

    def kill(self, node: Node) -> None:
        """End a node at once, as a crash would."""
        if node.child is not None and node.child.poll() is None:
            node.child.kill()
            node.child.wait()

    def lame_duck(self, node: Node, within: float = 60.0) -> None:
        """End a node the way an upgrade does: it hands over first, then leaves."""
        assert node.child is not None
        node.child.send_signal(signal.SIGUSR2)
        node.child.wait(within)

    def wipe(self, node: Node) -> None:
        """Lose the disk of a node that does not run."""
        shutil.rmtree(node.folder / "jetstream", ignore_errors=True)

    def freeze(self, node: Node) -> None:
        """Stop a node where it is: connections stay open and nothing answers."""
        assert node.child is not None
        node.child.send_signal(signal.SIGSTOP)

    def thaw(self, node: Node) -> None:
        assert node.child is not None
        node.child.send_signal(signal.SIGCONT)

    def cut(self, node: Node) -> None:
        """Pull the node's cable."""
        assert self._wires is not None
        self._wires.cut(node.number)

    def cut_from_peers(self, node: Node, *, deaf_only: bool = False) -> None:
        """Part a node from its peers only; clients still reach it."""
        assert self._wires is not None
        others = [x.number for x in self.nodes if x is not node]
        self._wires.cut_from(node.number, others, deaf_only=deaf_only)

    def heal(self, node: Node) -> None:
        assert self._wires is not None
        self._wires.heal(node.number)

    def named(self, name: str) -> Node:
        return next(node for node in self.nodes if node.name == name)

    def meta_leader(self, among: Sequence[Node] | None = None) -> Node | None:
        """Return the node that leads the cluster as most nodes see it, None without one."""
        for node in among or self.nodes:
            found = (node.ask("/jsz") or {}).get("meta_cluster", {})
            leader = found.get("leader")
            if leader:
                return self.named(leader)
        return None

    def leader_of(self, stream: str, among: Sequence[Node] | None = None) -> Node | None:
        """Return the node that leads a stream, None while there is none."""
        for node in among or self.nodes:
            answer = node.ask("/jsz?streams=true&accounts=true") or {}
            for account in answer.get("account_details", ()):
                for detail in account.get("stream_detail", ()):
                    leader = detail.get("cluster", {}).get("leader")
                    if detail["name"] == stream and leader:
                        return self.named(leader)
        return None

    def await_health(self, within: float = 60.0, among: Sequence[Node] | None = None) -> float:
        """Return after how many seconds all nodes say that every stream is current."""
        started = time.monotonic()
        waiting = list(among or self.nodes)
        while waiting:
            answer = waiting[0].ask("/healthz")
            if answer is not None and answer.get("status") == "ok":
                waiting.pop(0)
                continue
            if time.monotonic() - started > within:
                raise AssertionError(f"{waiting[0].name} is not healthy: {answer}")
            time.sleep(0.1)
        return time.monotonic() - started


def with_certificates(body: str, folder: Path) -> str:
    """Take the comment marks off the lines that ship commented out, and name our own files."""
    # prose has one blank after the mark, settings none or two
    return re.sub(r"^#(?! \S)", "", body, flags=re.MULTILINE).replace("/etc/cluster/", f"{folder}/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
