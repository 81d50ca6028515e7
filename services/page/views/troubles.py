"""Answers to what goes wrong: always a clear page, never a traceback."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.page.adapters.gate import Refused
from services.page.core.questions import BadQuestion
from services.page.core.wording import words
from services.page.views.shell import asked
from shared.runtime.logs import log

_KNOWN = (401, 403, 404, 405)


def refused(request: Request, error: Exception) -> Response:
    """Answer what a view refused; a reader who must log in is led to the form."""
    assert isinstance(error, Refused)
    return asked(request).told(error.status, error.zh, error.en)


def bad_question(request: Request, error: Exception) -> Response:
    """Answer a question that makes no sense."""
    assert isinstance(error, BadQuestion)
    return asked(request).told(400, error.zh, error.en)


def unavailable(request: Request, error: Exception) -> Response:
    """Say what is away; where it is stays in the log."""
    log("warning", "service.waiting", reason=str(error))
    what = "database" if str(error).startswith("database") else "bus or archive"
    known = {"database": "数据库", "bus or archive": "总线或存档"}[what]
    response = asked(request).told(
        503, words("zh")["error_503"] + known, words("en")["error_503"] + what
    )
    response.headers["retry-after"] = "10"
    return response


def http(request: Request, error: Exception) -> Response:
    """Answer what the router refuses."""
    assert isinstance(error, HTTPException)
    status = error.status_code
    if status in _KNOWN:
        said = [words(x)[f"error_{status}"] for x in ("zh", "en")]
    else:
        said = [f"请求无法处理（{status}）。", f"The request cannot be handled ({status})."]
    response = asked(request).told(status, *said)
    response.headers.update(error.headers or {})
    return response


def defect(request: Request, error: Exception) -> Response:
    """Answer a fault of ours; what it was is in the log alone."""
    log("error", "page.failed", path=request.url.path[:200], error=repr(error))
    try:
        return asked(request).told(500, words("zh")["error_500"], words("en")["error_500"])
    except Exception as worse:  # noqa: BLE001 - whatever is broken, the answer is a clear one
        log("error", "page.failed", path="error page", error=repr(worse))
        return PlainTextResponse(f"500 {words('zh')['error_500']}", 500)
