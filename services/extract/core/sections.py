"""Cut the running text into the six sections, and what stands before the first of them."""

import re
from collections.abc import Sequence
from functools import cache

from services.extract.core.headings import Heading
from services.extract.core.outline import Outline, outline_of
from services.extract.core.who.closing import is_closing, is_dated
from services.extract.core.who.dates import find_date, squeeze
from services.extract.core.who.title import clean
from services.extract.core.who.wording import HAN, is_body
from shared import forms
from shared.report.characters import fold
from shared.report.document import Document, Observation, Paragraph
from shared.report.record import Section

_SHORTEST_PREAMBLE = 16
_LONGEST_DEBRIS = 120
_SHOWN = 80
_FULL = 0.75
_ENDED = re.compile(r"[。；;！？!?]$")
_ENTRY = re.compile(r"^[^，。《]{0,8}[:：]|[>|｜]|来源|字[号体]|浏览|[〔\[]20\d\d[〕\]]")
_HAN = re.compile(f"[{HAN}]")


def read_sections(
    document: Document, *, outline: Outline | None = None
) -> tuple[tuple[Section, ...], str, tuple[Observation, ...]]:
    """Return the sections in document order, the preamble, and what was noticed on the way."""
    known = outline or outline_of(document)
    headings, paragraphs = known.headings, known.paragraphs
    signed = known.signature.paragraphs
    end = min(signed) if signed else len(paragraphs)
    sections = tuple(
        _section(heading, _until(headings, i, end), paragraphs)
        for i, heading in enumerate(headings)
    )
    preamble = _preamble(known)
    return sections, preamble, _observations(known, preamble)


def _until(headings: Sequence[Heading], i: int, end: int) -> int:
    return headings[i + 1].paragraph if i + 1 < len(headings) else end


@cache
def _form_labels() -> frozenset[str]:
    """Return every label of the forms, folded: a line of nothing but these is debris of a table."""
    labels: set[str] = set()
    for table in (t for form in forms.editions() for t in form.tables):
        labels.update(table.furniture)
        for block in table.blocks:
            labels.update(x for x in (block.caption, block.title) if x)
            for entry in (*block.columns, *block.rows, *table.groups):
                labels.update(entry.labels)
    return frozenset(fold(label) for label in labels) | {"法人或其他组织"}


def _is_running(text: str) -> bool:
    """Tell whether a paragraph is text: not a closing line, a rule, a lone number, a label."""
    if len(text) > _LONGEST_DEBRIS or text.endswith(("。", "；", ";")):
        return True
    if is_closing(text) or not _HAN.search(text):
        return False
    return not all(fold(word) in _form_labels() for word in text.split())


def _section(heading: Heading, until: int, paragraphs: list[Paragraph]) -> Section:
    own = 1 if heading.in_paragraph else 0
    between = paragraphs[heading.paragraph + own : until]
    pieces = [(heading.rest.strip(), heading.line)]
    pieces += [(p.text.strip(), p.line) for p in between if _is_running(p.text)]
    kept = [(text, line) for text, line in pieces if text]
    return Section(
        heading.number,
        heading.title,
        heading.raw.strip(),
        "\n".join(text for text, _ in kept),
        heading.line,
        heading.matched_by,
        tuple(line for _, line in kept),
    )


def _preamble(outline: Outline) -> str:
    """Return the paragraphs between the title and the first heading that are sentences.

    A sentence may be broken into lines of which only some look like one.
    """
    stop = outline.headings[0].paragraph if outline.headings else 0
    start = outline.title.end if outline.title else 0
    between = outline.paragraphs[start:stop]
    texts = [squeeze(p.text) for p in between]
    kept = [_is_sentence(text) for text in texts]
    for i in range(len(texts) - 1, 0, -1):
        kept[i - 1] = kept[i - 1] or (kept[i] and _runs_on(texts[i - 1], texts[i]))
    for i in range(1, len(texts)):
        tail = kept[i - 1] and not _ENDED.search(texts[i - 1]) and _ENDED.search(texts[i])
        kept[i] = kept[i] or (bool(tail) and not _stands_alone(texts[i]))
    return "\n".join(p.text.strip() for p, is_kept in zip(between, kept, strict=True) if is_kept)


def _is_sentence(text: str) -> bool:
    if len(text) < _SHORTEST_PREAMBLE or not any(m in text for m in "，。；,;、"):
        return False
    return not is_body(clean(text)) and not _is_dated_line(text)


def _runs_on(text: str, following: str) -> bool:
    """Tell whether a line is the beginning of a sentence that goes on in the next line.

    Only a full line is broken: it is not much shorter than the one that follows.
    """
    full = len(text) >= max(_SHORTEST_PREAMBLE, _FULL * len(following))
    return full and not _ENDED.search(text) and not _stands_alone(text)


def _stands_alone(text: str) -> bool:
    """Tell whether a line is a name, a date, or an entry of the page's head (来源：…)."""
    return is_body(clean(text)) or is_closing(text) or bool(_ENTRY.search(text)) or is_dated(text)


def _is_dated_line(text: str) -> bool:
    found = find_date(text)
    return found is not None and len(text) <= 60 and "。" not in text


def _observations(outline: Outline, preamble: str) -> tuple[Observation, ...]:
    headings = outline.headings
    seen = {o.rule for o in outline.document.observations}
    found: list[Observation] = []
    lost = [h for h in headings if h.style == "none"]
    if lost and "e_heading_number_lost" not in seen:
        found.append(
            Observation("e_heading_number_lost", " / ".join(h.title for h in lost), lost[0].line)
        )
    levels = {h.level for h in headings if h.level is not None}
    if len(levels) > 1 and "e_heading_style" not in seen:
        text = " / ".join(h.raw.strip() for h in headings if h.level is not None)
        found.append(Observation("e_heading_style", text, headings[0].line))
    if preamble and "e_preamble_before_heading" not in seen:
        start = preamble.split("\n", 1)[0]
        line = next((p.line for p in outline.paragraphs if p.text.strip() == start), None)
        found.append(Observation("e_preamble_before_heading", _cut(start), line))
    return tuple(found)


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
