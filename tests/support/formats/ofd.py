"""A made-up report as an OFD file, written after GB/T 33190; shares no code with the reader."""

import io
import zipfile
from dataclasses import dataclass, field
from random import Random
from xml.sax.saxutils import escape, quoteattr

from tests.support.sheets import Box, Sheet
from tests.support.truth import Truth
from tests.support.typeset import Body, Heading, Piece, typeset

VARIANTS = (
    "plain",
    "lines",
    "bars",
    "characters",
    "scaled",
    "template",
    "composite",
    "rows",
    "turned",
    "unprefixed",
    "borderless_paper",
    "tight",
)
"""plain: a stroked rectangle per cell, runs of text with `g n d`. lines: one line per rule. bars: thin filled
shapes. characters: one object per character. scaled: type of size 1 under a CTM. template: running
head and watermark. composite: frames in a shared unit. rows: one object for a whole printed row.
turned: wide pages laid on their side. unprefixed: default namespace, indented, a cover of its own
document. borderless_paper: the origin of the paper is not its corner. tight: rows hardly higher than type."""
_SPEC = "http://www.ofdspec.org/2016"
_WIDTHS = {
    "active_disclosure": (3.4, 2.2, 2.2, 2.2),
    "applications": (0.8, 1.4, 4.0, 1, 1, 1, 1, 1, 1, 1),
    "review_litigation": (1.0,) * 15,
}
_WIDE, _HIGH, _EDGE = 210.0, 297.0, 24.0


@dataclass(frozen=True)
class Run:
    """Characters on one line: where they stand (mm), type size, way to each next one."""

    text: str
    x: float
    y: float
    size: float

    @property
    def steps(self) -> list[float]:
        return [advance(c, self.size) for c in self.text]


@dataclass
class Paper:
    """One page: runs of text, boxes of cells (x0, y0, x1, y1)."""

    runs: list[Run] = field(default_factory=list)
    cells: list[tuple[float, float, float, float]] = field(default_factory=list)


def advance(char: str, size: float) -> float:
    return round(size * (0.5 if char < "\u1100" else 1.0), 3)


def width(text: str, size: float) -> float:
    return sum(advance(c, size) for c in text)


@dataclass
class Setter:
    """Breaks pieces into lines, rows and pages."""

    rng: Random
    wide: float
    high: float
    text: float = 5.3
    table: float = 3.5
    row: float = 7.0
    repeat: bool = False
    pages: list[Paper] = field(default_factory=lambda: [Paper()])
    y: float = _EDGE

    def set(self, pieces: list[Piece]) -> list[Paper]:
        for piece in pieces:
            if isinstance(piece, Sheet):
                self._sheet(piece)
            else:
                self._flow(piece)
        for number, page in enumerate(self.pages, 1):
            page.runs.append(Run(f"- {number} -", self.wide / 2 - 5, self.high - 14, 3.2))
        return self.pages

    def _flow(self, piece: Heading | Body) -> None:
        title = isinstance(piece, Heading) and piece.level == 0
        size = self.text * (1.3 if title else 1)
        text = piece.full if isinstance(piece, Heading) else piece.text
        align = piece.align if isinstance(piece, Body) else ("center" if title else "left")
        indent = 2 * size if align == "left" else 0.0
        room = self.wide - 2 * _EDGE
        for i, line in enumerate(broken(text, size, room, indent)):
            if self.y + size * 1.5 > self.high - _EDGE:
                self._turn()
            free = room - width(line, size)
            x = {"left": indent if i == 0 else 0.0, "center": free / 2, "right": free - 4}[align]
            self.pages[-1].runs.append(Run(line, _EDGE + x, self.y + size, size))
            self.y += size * 1.5

    def _turn(self) -> None:
        self.pages.append(Paper())
        self.y = _EDGE

    def _sheet(self, sheet: Sheet) -> None:
        shares = _WIDTHS[sheet.table_id][: sheet.column_count]
        edges = [_EDGE]
        for share in shares:
            edges.append(edges[-1] + (self.wide - 2 * _EDGE) * share / sum(shares))
        heights = self._heights(sheet, edges)
        self.y += 2
        start = 0
        while start < sheet.row_count:
            head = sheet.header_rows if self.repeat and start > sheet.header_rows else 0
            used, stop = sum(heights[:head]), start
            while stop < sheet.row_count and self.y + used + heights[stop] <= self.high - _EDGE:
                used += heights[stop]
                stop += 1
            if stop - start < 1 or (start == 0 and stop <= sheet.header_rows):
                self._turn()
                continue
            part = (
                sheet.fragment(start, stop, header=bool(head))
                if (start, stop) != (0, sheet.row_count)
                else sheet
            )
            self._boxes(part, edges, [*heights[:head], *heights[start:stop]])
            if stop < sheet.row_count:
                self._turn()
            start = stop
        self.y += 4

    def _heights(self, sheet: Sheet, edges: list[float]) -> list[float]:
        heights = [self.row] * sheet.row_count
        for box in sorted(sheet.boxes, key=lambda b: b.rows):
            need = len(self._lines(box, edges)) * self.table * 1.2 + 1
            lack = need - sum(heights[box.row : box.row + box.rows])
            for row in range(box.row, box.row + box.rows):
                heights[row] += max(0.0, lack) / box.rows
        return heights

    def _lines(self, box: Box, edges: list[float]) -> list[str]:
        return broken(
            box.text, self.table, edges[box.column + box.columns] - edges[box.column] - 0.6, 0
        )

    def _boxes(self, sheet: Sheet, edges: list[float], heights: list[float]) -> None:
        tops = [self.y]
        for height in heights:
            tops.append(tops[-1] + height)
        page = self.pages[-1]
        for box in sheet.boxes:
            left, right = edges[box.column], edges[box.column + box.columns]
            top, bottom = tops[box.row], tops[box.row + box.rows]
            page.cells.append((left, top, right, bottom))
            lines = self._lines(box, edges)
            pitch = self.table * 1.2
            first = (top + bottom) / 2 - (len(lines) - 1) / 2 * pitch + self.table * 0.36
            for i, line in enumerate(lines):
                x = (left + right - width(line, self.table)) / 2
                page.runs.append(Run(line, x, first + i * pitch, self.table))
        self.y = tops[-1]


def broken(text: str, size: float, room: float, indent: float) -> list[str]:
    """Break a text into lines that fit; figures stay whole while they can."""
    lines, line, left = [], "", room - indent
    words: list[str] = []
    for char in text:
        glue = char.isascii() and not char.isspace() and words and words[-1][-1].isascii()
        words[-1:] = [words[-1] + char] if glue else [*words[-1:], char]
    while words:
        word = words.pop(0)
        if width(line + word, size) <= left or word in "，。、；：）":
            line += word
        elif line:
            lines.append(line)
            line, left = "", room
            words.insert(0, word)
        else:
            fit = max(1, sum(width(word[:n], size) <= left for n in range(1, len(word) + 1)))
            lines.append(word[:fit])
            if word[fit:]:
                words.insert(0, word[fit:])
    return [*lines, line] if line else lines


@dataclass
class Scribe:
    """Writes the objects of pages in one variant."""

    variant: str
    rng: Random
    wide: float
    ids: int = 100
    units: list[str] = field(default_factory=list)

    def _id(self) -> int:
        self.ids += 1
        return self.ids

    def page(self, paper: Paper) -> str:
        body = self._frames(paper.cells)
        runs = paper.runs
        if self.variant == "rows":
            body += "".join(self._row(r) for r in _in_rows(runs))
        else:
            body += "".join(self._run(r) for r in runs)
        return (
            f"<ofd:PageBlock ID={quoteattr(str(self._id()))}>{body}</ofd:PageBlock>"
            if self.variant == "composite"
            else body
        )

    def _run(self, run: Run) -> str:
        if self.variant == "characters":
            parts, x = [], run.x
            for char, step in zip(run.text, run.steps, strict=True):
                parts.append(self._text(Run(char, x, run.y, run.size), ""))
                x += step
            return "".join(parts)
        steps = run.steps[:-1]
        if self.variant == "lines":
            return self._text(run, " ".join(map(str, steps)))
        return self._text(run, _grouped(steps))

    def _row(self, runs: list[Run]) -> str:
        """Write the runs of one printed line as a single object with wide steps between cells."""
        text, steps = "", []
        for i, run in enumerate(runs):
            text += run.text
            steps += run.steps[:-1]
            if i + 1 < len(runs):
                steps.append(round(runs[i + 1].x - run.x - sum(run.steps[:-1]), 3))
        return self._text(Run(text, runs[0].x, runs[0].y, runs[0].size), _grouped(steps))

    def _text(self, run: Run, deltas: str) -> str:
        high = round(run.size * 1.2, 3)
        long = round(width(run.text, run.size) + run.size, 3)
        top = run.y - run.size
        attributes = f'Boundary="{run.x:.3f} {top:.3f} {long} {high}" Size="{run.size}"'
        x, y = 0.0, run.size
        if self.variant == "scaled":
            attributes = f'Boundary="{run.x:.3f} {top:.3f} {long} {high}" Size="1" CTM="{run.size} 0 0 {run.size} 0 0"'
            x, y = 0.0, 1.0
            deltas = _grouped([round(s / run.size, 4) for s in run.steps[:-1]])
        if self.variant == "turned":
            # the page lies on its side: what is right on it runs down the paper
            left, down = self.wide - run.y, run.x
            attributes = f'Boundary="{left - 2:.3f} {down:.3f} {high} {long}" Size="{run.size}" CTM="0 1 -1 0 2 0"'
            x, y = 0.0, 0.0
        step = f" DeltaX={quoteattr(deltas)}" if deltas else ""
        code = f'<ofd:TextCode X="{x:g}" Y="{y:g}"{step}>{escape(run.text)}</ofd:TextCode>'
        return f'<ofd:TextObject ID="{self._id()}" {attributes} Font="2">{code}</ofd:TextObject>'

    def _frames(self, cells: list[tuple[float, float, float, float]]) -> str:
        if not cells:
            return ""
        if self.variant == "composite":
            unit = self._id()
            inner = "".join(self._rectangle(*c) for c in cells)
            self.units.append(
                f'<ofd:CompositeGraphicUnit ID="{unit}" Width="{self.wide}" Height="{_HIGH}"><ofd:Content>{inner}'
                "</ofd:Content></ofd:CompositeGraphicUnit>"
            )
            return f'<ofd:CompositeObject ID="{self._id()}" Boundary="0 0 {self.wide} {_HIGH}" ResourceID="{unit}"/>'
        if self.variant == "lines":
            return "".join(self._line(*edge) for edge in sorted(_edges(cells)))
        if self.variant == "bars":
            return "".join(self._bar(*edge) for edge in sorted(_edges(cells)))
        return "".join(self._rectangle(*c) for c in cells)

    def _rectangle(self, x0: float, y0: float, x1: float, y1: float) -> str:
        if self.variant == "turned":
            x0, y0, x1, y1 = self.wide - y1, x0, self.wide - y0, x1
        w, h = x1 - x0, y1 - y0
        data = f"M 0 0 L {w:.3f} 0 L {w:.3f} {h:.3f} L 0 {h:.3f} C"
        return self._path(x0, y0, w, h, data, 'LineWidth="0.2"')

    def _line(self, x0: float, y0: float, x1: float, y1: float) -> str:
        data = f"M 0 0 L {x1 - x0:.3f} {y1 - y0:.3f}"
        return self._path(x0, y0, x1 - x0, y1 - y0, data, 'LineWidth="0.35"')

    def _bar(self, x0: float, y0: float, x1: float, y1: float) -> str:
        w, h = max(x1 - x0, 0.17), max(y1 - y0, 0.17)
        # drawn ten times as large and scaled down
        data = f"M 0 0 L {w * 10:.2f} 0 L {w * 10:.2f} {h * 10:.2f} L 0 {h * 10:.2f} C"
        return self._path(x0, y0, w, h, data, 'Stroke="false" Fill="true" CTM="0.1 0 0 0.1 0 0"')

    def _path(self, x: float, y: float, w: float, h: float, data: str, more: str) -> str:
        return (
            f'<ofd:PathObject ID="{self._id()}" Boundary="{x:.3f} {y:.3f} {w:.3f} {h:.3f}" {more}>'
            f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
        )


def _grouped(steps: list[float]) -> str:
    parts: list[str] = []
    i = 0
    while i < len(steps):
        n = 1
        while i + n < len(steps) and steps[i + n] == steps[i]:
            n += 1
        parts.append(f"g {n} {steps[i]}" if n > 2 else " ".join([str(steps[i])] * n))
        i += n
    return " ".join(parts)


def _in_rows(runs: list[Run]) -> list[list[Run]]:
    rows: dict[tuple[float, float], list[Run]] = {}
    for run in runs:
        rows.setdefault((round(run.y, 3), run.size), []).append(run)
    return [sorted(r, key=lambda run: run.x) for r in rows.values()]


def _edges(
    cells: list[tuple[float, float, float, float]],
) -> set[tuple[float, float, float, float]]:
    found: set[tuple[float, float, float, float]] = set()
    for x0, y0, x1, y1 in cells:
        found |= {(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)}
    return found


def render(truth: Truth, rng: Random, variant: str) -> bytes:
    """Return the bytes of the file; the same truth, seed and variant give the same bytes."""
    pieces = typeset(truth, rng, variants=True)
    turned = variant == "turned"
    wide, high = (_HIGH, _WIDE) if turned else (_WIDE, _HIGH)
    setter = Setter(
        rng, wide, high,
        text=rng.choice((4.9, 5.3, 5.6)), table=rng.choice((3.2, 3.5, 3.7)),
        row=rng.choice((6.5, 7.5, 8.5)), repeat=rng.random() < 0.4,
    )  # fmt: skip
    if variant == "tight":
        setter.row = setter.table * 1.2 + 0.4
    pages = setter.set(pieces)
    scribe = Scribe(variant, rng, _WIDE)
    return _package([scribe.page(p) for p in pages], scribe, truth)


def _package(pages: list[str], scribe: Scribe, truth: Truth) -> bytes:
    files: dict[str, str] = {}
    corner = "-10 -20" if scribe.variant == "borderless_paper" else "0 0"
    if scribe.variant == "borderless_paper":
        pages = [_moved(p, -10, -20) for p in pages]
    area = f"<ofd:PhysicalBox>{corner} {_WIDE} {_HIGH}</ofd:PhysicalBox>"
    template = ""
    if scribe.variant == "template":
        template = '<ofd:Template TemplateID="7" ZOrder="Background"/>'
        head = scribe._text(Run("政府信息公开工作年度报告", 60.0, 12.0, 3.0), "")
        mark = (
            '<ofd:TextObject ID="8" Boundary="30 100 150 100" Size="20" CTM="0.7071 -0.7071 0.7071 0.7071 0 80" Font="2" Alpha="60">'
            '<ofd:TextCode X="0" Y="20">仅供公开使用</ofd:TextCode></ofd:TextObject>'
        )
        files["Doc_0/Tpls/Tpl_0/Content.xml"] = _page(
            area, "", f'<ofd:Layer Type="Background" ID="9">{head}{mark}</ofd:Layer>'
        )
    groups = (
        [pages[:1], pages[1:]] if scribe.variant == "unprefixed" and len(pages) > 1 else [pages]
    )
    bodies = []
    for n, group in enumerate(groups):
        folder = f"Doc_{n}"
        listed = ""
        for i, page in enumerate(group):
            files[f"{folder}/Pages/Page_{i}/Content.xml"] = _page(
                area, template, f'<ofd:Layer ID="{i + 20}" Type="Body">{page}</ofd:Layer>'
            )
            listed += f'<ofd:Page ID="{i + 50}" BaseLoc="Pages/Page_{i}/Content.xml"/>'
        templates = (
            '<ofd:TemplatePage ID="7" BaseLoc="Tpls/Tpl_0/Content.xml"/>' if template else ""
        )
        files[f"{folder}/PublicRes.xml"] = (
            f'<ofd:Res {{ns}} BaseLoc="Res"><ofd:Fonts><ofd:Font ID="2" FontName="仿宋"/></ofd:Fonts><ofd:CompositeGraphicUnits>{"".join(scribe.units)}</ofd:CompositeGraphicUnits></ofd:Res>'
        )
        files[f"{folder}/Document.xml"] = (
            f"<ofd:Document {{ns}}><ofd:CommonData><ofd:MaxUnitID>{scribe.ids}</ofd:MaxUnitID><ofd:PageArea>{area}</ofd:PageArea>"
            f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{templates}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
        )
        bodies.append(
            f"<ofd:DocBody><ofd:DocInfo><ofd:DocID>{truth.seed:032x}</ofd:DocID></ofd:DocInfo><ofd:DocRoot>{folder}/Document.xml</ofd:DocRoot></ofd:DocBody>"
        )
    files["OFD.xml"] = f'<ofd:OFD {{ns}} DocType="OFD" Version="1.0">{"".join(bodies)}</ofd:OFD>'
    return _zipped({n: _dressed(t, scribe.variant) for n, t in files.items()})


def _page(area: str, template: str, layers: str) -> str:
    return f"<ofd:Page {{ns}}><ofd:Area>{area}</ofd:Area>{template}<ofd:Content>{layers}</ofd:Content></ofd:Page>"


def _moved(page: str, x: float, y: float) -> str:
    """Wrap a page in a unit of its own corner: every Boundary is moved."""
    import re

    def move(found: re.Match[str]) -> str:
        left, top, rest = float(found[1]), float(found[2]), found[3]
        return f'Boundary="{left + x:.3f} {top + y:.3f} {rest}"'

    return re.sub(r'Boundary="(\S+) (\S+) ([^"]*)"', move, page)


def _dressed(text: str, variant: str) -> bytes:
    text = '<?xml version="1.0" encoding="UTF-8"?>' + text
    if variant == "unprefixed":
        text = text.replace("ofd:", "").replace("{ns}", f'xmlns="{_SPEC}"')
        text = text.replace("><", ">\n  <")
    return text.replace("{ns}", f'xmlns:ofd="{_SPEC}"').encode()


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
