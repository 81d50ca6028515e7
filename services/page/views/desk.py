"""Logging in and out, and deciding."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final, get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from services.page.adapters import one
from services.page.adapters.gate import Refused
from services.page.core import questions
from services.page.core.doors import Ruling
from services.page.views.shell import Asked, asked, local, went
from shared.contracts.reviews import Verdict
from shared.monitoring import measuring
from shared.runtime.logs import log

_LONGEST_NOTE: Final = 1000
_PATIENCE_SECONDS: Final = 5.0
_ASK_SECONDS: Final = 0.1


async def login_form(request: Request) -> Response:
    """Return the form to log in."""
    who = asked(request)
    if who.session is not None:
        return went("/")
    return await _form(who, 200)


async def login(request: Request) -> Response:
    """Open a session for the right password; failures are counted by name and by address."""
    who = asked(request)
    house = who.house
    given = await form_of(request)
    who.require_form(given, house.sessions.visitor_token(who.visitor))
    name, password = given.get("user", "").strip(), given.get("password", "")
    address = request.client.host if request.client else "?"
    whose = name[:100].casefold()
    # few for one who guesses, more for a name or an address that many may share
    keys = ((house.strict, f"{whose}|{address}"), (house.loose, whose), (house.loose, address))
    wait = max(throttle.wait(key) for throttle, key in keys)
    if wait > 0:
        measuring.count("gouji_page_logins_total", "throttled")
        log("warning", "page.login", user=name[:100], outcome="throttled", address=address)
        response = await _form(who, 429, wait=int(wait) + 1)
        response.headers["retry-after"] = str(int(wait) + 1)
        return response
    # noted before the slow check: guesses at the same time count too
    for throttle, key in keys:
        throttle.failed(key)
    if not await who.wait(house.people.check, name, password):
        measuring.count("gouji_page_logins_total", "refused")
        log("warning", "page.login", user=name[:100], outcome="refused", address=address)
        return await _form(who, 401, failed=True)
    house.strict.forget(keys[0][1])
    house.sessions.end(who.cookie)
    response = went(local(given.get("next")))
    who.let_go(response)
    who.keep(response, house.sessions.begin(name))
    measuring.count("gouji_page_logins_total", "ok")
    log("info", "page.login", user=name, outcome="ok", address=address)
    return response


async def logout(request: Request) -> Response:
    """End the session."""
    who = asked(request)
    session = who.require_session()
    who.require_form(await form_of(request), session.csrf)
    who.house.sessions.end(who.cookie)
    response = went("/")
    who.let_go(response)
    log("info", "page.login", user=session.user, outcome="left")
    return response


async def decide(request: Request) -> Response:
    """Publish a decision on an issue and wait a little until the database has it."""
    who = asked(request)
    session = who.require_session()
    given = await form_of(request)
    who.require_form(given, session.csrf)
    report_id, issue_id = request.path_params["report"], request.path_params["issue"]
    if not (questions.is_id(report_id) and questions.is_id(issue_id)):
        raise Refused(404, "没有这个问题。", "There is no such issue.")
    verdict, note = _verdict(given), _note(given)
    if not await who.wait(one.has_issue, who.house.shelf, report_id, issue_id):
        raise Refused(404, "这份年报现在没有这个问题。", "This report has no such issue now.")
    ruling = Ruling(issue_id, verdict, session.user, who.house.clock.now(), note)
    decision = await who.house.doors.decide(ruling)
    measuring.count("gouji_page_decisions_total", verdict)
    stored = await _is_stored(who, decision)
    log("info", "page.decided", user=session.user, issue=issue_id, verdict=verdict, stored=stored)
    told = urlencode({"told": "stored" if stored else "sent"})
    return went(f"/reports/{report_id}?{told}#issue-{issue_id}")


async def form_of(request: Request) -> Mapping[str, str]:
    """Return the fields of a small form; files and repeated fields are no part of one."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        raise Refused(415, "应为表单。", "A form is expected.")
    async with request.form(max_files=0, max_fields=20, max_part_size=16 << 10) as form:
        return {k: v for k, v in form.multi_items() if isinstance(v, str)}


def _verdict(given: Mapping[str, str]) -> Verdict:
    for verdict in get_args(Verdict):
        if given.get("verdict") == verdict:
            return verdict  # type: ignore[no-any-return] # one of the words, as just seen
    raise Refused(
        400,
        "决定应为 confirm、dismiss 或 reopen。",
        "The verdict must be confirm, dismiss or reopen.",
    )


def _note(given: Mapping[str, str]) -> str | None:
    note = given.get("note", "").strip()
    if len(note) > _LONGEST_NOTE:
        raise Refused(
            400, f"说明至多 {_LONGEST_NOTE} 字。", f"A note has {_LONGEST_NOTE} characters at most."
        )
    return note or None


async def _is_stored(who: Asked, decision: str) -> bool:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not await who.wait(one.is_decided, who.house.shelf, decision):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_ASK_SECONDS)
    return True


async def _form(
    who: Asked, status: int, *, failed: bool = False, wait: int | None = None
) -> Response:
    sessions = who.house.sessions
    visitor = who.visitor if sessions.visitor_token(who.visitor) else sessions.visitor()
    response = who.page(
        "login.html",
        status,
        token=sessions.visitor_token(visitor),
        next=local(who.request.query_params.get("next")),
        failed=failed,
        wait=wait,
        has_users=await who.wait(who.house.people.has_any),
    )
    who.keep_visitor(response, visitor or "")
    return response
