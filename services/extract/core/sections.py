"""Cut the running text into the six sections, and what stands before the first of them."""

import re
from collections.abc import Sequence
from functools import cache

from services.extract.core.closing import is_closing
from services.extract.core.dates import find_date, squeeze
from services.extract.core.headings import Heading
from services.extract.core.outline import Outline, outline_of
from services.extract.core.title import clean
from services.extract.core.wording import HAN, is_body
from shared import forms
from shared.report.characters import fold
from shared.report.document import Document, Observation, Paragraph
from shared.report.record import Section

_SHORTEST_PREAMBLE = 16
_LONGEST_DEBRIS = 120
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
    """Return the paragraphs between the title and the first heading that are sentences."""
    stop = outline.headings[0].paragraph if outline.headings else 0
    start = outline.title.end if outline.title else 0
    kept = []
    for paragraph in outline.paragraphs[start:stop]:
        text = squeeze(paragraph.text)
        is_sentence = len(text) >= _SHORTEST_PREAMBLE and any(m in text for m in "，。；,;、")
        if is_sentence and not is_body(clean(text)) and not _is_dated_line(text):
            kept.append(paragraph.text.strip())
    return "\n".join(kept)


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
        found.append(Observation("e_preamble_before_heading", start[:80], line))
    return tuple(found)
