"""Looking for a message of a stream so that "not there" can be believed.

In a cluster any copy of a stream may answer a direct look-up, also one that lags behind or comes
back from the cold; a new leader answers before it has written all that was agreed. What is found is
right in any case. What is not found is not there only if the leader says so, had come as far as the
asker knows the stream to have come, and still leads afterwards.
"""

from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg, StreamInfo
from nats.js.errors import NotFoundError

from shared.errors import Unavailable
from shared.language import spoken


async def look(
    js: JetStreamContext, stream: str, sequence: int, subject: str | None = None, *, reached: int
) -> RawStreamMsg | None:
    """Return the message at a sequence, with `subject` the first one of it from there on; else None.

    `reached` is how far the asker knows the stream to have come (0: not at all). Raises
    `Unavailable` while nobody can tell, and what the client library raises.
    """
    following = subject is not None
    try:
        return await js.get_msg(stream, sequence, subject, direct=True, next=following)
    except NotFoundError:
        pass
    before = await js.stream_info(stream)
    if leader_of(before) is not None and before.state.last_seq < reached:
        raise Unavailable(
            f"{stream}: "
            + spoken(
                f"现到 {before.state.last_seq}，尚未恢复到 {reached}，请稍候；若不再前进，流的末尾已丢失："
                "gouji reconcile",
                f"is at {before.state.last_seq}, not yet at {reached} again: wait; if it stays there "
                "the stream lost its end, and gouji reconcile reads again what came after",
            )
        )
    try:
        return await js.get_msg(stream, sequence, subject, next=following)
    except NotFoundError:
        if not same_leader(before, await js.stream_info(stream)):
            raise Unavailable(f"{stream} changed its leader meanwhile") from None
        return None


def same_leader(before: StreamInfo, after: StreamInfo) -> bool:
    """Tell whether a stream was led by one and the same server throughout."""
    return leader_of(before) == leader_of(after) and after.state.last_seq >= before.state.last_seq


def leader_of(info: StreamInfo) -> str | None:
    """Return the server that leads a stream; None on a single server."""
    return info.cluster.leader if info.cluster is not None else None
