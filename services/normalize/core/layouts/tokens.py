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
    """A word group of a line with where it begins and ends."""

    text: str
    begin: int
    end: int

    @property
    def centre(self) -> float:
        """Return the middle."""
        return (self.begin + self.end) / 2


class Line(NamedTuple):
    """The tokens of a line, placed by characters; figures are those at its end."""

    at: int
    labels: list[Token]
    figures: list[Token]

    @property
    def is_tight(self) -> bool:
        """Tell whether only single blanks part the figures."""
        return any(a.end + 1 >= b.begin for a, b in pairwise(self.figures))


def tokens(line: str) -> list[Token]:
    """Split a line at gaps of two blanks, and figures also at single blanks."""
    words = line.split()
    if len(words) < 2:
        return [_alone(line, word) for word in words]
    text = line.translate(_WIDE_SPACES)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        at = match.start()
        for part in _without_tail(match[0]):
            at = text.index(part, at)
            found.append(Token(part, at, at + len(part)))
            at += len(part)
    return found


def _alone(line: str, word: str) -> Token:
    begin = len(line[: line.index(word)].translate(_WIDE_SPACES))
    return Token(word, begin, begin + len(word))


def in_print(line: Line, found: str) -> Line:
    """Return the tokens of the line `found` placed by printed width: a Chinese character takes two."""
    if found.isascii():
        return line
    text = found.translate(_WIDE_SPACES)
    at = width = 0
    placed: list[Token] = []
    for token in (*line.labels, *line.figures):
        begin = width + _width(text[at : token.begin])
        at, width = token.end, begin + _width(token.text)
        placed.append(Token(token.text, begin, width))
    cut = len(line.labels)
    return Line(line.at, placed[:cut], placed[cut:])


def _width(text: str) -> int:
    return len(text.encode("gb18030", "replace"))


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
    return Line(index, found[:cut], found[cut:])
