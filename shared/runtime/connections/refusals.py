"""What the bus refuses us: said in the log by name, and kept in mind for the health of the service.

A publish that is denied shows to the publisher only as silence; the server says why to the
connection as a whole. A key that is refused is offered again and again by the client library.
"""

import re
import ssl
import time
from typing import Final

from shared.runtime.logs import log

_DENIED: Final = re.compile(
    r'permissions violation for (publish|subscription) to "([^"]*)"', re.IGNORECASE
)
_UNWANTED: Final = re.compile(
    r"authorization violation|authentication|account|revoked", re.IGNORECASE
)
_SAID_AGAIN_AFTER: Final = 30.0
_REMEMBERED: Final = 90.0
"""Seconds after a denial in which a service does not count as healthy; a retry comes sooner."""
_AT_MOST: Final = 1000


class Refusals:
    """Hears the errors of one connection."""

    def __init__(self) -> None:
        """Nothing is refused yet."""
        self._said: dict[str, float] = {}
        self._denied_at: float | None = None

    async def hear(self, error: Exception) -> None:
        """Say what is refused, each thing once in a while; other troubles are told elsewhere."""
        denied = denied_by(error)
        if denied is not None:
            self._denied_at = time.monotonic()
            operation, subject = denied
            if self._is_news(f"{operation} {_short(subject)}"):
                log("error", "bus.denied", operation=operation, subject=subject)
        elif (reason := refusal_of(error)) is not None and self._is_news(reason):
            log("error", "bus.refused", reason=reason)

    def denied_lately(self) -> bool:
        """Tell whether something was denied a short while ago."""
        return self._denied_at is not None and time.monotonic() - self._denied_at < _REMEMBERED

    def _is_news(self, what: str) -> bool:
        now = time.monotonic()
        if now - self._said.get(what, -_SAID_AGAIN_AFTER) < _SAID_AGAIN_AFTER:
            return False
        if len(self._said) >= _AT_MOST:
            self._said.clear()
        self._said[what] = now
        return True


def denied_by(error: Exception) -> tuple[str, str] | None:
    """Return operation and subject that the server denies this user, None for other errors."""
    found = _DENIED.search(str(error))
    return (found[1].lower(), found[2]) if found else None


def refusal_of(error: Exception) -> str | None:
    """Return why we are not let in at all, None when it is no refusal but an absence."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS: {error.reason or error}"
    if _UNWANTED.search(str(error)):
        return "authorization: the bus does not accept this key or password"
    return None


def _short(subject: str) -> str:
    """Return the part of a subject that is the same at each attempt: acks carry numbers."""
    return ".".join(subject.split(".")[:5])
