"""How soon a server that fell silent is left for another."""

from collections.abc import Sequence
from typing import Final, TypedDict


class Keeping(TypedDict):
    """Options of a connection that must notice a silent server."""

    ping_interval: int
    max_outstanding_pings: int


_AMONG_SEVERAL: Final = Keeping(ping_interval=2, max_outstanding_pings=2)
_ALONE: Final = Keeping(ping_interval=10, max_outstanding_pings=2)


def keeping(servers: Sequence[str]) -> Keeping:
    """Return after how much silence a connection is given up, as the client's own options.

    A node whose cable is cut closes no connection: pings that come back are all that tells. One of
    several servers is left after six seconds; the only one after thirty, as there is nowhere to go
    and it may just be busy. The client's own default is six minutes.
    """
    return _AMONG_SEVERAL if len(servers) > 1 else _ALONE
