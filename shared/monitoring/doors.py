"""The doors of a process for those who look after it: /livez, /readyz, /metrics, /version.

They answer in the event loop that does the work: a loop that hangs is silent here too. Nothing behind
them is secret and nothing can be changed through them; they take no part in the work itself.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

import orjson
from aiohttp import web

from shared.language import spoken
from shared.monitoring.address import SETTING, Address
from shared.monitoring.checks import is_ready
from shared.secrets import BadSetting

_JSON: Final = "application/json"
_CLOSING_SECONDS: Final = 1.0


class Doors:
    """An HTTP server of four pages."""

    def __init__(
        self,
        address: Address,
        *,
        about: Mapping[str, str],
        checks: Callable[[], Mapping[str, str]],
        expose: Callable[[str], tuple[bytes, str]],
    ) -> None:
        """Listen nowhere yet; `checks` names what readiness needs and how it is: `ok`, else why not.

        `expose` returns the metrics in the format that is accepted, and its media type.
        """
        self._address = address
        self._about = orjson.dumps(dict(about))
        self._checks = checks
        self._expose = expose
        self._runner: web.AppRunner | None = None

    async def open(self) -> None:
        """Begin to answer; raises `BadSetting` when the address cannot be had."""
        app = web.Application()
        for path, handler in (("/livez", self._live), ("/readyz", self._ready),
                              ("/metrics", self._metrics), ("/version", self._version)):  # fmt: skip
            app.router.add_get(path, handler)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=_CLOSING_SECONDS
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._address.host, self._address.port).start()
        except OSError as error:
            await self.close()
            raise BadSetting(
                f"{SETTING}: {self._address} "
                + spoken("无法监听", "cannot be listened on")
                + f": {os.strerror(error.errno or 0)}"
            ) from None

    async def close(self) -> None:
        """Answer no more."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _live(self, _: web.Request) -> web.Response:
        return web.Response(body=b'{"live":true}', content_type=_JSON)

    async def _ready(self, _: web.Request) -> web.Response:
        found = dict(self._checks())
        ready = is_ready(found)
        body = orjson.dumps({"ready": ready, "checks": found})
        return web.Response(body=body, status=200 if ready else 503, content_type=_JSON)

    async def _metrics(self, request: web.Request) -> web.Response:
        body, media_type = self._expose(request.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": media_type})

    async def _version(self, _: web.Request) -> web.Response:
        return web.Response(body=self._about, content_type=_JSON)
