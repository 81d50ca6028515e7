"""A made-up report as a PDF with a text layer, drawn piece by piece as various producers do it."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from tests.support.sheets import Box, Sheet
from tests.support.truth import Truth
from tests.support.typeset import Body, Heading, Piece, typeset

VARIANTS = (
    "word", "lines", "cellwise", "three_line", "borderless", "rotated", "turned", "tight",
    "pages", "cut_rows", "fake_bold", "form_xobject", "encrypted_empty", "watermark", "open_sides",
    "dashed", "double", "shaded", "per_character", "one_page", "row_rules", "column_rules",
)  # fmt: skip
UNREADABLE = ("no_unicode",)
"""Variants whose characters can only be recognised from the picture of the page."""
BLANKS_INVISIBLE = ("borderless", "three_line", "column_rules")
"""Variants in which a row of empty cells leaves no trace on the page."""

_EMBEDDED = Path("/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc")
_CLOSING = frozenset("，。、；：）》”’？！")
_SHARES = {
    "active_disclosure": (3.4, 2.2, 2.2, 2.2),
    "applications": (0.8, 1.4, 4.0, 1, 1, 1, 1, 1, 1, 1),
    "review_litigation": (1.0,) * 15,
}


@dataclass(frozen=True, slots=True)
class Style:
    """One way of drawing: sizes in points, faces, how rules are drawn, how tables are cut."""

    variant: str
    width: float = 595.0
    height: float = 842.0
    margin: float = 70.0
    text: float = 15.0
    table: float = 10.0
    row: float = 20.0
    pad: float = 2.0
    rule: float = 0.5
    face: str = "STSong-Light"
    digits: str = "Times-Roman"
    repeat: bool = False
    left: bool = False
    indent: bool = True
    number: str = "- {} -"
    head: str = ""
    sideways: bool = False


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return the report as a PDF file; the same arguments give the same bytes."""
    style = _style(variant, rng)
    out = io.BytesIO()
    lock = StandardEncryption("", "owner", canPrint=0) if variant == "encrypted_empty" else None
    canvas = Canvas(
        out, pagesize=(style.width, style.height), invariant=1, pageCompression=1, encrypt=lock
    )
    _Printer(canvas, style, rng).print(typeset(truth, rng))
    canvas.save()
    data = out.getvalue()
    # the same length, so that every offset in the file stays right
    return data.replace(b"/ToUnicode", b"/ToUnicorn") if variant == "no_unicode" else data


def _style(variant: str, rng: Random) -> Style:
    style = Style(
        variant,
        margin=rng.choice((57.0, 70.0, 85.0)),
        text=rng.choice((12.0, 14.0, 16.0)),
        table=rng.choice((8.0, 9.0, 10.0, 10.5)),
        row=rng.choice((14.0, 18.0, 22.0)),
        pad=rng.choice((1.5, 3.0)),
        rule=rng.choice((0.3, 0.5, 0.75, 1.0)),
        face=rng.choice(_faces()),
        digits=rng.choice(("", "Times-Roman", "Helvetica", "Courier")),
        repeat=rng.random() < 0.4,
        left=rng.random() < 0.3,
        indent=rng.random() < 0.85,
        number=rng.choice(("- {} -", "{}", "第 {} 页", "— {} —", "{}/9", "")),
        head=rng.choice(("", "", "政府信息公开工作年度报告（公开）")),
    )
    return replace(style, **_peculiar(style, rng))


def _peculiar(style: Style, rng: Random) -> dict[str, Any]:
    """Return what sets a variant apart."""
    own: dict[str, dict[str, Any]] = {
        "no_unicode": {"face": _faces()[-1], "digits": ""},
        "rotated": {"width": 842.0, "height": 595.0, "sideways": True},
        "turned": {"width": 842.0, "height": 595.0, "sideways": True},
        "tight": {"row": style.table * 1.05, "pad": 0.3, "digits": "Helvetica"},
        "pages": {"height": rng.choice((420.0, 500.0)), "repeat": True},
        "cut_rows": {"height": rng.choice((440.0, 520.0, 610.0))},
        "one_page": {"height": 4000.0},
    }
    return own.get(style.variant, {})


@cache
def _faces() -> tuple[str, ...]:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    if not _EMBEDDED.exists():
        return ("STSong-Light",)
    pdfmetrics.registerFont(TTFont("WenQuanYi", str(_EMBEDDED), subfontIndex=0))
    return ("STSong-Light", "WenQuanYi")


@dataclass
class _Printer:
    """Prints pieces page after page; `y` runs from the top of the page down."""

    canvas: Canvas
    style: Style
    rng: Random
    y: float = 0.0
    page: int = 1
    held: list[Callable[[], None]] = field(default_factory=list)

    def print(self, pieces: list[Piece]) -> None:
        self._open()
        for piece in pieces:
            if isinstance(piece, Sheet):
                self._sheet(piece)
            else:
                self._lines(piece)
        self._close()

    # pages

    def _open(self) -> None:
        style, canvas = self.style, self.canvas
        self.y = 60.0
        if style.sideways:
            if style.variant == "rotated":
                # reportlab takes the size as shown and turns the box of the page itself
                canvas.setPageRotation(90)
            else:
                canvas.setPageSize((style.height, style.width))
            canvas.translate(style.height, 0)
            canvas.rotate(90)
        if style.variant == "form_xobject":
            canvas.beginForm(f"page{self.page}")
        if style.variant == "watermark":
            self._watermark()

    def _close(self) -> None:
        style, canvas = self.style, self.canvas
        if style.head:
            self._put(style.head, style.margin, 36.0, 9.0)
        if style.number:
            text = style.number.format(self.page)
            self._put(text, (style.width - self._width(text, 9.0)) / 2, style.height - 30, 9.0)
        if style.variant == "form_xobject":
            canvas.endForm()
            canvas.saveState()
            canvas.translate(3, 2)
            canvas.scale(0.99, 0.99)
            canvas.doForm(f"page{self.page}")
            canvas.restoreState()
        canvas.showPage()
        self.page += 1

    def _turn(self) -> None:
        self._close()
        self._open()

    def _watermark(self) -> None:
        canvas = self.canvas
        canvas.saveState()
        canvas.setFillGray(0.85)
        canvas.translate(self.style.width / 2, self.style.height / 2)
        canvas.rotate(45)
        canvas.setFont(self.style.face, 48)
        canvas.drawCentredString(0, 0, "政务公开专用")
        canvas.restoreState()

    @property
    def _bottom(self) -> float:
        return self.style.height - 55

    # text

    def _lines(self, piece: Heading | Body) -> None:
        style = self.style
        title = isinstance(piece, Heading) and piece.level == 0
        size = style.text * (1.35 if title else 1.0)
        text = piece.full if isinstance(piece, Heading) else piece.text
        align = piece.align if isinstance(piece, Body) else ("center" if title else "left")
        first = 2 * size if align == "left" and style.indent else 0.0
        room = style.width - 2 * style.margin
        for number, line in enumerate(self._wrapped(text, size, room, first)):
            if self.y + size * 1.6 > self._bottom:
                self._turn()
            width = self._width(line, size)
            spare = {
                "left": first if number == 0 else 0.0,
                "center": (room - width) / 2,
                "right": room - width - 2 * size,
            }[align]
            self._put(line, style.margin + max(0.0, spare), self.y + size * 1.2, size)
            self.y += size * 1.6
        self.y += 6 if style.indent else 0.9 * size

    def _wrapped(self, text: str, size: float, room: float, indent: float) -> Iterator[str]:
        line, left = "", room - indent
        for each in _words(text):
            word = each
            if line and word not in _CLOSING and self._width(line + word, size) > left:
                yield line
                line, left = "", room
            while len(word) > 1 and self._width(word, size) > left:
                cut = max(1, sum(self._width(word[:n], size) <= left for n in range(1, len(word))))
                yield word[:cut]
                word, left = word[cut:], room
            line += word
        if line:
            yield line

    def _width(self, text: str, size: float) -> float:
        return sum(pdfmetrics.stringWidth(part, face, size) for face, part in self._by_face(text))

    def _by_face(self, text: str) -> Iterator[tuple[str, str]]:
        part, face = "", self.style.face
        for char in text:
            own = self.style.digits if char.isascii() and self.style.digits else self.style.face
            if part and own != face:
                yield face, part
                part = ""
            face = own
            part += char
        if part:
            yield face, part

    def _put(self, text: str, x: float, y: float, size: float) -> None:
        """Draw one line with its baseline `y` below the top of the page."""
        for face, part in self._by_face(text):
            pieces = part if self.style.variant == "per_character" else (part,)
            for piece in pieces:
                self.canvas.setFont(face, size)
                self.canvas.drawString(x, self.style.height - y, piece)
                if self.style.variant == "fake_bold":
                    self.canvas.drawString(x + 0.25, self.style.height - y, piece)
                x += pdfmetrics.stringWidth(piece, face, size)

    # tables

    def _sheet(self, sheet: Sheet) -> None:
        edges = self._columns(sheet)
        self.y += 4
        rest, first = sheet, True
        while rest.row_count:
            heights = self._heights(rest, edges)
            room = self._bottom - self.y
            stop, used = 0, 0.0
            while stop < rest.row_count and used + heights[stop] <= room:
                used += heights[stop]
                stop += 1
            if stop == rest.row_count:
                self._draw(rest, edges, heights)
                break
            least = rest.header_rows + (1 if rest.header_rows else 0)
            if stop < least and first and self.y > 70:
                self._turn()
                first = False
                continue
            above, below = self._parted(rest, stop, room - used, edges)
            self._draw(above, edges, self._heights(above, edges))
            self._turn()
            rest, first = below, False
        self.y += 10

    def _parted(
        self, sheet: Sheet, stop: int, room: float, edges: list[float]
    ) -> tuple[Sheet, Sheet]:
        """Return the rows before a page end and those after it, a row cut in two if asked."""
        stop = max(1, stop)
        head = self.style.repeat and 0 < sheet.header_rows < stop
        above = sheet.fragment(0, stop, header=False)
        above = replace(above, header_rows=sheet.header_rows)
        below = sheet.fragment(stop, sheet.row_count, header=head)
        if not head:
            below = replace(below, header_rows=0)
        if self.style.variant == "cut_rows" and room >= max(self.style.row, 1.5 * self.style.table):
            above, below = self._cut_through(above, below, edges)
        return self._share_labels(above, below, edges)

    def _cut_through(self, above: Sheet, below: Sheet, edges: list[float]) -> tuple[Sheet, Sheet]:
        """Leave the first line of a wrapped label above the page end, the others below it."""
        at = below.header_rows
        own = [b for b in below.boxes if b.row == at and b.rows == 1]
        texts = {b: list(self._cell_lines(b, edges)) for b in own if b.text and b.address is None}
        if not own or not any(len(t) > 1 for t in texts.values()) or any(b.header for b in own):
            return above, below
        # numbers stand at the top, in the middle or at the foot of their cell
        numbers_above = self.rng.random() < 0.6
        row = above.row_count
        upper = [
            replace(b, row=row, text=texts[b][0] if b in texts else b.text if numbers_above else "")
            for b in own
        ]
        lower = [
            replace(
                b, text="".join(texts[b][1:]) if b in texts else "" if numbers_above else b.text
            )
            for b in own
        ]
        covering = [b for b in below.boxes if b.row == at and b.rows > 1]
        upper += [replace(b, row=row, rows=1, text="") for b in covering if b.text == ""]
        if len(covering) != sum(b.text == "" for b in covering):
            return above, below
        others = [b for b in below.boxes if b not in own]
        return (
            replace(above, boxes=(*above.boxes, *upper), row_count=row + 1),
            replace(below, boxes=(*others, *lower)),
        )

    def _share_labels(self, above: Sheet, below: Sheet, edges: list[float]) -> tuple[Sheet, Sheet]:
        """Carry over to the next page what does not fit of a merged label cut by the page end."""
        empty = {b.column: b for b in below.boxes if b.row == below.header_rows and not b.text}
        cut = [
            b for b in above.boxes
            if b.row + b.rows == above.row_count and not b.header and not b.address
            and b.column in empty and not empty[b.column].address
        ]  # fmt: skip
        boxes, moved = list(above.boxes), list(below.boxes)
        heights = self._heights(
            replace(above, boxes=tuple(b for b in boxes if b not in cut)), edges
        )
        for box in cut:
            lines = list(self._cell_lines(box, edges))
            fit = int(sum(heights[box.row :]) // (self.style.table * 1.2))
            if 0 < fit < len(lines):
                other = empty[box.column]
                boxes[boxes.index(box)] = replace(box, text="".join(lines[:fit]))
                moved[moved.index(other)] = replace(other, text="".join(lines[fit:]))
        return replace(above, boxes=tuple(boxes)), replace(below, boxes=tuple(moved))

    def _columns(self, sheet: Sheet) -> list[float]:
        shares = _SHARES[sheet.table_id][: sheet.column_count]
        room = self.style.width - 2 * self.style.margin
        edges = [self.style.margin]
        for share in shares:
            edges.append(edges[-1] + room * share / sum(shares))
        return edges

    def _heights(self, sheet: Sheet, edges: list[float]) -> list[float]:
        pitch = self.style.table * 1.2
        heights = [max(self.style.row, pitch)] * sheet.row_count
        for box in sorted(sheet.boxes, key=lambda b: b.rows):
            need = len(list(self._cell_lines(box, edges))) * pitch + self.style.pad
            lack = need - sum(heights[box.row : box.row + box.rows])
            if lack > 0:
                for row in range(box.row, box.row + box.rows):
                    heights[row] += lack / box.rows
        return heights

    def _cell_lines(self, box: Box, edges: list[float]) -> Iterator[str]:
        room = edges[box.column + box.columns] - edges[box.column] - 2 * self.style.pad
        return self._wrapped(box.text, self.style.table, room, 0.0)

    def _draw(self, sheet: Sheet, edges: list[float], heights: list[float]) -> None:
        tops = [self.y]
        for height in heights:
            tops.append(tops[-1] + height)
        self._rules(sheet, edges, tops)
        for box in sheet.boxes:
            self._box_text(box, edges, tops)
        self.y = tops[-1]

    def _box_text(self, box: Box, edges: list[float], tops: list[float]) -> None:
        style = self.style
        size, pitch = style.table, style.table * 1.2
        lines = list(self._cell_lines(box, edges))
        left, right = edges[box.column], edges[box.column + box.columns]
        middle = (tops[box.row] + tops[box.row + box.rows]) / 2
        flush = style.left and box.address is None and right - left > 60
        for i, line in enumerate(lines):
            centre = middle + (i - (len(lines) - 1) / 2) * pitch
            x = left + style.pad if flush else (left + right - self._width(line, size)) / 2
            self._put(line, x, centre + size * 0.36, size)

    # rules

    def _rules(self, sheet: Sheet, edges: list[float], tops: list[float]) -> None:
        drawers = {
            "word": self._thin_rectangles,
            "cellwise": self._cell_boxes,
            "three_line": self._three_lines,
            "borderless": lambda _: None,
            "row_rules": lambda boxes: self._one_way(boxes, level=True),
            "column_rules": lambda boxes: self._one_way(boxes, level=False),
            "dashed": self._dashes,
            "double": self._double,
            "shaded": self._shades,
            "open_sides": lambda boxes: self._strokes(boxes, edges),
        }
        boxes = [
            (edges[b.column], tops[b.row], edges[b.column + b.columns], tops[b.row + b.rows])
            for b in sheet.boxes
        ]
        self.canvas.setLineWidth(self.style.rule)
        drawers.get(self.style.variant, self._strokes)(boxes)

    def _strokes(self, boxes: list[tuple[float, ...]], edges: list[float] | None = None) -> None:
        """Stroke every side once, in one piece from cell to cell; with `edges` no outer sides."""
        height = self.style.height
        for x0, y0, x1, y1 in boxes:
            self.canvas.line(x0, height - y0, x1, height - y0)
            self.canvas.line(x0, height - y1, x1, height - y1)
            for x in (x0, x1):
                if edges is None or edges[0] < x < edges[-1]:
                    self.canvas.line(x, height - y0, x, height - y1)

    def _thin_rectangles(self, boxes: list[tuple[float, ...]]) -> None:
        height, rule = self.style.height, self.style.rule
        for x0, y0, x1, y1 in boxes:
            for left, top, right, bottom in (
                (x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1),
            ):  # fmt: skip
                self.canvas.rect(
                    left - rule / 2, height - bottom - rule / 2, right - left + rule,
                    bottom - top + rule, stroke=0, fill=1,
                )  # fmt: skip

    def _cell_boxes(self, boxes: list[tuple[float, ...]]) -> None:
        height = self.style.height
        for x0, y0, x1, y1 in boxes:
            self.canvas.rect(x0 + 0.75, height - y1 + 0.75, x1 - x0 - 1.5, y1 - y0 - 1.5)

    def _three_lines(self, boxes: list[tuple[float, ...]]) -> None:
        left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
        tops = sorted({b[1] for b in boxes})
        for y in (tops[0], tops[min(3, len(tops) - 1)], max(b[3] for b in boxes)):
            self.canvas.line(left, self.style.height - y, right, self.style.height - y)

    def _one_way(self, boxes: list[tuple[float, ...]], *, level: bool) -> None:
        height = self.style.height
        for x0, y0, x1, y1 in boxes:
            if level:
                self.canvas.line(x0, height - y0, x1, height - y0)
                self.canvas.line(x0, height - y1, x1, height - y1)
            else:
                self.canvas.line(x0, height - y0, x0, height - y1)
                self.canvas.line(x1, height - y0, x1, height - y1)

    def _dashes(self, boxes: list[tuple[float, ...]]) -> None:
        height = self.style.height
        for x0, y0, x1, y1 in boxes:
            for a, b, c, d in (
                (x0, y0, x1, y0),
                (x0, y1, x1, y1),
                (x0, y0, x0, y1),
                (x1, y0, x1, y1),
            ):
                length = (c - a) + (d - b)
                for i in range(int(length // 3) + 1):
                    s, e = 3 * i / length, min(1.0, (3 * i + 2) / length)
                    self.canvas.line(
                        a + (c - a) * s, height - (b + (d - b) * s),
                        a + (c - a) * e, height - (b + (d - b) * e),
                    )  # fmt: skip

    def _double(self, boxes: list[tuple[float, ...]]) -> None:
        height = self.style.height
        self._strokes(boxes)
        for x0, y0, x1, y1 in boxes:
            self.canvas.rect(x0 + 1, height - y1 + 1, x1 - x0 - 2, y1 - y0 - 2)

    def _shades(self, boxes: list[tuple[float, ...]]) -> None:
        """Black ground with a white field on it for every cell, as old web pages do."""
        height = self.style.height
        left, right = min(b[0] for b in boxes), max(b[2] for b in boxes)
        top, bottom = min(b[1] for b in boxes), max(b[3] for b in boxes)
        self.canvas.rect(
            left - 0.5, height - bottom - 0.5, right - left + 1, bottom - top + 1, stroke=0, fill=1
        )
        self.canvas.setFillGray(1)
        for x0, y0, x1, y1 in boxes:
            self.canvas.rect(
                x0 + 0.5, height - y1 + 0.5, x1 - x0 - 1, y1 - y0 - 1, stroke=0, fill=1
            )
        self.canvas.setFillGray(0)


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
