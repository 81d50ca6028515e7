"""Which view answers under which address."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from services.page.adapters.gate import Refused
from services.page.core.questions import BadQuestion
from services.page.views import desk, dropping, figures, lists, live, material, report, troubles
from shared.errors import Unavailable

View = Callable[[Request], Awaitable[Response]]


def _form(path: str, show: View, take: View) -> Route:
    """Return the route of a form: GET shows it, POST takes it, and what else is tried is told of both."""

    async def answer(request: Request) -> Response:
        return await (take if request.method == "POST" else show)(request)

    return Route(path, answer, methods=["GET", "POST"])


ROUTES: Final[list[BaseRoute]] = [
    Route("/", lists.report_list),
    Route("/files", lists.file_list),
    Route("/missing", lists.missing_list),
    Route("/statistics", figures.statistics),
    Route("/reports/{report}", report.report),
    Route("/reports/{report}/differences", report.difference),
    Route("/reports/{report}/issues/{issue}", desk.decide, methods=["POST"]),
    Route("/documents/{document}", material.original),
    Route("/documents/{document}/pages/{page:int}.png", material.sheet),
    _form("/login", desk.login_form, desk.login),
    Route("/logout", desk.logout, methods=["POST"]),
    _form("/upload", dropping.upload_form, dropping.upload),
    Route("/upload/states", dropping.states),
    Route("/live", live.live),
    Route("/livez", live.livez),
    Route("/readyz", live.readyz),
    Mount("/static", StaticFiles(packages=[("services.page", "static")])),
]
"""Everything the page answers; HEAD goes with GET."""

TROUBLES: Final = {
    Refused: troubles.refused,
    BadQuestion: troubles.bad_question,
    Unavailable: troubles.unavailable,
    HTTPException: troubles.http,
    Exception: troubles.defect,
}
"""How what goes wrong is answered."""
