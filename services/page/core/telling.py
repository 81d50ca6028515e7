"""An event of the line in the few words that an open page shows of it."""

from typing import Any, Final

from services.page.core.doors import News
from shared.report.personal import masked
from shared.report.printable import printable

_LONGEST: Final = 200
_COUNTED: Final = ("error", "warning", "info")


def told(news: News, *, masks: bool) -> dict[str, Any] | None:
    """Return what is shown of an event, as plain values; None for what is no event of ours."""
    body = news.body
    document_id, file = body.get("document_id"), body.get("alias") or body.get("file")
    if not isinstance(document_id, str) or not isinstance(file, str):
        return None
    found: dict[str, Any] = {
        "kind": news.kind,
        "document": document_id[:64],
        "file": _text(file, masks=masks),
        "agency": _text(body.get("agency"), masks=masks),
        "year": body.get("year") if isinstance(body.get("year"), int) else None,
        "report": _text(body.get("report_id"), masks=False),
        "reason": _text(body.get("reason"), masks=masks),
    }
    counts = body.get("counts")
    if isinstance(counts, dict):
        found["counts"] = {k: counts.get(k) for k in _COUNTED if isinstance(counts.get(k), int)}
    return found


def _text(value: object, *, masks: bool) -> str | None:
    if not isinstance(value, str):
        return None
    shown = printable(value, _LONGEST)
    return masked(shown) if masks else shown
