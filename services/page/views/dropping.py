"""Uploads: into the same bucket as `gouji drop`, and what becomes of each file."""

from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.page.adapters import files
from services.page.adapters.gate import Refused
from services.page.core import questions
from services.page.views.shell import Asked, asked, went
from shared.monitoring import measuring
from shared.runtime.logs import log

_LONGEST_NAME: Final = 200
_MOST_SHOWN: Final = 60


async def upload_form(request: Request) -> Response:
    """Return the place to drop files, and how far those named in the query have come."""
    who = asked(request)
    wanted = _wanted(who)
    return who.page(
        "upload.html",
        dropped=[await _state(who, one) for one in wanted],
        limit=who.house.doors.file_limit,
        most=who.house.settings.upload_files,
    )


async def states(request: Request) -> Response:
    """Return how far files have come, for the script of the page."""
    who = asked(request)
    who.require_session()
    return JSONResponse([await _state(who, one) for one in _wanted(who)])


async def upload(request: Request) -> Response:
    """Put files into the bucket; a program that asks for JSON gets their ids."""
    who = asked(request)
    session = who.require_session()
    house = who.house
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused(415, "应为含文件的表单。", "A form with files is expected.")
    async with request.form(
        max_files=house.settings.upload_files, max_fields=10, max_part_size=16 << 10
    ) as form:
        who.require_form({k: v for k, v in form.multi_items() if isinstance(v, str)}, session.csrf)
        given = [f for f in form.getlist("file") if isinstance(f, UploadFile) and f.filename]
        if not given:
            raise Refused(400, "没有选择文件。", "No file was chosen.")
        for one in given:
            if (one.size or 0) > house.doors.file_limit:
                limit = house.doors.file_limit
                raise Refused(
                    413, f"文件超过上限 {limit} 字节。", f"A file has more than {limit} bytes."
                )
        dropped = []
        for one in given:
            name = plain_name(one.filename or "")
            document_id = await house.doors.drop(await one.read(), name)
            measuring.count("gouji_page_uploads_total")
            log("info", "page.uploaded", user=session.user, file=name, document=document_id)
            dropped.append((document_id, name))
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse([{"document": d, "name": n} for d, n in dropped])
    return went(f"/upload?{urlencode([('d', f'{d}:{n}') for d, n in dropped])}")


def plain_name(name: str) -> str:
    """Return a file's name as it is told of: its last part, as a browser may send a whole path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1].replace("\x00", "\ufffd")
    return last.strip()[-_LONGEST_NAME:] or "upload"


def _wanted(who: Asked) -> list[tuple[str, str]]:
    """Return the documents and names that the query asks about."""
    wanted = []
    for key, value in who.questions:
        if key == "lang":
            continue
        document_id, _, name = value.partition(":")
        if key != "d" or not questions.is_id(document_id) or len(name) > 2 * _LONGEST_NAME:
            raise questions.BadQuestion(
                "没有这样的文件编号。", "There is no such id of a document."
            )
        wanted.append((document_id, name))
    if len(wanted) > _MOST_SHOWN:
        raise questions.BadQuestion("文件过多。", "Too many files.")
    # what strangers dropped is no secret, but who may look at uploads is who may upload
    return wanted if who.session is not None else []


async def _state(who: Asked, wanted: tuple[str, str]) -> dict[str, Any]:
    """Return what became of one name of a document; `state` is None while it is under way."""
    document_id, name = wanted
    rows = await who.wait(files.of_document, who.house.shelf, document_id)
    row = next((r for r in rows if r["name"] == name), None)
    # the same bytes under the name they have already are no new file
    found = row or (rows[0] if rows and not name else None)
    return {
        "document": document_id,
        "name": name,
        "state": found["state"] if found else None,
        "reason": found["reason"] if found else None,
        "detail": [found["detail_zh"], found["detail_en"]] if found else None,
        "report": found["report_id"] if found else None,
        "errors": found["errors"] if found else None,
        "warnings": found["warnings"] if found else None,
    }
