"""The decoded text as lines with their places: what every layout reads from."""

import re
from dataclasses import dataclass

from services.normalize.core import residue
from services.normalize.core.radicals import has_radicals, without_radicals
from services.normalize.core.residue import Tally
from services.normalize.core.script import (
    foreign_glyphs,
    is_traditional,
    to_simplified,
    without_glosses,
)
from shared.report.document import GridCell

_OTHER_BREAKS = re.compile("\r\n?|[\u2028\u2029\x85]")
_BREAK_SIGNS = "\r\u2028\u2029\x85"
_CJK = "\u2e80-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff60“”‘’"
_INNER_SPACE = re.compile(f"(?<=[{_CJK}])\\s+(?=[{_CJK}])")


@dataclass(slots=True)
class Source:
    """Lines of one text with their places.

    `texts` are cleaned of residue but keep their leading blanks and tabs; `raws` holds, by index,
    the line as found where cleaning changed it.
    """

    texts: list[str]
    raws: dict[int, str]
    numbers: range | list[int]
    pages: list[int] | None
    traditional: bool
    tally: Tally

    def page(self, index: int) -> int | None:
        """Return the page of a line, None in a text without page breaks."""
        return self.pages[index] if self.pages else None

    def raw(self, index: int) -> str:
        """Return the line as found."""
        return self.raws.get(index, self.texts[index])

    def cell(self, index: int, column: int, found: str, raw: str | None = None) -> GridCell:
        """Return the cell with `found` in it; `raw` where the line itself was changed."""
        text = found if found.isalnum() else cell_text(found)
        before = found if raw is None else raw
        return GridCell(
            text, column, self.numbers[index], None if before == text else before,
            self.pages[index] if self.pages else None,
        )  # fmt: skip

    def row(self, index: int, separator: str, first: int = 0) -> list[GridCell]:
        """Return the cells of a line parted by `separator`, from part `first` on."""
        number = self.numbers[index]
        page = self.pages[index] if self.pages else None
        if index in self.raws:
            parts = self.parts(index, separator)[first:]
            return [self.cell(index, column, part, raw) for column, (part, raw) in enumerate(parts)]
        cells: list[GridCell] = []
        for column, found in enumerate(self.texts[index].split(separator)[first:]):
            # most cells are one figure, one word or nothing: no cleaning needed
            text = found if not found or found.isalnum() else cell_text(found)
            cells.append(GridCell(text, column, number, None if text == found else found, page))
        return cells

    def parts(self, index: int, separator: str) -> list[tuple[str, str | None]]:
        """Split a line into cells, each with its raw text where the line was changed."""
        found = self.texts[index].split(separator)
        raw = self.raws.get(index)
        if raw is None:
            return [(part, None) for part in found]
        before = raw.split(separator)
        if len(before) != len(found):
            before = [raw, *found[1:]]
        return list(zip(found, before, strict=True))


def cell_text(found: str) -> str:
    """Return the text of a cell: trimmed, one line, without blanks between Chinese characters."""
    words = found.split()
    if len(words) < 2:
        return words[0] if words else ""
    return _INNER_SPACE.sub("", " ".join(words))


def read_lines(text: str) -> Source:
    """Split text into lines, clean them, and turn Traditional script into simplified."""
    if any(sign in text for sign in _BREAK_SIGNS):
        text = _OTHER_BREAKS.sub("\n", text)
    found = text.split("\n")
    pages: list[int] | None = None
    numbers: range | list[int] = range(1, len(found) + 1)
    if "\f" in text:
        found, numbers, pages = _paged(found)
    lines = list(found)
    if has_radicals(text):
        text = without_radicals(text)
        lines = [without_radicals(line) for line in found]
    printed = lines
    traditional = is_traditional(text)
    glyphs = {} if traditional else foreign_glyphs(text)
    glosses = 0
    if glyphs:
        lines = (
            "\n".join(lines)
            .translate({ord(sign): meant for sign, meant in glyphs.items()})
            .split("\n")
        )
    if traditional or text.count("(") > len(text) // 8:
        lines, glosses = _plain_script(lines, traditional=traditional)
    changed = lines != found
    raws, tally = residue.clean_lines(lines, "\n".join(lines) if changed else text, numbers)
    if changed:
        raws = {i: f for i, (f, now) in enumerate(zip(found, lines, strict=True)) if f != now}
    for sign, meant in glyphs.items():
        line = next(n for n, before in zip(numbers, printed, strict=True) if sign in before)
        tally.add("e_ocr_substitution", f"{sign} -> {meant}", line)
    if glosses:
        tally.add("e_mirror_damage", f"文(wen) {glosses}", 1)
    if traditional:
        tally.add("e_mirror_damage", "Traditional", 1)
    return Source(lines, raws, numbers, pages, traditional, tally)


def _plain_script(lines: list[str], *, traditional: bool) -> tuple[list[str], int]:
    text, glosses = without_glosses("\n".join(lines))
    if traditional:
        text = to_simplified(text)
    return text.split("\n"), glosses


def _paged(found: list[str]) -> tuple[list[str], list[int], list[int]]:
    """Cut lines at form feeds: both parts keep the line number, the second begins a page."""
    lines: list[str] = []
    numbers: list[int] = []
    pages: list[int] = []
    page = 1
    for number, line in enumerate(found, start=1):
        for order, part in enumerate(line.split("\f")):
            page += order > 0
            lines.append(part)
            numbers.append(number)
            pages.append(page)
    return lines, numbers, pages
