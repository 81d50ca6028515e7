"""What may happen to the nodes of a cluster: killed, cut off, frozen, upgraded, wiped.

Each harm does all of its work in `strike` and leaves a whole cluster; `run_all` measures how long no
publish was acknowledged meanwhile.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final

from tests.endurance.acked import STREAM, Publisher
from tests.endurance.line import Line
from tests.support.cluster import Cluster, Node
from tests.support.processes import wait_for

CUT_SECONDS: Final = 20.0
_DOWN_SECONDS: Final = 4.0
_AFTER: Final = 3.0
_HEALTHY_WITHIN: Final = 120.0


Strike = Callable[[Cluster, Publisher, float], None]
"""Harms a cluster for so many seconds and makes it whole again."""


@dataclass(frozen=True, slots=True)
class Harm:
    """One harm: its name, what it does, and whether publishing must go on within the bar."""

    name: str
    strike: Strike
    seconds: float = _DOWN_SECONDS
    bound: bool = True
    needs_cables: bool = False


@dataclass(slots=True)
class Felt:
    """What was felt of a harm, in seconds: the longest time without an acknowledgement, and how long
    until every node was current again."""

    name: str
    gap: float
    healthy: float
    bound: bool


@dataclass
class Ordeals:
    """A fault of many: strikes with the next harm each time."""

    cluster: Cluster
    publisher: Publisher
    harms: Sequence[Harm]
    felt: list[Felt] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What the figures call the harm that struck last."""
        return self.felt[-1].name if self.felt else "none"

    def inject(self, line: Line, rng: Random) -> bool:
        """Strike with the next harm, and wait until the cluster is whole."""
        harm = self.harms[len(self.felt)]
        since = time.monotonic()
        harm.strike(self.cluster, self.publisher, harm.seconds)
        healthy = self.cluster.await_health(_HEALTHY_WITHIN)
        time.sleep(_AFTER)
        gap = self.publisher.longest_gap(since, time.monotonic())
        self.felt.append(Felt(harm.name, gap, healthy, harm.bound))
        print(f"{harm.name}: gap {gap:.1f} s, whole after {healthy:.1f} s", flush=True)
        return True

    def end(self, line: Line) -> None:
        """There is nothing left to take away."""


def leader(cluster: Cluster, stream: str = STREAM) -> Node:
    """Return the node that leads a stream."""
    return wait_for(f"a leader of {stream}", lambda: cluster.leader_of(stream), 30)


def meta_leader(cluster: Cluster) -> Node:
    """Return the node that leads the cluster."""
    return wait_for("a leader of the cluster", cluster.meta_leader, 30)


def kill(choose: Callable[[Cluster], Node]) -> Strike:
    """Kill a node, start it again after a while."""

    def strike(cluster: Cluster, _: Publisher, seconds: float) -> None:
        node = choose(cluster)
        cluster.kill(node)
        time.sleep(seconds)
        cluster.start(node)

    return strike


def freeze_leader(cluster: Cluster, _: Publisher, seconds: float) -> None:
    """Stop the leader where it is: its connections stay open and nothing answers."""
    node = leader(cluster)
    cluster.freeze(node)
    time.sleep(seconds)
    cluster.thaw(node)


def cut_leader(cluster: Cluster, _: Publisher, seconds: float) -> None:
    """Pull the leader's cable."""
    with _healing(cluster, leader(cluster)) as node:
        cluster.cut(node)
        time.sleep(seconds)


def cut_server_of_client(cluster: Cluster, publisher: Publisher, seconds: float) -> None:
    """Pull the cable of the node that the publisher talks to."""
    node = next((n for n in cluster.nodes if n.host == publisher.server), cluster.nodes[0])
    with _healing(cluster, node):
        cluster.cut(node)
        time.sleep(seconds)


def part_leader(cluster: Cluster, _: Publisher, seconds: float) -> None:
    """Part the leader from its peers while clients still reach it."""
    with _healing(cluster, leader(cluster)) as node:
        cluster.cut_from_peers(node)
        time.sleep(seconds)


def deafen_leader(cluster: Cluster, _: Publisher, seconds: float) -> None:
    """Let the leader speak to its peers and hear nothing from them."""
    with _healing(cluster, leader(cluster)) as node:
        cluster.cut_from_peers(node, deaf_only=True)
        time.sleep(seconds)


def no_quorum(cluster: Cluster, _: Publisher, seconds: float) -> None:
    """Kill two of three, leave the third alone for a while."""
    lost = [node for node in cluster.nodes if node is not leader(cluster)]
    for node in lost:
        cluster.kill(node)
    time.sleep(seconds)
    for node in lost:
        cluster.start(node)


def roll(cluster: Cluster, _: Publisher, __: float) -> None:
    """Upgrade every node in turn: it hands over, leaves, comes back, and is current again."""
    for node in cluster.nodes:
        cluster.lame_duck(node)
        cluster.start(node)
        cluster.await_health(_HEALTHY_WITHIN)


def wipe(cluster: Cluster, _: Publisher, seconds: float) -> None:
    """Replace the disk of the leader."""
    node = leader(cluster)
    cluster.kill(node)
    cluster.wipe(node)
    time.sleep(seconds)
    cluster.start(node)


KILL_LEADER: Final = Harm("SIGKILL leader of the stream", kill(leader))
CUT_CLIENTS_NODE: Final = Harm(
    "cable of the client's node out 20 s", cut_server_of_client, CUT_SECONDS, needs_cables=True
)
ALL: Final = (
    *(Harm(f"SIGKILL n{n + 1}", kill(lambda c, n=n: c.nodes[n])) for n in range(3)),
    KILL_LEADER,
    Harm("SIGKILL leader of REPORTS", kill(lambda c: leader(c, "REPORTS"))),
    Harm("SIGKILL leader of the cluster", kill(meta_leader)),
    Harm("SIGSTOP leader 20 s", freeze_leader, CUT_SECONDS),
    Harm("cable of the leader out 20 s", cut_leader, CUT_SECONDS, needs_cables=True),
    CUT_CLIENTS_NODE,
    # half a cut is beyond the bar: the nodes themselves may take as long to agree (docs/operations.md)
    Harm("leader parted from its peers 20 s", part_leader, CUT_SECONDS, bound=False,
         needs_cables=True),
    Harm("leader deaf to its peers 20 s", deafen_leader, CUT_SECONDS, bound=False,
         needs_cables=True),
    Harm("two of three down 20 s", no_quorum, CUT_SECONDS, bound=False),
    Harm("rolling upgrade (lame duck)", roll),
    Harm("disk of the leader lost", wipe),
)  # fmt: skip


@contextmanager
def _healing(cluster: Cluster, node: Node) -> Iterator[Node]:
    try:
        yield node
    finally:
        with contextlib.suppress(OSError):
            cluster.heal(node)
