"""The reader of OFD, the national format of fixed layout (GB/T 33190): a zip of pages in XML."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from services.normalize.core.composing import Block, Grid, Text, compose
from services.normalize.core.ooxml import Package
from services.normalize.core.outcomes import Aids, NeedsRecognition, Outcome, Picture
from services.normalize.core.pages.assembling import blocks_of
from services.normalize.core.pages.page import Glyph, Page, Ruling
from services.normalize.core.readers.ofd.book import Book, Drawn
from services.normalize.core.readers.ofd.drawing import POINTS, Box
from shared.errors import BadInput
from shared.report.document import Observation

_PICTURES_AT_ONCE = 4
_SCAN, _FEW, _ANY_PICTURE = 0.4, 40, 0.02
"""Share of the page that pictures cover, and the most characters beside them, on a scanned page;
share from which on they count where nothing else is shown."""
_INSET_SHARE, _INSET_WIDTH, _INSET_CHARACTERS = 0.06, 0.3, 6
"""A picture among text that may show a table: its share of the page, of its width, text on it."""
_NOTABLE = 0.03
_FEW_RULES = 8
_PICTURE_MARKS = (b"\x89PNG", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM", b"GIF8")
_UNREADABLE = 0.2
"""Share of characters without meaning above which the text says nothing."""
_HIDDEN_SHOWN = 200


Part = Page | Picture
"""A stretch of the report: drawn text to be assembled, or a picture to be recognised."""


def read(data: bytes, name: str, aids: Aids) -> Outcome:
    """Return the document of an OFD file, or the scanned pages that must be recognised first."""
    book = Book(Package(data, name), name)
    parts: list[Part] = []
    pages = 0
    for drawn in book.pages():
        pages += 1
        parts += _parts(drawn, book)
    _refuse_unreadable(parts, pages, name)
    pictures = [p for p in parts if isinstance(p, Picture)]
    missing = [p for p in pictures if p.key not in aids.recognised]
    if missing:
        return NeedsRecognition(tuple(missing[:_PICTURES_AT_ONCE]))
    lost = [f"{number}: {path}" for number, path in book.lost.items()]
    if lost:
        book.observations.append(Observation("e_page_lost", "; ".join(lost)))
    return compose(
        list(_blocks(parts, aids)),
        name,
        reader="ofd",
        pages=pages,
        observations=book.observations,
        recognised=tuple(dict.fromkeys(p.page for p in pictures)),
    )


def _blocks(parts: Sequence[Part], aids: Aids) -> Iterator[Block]:
    """Yield the blocks of all parts; drawn pages that follow each other are read together."""
    run: list[Page] = []
    for part in parts:
        if isinstance(part, Page):
            run.append(part)
            continue
        yield from blocks_of(run)
        run = []
        for block in aids.recognised[part.key].blocks:
            yield _on_page(block, part.page)
    yield from blocks_of(run)


def _on_page(block: Block, number: int) -> Block:
    if isinstance(block, Text):
        return replace(block, page=number)
    return Grid(tuple(replace(slot, page=number) for slot in block.slots))


def _refuse_unreadable(parts: Sequence[Part], pages: int, name: str) -> None:
    """Raise `BadInput` when there is nothing to read, or only characters without meaning."""
    drawn = [g.text for p in parts if isinstance(p, Page) for g in p.glyphs]
    text = "".join(drawn).replace(" ", "")
    unknown = sum(_means_nothing(c) for c in text)
    scanned = any(isinstance(p, Picture) for p in parts)
    if (text or scanned) and unknown <= _UNREADABLE * len(text):
        return
    if text:
        raise BadInput(
            "no_text",
            f"“{name}”的文字只有字形、没有字符编码，请导出为 PDF 后重新传送。",
            f"The characters of {name!r} are shapes without codes. Export it as PDF and send that.",
        )
    raise BadInput(
        "no_text",
        f"“{name}”的 {pages} 页里没有文字，也没有能识别的图片。",
        f"The {pages} pages of {name!r} hold no text and no picture to read.",
    )


def _means_nothing(char: str) -> bool:
    return char == "\ufffd" or "\ue000" <= char <= "\uf8ff" or char < " "


def _parts(drawn: Drawn, book: Book) -> list[Part]:
    """Return a page set upright, as drawn, as pictures, or in turns from top to bottom."""
    page, drawing = _page(drawn), drawn.drawing
    hidden = "".join(drawing.hidden).strip()
    visible = sum(drawing.turns)
    covered = sum(b.area for _, b in drawing.images) / max(page.width * page.height, 1.0)
    alone = not visible or len(hidden) > visible
    if covered >= (_ANY_PICTURE if alone else _SCAN) and (alone or visible <= _FEW):
        # what is drawn beside a scan is no part of it: a page number, somebody's recognition
        beside = "".join(g.text for g in page.glyphs).strip()
        aside = (*((beside,) if beside else ()), *page.aside)
        bare = replace(page, glyphs=(), rulings=(), aside=aside)
        found = [_picture(drawn, book, key) for key, _ in _images(drawn)]
        return [bare, *(p for p in found if p is not None)]
    if hidden:
        note = f"{page.number}: {hidden[:_HIDDEN_SHOWN]}"
        book.observations.append(Observation("e_hidden_text", note))
    return _with_insets(page, drawn, book)


def _with_insets(page: Page, drawn: Drawn, book: Book) -> list[Part]:
    """Return the page parted where a picture may show a table; other pictures are noted."""
    parts: list[Part] = []
    skipped: list[str] = []
    for key, box in _images(drawn):
        picture = _picture(drawn, book, key) if _is_inset(page, box) else None
        if picture is not None:
            parts += [_between(page, box.y0, above=True), picture]
            page = _between(page, box.y0, above=False)
        elif box.area >= _NOTABLE * page.width * page.height:
            skipped.append(drawn.resources.pictures.get(key, key))
    if skipped:
        note = f"{page.number}: {', '.join(skipped)}"
        book.observations.append(Observation("e_picture_skipped", note))
    return [*parts, page]


def _is_inset(page: Page, box: Box) -> bool:
    """Tell whether a picture may show a part of the report: large, with no text on it."""
    wide = box.x1 - box.x0 >= _INSET_WIDTH * page.width
    large = box.area >= _INSET_SHARE * page.width * page.height
    over = sum(
        box.x0 < (g.x0 + g.x1) / 2 < box.x1 and box.y0 < (g.y0 + g.y1) / 2 < box.y1
        for g in page.glyphs
    )
    return wide and large and over <= _INSET_CHARACTERS


def _between(page: Page, height: float, *, above: bool) -> Page:
    """Return what stands above a height of the page, or the rest."""
    glyphs = tuple(g for g in page.glyphs if (g.y0 < height) == above)
    return replace(page, glyphs=glyphs, aside=() if above else page.aside)


def _images(drawn: Drawn) -> list[tuple[str, Box]]:
    """Return the pictures of a page set upright, from top to bottom."""
    width, height = drawn.paper[2] * POINTS, drawn.paper[3] * POINTS
    turn = drawn.drawing.turn
    upright = [(k, Box(*_turned(b, turn, width, height))) for k, b in drawn.drawing.images]
    return sorted(upright, key=lambda image: (image[1].y0, image[1].x0))


def _picture(drawn: Drawn, book: Book, key: str) -> Picture | None:
    """Return a picture of the resources; one that is missing or no picture is noted as lost."""
    path = drawn.resources.pictures.get(key)
    data = None if path is None else book.package.part(path)
    if data and data.startswith(_PICTURE_MARKS):
        return Picture(sha256(data).hexdigest(), drawn.number, data)
    book.lost[drawn.number] = path or key
    return None


def _page(drawn: Drawn) -> Page:
    """Return the characters and rules of a page set upright."""
    drawing = drawn.drawing
    width, height = drawn.paper[2] * POINTS, drawn.paper[3] * POINTS
    turn = drawing.turn
    rulings = drawing.rulings
    # where no rules are drawn the painted fields show the cells
    if len(rulings) < _FEW_RULES <= len(drawing.fields):
        rulings = [*rulings, *(side for f in drawing.fields for side in f.sides())]
    hidden = "".join(drawing.hidden)
    return Page(
        drawn.number,
        *((width, height) if turn % 2 == 0 else (height, width)),
        tuple(_turned_glyphs(drawing.glyphs, turn, width, height)),
        tuple(_turned_rulings(rulings, turn, width, height)),
        tuple(t.strip() for t in (*drawing.aside, hidden) if t.strip()),
    )


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
