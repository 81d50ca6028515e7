"""What just happened, as server-sent events; and whether the page itself is well."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from services.page.views.shell import House, asked
from shared.errors import GoujiError

_SIGN_OF_LIFE_SECONDS: Final = 15.0
_LONGEST_SECONDS: Final = 3600.0


async def live(request: Request) -> Response:
    """Return the stream of events; 503 when as many pages listen as may."""
    house = asked(request).house
    if request.method == "HEAD":
        return Response(media_type="text/event-stream")
    if house.feed.is_full:
        return PlainTextResponse("too many pages listen", 503, headers={"retry-after": "60"})
    return StreamingResponse(
        _stream(house), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


async def livez(_: Request) -> Response:
    """Say that the process answers."""
    return PlainTextResponse("ok")


def readyz(request: Request) -> Response:
    """Say whether the database answers; 503 if it does not."""
    house: House = request.app.state.house
    try:
        house.shelf.is_there()
    except GoujiError:
        return PlainTextResponse("database away", 503)
    return PlainTextResponse("ok")


async def _stream(house: House) -> AsyncIterator[bytes]:
    """Yield events as they come, and a sign of life in between; ends after an hour, browsers ask again."""
    events = house.feed.listen()
    ends = asyncio.get_running_loop().time() + _LONGEST_SECONDS
    waiting: asyncio.Task[dict[str, Any]] | None = None
    try:
        while asyncio.get_running_loop().time() < ends:
            waiting = waiting or asyncio.ensure_future(anext(events))
            done, _ = await asyncio.wait((waiting,), timeout=_SIGN_OF_LIFE_SECONDS)
            if not done:
                yield b": still here\n\n"
                continue
            event, waiting = waiting.result(), None
            kind = "state" if event["kind"] == "state" else "arrived"
            yield b"event: %s\ndata: %s\n\n" % (kind.encode(), orjson.dumps(event))
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await events.aclose()  # type: ignore[attr-defined] # an asynchronous generator
