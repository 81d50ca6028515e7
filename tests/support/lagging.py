"""A JetStream context behind which a copy lags, or the leader was elected just now."""

from typing import Any

from nats.js import JetStreamContext
from nats.js.errors import NotFoundError


class Lagging:
    """Everything is real but look-ups: copies miss `direct` times, leaders `leader` times.

    `behind` is by how many messages a stream seems to be short, once.
    """

    def __init__(
        self, js: JetStreamContext, *, direct: int = 0, leader: int = 0, behind: int = 0
    ) -> None:
        self._js = js
        self._direct, self._leader, self._behind = direct, leader, behind
        self.leaders = ["n1"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._js, name)

    async def get_msg(self, *args: Any, direct: bool = False, **kwargs: Any) -> Any:
        if direct and self._direct:
            self._direct -= 1
            raise NotFoundError
        if not direct and self._leader:
            self._leader -= 1
            raise NotFoundError
        return await self._js.get_msg(*args, direct=direct, **kwargs)

    async def stream_info(self, *args: Any, **kwargs: Any) -> Any:
        """Say what a cluster says: who leads, in turn."""
        info = await self._js.stream_info(*args, **kwargs)
        info.cluster = type("ClusterInfo", (), {"leader": self.leaders[0]})()
        if len(self.leaders) > 1:
            self.leaders.pop(0)
        info.state.last_seq -= self._behind
        self._behind = 0
        return info
