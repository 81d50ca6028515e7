"""Whether the file of a web page breaks off inside a table, and which cell it breaks off in."""

import re
from collections.abc import Iterator, Sequence

from selectolax.lexbor import LexborNode

from shared.report.document import Observation

MARK = "data-cut"
"""Attribute put on the cell that the file breaks off in."""
_TAG = re.compile(r"<!--|-->|<(/?)(table|div|body|html|td|th)(?=[\s/>])", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>?")
_CELL_STYLE = re.compile(r"display\s*:\s*table-cell", re.IGNORECASE)
_LOOKED_AT = 400
_SHOWN = 30


def mark_cut(text: str, body: LexborNode) -> Observation | None:
    """Mark the cell that is still open where the file ends; return what to say, None if it is whole.

    Only for pages whose end never comes: tables or blocks left open before `</body>` are sloppy.
    """
    tags = list(_tags(text))
    if not _is_cut(tags, drawn=_CELL_STYLE.search(text) is not None):
        return None
    ended = next((ends for tag, ends in reversed(tags) if tag in ("td", "th")), False)
    cell = _last_open(body, ended=ended)
    if cell is not None:
        cell.attrs[MARK] = ""
    shown = " ".join(_ANY_TAG.sub(" ", text[-_LOOKED_AT:]).split())
    return Observation("e_page_lost", f"…{shown[-_SHOWN:]}", severity="error")


def _tags(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the tags that matter with whether they end something, those in comments left out."""
    in_comment = False
    for found in _TAG.finditer(text):
        in_comment = found[0] != "-->" and (in_comment or found[0] == "<!--")
        if not in_comment and found[2]:
            yield found[2].lower(), bool(found[1])


def _is_cut(tags: Sequence[tuple[str, bool]], *, drawn: bool) -> bool:
    """Tell whether a table is open where the page ends, or, where divs are `drawn` as one, a div."""
    open_now = {"table": 0, "div": 0}
    for tag, ends in tags:
        if tag in ("body", "html") and ends:
            return False
        if tag in open_now:
            open_now[tag] = max(0, open_now[tag] + (-1 if ends else 1))
    return open_now["table"] > 0 or (drawn and open_now["div"] > 0)


def _last_open(body: LexborNode, *, ended: bool) -> LexborNode | None:
    """Return the innermost cell around the end of the page; none when its last cell was ended."""
    cell: LexborNode | None = None
    node: LexborNode | None = body
    while node is not None:
        if node.tag in ("td", "th"):
            cell = None if ended else node
        elif _CELL_STYLE.search(node.attributes.get("style") or ""):
            cell = node
        node = node.last_child
    return cell
