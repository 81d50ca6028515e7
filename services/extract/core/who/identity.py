"""Read who reports on which year, and when the report was published."""

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath
from typing import Literal

from services.extract.core.outline import Outline, outline_of
from services.extract.core.who.closing import (
    Header,
    Signature,
    find_contact,
    find_period,
    read_header,
)
from services.extract.core.who.dates import PrintedDate, squeeze, year_of
from services.extract.core.who.misread import mend_place
from services.extract.core.who.places import Evidence, Resolved, level_of, region_in, resolve
from services.extract.core.who.title import Title, clean, find_title, read_parts
from services.extract.core.who.wording import HAN, PLACEHOLDER, is_body, is_brand
from shared.report.document import Document, Observation, Paragraph
from shared.report.record import Identity, Period, Region, YearMention

_BODY_LIMIT = 60_000
_FILE_YEAR = re.compile(r"(?<![0-9A-Za-z])(20[012]\d)(?=年|[^0-9A-Za-z.\-]|[.\-_](?!\d)|$)")
_OPENING_YEAR = re.compile(r"^[^。，,]{0,14}?(20\d{2})年(?!\d{1,2}月)")
_REPORT_YEAR = re.compile(r"(20\d{2})年度?(?:政府|政务)信息公开(?:工作)?年度报告")
_HAN = re.compile(rf"[{HAN}]")
_FIRST_YEAR, _LAST_YEAR = 2003, 2100


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """The document as identity needs it."""

    paragraphs: list[Paragraph]
    first_heading: int
    body: str
    title: Title | None
    header: Header
    signature: Signature
    file: str


def _look(outline: Outline, file: str) -> _Surroundings:
    paragraphs, document = outline.paragraphs, outline.document
    title = outline.title
    if title is None and document.furniture:
        title = find_title(list(document.furniture), len(document.furniture))
        title = replace(title, start=0, end=0) if title else None
    body = squeeze("\n".join(p.text for p in paragraphs))[:_BODY_LIMIT]
    header = read_header(document, paragraphs, outline.stop, title.line if title else None)
    return _Surroundings(paragraphs, outline.stop, body, title, header, outline.signature, file)


def _name_lines(seen: _Surroundings) -> tuple[str, ...]:
    """Return the lines near the title that are names of authorities, and the header's owners."""
    start = seen.title.start if seen.title else 0
    near = seen.paragraphs[max(0, start - 3) : min(seen.first_heading, start + 6)]
    lines = [re.split(r"[（(]?20\d\d", clean(p.text))[0] for p in near if len(p.text) <= 60]
    stem = PurePath(seen.file).stem
    parts = read_parts(squeeze(stem)) if _HAN.search(stem) else None
    named = [n for n in lines if is_body(n) and len(n) <= 40]
    return (*named, *seen.header.owners, *([parts.agency] if parts and parts.agency else []))


def _printed_agency(seen: _Surroundings, lines: tuple[str, ...]) -> str | None:
    """Return the agency the title names, else the signature, else a line that is a name."""
    if seen.title and seen.title.agency:
        return seen.title.agency
    return seen.signature.name or (lines[0] if lines else None)


def _is_credible(name: str | None) -> bool:
    return bool(name) and not is_brand(name or "") and not PLACEHOLDER.search(name or "")


def _resolved(printed: str | None, seen: _Surroundings, lines: tuple[str, ...]) -> Resolved | None:
    if printed is None or not _is_credible(printed):
        return None
    found = resolve(printed, Evidence(seen.signature.name, lines, seen.body))
    if (
        found.parsed.kind == "other"
        and not found.parsed.central
        and not found.parsed.steps
        and not is_body(printed)
    ):
        return None
    return found


_Source = Literal["signature", "header", "text"]


def _published(seen: _Surroundings) -> tuple[date | None, _Source | None, str | None, int | None]:
    """Return the best whole date with its source; a date that is none keeps its text."""
    candidates: tuple[tuple[PrintedDate | None, _Source, int | None], ...] = (
        (seen.signature.date, "signature", seen.signature.date_line),
        (seen.header.labelled, "header", seen.header.labelled_line),
        (seen.header.plain, "text", seen.header.plain_line),
    )
    for found, source, line in candidates:
        if found and found.value:
            return found.value, source, found.text, line
    for found, source, line in candidates:
        if found:
            return None, source, found.text, line
    return None, None, None, None


def _years(seen: _Surroundings, period: Period | None) -> tuple[YearMention, ...]:
    mentions: list[YearMention] = []
    if seen.title and seen.title.year:
        mentions.append(
            YearMention("title", seen.title.year, seen.title.year_text or "", seen.title.line)
        )
    if period and (
        year := period.start.year if period.start else int(re.sub(r"\D", "", period.text)[:4])
    ):
        mentions.append(YearMention("period", year, period.text, period.line))
    if opening := _opening(seen):
        mentions.append(opening)
    if signed := seen.signature.date:
        mentions.append(
            YearMention("signature", signed.year, signed.text, seen.signature.date_line)
        )
    if named := _FILE_YEAR.search(PurePath(seen.file).stem):
        mentions.append(YearMention("file_name", int(named[1]), named[0]))
    return tuple(mentions)


def _opening(seen: _Surroundings) -> YearMention | None:
    """Return the year the text opens with: in section one, else in what stands before it."""
    start = seen.title.end if seen.title else 0
    after = [
        p
        for p in seen.paragraphs[seen.first_heading + 1 : seen.first_heading + 3]
        if len(p.text) > 20
    ]
    before = [p for p in seen.paragraphs[start : seen.first_heading] if len(p.text) > 20]
    for paragraph in (*after[:1], *before):
        text = squeeze(paragraph.text[:200])
        if found := _REPORT_YEAR.search(text) or _OPENING_YEAR.match(text):
            return YearMention("opening", year_of(found[1]), found[1] + "年", paragraph.line)
    return None


def _fiscal_year(years: tuple[YearMention, ...], published: date | None) -> int | None:
    by_source = {m.source: m.year for m in years if _FIRST_YEAR <= m.year < _LAST_YEAR}
    for source in ("title", "period", "opening"):
        if source in by_source:
            return by_source[source]
    if published:
        return published.year - 1
    return by_source.get("file_name")


def _observations(seen: _Surroundings, period_lost: Period | None) -> tuple[Observation, ...]:
    found: list[Observation] = []
    if seen.title and seen.title.split:
        found.append(Observation("e_title_split", seen.title.raw, seen.title.line))
    dates = (
        (seen.signature.date, seen.signature.date_line), (seen.header.plain, seen.header.plain_line),
    )  # fmt: skip
    for printed, line in dates:
        if printed and printed.kind == "lost":
            found.append(Observation("e_date_chars_lost", printed.text, line))
        elif printed and printed.kind == "impossible":
            found.append(Observation("e_date_chars_lost", printed.text, line, origin="unknown"))
    if period_lost:
        found.append(Observation("e_date_chars_lost", period_lost.text, period_lost.line))
    return tuple(found)


def read_identity(
    document: Document, *, file: str, outline: Outline | None = None
) -> tuple[Identity, tuple[Observation, ...]]:
    """Return who reports on which year, with what was noticed while reading it.

    `outline` saves reading the outline again when the caller has it.
    """
    seen = _look(outline or outline_of(document), file)
    lines = _name_lines(seen)
    printed = _printed_agency(seen, lines)
    mended = mend_place(printed) if printed and document.recognised else None
    found = _resolved(mended.name if mended else printed, seen, lines)
    period, lost = find_period(seen.paragraphs)
    years = _years(seen, period)
    published, source, raw, line = _published(seen)
    title = seen.title
    kind = found.parsed.kind if found else None
    identity = Identity(
        agency=found.agency if found else None,
        agency_as_printed=printed,
        region=region_in(found, seen.body) if found else Region(),
        level=level_of(found) if found else None,
        kind=kind,
        year=_fiscal_year(years, published),
        years=years,
        title=title.text if title else None,
        title_raw=title.raw if title else None,
        title_line=title.line if title else None,
        published_on=published,
        published_source=source,
        published_raw=raw,
        published_line=line,
        signature=seen.signature.name,
        signature_line=seen.signature.name_line,
        scope="roll_up" if kind == "government" else "own",
        period=period,
        contact=find_contact(seen.paragraphs),
        ambiguous_places=found.candidates if found else (),
        place_resolved_by=found.by if found else None,
    )
    notes = _observations(seen, period if lost else None)
    if mended is None:
        return identity, notes
    text = f"{mended.misread} -> {mended.meant}"
    return identity, (*notes, Observation("e_ocr_substitution", text, identity.title_line))
