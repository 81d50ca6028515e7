"""The inside of table cells: is there ink, and where do its printed lines lie."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.normalize.adapters.ocr.engine import Grey
from services.normalize.core.pages.lattice import Frame, FrameCell

_INK = 180
"""Grey below which a pixel is ink; the ground is near 255, strokes of small type are seldom black."""
_SPECK = 9
"""Pixels of ink, on a page 1240 wide, that a mark alone in its cell must have."""
_FAINT = 3
"""Fewer pixels than that are dirt; between the two they are a minus or a point beside a digit, and a
cell that holds nothing else is not certainly empty."""
_SMEAR = 215
"""Mean grey of the darkest spot, as large as half a digit, from which on a cell is without ink though
no piece is dark. Measured: 221 and more in empty cells of noisy, soft and stamped pages, at most 192
where a faded 0 stood."""
_SMEARED = 0.5
"""How surely such a cell is empty."""
_BESIDE = 0.8
"""In heights of the digits: how far before and behind them a minus or a point may stand."""

_UNEVEN = 0.18
"""Share by which the heights of digits of one table may differ."""
_SMALL = 0.42
"""Height of a minus, a point, a comma, in heights of digits."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line inside a cell: its box on the page, and its pieces of ink from left to right."""

    x0: int
    y0: int
    x1: int
    y1: int
    pieces: tuple[Box, ...] = ()

    @property
    def height(self) -> int:
        """Height of the ink."""
        return self.y1 - self.y0

    def is_tidy(self, usual: float, *, signed: bool = False) -> bool:
        """Tell whether all pieces are as high as digits are here, or small as a minus or a point.

        A seal's ring, a stroke of the pen or a torn digit among them make any reading doubtful. Of
        a figure with a sign the first piece may have any height.
        """
        slack = _UNEVEN * usual + 1
        asked = self.pieces[1:] if signed else self.pieces
        feet = [b[3] for b in asked if abs(b[3] - b[1] - usual) <= slack]
        small = sum(b[3] - b[1] <= _SMALL * usual for b in asked)
        return len(feet) + small == len(asked) and (not feet or max(feet) - min(feet) <= slack)

    @property
    def signs(self) -> int:
        """Return how many characters the ink must at least stand for; specks at its sides are none."""
        tall = [i for i, b in enumerate(self.pieces) if b[3] - b[1] > _SMALL * self.height]
        if not tall:
            return 1
        first, last = tall[0], tall[-1]
        before = sum(self._is_minus(b) for b in self.pieces[:first])
        return last - first + 1 + before

    def _is_minus(self, box: Box) -> bool:
        left, top, right, bottom = box
        place = ((top + bottom) / 2 - self.y0) / self.height
        return right - left > bottom - top and 0.3 < place < 0.8


@dataclass(frozen=True, slots=True)
class Inked:
    """One cell of a frame and its lines. Without lines the cell is empty, as surely as `emptiness`."""

    cell: FrameCell
    lines: tuple[Line, ...]
    emptiness: float = 0.0


def inked(frame: Frame, clean: Grey, unit: int) -> list[Inked]:
    """Return the cells of a frame with their lines; `clean` is the page without rules."""
    size = unit / 1240
    marks = [_marks(clean, cell, size) for cell in frame.cells]
    runs = [stop - start for found in marks for start, stop in _rows(found.boxes)]
    usual = float(np.median(runs)) if runs else 0.0
    return [
        Inked(cell, tuple(_lines(found, 1.35 * usual)), found.emptiness)
        for cell, found in zip(frame.cells, marks, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Pieces of ink in one cell: those that are more than dirt, and those that may be a point."""

    boxes: tuple[Box, ...]
    small: tuple[Box, ...]
    emptiness: float


def _marks(clean: Grey, cell: FrameCell, size: float) -> _Marks:
    left, top, right, bottom = (round(v) for v in (cell.x0, cell.y0, cell.x1, cell.y1))
    part = clean[top + 1 : bottom, left + 1 : right]
    if part.size == 0:
        return _Marks((), (), 1.0)
    ink = (part < _INK).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    area = size * size
    boxes: list[Box] = []
    small: list[Box] = []
    doubt = 0.0
    for x, y, w, h, pixels in stats[1:count].tolist():
        if _is_rest_of_rule(x, y, w, h, part.shape, size):
            continue
        box = (left + 1 + x, top + 1 + y, left + 1 + x + w, top + 1 + y + h)
        if pixels >= _SPECK * area:
            boxes.append(box)
        elif pixels >= _FAINT * area:
            small.append(box)
            doubt = max(doubt, pixels / (_SPECK * area))
    if boxes:
        return _Marks(tuple(boxes), tuple(small), 0.0)
    emptiness = _SMEARED if _darkest_spot(part, size) < _SMEAR else 1.0 - 0.3 * doubt
    return _Marks((), tuple(small), emptiness)


def _darkest_spot(part: Grey, size: float) -> float:
    """Return the least mean grey of a spot away from the sides of a cell, where rests of rules are."""
    margin, spot = round(5 * size), round(7 * size)
    inner = part[margin:-margin, margin:-margin]
    return float(cv2.blur(inner, (spot, spot)).min()) if inner.size else 255.0


def _is_rest_of_rule(x: int, y: int, w: int, h: int, shape: tuple[int, ...], size: float) -> bool:
    """Tell whether a thin piece along the side of a cell is what erasing its rule left."""
    height, width = shape
    thin = 3.5 * size
    level = h <= thin and (y <= thin or y + h >= height - thin)
    upright = w <= thin and (x <= thin or x + w >= width - thin)
    return level or upright


def _rows(boxes: Sequence[Box]) -> list[tuple[int, int]]:
    """Return the stretches of height that ink covers."""
    found: list[tuple[int, int]] = []
    for top, bottom in sorted((b[1], b[3]) for b in boxes):
        if found and top < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], bottom))
        else:
            found.append((top, bottom))
    return found


def _lines(marks: _Marks, tallest: float) -> list[Line]:
    """Part the ink of a cell into printed lines.

    Stretches are put together while they are not taller than a line: 三 is three strokes one above
    the other, and so is 一 above its neighbour.
    """
    stretches: list[tuple[int, int]] = []
    for top, bottom in _rows(marks.boxes):
        if stretches and bottom - stretches[-1][0] <= tallest:
            stretches[-1] = (stretches[-1][0], bottom)
        else:
            stretches.append((top, bottom))
    found = []
    for top, bottom in stretches:
        inside = [b for b in marks.boxes if top <= b[1] and b[3] <= bottom]
        left, right = min(b[0] for b in inside), max(b[2] for b in inside)
        reach = _BESIDE * (bottom - top)
        near = [
            b for b in marks.small
            if top <= b[1] and b[3] <= bottom + 2 and left - reach < b[2] and b[0] < right + reach
        ]  # fmt: skip
        whole = [*inside, *near]
        found.append(
            Line(min(b[0] for b in whole), top, max(b[2] for b in whole), bottom, _pieces(whole))
        )
    return found


def _pieces(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Put together boxes one above the other; return what lies side by side, left to right.

    The halves of a digit that is open at top and bottom, next to each other, are one piece too.
    """
    found: list[Box] = []
    for box in sorted(boxes):
        last = found[-1] if found else box
        high = min(last[3] - last[1], box[3] - box[1])
        halves = box[0] - last[2] <= 1 and box[2] - last[0] <= 0.75 * high
        if found and (box[0] < last[2] or halves):
            found[-1] = (
                last[0], min(last[1], box[1]), max(last[2], box[2]), max(last[3], box[3]),
            )  # fmt: skip
        else:
            found.append(box)
    return tuple(found)


def cut(clean: Grey, line: Line, cell: FrameCell, pad: float) -> Grey:
    """Return the crop of a line with ground around it: `pad` of its height, never the neighbours."""
    height = max(line.height, 1)
    more = round(pad * height) + 1
    left, right = max(line.x0 - more, round(cell.x0) + 1), min(line.x1 + more, round(cell.x1))
    top, bottom = max(line.y0 - more, round(cell.y0) + 1), min(line.y1 + more, round(cell.y1))
    part = clean[top:bottom, left:right]
    framed: NDArray[np.uint8] = np.full(
        (line.height + 2 * more, line.x1 - line.x0 + 2 * more), 255, np.uint8
    )
    y, x = top - (line.y0 - more), left - (line.x0 - more)
    framed[y : y + part.shape[0], x : x + part.shape[1]] = part
    return framed
