"""A switch and cables of our own: each node in a network namespace that can be cut off for real.

Needs root and the kernel's leave; `permitted` tells. Names carry the process id of their maker, so
that what a killed run left behind is found and removed by the next one.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Self

_PREFIX = "gj"
_LEFT = re.compile(rf"{_PREFIX}([0-9a-z]+)[bnv]\d*$")


def run(*argv: str) -> str:
    """Run one command of the system; raises CalledProcessError when it fails."""
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def _tried(*argv: str) -> bool:
    try:
        run(*argv)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@cache
def permitted() -> bool:
    """Tell whether this process may make namespaces, bridges and packet filters."""
    if os.geteuid() != 0:
        return False
    with Wires(1) as wires:
        return wires.laid


class Wires:
    """A bridge in our own namespace, and one namespace with one cable for each node.

    Addresses are `10.<a>.<b>.1` for the bridge (where clients live) and `.11`, `.12`, … for nodes.
    """

    def __init__(self, nodes: int) -> None:
        self._mark = _base36(os.getpid())
        self._bridge = f"{_PREFIX}{self._mark}b"
        high, low = divmod(os.getpid(), 250)
        self._net = f"10.{180 + high % 60}.{low + 1}"
        self._nodes = nodes
        self.laid = False

    def __enter__(self) -> Self:
        sweep()
        self._remove()
        self.laid = all(_tried(*step) for step in self._steps())
        return self

    def __exit__(self, *_: object) -> None:
        self._remove()

    def address(self, node: int) -> str:
        return f"{self._net}.{11 + node}"

    def inside(self, node: int) -> tuple[str, ...]:
        """Return what to put before a command so that it runs at this node."""
        return ("ip", "netns", "exec", self._space(node))

    def cut(self, node: int) -> None:
        """Pull the cable: nobody reaches the node, and nothing tells either side."""
        run("ip", "link", "set", self._cable(node), "down")

    def cut_from(self, node: int, others: Sequence[int], *, deaf_only: bool = False) -> None:
        """Drop packets between a node and others while clients still reach it.

        With `deaf_only` it still speaks to them and hears nothing.
        """
        for other in others:
            self._filter(node, "-A", "INPUT", "-s", self.address(other))
            if not deaf_only:
                self._filter(node, "-A", "OUTPUT", "-d", self.address(other))

    def heal(self, node: int) -> None:
        """Undo whatever was cut at a node."""
        run("ip", "link", "set", self._cable(node), "up")
        run(*self.inside(node), "iptables", "-w", "-F")

    def _filter(self, node: int, *rule: str) -> None:
        run(*self.inside(node), "iptables", "-w", *rule, "-j", "DROP")

    def _space(self, node: int) -> str:
        return f"{_PREFIX}{self._mark}n{node}"

    def _cable(self, node: int) -> str:
        return f"{_PREFIX}{self._mark}v{node}"

    def _steps(self) -> list[tuple[str, ...]]:
        bridge = self._bridge
        steps = [
            ("ip", "link", "add", bridge, "type", "bridge"),
            ("ip", "addr", "add", f"{self._net}.1/24", "dev", bridge),
            ("ip", "link", "set", bridge, "up"),
        ]
        for node in range(self._nodes):
            space, cable = self._space(node), self._cable(node)
            steps += [
                ("ip", "netns", "add", space),
                ("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0",
                 "netns", space),
                ("ip", "link", "set", cable, "master", bridge, "up"),
                ("ip", "-n", space, "addr", "add", f"{self.address(node)}/24", "dev", "eth0"),
                ("ip", "-n", space, "link", "set", "eth0", "up"),
                ("ip", "-n", space, "link", "set", "lo", "up"),
                (*self.inside(node), "iptables", "-w", "-L", "-n"),
            ]  # fmt: skip
        return steps

    def _remove(self) -> None:
        _remove(self._mark)


def sweep() -> None:
    """Remove what runs that were killed left behind."""
    for mark in {found[1] for name in _present() if (found := _LEFT.match(name))}:
        if not Path(f"/proc/{int(mark, 36)}").exists():
            _remove(mark)


def _present() -> list[str]:
    try:
        spaces = [line.split()[0] for line in run("ip", "netns", "list").splitlines() if line]
        links = re.findall(r"^\d+: ([^:@]+)", run("ip", "-o", "link"), re.MULTILINE)
    except (OSError, subprocess.CalledProcessError):
        return []
    return spaces + links


def _remove(mark: str) -> None:
    for name in _present():
        found = _LEFT.match(name)
        if found is None or found[1] != mark:
            continue
        if name.startswith(f"{_PREFIX}{mark}n"):
            _tried("ip", "netns", "del", name)
        else:
            _tried("ip", "link", "del", name)


def _base36(number: int) -> str:
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = digits[digit] + text
    return text or "0"
