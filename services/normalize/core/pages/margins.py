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
    # how often a shape stands at the edges of pages, the digits in it left open
    seen: Counter[str] = Counter()
    for found, at in zip(lines, edges, strict=True):
        seen.update({_shape(found[i].text) for i in at})
    repeated = max(2, (len(pages) + 1) // 2)
    return [
        {i for i in at if _is_number(found[i].text) or seen[_shape(found[i].text)] >= repeated}
        for found, at in zip(lines, edges, strict=True)
    ]


def _at_edges(page: Page, lines: Sequence[Line]) -> list[int]:
    """Return the first two and the last two lines of a page, where they stand in its margins."""
    top, bottom = _MARGIN * page.height, (1 - _MARGIN) * page.height
    ends = [*range(min(2, len(lines))), *range(max(2, len(lines) - 2), len(lines))]
    return [i for i in ends if lines[i].y1 <= top or lines[i].y0 >= bottom]


def _shape(text: str) -> str:
    return _DIGIT.sub("0", "".join(text.split()))


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None or is_furniture(text.strip())
