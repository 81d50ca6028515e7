"""The reader of OFD, the national format of fixed layout (GB/T 33190): a zip of pages in XML."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from services.normalize.core.composing import Block, Text, compose
from services.normalize.core.ooxml import Package
from services.normalize.core.outcomes import Aids, NeedsRecognition, Outcome, Picture
from services.normalize.core.pages.assembling import blocks_of
from services.normalize.core.pages.page import Glyph, Page, Ruling
from services.normalize.core.readers.ofd_book import Book, Drawn
from services.normalize.core.readers.ofd_drawing import POINTS
from shared.errors import BadInput
from shared.report.document import Observation

_PICTURES_AT_ONCE = 4
_SCAN, _NOTABLE = 0.4, 0.03
"""Shares of the page that pictures cover: a scanned page, and a picture worth a note."""
_FEW = 40
"""Characters up to which a page with such pictures still is a scan: its number, a file mark."""
_PICTURE_MARKS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
_UNREADABLE = 0.2
"""Share of characters without meaning above which the text says nothing."""
_HIDDEN_SHOWN = 200


@dataclass(slots=True)
class _Sheet:
    """One page as drawn, and the pictures of it that must be recognised."""

    page: Page
    pictures: list[Picture] = field(default_factory=list)


def read(data: bytes, name: str, aids: Aids) -> Outcome:
    """Return the document of an OFD file, or the scanned pages that must be recognised first."""
    book = Book(Package(data, name), name)
    sheets = [_sheet(drawn, book) for drawn in book.pages()]
    _refuse_unreadable(sheets, name)
    missing = [p for s in sheets for p in s.pictures if p.key not in aids.recognised]
    if missing:
        return NeedsRecognition(tuple(missing[:_PICTURES_AT_ONCE]))
    lost = [f"{number}: {path}" for number, path in book.lost.items()]
    if lost:
        book.observations.append(Observation("e_page_lost", "; ".join(lost)))
    return compose(
        list(_blocks(sheets, aids)),
        name,
        reader="ofd",
        pages=len(sheets),
        observations=book.observations,
        recognised=tuple(s.page.number for s in sheets if s.pictures),
    )


def _blocks(sheets: Sequence[_Sheet], aids: Aids) -> Iterator[Block]:
    """Yield the blocks of all pages; drawn pages that follow each other are read together."""
    run: list[Page] = []
    for sheet in sheets:
        if not sheet.pictures:
            run.append(sheet.page)
            continue
        yield from blocks_of(run)
        run = []
        yield from _aside_of(sheet.page)
        for picture in sheet.pictures:
            yield from aids.recognised[picture.key].blocks
    yield from blocks_of(run)


def _aside_of(page: Page) -> Iterable[Text]:
    """Return the few characters drawn beside a scan, kept apart from what it shows."""
    text = "".join(g.text for g in page.glyphs).strip()
    return [Text(t, page=page.number, aside=True) for t in (text, *page.aside) if t]


def _refuse_unreadable(sheets: Sequence[_Sheet], name: str) -> None:
    """Raise `BadInput` when there is nothing to read, or only characters without meaning."""
    text = "".join(g.text for s in sheets for g in s.page.glyphs if not g.text.isspace())
    unknown = sum(_means_nothing(c) for c in text)
    scanned = any(s.pictures for s in sheets)
    if (text or scanned) and unknown <= _UNREADABLE * len(text):
        return
    raise BadInput(
        "no_text",
        f"“{name}”的文字只有字形、没有字符编码，请导出为 PDF 后重新传送。"
        if text
        else f"“{name}”的 {len(sheets)} 页里没有文字，也没有能识别的图片。",
        f"The characters of {name!r} are shapes without codes. Export it as PDF and send that."
        if text
        else f"The {len(sheets)} pages of {name!r} hold no text and no picture to read.",
    )


def _sheet(drawn: Drawn, book: Book) -> _Sheet:
    """Return a page set upright; pictures are asked for where they are all there is."""
    drawing, number = drawn.drawing, drawn.number
    width, height = drawn.paper[2] * POINTS, drawn.paper[3] * POINTS
    hidden = "".join(drawing.hidden).strip()
    if hidden:
        note = f"{number}: {hidden[:_HIDDEN_SHOWN]}"
        book.observations.append(Observation("e_hidden_text", note))
    covered = sum(b.area for _, b in drawing.images) / max(width * height, 1.0)
    pictures: list[Picture] = []
    if covered >= _SCAN and sum(drawing.turns) <= _FEW:
        pictures = list(_pictures(drawn, book))
    elif covered >= _NOTABLE:
        paths = [drawn.resources.pictures.get(key, key) for key, _ in drawing.images]
        note = f"{number}: {', '.join(paths)}"
        book.observations.append(Observation("e_picture_skipped", note))
    turn = drawing.turns.index(max(drawing.turns))
    page = Page(
        number,
        *((width, height) if turn % 2 == 0 else (height, width)),
        tuple(_turned_glyphs(drawing.glyphs, turn, width, height)),
        tuple(_turned_rulings(drawing.rulings, turn, width, height)),
        tuple(t.strip() for t in (*drawing.aside, hidden) if t.strip()),
    )
    return _Sheet(page, pictures)


def _pictures(drawn: Drawn, book: Book) -> Iterator[Picture]:
    """Yield the pictures of a scanned page from top to bottom."""
    for key, _ in sorted(drawn.drawing.images, key=lambda i: (i[1].y0, i[1].x0)):
        path = drawn.resources.pictures.get(key)
        data = None if path is None else book.package.part(path)
        if data and data.startswith(_PICTURE_MARKS):
            yield Picture(sha256(data).hexdigest(), drawn.number, data)
        else:
            book.lost[drawn.number] = path or key


def _means_nothing(char: str) -> bool:
    return char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or char < " "


def _turned_glyphs(
    glyphs: Iterable[Glyph], turn: int, width: float, height: float
) -> Iterator[Glyph]:
    for g in glyphs:
        x0, y0, x1, y1 = _turned(g[1:5], turn, width, height)
        yield Glyph(g.text, x0, y0, x1, y1, piece=g.piece)


def _turned_rulings(
    rulings: Iterable[Ruling], turn: int, width: float, height: float
) -> Iterator[Ruling]:
    for ruling in rulings:
        yield Ruling(*_turned(ruling, turn, width, height))


def _turned(
    box: tuple[float, ...], turn: int, width: float, height: float
) -> tuple[float, float, float, float]:
    """Return a box of a page whose text lies turned clockwise, with the page set upright."""
    x0, y0, x1, y1 = box
    if turn == 1:
        return y0, width - x1, y1, width - x0
    if turn == 2:
        return width - x1, height - y1, width - x0, height - y0
    if turn == 3:
        return height - y1, x0, height - y0, x1
    return x0, y0, x1, y1
