"""Word groups of a line with where they stand: the material of blank-parted columns."""

import re
from itertools import pairwise
from typing import NamedTuple

from services.normalize.core.source import Source
from services.normalize.core.vocabulary import is_value, label_kind

_TOKEN = re.compile(r"\S+(?: \S+)*")
_UNIT_APART = re.compile(r"(?<=\d) (?=(?:万|亿)?元$)")
_WIDE_SPACES = {
    0x3000: "  ",
    0xA0: " ",
    0x2002: " ",
    0x2003: "  ",
    0x2009: " ",
    0x202F: " ",
    0x0B: " ",
}


class Token(NamedTuple):
    """A word group of a line with where it begins and ends, in characters and in printed width."""

    text: str
    spans: tuple[tuple[int, int], tuple[int, int]]

    def centre(self, metric: int) -> float:
        """Return the middle in one of the two metrics."""
        begin, end = self.spans[metric]
        return (begin + end) / 2


class Line(NamedTuple):
    """The tokens of a line; figures are those at its end."""

    at: int
    labels: list[Token]
    figures: list[Token]
    is_tight: bool


def tokens(line: str) -> list[Token]:
    """Split a line at gaps of two blanks, and figures also at single blanks."""
    bare = line.strip()
    if not bare or (" " not in bare and bare.isalnum()):
        begin = len(line) - len(line.lstrip())
        wide = len(line[:begin].encode("gb18030", "replace"))
        ends = (begin + len(bare), wide + len(bare.encode("gb18030", "replace")))
        return [Token(bare, ((begin, ends[0]), (wide, ends[1])))] if bare else []
    text = line.translate(_WIDE_SPACES)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        at = match.start()
        for part in _without_tail(match[0]):
            at = text.index(part, at)
            width = len(text[:at].encode("gb18030", "replace"))
            own = len(part.encode("gb18030", "replace"))
            found.append(Token(part, ((at, at + len(part)), (width, width + own))))
            at += len(part)
    return found


def _without_tail(text: str) -> list[str]:
    """Part `label 0 0 0` and `0 0 0` into the label and its figures."""
    if " " not in text or len(text) > 300:
        return [text]
    words = _UNIT_APART.sub("\0", text).split(" ")
    words = [w.replace("\0", " ") for w in words]
    cut = len(words)
    while cut and is_value(words[cut - 1].replace(" ", "")):
        cut -= 1
    figures = len(words) - cut
    head = " ".join(words[:cut])
    if figures >= 2 or (figures and not cut) or (figures and label_kind(head)):
        return [part for part in (head, *words[cut:]) if part]
    if not figures and all(label_kind(word) for word in words):
        return words
    return [text]


def line_of(source: Source, index: int) -> Line:
    """Return one line parted into labels and the figures at its end."""
    found = tokens(source.texts[index])
    cut = len(found)
    while cut and is_value(found[cut - 1].text.replace(" ", "")):
        cut -= 1
    figures = found[cut:]
    is_tight = any(a.spans[0][1] + 1 >= b.spans[0][0] for a, b in pairwise(figures))
    return Line(index, found[:cut], figures, is_tight)
