"""Who is logged in: sessions in memory, known by a signed random token in a cookie.

A restart logs everybody out. A session ends at logout, when nothing was asked for some time, after
some hours in any case, and when its user gets another password or is removed.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from itsdangerous import BadSignature, URLSafeSerializer

from services.page.adapters.people import People

_MOST: Final = 10_000


@dataclass(slots=True)
class Session:
    """One login: whose, since when, last seen when (monotonic seconds), and its token against forged forms."""

    user: str
    mark: str
    began: float
    seen: float
    csrf: str


class Sessions:
    """All logins of this process."""

    def __init__(
        self, people: People, *, idle: float, longest: float, clock: Callable[[], float]
    ) -> None:
        """End sessions after `idle` seconds of silence and after `longest` in any case."""
        self._people, self._idle, self._longest, self._clock = people, idle, longest, clock
        key = secrets.token_hex(32)
        self._signer = URLSafeSerializer(key, salt="session")
        self._visitor = URLSafeSerializer(key, salt="visitor")
        self._open: dict[str, Session] = {}
        self._lock = Lock()

    def begin(self, user: str) -> str:
        """Open a session for a user whose password was right; return what the cookie says."""
        now = self._clock()
        token = secrets.token_urlsafe(32)
        mark = self._people.mark_of(user) or ""
        with self._lock:
            self._forget_old(now)
            self._open[token] = Session(user, mark, now, now, secrets.token_urlsafe(32))
        return str(self._signer.dumps(token))

    def find(self, cookie: str | None) -> Session | None:
        """Return the session that a cookie belongs to, if it still holds."""
        token = self._token(cookie)
        if token is None:
            return None
        now = self._clock()
        with self._lock:
            found = self._open.get(token)
            if found is None:
                return None
            if not self._holds(found, now) or self._people.mark_of(found.user) != found.mark:
                del self._open[token]
                return None
            found.seen = now
            return found

    def end(self, cookie: str | None) -> None:
        """End the session that a cookie belongs to."""
        token = self._token(cookie)
        if token is not None:
            with self._lock:
                self._open.pop(token, None)

    def visitor(self) -> str:
        """Return a cookie for somebody who sees the login form and has no session yet."""
        return str(self._visitor.dumps(secrets.token_urlsafe(24)))

    def visitor_token(self, cookie: str | None) -> str | None:
        """Return the token that the form of this visitor must bring along; None for a forged cookie."""
        if cookie is None:
            return None
        try:
            return str(self._visitor.loads(cookie))
        except BadSignature:
            return None

    def _token(self, cookie: str | None) -> str | None:
        if cookie is None:
            return None
        try:
            return str(self._signer.loads(cookie))
        except BadSignature:
            return None

    def _holds(self, session: Session, now: float) -> bool:
        return now - session.seen <= self._idle and now - session.began <= self._longest

    def _forget_old(self, now: float) -> None:
        for token in [t for t, s in self._open.items() if not self._holds(s, now)]:
            del self._open[token]
        while len(self._open) >= _MOST:
            self._open.pop(next(iter(self._open)))


def same(given: object, expected: str | None) -> bool:
    """Compare two tokens in a time that says nothing about them."""
    if not isinstance(given, str) or not expected:
        return False
    return hmac.compare_digest(given.encode(), expected.encode())
