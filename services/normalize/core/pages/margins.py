"""Running heads, page numbers: what stands at the edge of page after page."""

import re
from collections import Counter
from collections.abc import Sequence

from services.normalize.core.furniture import is_furniture
from services.normalize.core.pages.lines import Line
from services.normalize.core.pages.page import Page

_MARGIN = 0.13
"""Share of the page, at its top and at its bottom, in which marginal print stands."""
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(
    r"\d{1,3}|\d{1,3}\s*/\s*\d{1,3}|(?:第\s*)?[\d一二三四五六七八九十]{1,3}\s*页"
    r"|[-—–－·]{0,2}\s*[IVXivx\d]{1,4}\s*[-—–－·]{0,2}"
)


def marginal_lines(pages: Sequence[Page], lines: Sequence[Sequence[Line]]) -> list[set[int]]:
    """Return for every page which of its lines are running heads or page numbers."""
    edges = [_at_edges(page, found) for page, found in zip(pages, lines, strict=True)]
    # how often the same words stand at the same edge, the digits in them left open
    seen: Counter[tuple[str, bool]] = Counter()
    for found, at in zip(lines, edges, strict=True):
        seen.update({(_shape(found[i].text), top) for i, top in at})
    repeated = max(2, (len(pages) + 1) // 2)
    return [
        {
            i
            for i, top in at
            if _is_number(found[i].text) or seen[_shape(found[i].text), top] >= repeated
        }
        for found, at in zip(lines, edges, strict=True)
    ]


def _at_edges(page: Page, lines: Sequence[Line]) -> list[tuple[int, bool]]:
    """Return the first two and the last two lines of a page in its margins; True for the top."""
    upper, lower = _MARGIN * page.height, (1 - _MARGIN) * page.height
    count = len(lines)
    return [(i, True) for i in range(min(2, count)) if lines[i].y1 <= upper] + [
        (i, False) for i in range(max(0, count - 2), count) if lines[i].y0 >= lower
    ]


def _shape(text: str) -> str:
    return _DIGIT.sub("0", "".join(text.split()))


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None or is_furniture(text.strip())
