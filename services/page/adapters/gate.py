"""What every request and answer goes through: host names, sizes, headers, one log line."""

import time
from collections.abc import Callable, Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.monitoring import measuring
from shared.runtime.logs import log

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # `no-referrer` would make browsers send `Origin: null` with our own forms
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
_SECURE: Final = {"strict-transport-security": "max-age=31536000"}
_PAGES: Final = frozenset(
    ("files", "missing", "statistics", "reports", "documents", "login", "logout", "upload", "live", "static")
)  # fmt: skip
"""What a request is counted under: the first part of its path, as far as it is one of ours."""
_PROBES: Final = ("/livez", "/readyz")
_QUIET: Final = (*_PROBES, "/static/")


class Refused(Exception):
    """A request that goes no further; `status` and both sentences are what is answered."""

    def __init__(self, status: int, zh: str, en: str) -> None:
        """Keep what to answer."""
        super().__init__(en)
        self.status, self.zh, self.en = status, zh, en


class Gate:
    """Puts the headers on every answer, writes one line for it, and answers what goes no further."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Scope, Refused], Response]) -> None:
        """Stand before this application; `refuse` draws the answer to a refused request."""
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _put_on(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Refused as refused:
            if status == 0:
                await self._refuse(scope, refused)(scope, receive, sending)
        finally:
            path, took = scope["path"], time.monotonic() - began
            _measure(path, status, took)
            if status >= 400 or not path.startswith(_QUIET):
                log("info", "page.answered", method=scope["method"], path=path[:200],
                    status=status, milliseconds=round(took * 1000, 1))  # fmt: skip


class Bounds:
    """Lets requests through whose host name is ours and whose body is not too large."""

    def __init__(
        self, app: ASGIApp, *, names: Collection[str], form_bytes: int, upload_bytes: int
    ) -> None:
        """`upload_bytes` holds for `/upload`, `form_bytes` everywhere else."""
        self._app, self._names = app, frozenset(names)
        self._form_bytes, self._upload_bytes = form_bytes, upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; raises `Refused`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "*" not in self._names and _host(headers.get("host", "")) not in self._names:
            raise Refused(
                400,
                "本页面不以此主机名提供；请设置 GOUJI_PAGE_HOSTS。",
                "This page is not served under that host name; see GOUJI_PAGE_HOSTS.",
            )
        limit = self._upload_bytes if scope["path"] == "/upload" else self._form_bytes
        if _length(headers.get("content-length")) > limit:
            raise _too_large(limit)
        read = 0

        async def receiving() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, receiving, send)


def _measure(path: str, status: int, took: float) -> None:
    """Count an answer; who asks whether the page lives is not counted."""
    if path in _PROBES:
        return
    first = path.split("/")[1]
    page = first if first in _PAGES else "other" if first else "list"
    measuring.count("gouji_page_requests_total", page, f"{status // 100}xx" if status else "none")
    if page != "live":
        measuring.observe("gouji_page_request_duration_seconds", took, page)


def _put_on(headers: MutableHeaders, scope: Scope) -> None:
    more = _SECURE if scope["scheme"] == "https" else {}
    if scope["path"].startswith("/static/"):
        # asked for again each time, and answered with "unchanged"
        more = {**more, "cache-control": "no-cache"}
    for name, value in {**_HEADERS, **more}.items():
        headers.setdefault(name, value)


def _host(text: str) -> str:
    """Return a host name in lower case without its port; an address of IPv6 keeps its brackets."""
    name, colon, port = text.rpartition(":")
    return (name if colon and port.isdigit() else text).lower()


def _length(text: str | None) -> int:
    if text is None:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Refused(400, "Content-Length 无效。", "The Content-Length is not valid.")
    return int(text)


def _too_large(limit: int) -> Refused:
    return Refused(
        413,
        f"请求过大，上限 {limit} 字节。",
        f"The request is too large; the limit is {limit} bytes.",
    )
