"""A made-up report printed on A4 pages, as clean grey pictures: what a scanner then spoils.

Drawn with Pillow straight from the typeset pieces, so that it shares no code with any reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw, ImageFont

from tests.support.sheets import Box, Sheet
from tests.support.typeset import Body, Heading, Piece

FONT_FILES = (
    ("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc", 0),
)
"""Files and the index of the simplified face; the first that exist are used."""
DIGIT_FILES = (
    None,
    "/usr/share/fonts/truetype/dejavu/DejaVuSerif.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSerifCondensed.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
)
"""Faces for figures in tables; None stands for the face of the text."""
WIDTH, HEIGHT = 595.0, 842.0
"""A4 in points."""
_CLOSING = frozenset("，。、；：）》”’？！")
_WIDTHS = {
    "active_disclosure": (3.4, 2.2, 2.2, 2.2),
    "applications": (0.8, 1.4, 4.0, 1, 1, 1, 1, 1, 1, 1),
    "review_litigation": (1.0,) * 15,
}


@dataclass(frozen=True, slots=True)
class Style:
    """One way of printing: sizes in points, faces, and whether headers repeat on each page."""

    text: float = 15.0
    table: float = 10.0
    row: float = 22.0
    margin: float = 62.0
    rule: float = 0.6
    face: int = 0
    digits: int = 0
    repeat: bool = False
    left: bool = False
    shaded: bool = False
    dark: bool = False
    dashed: bool = False
    open: bool = False

    @classmethod
    def drawn(cls, rng: Random) -> "Style":
        """Return a style met in life."""
        return cls(
            text=rng.choice((14.0, 15.0, 16.0)),
            table=rng.choice((9.0, 10.0, 10.5)),
            row=rng.choice((18.0, 21.0, 24.0)),
            margin=rng.choice((50.0, 62.0, 72.0)),
            rule=rng.choice((0.5, 0.6, 0.9)),
            face=rng.randrange(len(faces())),
            digits=rng.randrange(len(DIGIT_FILES)),
            repeat=rng.random() < 0.4,
            left=rng.random() < 0.3,
            shaded=rng.random() < 0.15,
        )


def faces() -> tuple[tuple[str, int], ...]:
    """Return the faces for Chinese text that this machine has."""
    found = tuple((f, i) for f, i in FONT_FILES if Path(f).exists())
    assert found, "a CJK font is needed: Noto CJK or WenQuanYi"
    return found


@cache
def _font(file: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size, index=index)


@dataclass
class Printer:
    """Prints pieces page after page at `dots` pixels per point."""

    style: Style
    dots: float
    long: bool = False
    pages: list[Image.Image] = field(default_factory=list)
    sheets: list[tuple[int, Sheet]] = field(default_factory=list)
    y: float = 0.0

    def __post_init__(self) -> None:
        self._draw = self._new_page()

    def print(self, pieces: list[Piece]) -> list[Image.Image]:
        """Return the pages; with `long` one endless page cut after the last line."""
        for piece in pieces:
            if isinstance(piece, Sheet):
                self._sheet(piece)
            else:
                self._lines(piece)
        if self.long:
            self.pages[-1] = self.pages[-1].crop(
                (0, 0, self.pages[-1].width, self._px(self.y + 30))
            )
        else:
            self._number()
        return self.pages

    @property
    def _bottom(self) -> float:
        return (HEIGHT * 14 if self.long else HEIGHT) - 60

    def _px(self, points: float) -> int:
        return round(points * self.dots)

    def _new_page(self) -> ImageDraw.ImageDraw:
        height = HEIGHT * (14 if self.long else 1)
        self.pages.append(Image.new("L", (self._px(WIDTH), self._px(height)), 255))
        self.y = 64.0
        return ImageDraw.Draw(self.pages[-1])

    def _number(self) -> None:
        font = self._face(9.0)
        text = f"- {len(self.pages)} -"
        self._draw.text((self._px(WIDTH / 2), self._px(HEIGHT - 40)), text, 0, font, "mm")

    def _turn(self) -> None:
        self._number()
        self._draw = self._new_page()

    def _face(self, size: float, *, digits: bool = False) -> ImageFont.FreeTypeFont:
        file, index = faces()[self.style.face % len(faces())]
        other = DIGIT_FILES[self.style.digits]
        if digits and other is not None and Path(other).exists():
            file, index = other, 0
        return _font(file, index, self._px(size))

    def _cell_face(self, box: Box) -> ImageFont.FreeTypeFont:
        return self._face(self.style.table, digits=box.address is not None and box.text.isascii())

    def _lines(self, piece: Heading | Body) -> None:
        title = isinstance(piece, Heading) and piece.level == 0
        size = self.style.text * (1.35 if title else 1.0)
        font = self._face(size)
        text = piece.full if isinstance(piece, Heading) else piece.text
        align = piece.align if isinstance(piece, Body) else ("center" if title else "left")
        first = 2 * size if align == "left" else 0.0
        room = WIDTH - 2 * self.style.margin
        for number, line in enumerate(wrapped(text, font, self._px(room), self._px(first))):
            if self.y + size * 1.6 > self._bottom:
                self._turn()
            width = font.getlength(line) / self.dots
            x = (
                self.style.margin
                + {
                    "left": first if number == 0 else 0.0,
                    "center": (room - width) / 2,
                    "right": room - width - 20,
                }[align]
            )
            self._draw.text((self._px(x), self._px(self.y + size * 0.8)), line, 0, font, "lm")
            self.y += size * 1.6
        self.y += 6 if isinstance(piece, Heading) else 0

    def _sheet(self, sheet: Sheet) -> None:
        edges = self._columns(sheet)
        heights = self._heights(sheet, edges)
        start = 0
        self.y += 4
        while start < sheet.row_count:
            room = self._bottom - self.y
            repeat = self.style.repeat and 0 < sheet.header_rows < start
            used = sum(heights[: sheet.header_rows]) if repeat else 0.0
            stop = start
            while stop < sheet.row_count and used + heights[stop] <= room:
                used += heights[stop]
                stop += 1
            if stop <= max(start, sheet.header_rows if start == 0 else start):
                self._turn()
                continue
            part = (
                sheet.fragment(start, stop, header=repeat)
                if (start, stop) != (0, sheet.row_count)
                else sheet
            )
            own = [*(heights[: sheet.header_rows] if repeat else ()), *heights[start:stop]]
            self.sheets.append((len(self.pages), part))
            self._boxes(part, edges, own)
            if stop < sheet.row_count:
                self._turn()
            start = stop
        self.y += 10

    def _columns(self, sheet: Sheet) -> list[float]:
        shares = _WIDTHS[sheet.table_id][: sheet.column_count]
        room = WIDTH - 2 * self.style.margin
        edges = [self.style.margin]
        for share in shares:
            edges.append(edges[-1] + room * share / sum(shares))
        return edges

    def _heights(self, sheet: Sheet, edges: list[float]) -> list[float]:
        line = self.style.table * 1.25
        heights = [max(self.style.row, line + 6)] * sheet.row_count
        for box in sorted(sheet.boxes, key=lambda b: b.rows):
            need = len(self._cell_lines(box, edges)) * line + 6
            lack = need - sum(heights[box.row : box.row + box.rows])
            if lack > 0:
                for row in range(box.row, box.row + box.rows):
                    heights[row] += lack / box.rows
        return heights

    def _cell_lines(self, box: Box, edges: list[float]) -> list[str]:
        font = self._cell_face(box)
        room = self._px(edges[box.column + box.columns] - edges[box.column] - 4)
        return list(wrapped(box.text, font, room, 0))

    def _boxes(self, sheet: Sheet, edges: list[float], heights: list[float]) -> None:
        tops = [self.y]
        for height in heights:
            tops.append(tops[-1] + height)
        rule = max(1, self._px(self.style.rule))
        for box in sheet.boxes:
            left, right = self._px(edges[box.column]), self._px(edges[box.column + box.columns])
            top, bottom = self._px(tops[box.row]), self._px(tops[box.row + box.rows])
            fill = 225 if self.style.shaded and box.header else None
            fill = 70 if self.style.dark and box.header else fill
            line = 255 if self.style.dark and box.header else 0
            self._draw.rectangle((left, top, right, bottom), fill=fill, outline=line, width=rule)
        if self.style.open:
            for x in (edges[0], edges[-1]):
                side = (
                    self._px(x) - rule,
                    self._px(tops[0]),
                    self._px(x) + rule,
                    self._px(tops[-1]),
                )
                self._draw.rectangle(side, fill=255)
        if self.style.dashed:
            self._dash(edges, tops, rule)
        for box in sheet.boxes:
            self._text(box, edges, tops)
        self.y = tops[-1]

    def _text(self, box: Box, edges: list[float], tops: list[float]) -> None:
        font = self._cell_face(box)
        lines = self._cell_lines(box, edges)
        pitch = self.style.table * 1.25
        middle = (tops[box.row] + tops[box.row + box.rows]) / 2
        left, right = edges[box.column], edges[box.column + box.columns]
        aligned = self.style.left and box.address is None and box.columns * (right - left) > 60
        for i, line in enumerate(lines):
            y = middle + (i - (len(lines) - 1) / 2) * pitch
            x, anchor = (left + 3, "lm") if aligned else ((left + right) / 2, "mm")
            ink = 255 if self.style.dark and box.header else 0
            self._draw.text((self._px(x), self._px(y)), line, ink, font, anchor)

    def _dash(self, edges: list[float], tops: list[float], rule: int) -> None:
        """Rub out every fourth point of all rules."""
        across = range(self._px(edges[0]), self._px(edges[-1]), self._px(4))
        down = range(self._px(tops[0]), self._px(tops[-1]), self._px(4))
        for top in map(self._px, tops):
            for x in across:
                self._draw.rectangle((x, top - rule, x + self._px(1), top + rule), fill=255)
        for left in map(self._px, edges):
            for y in down:
                self._draw.rectangle((left - rule, y, left + rule, y + self._px(1)), fill=255)


def wrapped(text: str, font: ImageFont.FreeTypeFont, room: int, indent: int) -> Iterator[str]:
    """Yield the printed lines of a text; figures are not parted while they fit on a line."""
    line, left = "", room - indent
    for word in _words(text):
        # closing punctuation hangs in the margin rather than begin a line
        if line and word not in _CLOSING and font.getlength(line + word) > left:
            yield line
            line, left = "", room
        rest = word
        while len(rest) > 1 and font.getlength(rest) > left > 0:
            cut = max(1, sum(font.getlength(rest[:n]) <= left for n in range(1, len(rest))))
            yield rest[:cut]
            rest, left = rest[cut:], room
        line += rest
    if line:
        yield line


def _words(text: str) -> Iterator[str]:
    run = ""
    for char in text:
        if char.isascii() and (char.isdigit() or char in ".,+-%"):
            run += char
            continue
        if run:
            yield run
            run = ""
        yield char
    if run:
        yield run


def print_pages(
    pieces: list[Piece], style: Style, dpi: int, *, long: bool = False
) -> list[Image.Image]:
    """Return the pages as grey pictures at `dpi`, drawn at twice the size and reduced as optics do."""
    pages = Printer(style, 2 * dpi / 72, long=long).print(pieces)
    return [p.reduce(2) for p in pages]


def tight(style: Style) -> Style:
    """Return the style with rows so low that glyphs nearly touch the rules."""
    return replace(style, row=style.table * 1.25 + 2)
