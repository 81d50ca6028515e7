"""What the graphic objects of an OFD page draw: characters, ruling lines, pictures (GB/T 33190).

Every object has its own space: its CTM, then the corner of its Boundary, then the space of what
holds it. Lengths of the file are millimetres from the top left; what comes out is in points.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from lxml import etree

from services.normalize.core.pages.page import Glyph, Ruling

POINTS: Final = 72 / 25.4
"""Points in a millimetre."""
_ASCENT, _DESCENT = 0.86, 0.14
"""Shares of the type size above and below the line that characters stand on."""
_NARROW, _WIDE = 0.5, 1.0
"""Usual widths of Latin and of Chinese characters, in type sizes."""
_SPACED = 1.6
"""Up to this multiple of the usual width the way to the next place is the character's own width."""
_GAP = 0.6
"""Gap in type sizes from which on two characters were not drawn in one go."""
_SLANT = math.radians(4)
_THIN = 1.6
"""Points up to which a filled shape is a rule and no area."""
_SHORTEST = 1.0
_OFF_AXIS = 0.5
_DEEPEST = 40
_LONGEST_TEXT = 20_000
_POINTS_OF = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0, "Z": 0}
"""How many numbers follow each letter of an abbreviated path."""


class Matrix(NamedTuple):
    """An affine map: x' = a x + c y + e, y' = b x + d y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point comes to lie."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def within(self, outer: "Matrix") -> "Matrix":
        """Return the map that applies this one first and the outer one after it."""
        return Matrix(
            outer.a * self.a + outer.c * self.b,
            outer.b * self.a + outer.d * self.b,
            outer.a * self.c + outer.c * self.d,
            outer.b * self.c + outer.d * self.d,
            *outer.at(self.e, self.f),
        )

    def box(self, x0: float, y0: float, x1: float, y1: float) -> "Box":
        """Return the upright box around a rectangle of this space."""
        corners = [self.at(x, y) for x in (x0, x1) for y in (y0, y1)]
        xs, ys = [p[0] for p in corners], [p[1] for p in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))


class Box(NamedTuple):
    """Left, top, right and bottom in points."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def area(self) -> float:
        """Square points."""
        return (self.x1 - self.x0) * (self.y1 - self.y0)

    def sides(self) -> Iterator[Ruling]:
        """Yield the four sides as lines."""
        x0, y0, x1, y1 = self
        yield from (Ruling(x0, y, x1, y) for y in (y0, y1))
        yield from (Ruling(x, y0, x, y1) for x in (x0, x1))


class TooComplex(Exception):
    """More objects than any report has: a drawing that multiplies itself."""


@dataclass(slots=True)
class Drawing:
    """What was drawn on one page.

    `fields` are painted areas. `turns` counts characters by quarter turns clockwise.
    """

    glyphs: list[Glyph] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
    images: list[tuple[str, Box]] = field(default_factory=list)
    fields: list[Box] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    turns: list[int] = field(default_factory=lambda: [0, 0, 0, 0])

    @property
    def turn(self) -> int:
        """Quarter turns clockwise in which most characters lie."""
        return self.turns.index(max(self.turns))


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace ("" for comments)."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def numbers(text: str | None) -> list[float]:
    """Return the finite numbers of an attribute; what is no number counts as 0."""
    return [_number(part) for part in (text or "").replace(",", " ").split()]


def _number(text: str | None, otherwise: float = 0.0) -> float:
    try:
        value = float(text or otherwise)
    except ValueError:
        return otherwise
    return value if math.isfinite(value) and abs(value) < 1e7 else otherwise


class Painter:
    """Draws objects on one page. `units` are the composite units of the resources by id."""

    def __init__(self, units: Mapping[str, etree._Element], budget: int) -> None:
        """Draw at most `budget` objects."""
        self.units = units
        self.budget = budget
        self.drawn = Drawing()
        self._piece = 0

    def draw(self, holder: etree._Element, place: Matrix, depth: int = 0) -> None:
        """Draw what a layer, a block or a unit holds; raises `TooComplex`."""
        if depth > _DEEPEST:
            raise TooComplex
        for element in holder:
            self.budget -= 1
            if self.budget < 0:
                raise TooComplex
            kind = local(element)
            if kind in ("Layer", "PageBlock", "Content"):
                self.draw(element, place, depth + 1)
            elif kind in ("TextObject", "PathObject", "ImageObject", "CompositeObject"):
                self._object(element, kind, place, depth)

    def _object(self, element: etree._Element, kind: str, place: Matrix, depth: int) -> None:
        x, y, width, height = (numbers(element.get("Boundary")) + [0.0] * 4)[:4]
        ctm = numbers(element.get("CTM"))
        own = Matrix(*ctm[:6]) if len(ctm) >= 6 else Matrix()
        space = own.within(Matrix(e=x, f=y)).within(place)
        if kind == "TextObject":
            self._text(element, space)
        elif kind == "PathObject":
            self._path(element, space)
        elif kind == "ImageObject" and _is_shown(element):
            box = place.box(x, y, x + width, y + height)
            self.drawn.images.append((str(element.get("ResourceID", "")), box))
        elif kind == "CompositeObject" and _is_shown(element):
            unit = self.units.get(str(element.get("ResourceID", "")))
            if unit is not None:
                self.draw(unit, space, depth + 1)

    def _text(self, element: etree._Element, space: Matrix) -> None:
        whole = "".join(_code_text(c) for c in element if local(c) == "TextCode")
        if not _is_shown(element) or not _is_inked(element):
            self.drawn.hidden.append(whole)
            return
        turn = _turn(space, _number(element.get("CharDirection")))
        if turn is None:
            self.drawn.aside.append(whole)
            return
        size = _number(element.get("Size"), 3.5)
        stretch = _number(element.get("HScale"), 1.0)
        upright = Matrix(*_rotation(_number(element.get("CharDirection"))))
        last_end: tuple[float, float] | None = None
        for char, x, y, width in placed_characters(element, size, stretch):
            if last_end is None or math.dist(last_end, (x, y)) > _GAP * size:
                self._piece += 1
            last_end = (x + width, y)
            at = upright.within(Matrix(e=x, f=y)).within(space)
            box = at.box(0, -_ASCENT * size, width, _DESCENT * size)
            self.drawn.glyphs.append(Glyph(char, *box, piece=self._piece))
            self.drawn.turns[turn] += not char.isspace()

    def _path(self, element: etree._Element, space: Matrix) -> None:
        if not _is_shown(element):
            return
        stroked = element.get("Stroke", "true") != "false" and not _is_white(element, "Stroke")
        filled = element.get("Fill", "false") == "true" and not _is_white(element, "Fill")
        if not (stroked or filled):
            return
        data = next((c.text for c in element if local(c) == "AbbreviatedData"), None)
        for shape in shapes(data or ""):
            points = [space.at(x, y) for x, y in shape]
            thin = _as_rule(points) if filled else None
            if thin is not None:
                self.drawn.rulings.append(thin)
            elif stroked:
                self.drawn.rulings += _rules(points)
            elif filled:
                xs, ys = [p[0] for p in points], [p[1] for p in points]
                self.drawn.fields.append(Box(min(xs), min(ys), max(xs), max(ys)))


def _is_shown(element: etree._Element) -> bool:
    return bool(element.get("Visible", "true") != "false" and _number(element.get("Alpha"), 255.0))


def _is_inked(element: etree._Element) -> bool:
    return bool(element.get("Fill", "true") != "false" or element.get("Stroke") == "true")


def _is_white(element: etree._Element, which: str) -> bool:
    color = next((c for c in element if local(c) == f"{which}Color"), None)
    if color is None:
        return False
    value = numbers(color.get("Value"))
    white: bool = len(value) == 3 and min(value) >= 250
    return white or not _number(color.get("Alpha"), 255.0)


def _code_text(code: etree._Element) -> str:
    text = "".join(str(part) for part in code.itertext())
    # an indented file has line ends around the characters, which have no place of their own
    return (text.strip() if "\n" in text else text)[:_LONGEST_TEXT]


def _rotation(degrees: float) -> tuple[float, float, float, float]:
    quarter = round(degrees / 90) % 4
    cos, sin = (1, 0, -1, 0)[quarter], (0, 1, 0, -1)[quarter]
    return cos, sin, -sin, cos


def _turn(space: Matrix, degrees: float) -> int | None:
    """Return in how many quarter turns clockwise characters lie, None when aslant."""
    angle = math.atan2(space.b, space.a) + math.radians(degrees)
    quarter = round(angle / (math.pi / 2))
    return None if abs(angle - quarter * math.pi / 2) > _SLANT else quarter % 4


def placed_characters(
    element: etree._Element, size: float, stretch: float
) -> Iterator[tuple[str, float, float, float]]:
    """Yield the characters of a text object, each with its place and width in object space."""
    x = y = 0.0
    direction = round(_number(element.get("ReadDirection")) / 90) % 4
    for code in element:
        if local(code) != "TextCode":
            continue
        # without X or Y the code begins where the one before it began
        x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
        text = _code_text(code)
        right = deltas(code.get("DeltaX"), len(text))
        down = deltas(code.get("DeltaY"), len(text))
        at_x, at_y = x, y
        for i, char in enumerate(text):
            usual = size * stretch * (_NARROW if char < "\u1100" else _WIDE)
            step = right[i] if i < len(right) else None
            width = step if step is not None and 0 < step <= _SPACED * usual else usual
            yield char, at_x, at_y, width
            if step is None and i >= len(down):
                ahead = usual if direction % 2 == 0 else size
                at_x += (ahead, 0.0, -ahead, 0.0)[direction]
                at_y += (0.0, ahead, 0.0, -ahead)[direction]
            else:
                at_x += step or 0.0
                at_y += down[i] if i < len(down) else 0.0


def deltas(text: str | None, most: int) -> list[float]:
    """Return the steps from character to character; `g 3 5.2` stands for three times 5.2."""
    found: list[float] = []
    parts = (text or "").replace(",", " ").split()
    i = 0
    while i < len(parts) and len(found) < most:
        if parts[i] == "g" and i + 2 < len(parts):
            times = min(int(_number(parts[i + 1])), most - len(found))
            found += [_number(parts[i + 2])] * max(0, times)
            i += 3
        else:
            found.append(_number(parts[i]))
            i += 1
    return found


def shapes(data: str) -> Iterator[list[tuple[float, float]]]:
    """Yield the strokes of an abbreviated path as points; curves count by where they end."""
    points: list[tuple[float, float]] = []
    words = iter(data.replace(",", " ").split())
    for letter in words:
        if letter not in _POINTS_OF:
            continue
        values = [_number(next(words, None)) for _ in range(_POINTS_OF[letter])]
        if letter in "MS":
            if len(points) > 1:
                yield points
            points = [(values[0], values[1])]
        elif letter in "CZ":
            if points:
                points.append(points[0])
        elif letter == "L":
            points.append((values[0], values[1]))
        else:
            # a curve is no rule: the stroke before it ends here, another begins behind it
            if len(points) > 1:
                yield points
            points = [(values[-2], values[-1])]
    if len(points) > 1:
        yield points


def _rules(points: Sequence[tuple[float, float]]) -> Iterable[Ruling]:
    for (x0, y0), (x1, y1) in pairwise(points):
        width, height = abs(x1 - x0), abs(y1 - y0)
        if height <= _OFF_AXIS and width >= _SHORTEST:
            middle = (y0 + y1) / 2
            yield Ruling(min(x0, x1), middle, max(x0, x1), middle)
        elif width <= _OFF_AXIS and height >= _SHORTEST:
            middle = (x0 + x1) / 2
            yield Ruling(middle, min(y0, y1), middle, max(y0, y1))


def _as_rule(points: Sequence[tuple[float, float]]) -> Ruling | None:
    """Return the rule that a thin filled shape is, None for an area."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x0, y0, x1, y1 = min(xs), min(ys), max(xs), max(ys)
    if y1 - y0 <= _THIN and x1 - x0 > y1 - y0:
        return Ruling(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)
    if x1 - x0 <= _THIN and y1 - y0 > x1 - x0:
        return Ruling((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
    return None
