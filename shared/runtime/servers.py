"""Which servers the bus has, and how soon one that fell silent is left for another."""

from typing import Final, TypedDict


class Keeping(TypedDict):
    """Options of a connection that must notice a silent server."""

    ping_interval: int
    max_outstanding_pings: int


KEEPING: Final = Keeping(ping_interval=2, max_outstanding_pings=2)
"""A server that answers no ping is left after six seconds; the client's own default is six minutes.

A node whose cable is cut closes no connection: nothing else tells that it is gone.
"""


def servers_of(url: str) -> list[str]:
    """Return the servers of a setting that may name several, by comma."""
    return [server for part in url.split(",") if (server := part.strip())]
