"""What the head of a web page says about its article: title, date and source."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from services.normalize.core.readers.html.words import is_report_title

_TITLES = ("articletitle", "og:title", "title", "dc.title")
_DATES = ("pubdate", "publishdate", "article:published_time", "publish-date")
_SOURCES = ("contentsource", "source", "dc.source")
_LONGEST = 300
"""Characters of a head title that are cut into parts."""
_PARTS = re.compile(r"\s*(?:_|--|—|\||｜|>|»|\s-\s|-(?=[\u4e00-\u9fff]))+\s*")


@dataclass(frozen=True, slots=True)
class Head:
    """Title with the place it stood at, date and source as printed; empty where not given."""

    title: str = ""
    title_from: str = ""
    whole_title: str = ""
    published: str = ""
    source: str = ""


def read_head(head: LexborNode | None) -> Head:
    """Return what the head of the page says; `title` is set only when it names a report."""
    if head is None:
        return Head()
    metas: dict[str, str] = {}
    for node in head.css("meta"):
        attributes = node.attributes
        name = (attributes.get("name") or attributes.get("property") or "").strip().lower()
        content = " ".join((attributes.get("content") or "").split())
        if name and content:
            metas.setdefault(name, content)
    shown = head.css_first("title")
    whole = " ".join(shown.text().split()) if shown is not None else ""
    title, place = _title(metas, whole)
    return Head(title, place, whole, _first(metas, _DATES), _first(metas, _SOURCES))


def _title(metas: dict[str, str], whole: str) -> tuple[str, str]:
    places = [(metas.get(name, ""), f"meta {name}") for name in _TITLES]
    for text, place in [*places, (whole, "title")]:
        named = [part for part in (text, *_PARTS.split(text[:_LONGEST])) if is_report_title(part)]
        if named:
            # site and column names stand around the title: the shortest part with an agency's name
            return min(named, key=lambda part: (not re.search(r"20\d\d", part), len(part))), place
    return "", ""


def _first(metas: dict[str, str], names: tuple[str, ...]) -> str:
    return next((metas[name] for name in names if name in metas), "")
