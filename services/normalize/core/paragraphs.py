"""Lines of running text become paragraphs: markup off, wrapped lines and cut sentences joined.

Headings, list items, titles, signatures and labels always stay on their own.
"""

import re
from dataclasses import dataclass

from services.normalize.core.residue import CELL_BREAK, Tally
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import is_section_heading
from shared.report.document import Paragraph

_MARKS = re.compile(r"(?:>\s?){1,3}|(#{1,6})(?:\s+|(?=[^\s#\d]))|[-*+•●◆■]\s+(?=\S)")
_CLOSING_HASHES = re.compile(r"\s#{1,6}$")
_ITEM = re.compile(
    r"(?:第?[一二三四五六七八九十]{1,3}[、.．,，]|[（(][一二三四五六七八九十\d]{1,3}[)）]|[㈠-㈩①-⑳]"
    r"|\d{1,2}[、.．](?!\d)|\d{1,2}[)）]|第[一二三四五六七八九十]{1,3}[章节条])"
)
_ENDS = "。；：！？;:!?…"
_CLOSERS = '”’」』》）)"'
_BREAKS_OFF = "，、,"
_INNER_STOP = re.compile("[。；，]|, ?[\u4e00-\u9fff]")
_FULL_STOP = "。；"
_LONG = 40
_SHORTEST_FULL = 20
_NARROWEST = 36
_LEAST_SHARE = 0.85
_INDENTS = " \u3000\t\u00a0\u2002\u2003"


@dataclass(slots=True)
class Line:
    """One line of text waiting to become a paragraph or a part of one."""

    index: int
    text: str
    raw: str | None
    level: int | None
    indent: int
    after_gap: bool
    marked: bool = False


def line_of(source: Source, index: int, text: str, raw: str | None, *, after_gap: bool) -> Line:
    """Return a line without its heading and list marks."""
    found = source.texts[index]
    indent = len(found) - len(found.lstrip(_INDENTS))
    level: int | None = None
    bare = text
    mark = _MARKS.match(text)
    if mark is not None and mark.end() < len(text):
        level = len(mark[1]) if mark[1] else None
        bare = text[mark.end() :].strip()
        if level:
            bare = _CLOSING_HASHES.sub("", bare)
        raw = text if raw is None else raw
    return Line(index, bare, raw, level, indent, after_gap, mark is not None)


def build(source: Source, lines: list[Line], width: int) -> list[Paragraph]:
    """Join what was wrapped or cut among neighbouring lines; `width` is that of a full line."""
    paragraphs: list[Paragraph] = []
    parts: list[Line] = []
    for line in lines:
        if parts:
            if _is_wrapped(parts, line, width):
                parts.append(line)
                continue
            if _is_cut(parts, line):
                source.tally.add(
                    "e_paragraph_split",
                    f"…{parts[-1].text[-8:]} | {line.text[:8]}…",
                    source.numbers[line.index],
                )
                parts.append(line)
                continue
            paragraphs += _paragraphs(source, parts)
        parts = [line]
    if parts:
        paragraphs += _paragraphs(source, parts)
    return paragraphs


def full_width(texts: list[str]) -> int:
    """Return the printed width of a full line where text was wrapped hard, else a huge one."""
    widths = sorted(_width(t) for t in texts if len(t) >= _SHORTEST_FULL)
    if not widths:
        return _NARROWEST
    return max(_NARROWEST, widths[len(widths) * 9 // 10])


def _width(text: str) -> int:
    return len(text.encode("gb18030", "replace"))


def _is_wrapped(parts: list[Line], line: Line, width: int) -> bool:
    """Tell whether `line` goes on directly where a full line broke."""
    last = parts[-1]
    if line.after_gap or line.level or line.marked or _ends(last.text) or _begins_anew(line.text):
        return False
    if len(parts) > 1 and line.indent > last.indent + 1:
        return False
    if len(parts) == 1 and line.indent > last.indent:
        return False
    if len(last.text) < _SHORTEST_FULL or not _width(last.text) >= _LEAST_SHARE * width:
        return False
    # a title may be long or broken too, but only a sentence has stops
    text = "".join(p.text for p in parts) if len(parts) < 4 else parts[0].text + last.text
    return _INNER_STOP.search(text) is not None and not parts[0].level


def _is_cut(parts: list[Line], line: Line) -> bool:
    """Tell whether a sentence goes on after an empty line (a page break stood there)."""
    last = parts[-1].text
    if not line.after_gap or line.level or line.marked or parts[0].level or _ends(last):
        return False
    if _begins_anew(line.text) or not _INNER_STOP.search(line.text):
        return False
    if last[-1] in _BREAKS_OFF:
        return True
    text = "".join(p.text for p in parts)
    return (len(text) >= _SHORTEST_FULL and any(c in text for c in _FULL_STOP)) or len(
        text
    ) >= _LONG


def _ends(text: str) -> bool:
    """Tell whether a line ends a sentence, closing quotes and brackets aside."""
    return text.rstrip(_CLOSERS)[-1:] in _ENDS


def _begins_anew(text: str) -> bool:
    return _ITEM.match(text) is not None or is_section_heading(text)


def _paragraphs(source: Source, parts: list[Line]) -> list[Paragraph]:
    first = parts[0]
    text, raw = first.text, first.raw
    if len(parts) > 1:
        raw = "\n".join(p.text if p.raw is None else p.raw for p in parts)
        text = _joined([p.text for p in parts])
    number, page = source.numbers[first.index], source.page(first.index)
    pieces = [piece for piece in (t.strip() for t in text.split(CELL_BREAK)) if piece]
    if len(pieces) < 2:
        return [Paragraph(pieces[0] if pieces else text.strip(), number, page, first.level, raw)]
    return [
        Paragraph(piece, number, page, first.level, raw if not order else piece)
        for order, piece in enumerate(pieces)
    ]


def _joined(texts: list[str]) -> str:
    """Put lines together; only words in Latin letters need a blank between them."""
    joined = texts[0]
    for text in texts[1:]:
        apart = (
            joined[-1].isascii()
            and joined[-1].isalpha()
            and text[0].isascii()
            and text[0].isalpha()
        )
        joined += f" {text}" if apart else text
    return joined


def heading_styles(paragraphs: list[Paragraph], tally: Tally) -> None:
    """Note when the headings of the sections are marked in different ways."""
    headings = [p for p in paragraphs if is_section_heading(p.text)]
    styles = {(p.level, p.raw is not None and "**" in p.raw) for p in headings}
    if len(styles) > 1:
        marked = ", ".join(
            f"{'#' * (level or 0) or '-'}{'**' * bold}" for level, bold in sorted(styles, key=str)
        )
        tally.add("e_heading_style", marked, headings[0].line or 1)
