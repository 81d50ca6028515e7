"""Running text made ready for scanning: wrapped lines joined, blanks out, the way back kept."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from shared.report.record import Section

_BLANKS = re.compile(r"[\s*#\u200b-\u200d\u2060\ufeff]+")
_VISIBLE = re.compile(r"[^\s*#\u200b-\u200d\u2060\ufeff]")
_HEADING = re.compile(
    r"[（(【\[]|[一二三四五六七八九十]{1,3}[、.．是]|\d{1,2}[、.．)）]|第[一二三四五六]|[-•·]"
)
_SENTENCE_END = re.compile(r"[。！？!?]+")
_CLOSED = "。！？!?：:；;"
WRAPPED_FROM = 24
"""A line this long that ends without a mark goes on in the next one (page breaks, wrapping)."""


class Passage:
    """One paragraph: `raw` as printed and `text` without blanks, with the way back.

    `starts` are the offsets in `raw` where its source lines begin, `lines` their numbers.
    """

    def __init__(self, section: int | None, pieces: list[tuple[str, int | None]]) -> None:
        """Join the pieces, source lines with their numbers, into one paragraph."""
        self.section = section
        self.starts = [0]
        for piece, _ in pieces[:-1]:
            self.starts.append(self.starts[-1] + len(piece))
        self.lines = [line for _, line in pieces]
        self.raw = "".join(piece for piece, _ in pieces)
        self.text = _BLANKS.sub("", self.raw)

    @cached_property
    def sentences(self) -> list[int]:
        """Offsets in `text` where the sentences begin, the first of them 0."""
        return [0, *(m.end() for m in _SENTENCE_END.finditer(self.text))]

    def sentence(self, offset: int) -> int:
        """Return the number of the sentence that holds this offset of `text`, from 0."""
        return bisect_right(self.sentences, offset) - 1

    def printed(self, start: int, end: int) -> str:
        """Return the text between two offsets as printed: blanks kept inside, marks of bold out."""
        if len(self.raw) == len(self.text):
            return self.text[start:end]
        first, last = self._places[start], self._places[end - 1]
        return " ".join(self.raw[first : last + 1].replace("*", "").split())

    def line(self, offset: int) -> int | None:
        """Return the source line of an offset of `text`."""
        place = offset if len(self.raw) == len(self.text) else self._places[offset]
        return self.lines[bisect_right(self.starts, place) - 1]

    @cached_property
    def _places(self) -> list[int]:
        return [m.start() for m in _VISIBLE.finditer(self.raw)]


def passages(sections: tuple[Section, ...]) -> Iterator[Passage]:
    """Yield the paragraphs of all sections in order; a section numbered 0 is the preamble."""
    for section in sections:
        pieces: list[tuple[str, int | None]] = []
        for index, line in enumerate(section.text.split("\n")):
            piece = line.strip()
            if not piece:
                continue
            if pieces and not _goes_on(pieces[-1][0], piece):
                yield Passage(section.number or None, pieces)
                pieces = []
            pieces.append((piece, section.lines[index] if index < len(section.lines) else None))
        if pieces:
            yield Passage(section.number or None, pieces)


def _goes_on(above: str, line: str) -> bool:
    """Tell whether a sentence was cut at the line end: a full line, no mark, no heading after."""
    # after a comma or inside brackets a short line goes on too
    full = len(above) >= WRAPPED_FROM or above[-1] in "，,、（("
    return full and above[-1] not in _CLOSED and _HEADING.match(line) is None
