"""Printed lines outside tables become paragraphs, told apart by margins, indents and gaps."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.normalize.core.composing import Text
from services.normalize.core.pages.lines import Line
from services.normalize.core.vocabulary import is_section_heading

_BEGINS = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、.．]|[（(][一二三四五六七八九十\d]{1,3}[)）]|[㈠-㈩①-⑳]"
    r"|\d{1,2}[、.．](?!\d)|第[一二三四五六七八九十]{1,3}[章节条])"
)
_WORD = re.compile(r"(?:[!-~]+|.?)[，。、；：？！）》”’」』】]{0,3}", re.DOTALL)
_STOPS = "。！？；!?;"
_FULL_STOPS = "。！？!?"
_INDENT, _SHORT, _SLACK, _GAP, _ANOTHER_SIZE, _SPACED = 0.9, 2.2, 1.2, 1.3, 0.12, 0.1
"""In type sizes: an indent; room left by a short line, beyond the next word; in line pitches: a gap between paragraphs;
by how much the type size of another paragraph differs; share of wide gaps in a spaced text."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A line of running text, and the page it stands on."""

    line: Line
    page: int


@dataclass(frozen=True, slots=True)
class Margins:
    """Where full lines begin and end on pages of one width, and the pitch from line to line.

    `indented` says that paragraphs begin with an indent, `spaced` that wider gaps part them.
    """

    left: float
    right: float
    pitch: float
    indented: bool
    spaced: bool

    def beside(self, line: Line) -> bool:
        """Tell whether a line stands wholly beside the running text."""
        return line.x1 < self.left or line.x0 > self.right


def margins_of(lines: Sequence[Line]) -> Margins:
    """Return the margins that the lines of equally wide pages show."""
    size = _usual_size(lines)
    body = [x for x in lines if abs(x.size - size) <= _ANOTHER_SIZE * size] or list(lines)
    right = _common([(x.x1, x.x1 - x.x0) for x in body], _SHORT * size)
    full = [x for x in body if x.x1 > right - _SHORT * size]
    left = _left_of(body, _INDENT * size)
    steps = (b.y1 - a.y1 for a, b in pairwise(body))
    pitches = sorted(p for p in steps if 0.95 * size < p < 4 * size)
    pitch = pitches[len(pitches) // 8] if pitches else 1.5 * size
    wide = sum(p > _GAP * pitch for p in pitches)
    indents = [x for x in full if x.x0 > left + _INDENT * size]
    return Margins(left, right, pitch, bool(indents), wide > _SPACED * len(pitches))


def _common(places: Sequence[tuple[float, float]], slack: float) -> float:
    """Return the furthest of the places (each with a weight) where most of them come together."""
    ordered = sorted(places, reverse=True)
    best, found = 0.0, ordered[0][0]
    weight = 0.0
    end = 0
    for place, own in ordered:
        while end < len(ordered) and ordered[end][0] > place - slack:
            weight += ordered[end][1]
            end += 1
        if weight > best:
            best, found = weight, place
        weight -= own
    return found


def _left_of(lines: Sequence[Line], slack: float) -> float:
    """Return where lines begin that are not indented: furthest left where several do.

    Lines that end before most others begin stand in a column of their own.
    """
    usual = -_common([(-x.x0, x.x1 - x.x0) for x in lines], slack)
    starts = sorted(x.x0 for x in lines if x.x1 > usual)
    several = 3 if len(starts) >= 8 else 1
    for i, start in enumerate(starts[: len(starts) - several + 1]):
        if starts[i + several - 1] < start + slack:
            return start
    return starts[0]


def _usual_size(lines: Sequence[Line]) -> float:
    weights: Counter[float] = Counter()
    for line in lines:
        weights[round(line.size, 1)] += len(line.text)
    return weights.most_common(1)[0][0]


def paragraphs_of(lines: Iterable[Placed], margins: Margins) -> list[Text]:
    """Join lines that go on; they may stand on several pages."""
    found: list[Text] = []
    parts: list[Placed] = []
    for placed in lines:
        if parts and not _goes_on(parts, placed, margins):
            found.append(_paragraph(parts))
            parts = []
        parts.append(placed)
    if parts:
        found.append(_paragraph(parts))
    return found


def _goes_on(parts: Sequence[Placed], placed: Placed, margins: Margins) -> bool:
    """Tell whether a line goes on with the paragraph of the lines before it."""
    last, line = parts[-1].line, placed.line
    size = last.size
    if abs(line.size - size) > _ANOTHER_SIZE * size:
        return False
    if parts[-1].page == placed.page and line.y1 - last.y1 > _GAP * margins.pitch:
        return False
    if margins.right - last.x1 > _room_for(line) or line.x0 > margins.left + _INDENT * size:
        return False
    if is_section_heading(line.text) or is_section_heading(last.text):
        return False
    # a list item may begin at the margin, but only after a sentence has ended
    ended = last.text[-1:] in _STOPS
    if ended and _BEGINS.match(line.text):
        return False
    told = margins.indented or (margins.spaced and parts[-1].page == placed.page)
    return told or last.text[-1:] not in _FULL_STOPS


def _room_for(line: Line) -> float:
    """Return how much room may be left where a line broke: the first word here did not fit."""
    word = _WORD.match(line.text)
    assert word is not None
    wide = sum(0.6 if c.isascii() else 1.0 for c in word[0])
    return (_SLACK + wide) * line.size


def _paragraph(parts: Sequence[Placed]) -> Text:
    text = parts[0].line.text
    for part in parts[1:]:
        after = part.line.text
        apart = (
            text[-1:].isascii()
            and text[-1:].isalpha()
            and after[:1].isascii()
            and after[:1].isalpha()
        )
        text += f" {after}" if apart else after
    first = parts[0]
    same = [p.line for p in parts if p.page == first.page]
    box = (
        min(x.x0 for x in same), same[0].y0, max(x.x1 for x in same), max(x.y1 for x in same),
    )  # fmt: skip
    return Text(text, page=first.page, bbox=box, confidence=min(p.line.confidence for p in parts))
