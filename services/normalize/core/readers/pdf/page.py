"""One page of a PDF set upright, and whether its characters can be trusted or must be recognised."""

from collections.abc import Iterable, Iterator, Sequence
from ctypes import byref
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pypdfium2.raw as pdfium

from services.normalize.core.pages.page import Glyph, Page, Ruling
from services.normalize.core.pages.strikes import struck_out
from services.normalize.core.readers.pdf.drawing import Box, Drawing, drawing_of, edges_of
from services.normalize.core.readers.pdf.text import (
    MOST_CHARACTERS,
    Character,
    PageText,
    page_text,
)

_UNKNOWN = 0.05
"""Share of characters without meaning from which on the text layer is not trusted."""
_LEAST_CHINESE, _ENOUGH = 0.3, 20
"""Share of Chinese among the letters of a page that has enough of them."""
_SCAN, _FEW = 0.5, 50
"""Share of the page that a picture covers, and characters beside it: a scan with a page number."""
_ANY_PICTURE, _MANY_SHAPES = 0.02, 150
_FEW_RULES = 8
_INSET_SHARE, _INSET_WIDTH, _INSET_CHARACTERS = 0.06, 0.3, 6
"""A picture among text that may show a table: its share of the page, of its width, text on it."""

Region = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Reading:
    """One page as read. `whole` says that all of it must be recognised, `insets` which parts of it.

    `turn` counts the quarters clockwise that set the page upright, beyond its own rotation.
    `hidden` is drawn invisibly, `struck` is struck out. `overfull` says that there is more on the
    page than any report has.
    """

    page: Page
    turn: int
    whole: bool = False
    insets: tuple[Region, ...] = ()
    hidden: str = ""
    struck: str = ""
    overfull: bool = False


def read_page(page: Any, number: int) -> Reading:
    """Return what a loaded page shows; `number` counts from 1."""
    box = _box_of(page)
    drawing = drawing_of(page)
    text_page = pdfium.FPDFText_LoadPage(page)
    try:
        overfull = drawing.overfull or pdfium.FPDFText_CountChars(text_page) > MOST_CHARACTERS
        text = PageText() if overfull else page_text(text_page)
    finally:
        pdfium.FPDFText_ClosePage(text_page)
    rotation = pdfium.FPDFPage_GetRotation(page)
    whole = _must_be_recognised(text, drawing, box)
    upright = _Upright(box, rotation if whole or not text.count else text.turn)
    turn = (upright.turn - rotation) % 4
    hidden = "".join(text.hidden)
    if whole:
        shown = Page(number, upright.width, upright.height, (), ())
        return Reading(shown, turn, whole=True, hidden=hidden, overfull=overfull)
    glyphs = tuple(upright.glyphs(text))
    rulings = tuple(upright.rulings(_rules(drawing)))
    struck = struck_out(glyphs, rulings)
    gone = "".join(glyphs[i].text for i in sorted(struck))
    kept = tuple(g for i, g in enumerate(glyphs) if i not in struck) if struck else glyphs
    aside = (*text.slanted, gone) if gone else tuple(text.slanted)
    shown = Page(number, upright.width, upright.height, kept, rulings, aside)
    insets = tuple(_insets(shown, [upright.box(p) for p in drawing.pictures]))
    return Reading(shown, turn, insets=insets, hidden=hidden, struck=gone, overfull=overfull)


def _box_of(page: Any) -> Box:
    found = pdfium.FS_RECTF()
    if not pdfium.FPDF_GetPageBoundingBox(page, byref(found)):
        return Box(0.0, 0.0, 595.0, 842.0)
    return Box(found.left, found.bottom, found.right, found.top)


def _must_be_recognised(text: PageText, drawing: Drawing, box: Box) -> bool:
    """Tell whether the page is a picture, or its text layer does not say what it shows."""
    if not text.count and not text.hidden:
        return _covered(drawing.pictures, box) >= _ANY_PICTURE or drawing.shapes >= _MANY_SHAPES
    covered = _covered(drawing.pictures, box)
    if len(text.hidden) > text.count:
        # somebody's recognition lies invisibly over the scan: ours knows how sure it is
        return covered >= _ANY_PICTURE or drawing.shapes >= _MANY_SHAPES
    if covered >= _SCAN and text.count <= _FEW:
        return True
    return text.unknown > _UNKNOWN * text.count or _is_gibberish(text)


def _covered(pictures: Sequence[Box], page: Box) -> float:
    """Return the share of the page that its pictures cover (overlapping ones count twice)."""
    area = 0.0
    for p in pictures:
        width = min(p.right, page.right) - max(p.left, page.left)
        height = min(p.top, page.top) - max(p.bottom, page.bottom)
        area += max(0.0, width) * max(0.0, height)
    return area / max(page.width * page.height, 1.0)


def _is_gibberish(text: PageText) -> bool:
    """Tell whether the characters cannot be those of a Chinese report (fonts that say nothing)."""
    letters = chinese = 0
    for char, count in text.tally.items():
        if char.isascii() and not char.isalpha():
            continue
        letters += count
        chinese += count * (char >= "\u2e80")
    return letters >= _ENOUGH and chinese < _LEAST_CHINESE * letters


def _rules(drawing: Drawing) -> list[Ruling]:
    """Return the rules; where none are drawn the fields that cells were painted with show them."""
    if len(drawing.rules) >= _FEW_RULES or len(drawing.fields) < _FEW_RULES:
        return drawing.rules
    return drawing.rules + [side for f in drawing.fields for side in edges_of(f)]


def _insets(page: Page, pictures: Iterable[Region]) -> Iterator[Region]:
    """Yield the pictures that may show a part of the report: large, with no text on them."""
    for left, top, right, bottom in pictures:
        width, height = right - left, bottom - top
        if width < _INSET_WIDTH * page.width:
            continue
        if width * height < _INSET_SHARE * page.width * page.height:
            continue
        over = sum(
            left < (g.x0 + g.x1) / 2 < right and top < (g.y0 + g.y1) / 2 < bottom
            for g in page.glyphs
        )
        if over <= _INSET_CHARACTERS:
            yield (
                max(0.0, left), max(0.0, top), min(page.width, right), min(page.height, bottom),
            )  # fmt: skip


@dataclass(slots=True)
class _Upright:
    """Turns the space of the page (origin at the lower left) until its text reads to the right."""

    source: Box
    turn: int
    width: float = field(init=False)
    height: float = field(init=False)

    def __post_init__(self) -> None:
        sides = (self.source.width, self.source.height)
        self.width, self.height = sides if self.turn % 2 == 0 else sides[::-1]

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point, counted from the top left."""
        left, bottom, right, top = self.source
        if self.turn == 0:
            return x - left, top - y
        if self.turn == 1:
            return y - bottom, x - left
        if self.turn == 2:
            return right - x, y - bottom
        return top - y, right - x

    def box(self, source: Box) -> Region:
        """Return the box as left, top, right, bottom."""
        x0, y0 = self.at(source.left, source.bottom)
        x1, y1 = self.at(source.right, source.top)
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def rulings(self, rules: Iterable[Ruling]) -> Iterator[Ruling]:
        """Yield the rules of the page."""
        for rule in rules:
            yield Ruling(*self.at(rule.x0, rule.y0), *self.at(rule.x1, rule.y1))

    def glyphs(self, text: PageText) -> Iterator[Glyph]:
        """Yield the characters in the order in which they were drawn, those of one turn together."""
        for turn, drawn in enumerate(text.by_turn):
            backwards = (turn - self.turn) % 4 in (1, 2)
            characters = _turned_round(drawn) if backwards else drawn
            if self.turn == 0:
                # nearly every page: worth the shorter way
                left, top = self.source.left, self.source.top
                for c in characters:
                    yield Glyph(
                        c.text, c.left - left, top - c.top, c.right - left, top - c.bottom,
                        1.0, c.piece,
                    )  # fmt: skip
                continue
            for c in characters:
                box = self.box(Box(c.left, c.bottom, c.right, c.top))
                yield Glyph(c.text, *box, piece=c.piece)


def _turned_round(characters: Sequence[Character]) -> list[Character]:
    """Return sideways text so that from top to bottom and left to right it reads forwards."""
    found: list[Character] = []
    for _, group in groupby(characters, key=lambda c: c.piece):
        part = list(group)
        found += [c._replace(text=o.text) for c, o in zip(part, reversed(part), strict=True)]
    return found
