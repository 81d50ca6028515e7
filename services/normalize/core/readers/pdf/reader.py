"""The reader of PDF files: drawn text is read, pages that are pictures are recognised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from services.normalize.core.composing import Block, Grid, Text, compose
from services.normalize.core.outcomes import Aids, NeedsRecognition, Outcome, Picture
from services.normalize.core.pages.assembling import blocks_of
from services.normalize.core.pages.joining import joined
from services.normalize.core.pages.page import Page
from services.normalize.core.readers.pdf.file import attachments, loaded, opened, page_count
from services.normalize.core.readers.pdf.page import Reading, Region, read_page
from services.normalize.core.readers.pdf.picture import picture_of
from shared.errors import BadInput
from shared.report.document import Observation

_PICTURES_AT_ONCE = 12
_BYTES_AT_ONCE = 24 << 20
"""Pages are drawn again for every batch: few large ones are quickest, as far as memory goes."""
_MOST_RECOGNISED = 120
"""Pages of one file that are recognised; a scanned report has some 30."""
_SHOWN = 200

Part = Page | Picture
"""A stretch of the report: drawn text to be assembled, or a picture that was recognised."""


@dataclass(slots=True)
class _Book:
    """What was gathered from the pages so far."""

    parts: list[Part] = field(default_factory=list)
    missing: list[Picture] = field(default_factory=list)
    recognised: list[int] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)


def read(data: bytes, name: str, aids: Aids) -> Outcome:
    """Return the document of a PDF file, or the pictures that must be recognised first."""
    with opened(data, name) as document:
        book = _Book()
        count = _read_pages(document, name, aids, book)
        embedded = attachments(document)
    if book.missing:
        return NeedsRecognition(tuple(book.missing))
    blocks = list(_blocks(book.parts, aids))
    if not any(isinstance(b, Grid) or b.text.strip() for b in blocks):
        raise _nothing(name, count, embedded)
    if embedded:
        book.observations.append(Observation("e_attachment", f"PDF: {embedded}"))
    return compose(
        blocks,
        name,
        reader="pdf",
        pages=count,
        observations=book.observations,
        recognised=tuple(book.recognised),
    )


def _read_pages(document: Any, name: str, aids: Aids, book: _Book) -> int:
    """Read the pages until enough pictures wait for recognition; return how many pages there are."""
    count = page_count(document)
    for index in range(count):
        with loaded(document, index) as page:
            if page is None:
                book.observations.append(Observation("e_page_lost", f"{index + 1}"))
                continue
            reading = read_page(page, index + 1)
            if reading.overfull:
                raise _overfull(name, index + 1)
            _take(page, reading, aids, book)
        if len(book.recognised) > _MOST_RECOGNISED:
            raise BadInput(
                "too_large",
                f"“{name}”有 {_MOST_RECOGNISED} 页以上是图片，不可能是年度报告。",
                f"More than {_MOST_RECOGNISED} pages of {name!r} are pictures; no report has.",
            )
        waiting = sum(len(p.data) for p in book.missing)
        if len(book.missing) >= _PICTURES_AT_ONCE or waiting > _BYTES_AT_ONCE:
            break
    return count


def _take(page: Any, reading: Reading, aids: Aids, book: _Book) -> None:
    """Add one page to the book: as drawn, as a picture, or in turns."""
    shown = reading.page
    size = (shown.width, shown.height)
    if reading.hidden and not reading.whole:
        note = f"{shown.number}: {reading.hidden[:_SHOWN]}"
        book.observations.append(Observation("e_hidden_text", note))
    if reading.struck:
        note = f"{shown.number}: {reading.struck[:_SHOWN]}"
        book.observations.append(Observation("e_tracked_changes", note))
    regions: Sequence[Region | None] = (None,) if reading.whole else reading.insets
    pictures = [picture_of(page, shown.number, size, turn=reading.turn, region=r) for r in regions]
    if pictures:
        book.recognised.append(shown.number)
    book.missing += [p for p in pictures if p.key not in aids.recognised]
    rest = shown
    for region, picture in sorted(
        zip(reading.insets, pictures, strict=False), key=lambda pair: pair[0][1]
    ):
        above, rest = _parted(rest, region[1])
        book.parts += [above, picture._replace(data=b"")]
    if reading.whole:
        book.parts += [p._replace(data=b"") for p in pictures]
    else:
        book.parts.append(rest)


def _parted(page: Page, height: float) -> tuple[Page, Page]:
    """Return what stands above a height of the page, and the rest."""
    above = tuple(g for g in page.glyphs if g.y0 < height)
    below = tuple(g for g in page.glyphs if g.y0 >= height)
    return replace(page, glyphs=above), replace(page, glyphs=below, aside=())


def _blocks(parts: Sequence[Part], aids: Aids) -> Iterator[Block]:
    """Yield the blocks of all parts; drawn pages that follow each other are assembled together."""
    for is_drawn, group in groupby(parts, key=lambda p: isinstance(p, Page)):
        if is_drawn:
            yield from blocks_of([p for p in group if isinstance(p, Page)])
        else:
            pictures = [p for p in group if isinstance(p, Picture)]
            yield from joined(
                _on_page(block, p.page) for p in pictures for block in aids.recognised[p.key].blocks
            )


def _on_page(block: Block, number: int) -> Block:
    if isinstance(block, Text):
        return replace(block, page=number)
    return Grid(tuple(replace(slot, page=number) for slot in block.slots))


def _overfull(name: str, number: int) -> BadInput:
    return BadInput(
        "hostile",
        f"“{name}”第 {number} 页的字符或图形多得异常，不可能是年度报告。",
        f"Page {number} of {name!r} holds more characters or shapes than any report has.",
    )


def _nothing(name: str, pages: int, embedded: int) -> BadInput:
    if embedded:
        return BadInput(
            "no_text",
            f"“{name}”只是 {embedded} 个附件的外壳，请把其中的报告单独传送。",
            f"{name!r} only wraps {embedded} attached files. Send the report among them by itself.",
        )
    return BadInput(
        "no_text",
        f"“{name}”的 {pages} 页里没有文字，也没有能识别的图片。",
        f"The {pages} pages of {name!r} hold no text and no picture to read.",
    )
