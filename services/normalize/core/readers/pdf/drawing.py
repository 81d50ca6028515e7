"""What is drawn on a PDF page besides characters: rules, filled fields, pictures."""

from collections.abc import Iterator
from ctypes import byref, c_float, c_int
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

from services.normalize.core.pages.page import Ruling

MOST_OBJECTS = 300_000
"""Of one page, those inside forms and the strokes of paths included."""

_THIN = 3.2
"""Points up to which a filled rectangle is a thick rule."""
_DOT = 2.0
_DASH, _DASH_GAP, _DASH_OVER, _IN_LINE = 8.0, 3.0, 2.0, 0.2
"""Points: the longest dash, the gap after it, how far its round ends may lie over the next, and by how
much dashes of one rule lie beside each other."""
_DEEPEST_FORM = 12
_WHITE = 250
_NO_MATRIX = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

Matrix = tuple[float, float, float, float, float, float]


class Box(NamedTuple):
    """A rectangle in the space of the page."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom


@dataclass(slots=True)
class Drawing:
    """The strokes of a page (as rules in the space of the page), its fields and pictures.

    `fields` are filled rectangles too large for rules. `shapes` counts curved or slanted paths.
    `overfull` says that there is more than any report has.
    """

    rules: list[Ruling] = field(default_factory=list)
    fields: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    shapes: int = 0
    overfull: bool = False


def drawing_of(page: Any) -> Drawing:
    """Return what is drawn on a loaded page."""
    walker = _Walker()
    walker.walk(
        pdfium.FPDFPage_CountObjects(page),
        lambda i: pdfium.FPDFPage_GetObject(page, i),
        _NO_MATRIX,
        0,
    )
    walker.settle()
    return walker.drawing


class _Walker:
    def __init__(self) -> None:
        self.drawing = Drawing()
        self.left = MOST_OBJECTS
        self.edges = (c_float(), c_float(), c_float(), c_float())
        self.edges_at = tuple(byref(e) for e in self.edges)
        self.matrix = pdfium.FS_MATRIX()
        self.fill, self.stroke = c_int(), c_int()
        self.dash: Box | None = None
        self.modes_at = byref(self.fill), byref(self.stroke)

    def walk(self, count: int, get: Any, matrix: Matrix, depth: int) -> None:
        """Go through the objects of a page or a form."""
        if count > self.left:
            self.drawing.overfull = True
            return
        self.left -= count
        for i in range(count):
            drawn = get(i)
            kind = pdfium.FPDFPageObj_GetType(drawn)
            if kind == pdfium.FPDF_PAGEOBJ_PATH:
                self._path(drawn, matrix)
            elif kind == pdfium.FPDF_PAGEOBJ_IMAGE:
                self._picture(drawn, matrix)
            elif kind == pdfium.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
                self._form(drawn, matrix, depth)

    def _form(self, drawn: Any, matrix: Matrix, depth: int) -> None:
        count = pdfium.FPDFFormObj_CountObjects(drawn)
        if count > 0:
            inner = _product(self._matrix_of(drawn), matrix)
            self.walk(count, lambda i: pdfium.FPDFFormObj_GetObject(drawn, i), inner, depth + 1)

    def _matrix_of(self, drawn: Any) -> Matrix:
        pdfium.FPDFPageObj_GetMatrix(drawn, byref(self.matrix))
        m = self.matrix
        return m.a, m.b, m.c, m.d, m.e, m.f

    def _bounds(self, drawn: Any, matrix: Matrix) -> Box:
        pdfium.FPDFPageObj_GetBounds(drawn, *self.edges_at)
        e = self.edges
        left, bottom, right, top = e[0].value, e[1].value, e[2].value, e[3].value
        if matrix is _NO_MATRIX:
            return Box(left, bottom, right, top)
        return _box_of([_at(matrix, left, bottom), _at(matrix, right, top)])

    def _picture(self, drawn: Any, matrix: Matrix) -> None:
        box = self._bounds(drawn, matrix)
        if min(box.width, box.height) <= _THIN:
            self.drawing.rules += _rules_of(box)
        else:
            self.drawing.pictures.append(box)

    def _path(self, drawn: Any, matrix: Matrix) -> None:
        if not pdfium.FPDFPath_GetDrawMode(drawn, *self.modes_at):
            return
        if not self.fill.value and not self.stroke.value:
            return
        box = self._bounds(drawn, matrix)
        if box.right - box.left <= _THIN or box.top - box.bottom <= _THIN:
            self._thin(box)
            return
        count = pdfium.FPDFPath_CountSegments(drawn)
        if count > self.left:
            self.drawing.overfull = True
            return
        self.left -= count
        whole = _product(self._matrix_of(drawn), matrix)
        for part in _subpaths(drawn, count, whole):
            self._subpath(part, stroked=bool(self.stroke.value))

    def _thin(self, box: Box) -> None:
        """Take a thin box as a rule; a dash goes on with the one before it."""
        before = self.dash
        if max(box.right - box.left, box.top - box.bottom) > _DASH:
            self.drawing.rules += _rules_of(box)
        elif before is not None and _goes_on(before, box):
            self.dash = Box(
                min(before.left, box.left), min(before.bottom, box.bottom),
                max(before.right, box.right), max(before.top, box.top),
            )  # fmt: skip
        else:
            self.settle()
            self.dash = box

    def settle(self) -> None:
        """Make a rule of the dashes that were put together."""
        if self.dash is not None:
            self.drawing.rules += _rules_of(self.dash)
        self.dash = None

    def _subpath(self, part: "_Subpath", *, stroked: bool) -> None:
        """Take the straight sides of what is stroked, and thin or large fields of what is filled."""
        box = _box_of(part.points)
        if min(box.width, box.height) <= _THIN:
            self.drawing.rules += _rules_of(box)
            return
        if part.curved or not part.is_straight():
            self.drawing.shapes += 1
            if part.curved:
                return
        if stroked:
            self.drawing.rules += part.sides()
        elif len(part.points) in (4, 5) and part.is_straight():
            self.drawing.fields.append(box)


@dataclass(slots=True)
class _Subpath:
    points: list[tuple[float, float]]
    closed: bool = False
    curved: bool = False

    def sides(self) -> Iterator[Ruling]:
        """Yield the level and upright sides."""
        ends = self.points[1:] + ([self.points[0]] if self.closed else [])
        for (x0, y0), (x1, y1) in zip(self.points, ends, strict=False):
            if abs(x1 - x0) < 1 or abs(y1 - y0) < 1:
                yield Ruling(x0, y0, x1, y1)

    def is_straight(self) -> bool:
        """Tell whether every side is level or upright."""
        return all(
            abs(x1 - x0) < 1 or abs(y1 - y0) < 1
            for (x0, y0), (x1, y1) in zip(self.points, self.points[1:], strict=False)
        )


def _subpaths(drawn: Any, count: int, matrix: Matrix) -> Iterator[_Subpath]:
    x, y = c_float(), c_float()
    part: _Subpath | None = None
    for i in range(count):
        segment = pdfium.FPDFPath_GetPathSegment(drawn, i)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, byref(x), byref(y))
        point = _at(matrix, x.value, y.value)
        if kind == pdfium.FPDF_SEGMENT_MOVETO or part is None:
            if part is not None and len(part.points) > 1:
                yield part
            part = _Subpath([point])
            continue
        part.curved |= kind == pdfium.FPDF_SEGMENT_BEZIERTO
        part.points.append(point)
        part.closed |= bool(pdfium.FPDFPathSegment_GetClose(segment))
    if part is not None and len(part.points) > 1:
        yield part


def edges_of(box: Box) -> list[Ruling]:
    """Return the four sides of a field."""
    left, bottom, right, top = box
    return [
        Ruling(left, top, right, top),
        Ruling(left, bottom, right, bottom),
        Ruling(left, bottom, left, top),
        Ruling(right, bottom, right, top),
    ]


def _goes_on(before: Box, box: Box) -> bool:
    """Tell whether a dash follows closely on others, in their line, to the right or up or down."""
    if abs(box.bottom - before.bottom) < _IN_LINE and abs(box.top - before.top) < _IN_LINE:
        return -_DASH_OVER < box.left - before.right < _DASH_GAP
    if abs(box.left - before.left) < _IN_LINE and abs(box.right - before.right) < _IN_LINE:
        return (
            -_DASH_OVER < before.bottom - box.top < _DASH_GAP
            or -_DASH_OVER < box.bottom - before.top < _DASH_GAP
        )
    return False


def _rules_of(box: Box) -> list[Ruling]:
    """Return a thin box as a rule; a dot may be part of a rule in either direction."""
    left, bottom, right, top = box
    x, y = (left + right) / 2, (bottom + top) / 2
    width, height = right - left, top - bottom
    if width <= _DOT and height <= _DOT:
        return [Ruling(left, y, right, y), Ruling(x, bottom - 0.01, x, top + 0.01)]
    return [Ruling(left, y, right, y) if width >= height else Ruling(x, bottom, x, top)]


def _product(a: Matrix, b: Matrix) -> Matrix:
    """Return the matrix that applies `a`, then `b`."""
    if b is _NO_MATRIX:
        return a
    return (
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4],
        a[4] * b[1] + a[5] * b[3] + b[5],
    )


def _at(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _box_of(points: list[tuple[float, float]]) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs), min(ys), max(xs), max(ys))
