"""Find the headings of the six sections among paragraphs and sub-headings."""

import re
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from services.extract.core.who.dates import squeeze
from services.extract.core.who.wording import HAN
from shared import forms
from shared.report.characters import fold
from shared.report.document import Document, GridCell, Paragraph, Row
from shared.report.values import value

Style = Literal["han", "bracket", "arabic", "none"]
MatchedBy = Literal["number_and_title", "title", "number"]

_NUMBERING = re.compile(
    r"^[#*>\s]*(?:第?(?P<han>[一二三四五六七八九]|[—–―\-]|=|Ξ|二|≡)(?:部分|章)?(?P<mark>[、，,．.。：:]{1,2}|)"
    r"|[（(](?P<bracket>[一二三四五六七八九])[）)][、.]?|(?P<ring>[㈠-㈨])[、.]?"
    r"|(?P<arabic>[1-9])[、.．，,](?!\d)|[（(](?P<round>[1-9])[）)])"
)
_MAY_BEGIN = re.compile(r"[#*>\s]*[第一二三四五六七八九—–―\-=Ξ≡（(㈠-㈨1-9]")
_LOOK_ALIKE = {"—": 1, "–": 1, "―": 1, "-": 1, "=": 2, "Ξ": 3, "≡": 3}
_HAN_DIGITS = "一二三四五六七八九"
_RINGS = "㈠㈡㈢㈣㈤㈥㈦㈧㈨"
_ROW_LABEL = re.compile(r"本年新收|上年结转|本年度办理|结转下|申请数量|办理结果$")
_NOT_HAN = re.compile(rf"[^{HAN}]")
_HINT = re.compile("情况|概|问题|事项|公开|不足|改进|诉讼|复议")
_STOP = re.compile(r"[。：:；！？]")
_LONGEST = 36
_SAME_NUMBER, _OTHER_NUMBER, _NO_NUMBER = 0.62, 0.85, 0.9


@value
class Heading:
    """A section heading: which section, where it stands, and the text glued to it."""

    number: int
    block: int
    paragraph: int
    title: str
    raw: str
    rest: str
    line: int | None
    level: int | None
    style: Style
    matched_by: MatchedBy
    in_paragraph: bool = True


@value
class _Candidate:
    heading: Heading
    by_title: bool
    printed: int | None


@cache
def _titles() -> dict[str, int]:
    known: dict[str, int] = {}
    for form in forms.editions():
        for section in form.sections:
            for title in (section.title, *section.aliases):
                known.setdefault(_NOT_HAN.sub("", fold(title)), section.number)
    return known


@cache
def _title_pattern() -> str:
    words = sorted(_titles(), key=len, reverse=True)
    # the comma of 行政复议、行政诉讼 is printed in several ways or not at all
    return "|".join(
        w.replace("复议行政", "复议[、，,]?行政").replace("复议提起", "复议[、，,]?提起")
        for w in words
    )


@cache
def _prefix() -> re.Pattern[str]:
    return re.compile(rf"(?:{_title_pattern()})(?P<after>[、，,]?(?:[。：:；!！]|$))?")


@cache
def _inside() -> re.Pattern[str]:
    return re.compile(rf"(?<=[。！；])\s*(?=[一二三四五六]、(?:{_title_pattern()}))")


def _numbered(text: str) -> tuple[Style, int | None, bool, int]:
    """Return style, printed number, whether a mark follows it, and where the title begins."""
    found = _NUMBERING.match(text)
    if found is None:
        return "none", None, False, 0
    if han := found["han"]:
        number = _LOOK_ALIKE.get(han) or _HAN_DIGITS.index(han) + 1
        return "han", number, bool(found["mark"]), found.end()
    if bracket := found["bracket"]:
        return "bracket", _HAN_DIGITS.index(bracket) + 1, True, found.end()
    if ring := found["ring"]:
        return "bracket", _RINGS.index(ring) + 1, True, found.end()
    return "arabic", int(found["arabic"] or found["round"]), True, found.end()


@lru_cache(maxsize=4096)
def _best(words: str) -> tuple[int, float] | None:
    """Return the section whose title is most like `words`, with the similarity."""
    exact = _titles().get(words)
    if exact:
        return exact, 1.0
    found = process.extractOne(
        words, _titles().keys(), scorer=Levenshtein.normalized_similarity, score_cutoff=_SAME_NUMBER
    )
    return (_titles()[found[0]], found[1]) if found else None


def _title_of(body: str) -> tuple[str, str] | None:
    """Split squeezed text without its number into the title and what is glued behind it."""
    if len(body) <= _LONGEST and not _STOP.search(body[:-1]):
        return body, ""
    stop = _STOP.search(body[: _LONGEST + 1])
    if stop and stop.start() > 0:
        return body[: stop.start()], body[stop.end() :]
    known = _prefix().match(body)
    return (body[: known.end()], body[known.end() :]) if known else None


def _candidate(text: str, block: int, paragraph: int, source: Paragraph) -> _Candidate | None:
    if len(text) > 2 * _LONGEST and not _MAY_BEGIN.match(text):
        return None
    squeezed = squeeze(text[: 4 * _LONGEST])
    style, printed, marked, at = _numbered(squeezed)
    if style == "none" and len(squeezed) > _LONGEST:
        return None
    parts = _title_of(squeezed[at:].lstrip("*#"))
    if parts is None or _ROW_LABEL.search(parts[0]):
        return None
    title, glued = parts[0].strip("*#、，,。：:. "), parts[1]
    words = _NOT_HAN.sub("", fold(title))
    if len(words) < 2 or len(words) > _LONGEST or (style == "none" and not _HINT.search(words)):
        return None
    best = _best(words)
    by_title = best is not None and _accepts(best, style, printed, marked, glued)
    if not by_title and (style != "han" or not marked or glued):
        return None
    number = best[0] if best and by_title else printed or 0
    rest = _rest(text, glued) if glued else ""
    return _Candidate(
        Heading(
            number, block, paragraph, title, source.raw or text if not glued else squeezed[: at + len(parts[0])],
            rest, source.line, source.level, style,
            "number_and_title" if by_title and number == printed else "title" if by_title else "number",
        ),
        by_title, printed,
    )  # fmt: skip


def _accepts(
    best: tuple[int, float], style: Style, printed: int | None, marked: bool, glued: str
) -> bool:
    number, similarity = best
    if glued and not marked:
        return False
    if style == "none" or not marked:
        return similarity >= _NO_NUMBER
    return similarity >= (_SAME_NUMBER if number == printed else _OTHER_NUMBER)


def _rest(text: str, glued: str) -> str:
    """Return the printed text behind a glued heading, spaces kept."""
    head = glued[:6]
    at = text.find(head)
    return text[at:] if at >= 0 else text[-len(glued) :]


def _parts(text: str) -> list[str]:
    """Cut a paragraph in front of every numbered heading inside it."""
    if len(text) < 2 * _LONGEST or "、" not in text:
        return [text]
    cuts = [m.start() for m in _inside().finditer(text)]
    return [text[a:b] for a, b in pairwise([0, *cuts, len(text)])] if cuts else [text]


def _candidates(document: Document) -> list[_Candidate]:
    found: list[_Candidate] = []
    paragraph = -1
    for i, block in enumerate(document.blocks):
        if not isinstance(block, Paragraph):
            found.extend(_in_table(block.rows, i, paragraph + 1))
            continue
        paragraph += 1
        parts = (_candidate(part, i, paragraph, block) for part in _parts(block.text))
        found.extend(candidate for candidate in parts if candidate)
    return found


def _in_table(rows: tuple[Row, ...], block: int, paragraph: int) -> list[_Candidate]:
    """Find numbered headings that ended up as single cells of a table."""
    found = []
    for row in rows:
        cell = _first_filled(row)
        if cell is None or "、" not in cell.text[:3] or len(cell.text) > _LONGEST:
            continue
        if sum(1 for c in row.cells if c.text) == 1:
            source = Paragraph(cell.text, cell.line)
            candidate = _candidate(source.text, block, paragraph, source)
            if candidate and candidate.heading.matched_by == "number_and_title":
                heading = replace(candidate.heading, in_paragraph=False)
                found.append(replace(candidate, heading=heading))
    return found


def _first_filled(row: Row) -> GridCell | None:
    for cell in row.cells:
        if cell.text:
            return cell
    return None


def _main_style(candidates: list[_Candidate]) -> Style:
    styles: tuple[Style, ...] = ("han", "none", "bracket", "arabic")
    seen = {
        s: {c.heading.number for c in candidates if c.by_title and c.heading.style == s}
        for s in styles
    }
    return max(styles, key=lambda s: len(seen[s]))


def _fits_between(heading: Heading, chosen: list[Heading]) -> bool:
    """Tell whether a weak candidate keeps the order and repeats nothing."""
    position = (heading.block, heading.paragraph)
    for other in chosen:
        if other.number == heading.number:
            return False
        if ((other.block, other.paragraph) < position) != (other.number < heading.number):
            return False
    return 1 <= heading.number <= 6


def find_headings(document: Document) -> tuple[Heading, ...]:
    """Return the section headings in document order; duplicates stay, lists of contents go."""
    candidates = _candidates(document)
    main = _main_style(candidates)
    numbered: tuple[Style, ...] = ("han", main)
    strong = [
        c.heading
        for c in candidates
        if c.by_title and c.heading.style in numbered and c.heading.style != "none"
    ]
    chosen = list(strong)
    for candidate in candidates:
        heading = candidate.heading
        if candidate.by_title and heading.style == "none" and _fits_between(heading, chosen):
            chosen.append(heading)
    sure = sum(h.matched_by == "number_and_title" for h in chosen)
    for candidate in candidates:
        heading = candidate.heading
        if (
            not candidate.by_title
            and main == "han"
            and sure >= 3
            and _fits_between(heading, chosen)
        ):
            chosen.append(heading)
    chosen.sort(key=lambda h: (h.block, h.paragraph))
    return _without_contents(chosen)


def _without_contents(headings: list[Heading]) -> tuple[Heading, ...]:
    """Drop a list of contents: leading headings without text that all come again."""
    run = 0
    while run + 1 < len(headings) and headings[run + 1].paragraph == headings[run].paragraph + 1:
        if (
            headings[run + 1].number <= headings[run].number
            or headings[run + 1].block != headings[run].block + 1
        ):
            break
        run += 1
    first = headings[: run + 1]
    again = {h.number for h in headings[run + 1 :]}
    if len(first) >= 3 and all(h.number in again for h in first):
        return tuple(headings[run + 1 :])
    return tuple(headings)
