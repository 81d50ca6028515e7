"""What all views share: who asks, in which language, and how an answer is drawn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, ParamSpec, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from services.page.adapters.feed import Feed
from services.page.adapters.gate import Refused
from services.page.adapters.people import People
from services.page.adapters.rendering import Renderer
from services.page.adapters.sessions import Session, Sessions, same
from services.page.adapters.shelf import Shelf
from services.page.adapters.tallies import Tallies
from services.page.adapters.throttle import Throttle
from services.page.core.doors import Doors
from services.page.core.wording import LANGUAGES, Language, language_of
from services.page.settings import PageSettings
from shared.contracts.ports import Archive, Clock
from shared.report.personal import masked

P = ParamSpec("P")
T = TypeVar("T")

LANGUAGE_COOKIE: Final = "gouji-lang"
_SESSION: Final = "gouji-session"
_VISITOR: Final = "gouji-visitor"
_MOST_QUERY: Final = 4000


@dataclass(frozen=True, slots=True)
class House:
    """Everything that views work with."""

    settings: PageSettings
    doors: Doors
    shelf: Shelf
    archive: Archive
    people: People
    sessions: Sessions
    strict: Throttle
    loose: Throttle
    renderer: Renderer
    feed: Feed
    tallies: Tallies
    clock: Clock


class Asked:
    """One request, with what the page knows about who asks."""

    def __init__(self, request: Request) -> None:
        """Look at cookies and headers; nothing in them is believed that is not signed."""
        self.request = request
        self.house: House = request.app.state.house
        cookies = request.cookies
        self.language: Language = language_of(
            request.query_params.get("lang"),
            cookies.get(LANGUAGE_COOKIE),
            request.headers.get("accept-language", ""),
        )
        self.cookie = cookies.get(self._named(_SESSION))
        self.session: Session | None = self.house.sessions.find(self.cookie)
        self.visitor = cookies.get(self._named(_VISITOR))

    @property
    def user(self) -> str | None:
        """Who is logged in; None for a reader."""
        return None if self.session is None else self.session.user

    @property
    def sees_all(self) -> bool:
        """Tell whether personal data is shown."""
        return self.session is not None or self.house.settings.shows_personal

    @property
    def veil(self) -> Callable[[str], str]:
        """What texts go through before this reader sees them."""
        return str if self.sees_all else masked

    @property
    def questions(self) -> list[tuple[str, str]]:
        """The query string as pairs; raises `Refused` when it is too long or no text."""
        raw = self.request.scope["query_string"]
        if len(raw) > _MOST_QUERY:
            raise Refused(414, "查询过长。", "The query is too long.")
        try:
            return parse_qsl(
                raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=50
            )
        except ValueError:
            raise Refused(400, "查询不是有效的文字。", "The query is no valid text.") from None

    async def wait(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a call to the database or the disk gives, without holding up other requests."""
        return await run_in_threadpool(call, *args, **kwargs)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a drawn page."""
        return _page(self, template, status, values)

    def told(self, status: int, zh: str, en: str, *, title: str | None = None) -> Response:
        """Return a page that says what went wrong."""
        return self.page("error.html", status, code=status, said=(zh, en), title=title)

    def keep(self, response: Response, cookie: str) -> None:
        """Hand out a session's cookie."""
        self._put(response, _SESSION, cookie)

    def keep_visitor(self, response: Response, cookie: str) -> None:
        """Hand out the cookie of somebody who is about to log in."""
        self._put(response, _VISITOR, cookie)

    def let_go(self, response: Response) -> None:
        """Take both cookies back."""
        for name in (_SESSION, _VISITOR):
            response.delete_cookie(
                self._named(name), path="/", secure=self._is_secure, httponly=True, samesite="lax"
            )

    def require_form(self, given: Mapping[str, Any], expected: str | None) -> None:
        """Raise `Refused` unless a form came from one of our own pages."""
        if not self._is_from_here() or not same(given.get("csrf"), expected):
            raise Refused(
                403,
                "此操作被拒绝：表单已过期或不是本页面的。请返回刷新后重试。",
                "Refused: the form has expired or is not one of ours. Go back, reload, try again.",
            )

    def require_session(self) -> Session:
        """Return the session; raises `Refused` for a reader."""
        if self.session is None:
            raise Refused(401, "请先登录。", "Please log in first.")
        return self.session

    def _is_from_here(self) -> bool:
        """Tell whether a browser says that the request comes from another site; most say it truly."""
        headers = self.request.headers
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()

    @property
    def _is_secure(self) -> bool:
        return self.request.url.scheme == "https"

    def _named(self, name: str) -> str:
        """Return a cookie's name; browsers take `__Host-` from this very host by https alone."""
        return f"__Host-{name}" if self._is_secure else name

    def _put(self, response: Response, name: str, value: str) -> None:
        response.set_cookie(
            self._named(name),
            value,
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )


def asked(request: Request) -> Asked:
    """Return what is known of a request."""
    return Asked(request)


def local(target: str | None, otherwise: str = "/") -> str:
    """Return a path of this page to go to; whatever leads elsewhere becomes `otherwise`."""
    text = target or ""
    is_plain = text.isascii() and text.isprintable() and "\\" not in text and " " not in text
    if not is_plain or not text.startswith("/") or text.startswith("//") or len(text) > 1000:
        return otherwise
    return text


def went(target: str) -> Response:
    """Return a redirection after a form was taken."""
    return RedirectResponse(target, status_code=303)


def refusal(scope: Scope, refused: Refused) -> Response:
    """Return the answer to a request that went no further than the gate; it may have no application yet."""
    english = b"accept-language" in dict(scope["headers"]) and language_of(
        None, None, dict(scope["headers"])[b"accept-language"].decode("latin-1")
    ) == "en"  # fmt: skip
    said = refused.en if english else refused.zh
    # both sentences are our own: nothing of the request is in them
    return HTMLResponse(
        f'<!doctype html><html lang="{"en" if english else "zh-CN"}"><meta charset="utf-8">'
        f"<title>{refused.status}</title><p>{said}</p></html>",
        status_code=refused.status,
    )


def _page(who: Asked, template: str, status: int, values: Mapping[str, Any]) -> Response:
    path = who.request.url.path
    kept = [(k, v) for k, v in who.request.query_params.multi_items() if k != "lang"]
    other = next(x for x in LANGUAGES if x != who.language)
    drawn = who.house.renderer.draw(
        template,
        who.language,
        {
            "path": path,
            "user": who.user,
            "csrf": who.session.csrf if who.session else "",
            "sees_all": who.sees_all,
            "other_language": f"?{urlencode([*kept, ('lang', other)])}",
            "rules": who.house.doors.rules,
            **values,
        },
    )
    response = HTMLResponse(drawn, status_code=status)
    response.headers["content-language"] = "zh-CN" if who.language == "zh" else "en"
    response.headers["vary"] = "Cookie, Accept-Language"
    if who.request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            who.language,
            max_age=365 * 86400,
            path="/",
            httponly=True,
            samesite="lax",
            secure=who.request.url.scheme == "https",
        )
    return response
