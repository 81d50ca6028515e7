"""The way to one webhook: connections, name look-ups and time limit are shared with no other."""

import asyncio
from typing import Final

import aiohttp

from services.notify.adapters.resolving import OwnResolver
from services.notify.core.notices import Notice, judge, signed
from services.notify.core.webhooks import Webhook
from shared.contracts.ports import Clock
from shared.errors import Undeliverable
from shared.report.identity import ENGINE_VERSION
from shared.runtime.messages.delivery import current

_AGENT: Final = f"gouji/{ENGINE_VERSION}"
_NAME_THREADS: Final = 4


class HttpDoor:
    """Posts notices to a webhook; what it answers is neither read nor followed anywhere."""

    def __init__(self, webhook: Webhook, clock: Clock) -> None:
        """Nothing is opened before the first request."""
        self.webhook = webhook
        self._clock = clock
        self._names = OwnResolver(_NAME_THREADS)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, notice: Notice) -> int:
        """Deliver and return the status of the answer; raises `Undeliverable`."""
        _note(webhook=self.webhook.name)
        try:
            status, retry_after = await self._ask(notice)
            _note(status=status)
            judge(status, retry_after, self._clock.now())
        except Undeliverable as error:
            raise Undeliverable(
                f"webhook {self.webhook.name}: {error}",
                final=error.final,
                retry_after=error.retry_after,
            ) from None
        return status

    def pass_over(self) -> None:
        """Note that a message is not for this webhook."""
        _note(webhook=self.webhook.name)
        delivery = current.get()
        if delivery is not None:
            delivery.outcome = "not_wanted"

    async def close(self) -> None:
        """Close what is open."""
        await self._names.close()
        if self._session is not None:
            await self._session.close()

    async def _ask(self, notice: Notice) -> tuple[int, str | None]:
        """Send one request; return status and Retry-After as soon as the head of the answer is there."""
        webhook = self.webhook
        headers = dict(webhook.headers) | signed(notice, webhook.secrets, self._clock.now())
        answer: tuple[int, str | None] | None = None
        try:
            async with (
                asyncio.timeout(webhook.timeout),
                self._open().post(
                    webhook.url, data=notice.body, headers=headers, allow_redirects=False
                ) as response,
            ):
                answer = response.status, response.headers.get("Retry-After")
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            if answer is None:
                raise Undeliverable(_told(error, webhook.timeout)) from None
        assert answer is not None
        return answer

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, resolver=self._names),
                timeout=aiohttp.ClientTimeout(total=None),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Content-Type": "application/json", "User-Agent": _AGENT},
                auto_decompress=False,
            )
        return self._session


def _note(**fields: object) -> None:
    """Add to the one log line of this delivery."""
    delivery = current.get()
    if delivery is not None:
        delivery.notes.update(fields)


def _told(error: Exception, timeout: float) -> str:
    """Say what went wrong without the library's words: they may quote the address or the answer."""
    if isinstance(error, TimeoutError):
        return f"{timeout:g} 秒内无应答 · no answer within {timeout:g} s"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "找不到主机 · the host name is not known"
    if isinstance(error, aiohttp.ClientSSLError):
        return "TLS 不成 · no TLS connection (certificate?)"
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error.strerror or type(error.os_error).__name__
        return f"连不上 · cannot connect: {reason}"
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError):
        return "应答不是 HTTP · the answer is not HTTP"
    return f"连接中断 · the connection broke ({type(error).__name__})"
