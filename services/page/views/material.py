"""The bytes themselves: the original to download, and pages of a PDF as pictures."""

import re
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from services.page.adapters import one
from services.page.core import questions
from services.page.core.doors import Unknown
from services.page.views.shell import Asked, asked
from shared.database.reading import Row
from shared.errors import BadInput
from shared.report.printable import printable

_LONGEST_NAME: Final = 150
_NO_NAME: Final = re.compile(r'[\\/:*?"<>|\ufffd]')
_INERT: Final = {
    # whatever it is, a browser saves it and runs nothing of it
    "content-security-policy": "sandbox; default-src 'none'",
    "content-type": "application/octet-stream",
}
_NONE: Final = ("没有这份文件。", "There is no such document.")
_LOCKED: Final = (
    "原件可能含个人信息，请先登录。",
    "The original may hold personal data; please log in first.",
)


async def original(request: Request) -> Response:
    """Return a document's bytes as they came, to be saved and not shown."""
    who = asked(request)
    found = await _let_in(who)
    if isinstance(found, Response):
        return found
    try:
        data = await who.wait(who.house.archive.get, found["id"])
    except BadInput as error:
        return who.told(404, error.detail_zh, error.detail_en)
    name = _safe_name(found["file"])
    headers = {
        **_INERT,
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
    }
    return Response(data, headers=headers)


async def sheet(request: Request) -> Response:
    """Return a page of a PDF as a picture, drawn in a confined process."""
    who = asked(request)
    found = await _let_in(who)
    if isinstance(found, Response):
        return found
    try:
        drawn = await who.house.doors.sheet(found["id"], found["file"], request.path_params["page"])
    except BadInput as error:
        return who.told(404, error.detail_zh, error.detail_en)
    except Unknown as unknown:
        return who.told(404, unknown.zh, unknown.en)
    return Response(
        drawn.png, media_type="image/png", headers={"cache-control": "private, max-age=300"}
    )


async def _let_in(who: Asked) -> Row | Response:
    """Return the document that is asked for, to who may see it as it came; else what to answer."""
    found = await _document(who)
    if found is None:
        return who.told(404, *_NONE)
    return found if who.sees_all else who.told(401, *_LOCKED)


async def _document(who: Asked) -> Row | None:
    document_id = who.request.path_params["document"]
    if not questions.is_id(document_id):
        return None
    return await who.wait(one.document, who.house.shelf, document_id)


def _safe_name(name: str) -> str:
    """Return a name to save under: one part, no path, no character that a system takes amiss."""
    last = printable(name.replace("\\", "/").rsplit("/", 1)[-1])
    cleaned = _NO_NAME.sub("_", last).strip(" .")[-_LONGEST_NAME:]
    return cleaned or "document"
