"""Word groups of a line with where they stand: the material of blank-parted columns."""

import re
from itertools import pairwise

from services.normalize.core.source import Source
from services.normalize.core.vocabulary import is_value, label_kind
from shared.report.values import value

_TOKEN = re.compile(r"\S+(?: \S+)*")
_UNIT_APART = re.compile(r"(?<=\d) (?=(?:万|亿)?元$)")
_WIDE_BLANK = re.compile("[\u3000\xa0\u2002\u2003\u2009\u202f\x0b]")
_TWO_WIDE = "\u3000\u2003"


@value
class Token:
    """A word group of a line with where it begins and ends."""

    text: str
    begin: int
    end: int

    @property
    def centre(self) -> float:
        """Return the middle."""
        return (self.begin + self.end) / 2


@value
class Line:
    """The tokens of a line, placed by characters; figures are those at its end."""

    at: int
    labels: list[Token]
    figures: list[Token]

    @property
    def is_tight(self) -> bool:
        """Tell whether only single blanks part the figures."""
        return any(a.end + 1 >= b.begin for a, b in pairwise(self.figures))


def _tokens(line: str) -> list[Token]:
    """Split a line at gaps of two blanks, and figures also at single blanks."""
    text = _with_plain_blanks(line)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        at = match.start()
        for part in _without_tail(match[0]):
            at = text.index(part, at)
            found.append(Token(part, at, at + len(part)))
            at += len(part)
    return found


def _alone(line: str, word: str) -> Token:
    begin = line.index(word)
    if begin:
        begin = len(_with_plain_blanks(line[:begin]))
    return Token(word, begin, begin + len(word))


def _with_plain_blanks(text: str) -> str:
    return _WIDE_BLANK.sub(lambda blank: "  " if blank[0] in _TWO_WIDE else " ", text)


def in_print(line: Line) -> Line:
    """Return the tokens placed by printed width: a Chinese character takes two."""
    at = width = 0
    placed: list[Token] = []
    for token in (*line.labels, *line.figures):
        begin = width + token.begin - at
        at, width = token.end, begin + _width(token.text)
        placed.append(Token(token.text, begin, width))
    cut = len(line.labels)
    return Line(line.at, placed[:cut], placed[cut:])


def _width(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("gb18030", "replace"))


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
    text = source.texts[index]
    words = text.split()
    if len(words) == 1:
        alone = [_alone(text, words[0])]
        return Line(index, [], alone) if is_value(words[0]) else Line(index, alone, [])
    found = _tokens(text) if words else []
    cut = len(found)
    while cut and is_value(found[cut - 1].text.replace(" ", "")):
        cut -= 1
    return Line(index, found[:cut], found[cut:])
