"""Every address of the page with every method: a clear answer, never a stack trace."""

import re

import pytest
from starlette.routing import Route

from services.page.views.routes import ROUTES

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
# an endless stream of server-sent events: what GET gives is tested where somebody reads it
ENDLESS = "/live"
PATHS = sorted({route.path for route in ROUTES if isinstance(route, Route)})


def filled_in(path):
    return re.sub(r"{\w+:int}", "1", re.sub(r"{\w+}", "0" * 64, path))


def taken(path):
    """Return the methods that the table of routes has for a path."""
    return set().union(*(r.methods for r in ROUTES if isinstance(r, Route) and r.path == path))


@pytest.mark.parametrize("path", [*PATHS, "/static/page.css", "/static/", "/nowhere"])
def test_every_route_answers_every_method_clearly(reviewer, path):
    for method in METHODS:
        if path == ENDLESS and method in {"GET", "HEAD"}:
            continue
        answer = reviewer.request(method, filled_in(path), follow_redirects=False)

        assert answer.status_code != 500, method
        assert "Traceback" not in answer.text, method
        if path in PATHS and method not in taken(path):
            assert answer.status_code == 405, method
            assert set(answer.headers["allow"].split(", ")) == taken(path), method
