"""What a positional format shows on one page: characters and ruling lines, origin at the top left."""

from dataclasses import dataclass
from typing import NamedTuple


class Glyph(NamedTuple):
    """One character (or one recognised box of text) and its box, in the unit of the page.

    The box is that of the type, not of the ink: from one character's place to the next, and as
    high as the type size. `piece` numbers what was drawn in one go, where the format tells (else
    0); characters of one piece belong to one cell even where they run over its rule.
    """

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    confidence: float = 1.0
    piece: int = 0


class Ruling(NamedTuple):
    """One straight line of a table's frame: horizontal (y0 == y1) or vertical (x0 == x1)."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Page:
    """One page, upright: `number` counts from 1; width and height in points or pixels.

    `aside` is text that is shown but no part of the report: watermarks, marginal print.
    """

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    rulings: tuple[Ruling, ...]
    aside: tuple[str, ...] = ()
