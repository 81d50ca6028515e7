"""Dark pixels become ruling lines, and these the frames of tables."""

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from services.normalize.adapters.ocr.engine import Grey
from services.normalize.core.pages.lattice import Frame, lattice
from services.normalize.core.pages.page import Ruling

_DARK = 200
"""Grey below which a pixel of a (thin, often pale) rule is dark; the ground is 255."""
_BLACK = 135
"""Grey of a rule that stands out from a watermark."""
_PALE = 170
"""Grey of the usual rule from which on the page is out of focus or coarse, and hairlines on it are
paler than dark: then they are looked for by how they stand out from the ground beside them. Sharp
pages have up to 135 here, and must not be sharpened: strokes of small type would become rules."""
_SHARPENING = 1.5
_LEVEL_RUN = 1 / 28
"""Least length of a level stroke as a share of the page's width: more than any stroke of a heading
(a 22-point 一 has 1/30), less than the narrowest column of table four (1/19)."""
_LEVEL_LINE = 1 / 11
"""Least length of a whole level rule, as a share of the width."""
_UPRIGHT_RUN = 1 / 46
"""Least length of an upright stroke as a share of the page's width: 13 points, the lowest row. One of
writing may be as long; a rule also runs from one level rule to another, or over several rows."""
_UPRIGHT_LINE = 1 / 6
_GAP = 1 / 110
"""Gaps up to this share of the width are bridged: specks of white, a seal, faxed dashes."""
_PIXELS_OFF = 4
"""Holes that are bridged whatever stands around them."""
_SOLID = 0.96
"""Share of a stretch that is dark within one pixel when it is a rule, drawn through."""
_CROWDED = 0.15
"""Share of dark pixels beside a broken rule at most; beside the strokes of characters it is 0.3."""
_BROKEN, _BESIDE = 0.9, 0.2
"""Share that is dark of a rule which writing touches here and there, and share of dark pixels in the
clearest line close to each of its sides."""
_DASHES = 5
"""Dashes from which on it can be told that they are even."""
_STUB = 1 / 25
"""Share of the width up to which a rule may stick out beyond its table: a seal, a pen that touches it."""
_SPECK = 5
"""Pixels; a shorter piece is dirt beside a rule, not a dash of it."""

Stroke = tuple[float, float, float]
"""A straight stroke: its place across, where it starts, where it stops."""


def rulings(grey: Grey, unit: int) -> tuple[Ruling, ...]:
    """Return the level and upright rules of a straight page.

    `unit` is the width in pixels that an A4 page would have at this scale: what lengths refer to.
    """
    # a rule is still a line of its own on a pale watermark, of which it is a part when paler is dark
    maps = [_without_blots((grey < limit).astype(np.uint8), unit) for limit in (_DARK, _BLACK)]
    across = down = np.asarray(cv2.max(*maps), np.uint8)
    pale = _pale_strokes(grey, unit)
    if _usual_grey(grey, _lines(pale, _LEVEL_RUN, _LEVEL_LINE, unit)) > _PALE:
        across = np.asarray(cv2.max(across, pale), np.uint8)
        down = np.asarray(cv2.max(down, _pale_strokes(grey.T, unit).T), np.uint8)
    level = _lines(across, _LEVEL_RUN, _LEVEL_LINE, unit)
    strokes = _lines(np.ascontiguousarray(down.T), _UPRIGHT_RUN, 0.0, unit)
    upright = [
        s for s in strokes if s[2] - s[1] >= unit * _UPRIGHT_LINE or _closes(s, level, unit / 150)
    ]
    level = [_trimmed(s, upright, unit) for s in level]
    return (
        *(Ruling(a, at, b, at) for at, a, b in level),
        *(Ruling(at, a, at, b) for at, a, b in upright),
    )


def _pale_strokes(grey: Grey, unit: int) -> Grey:
    """Return a map of what is darker than the ground above and below it, level strokes above all."""
    even = cv2.blur(np.ascontiguousarray(grey), (3, 1)).astype(np.float32)
    around = cv2.GaussianBlur(even, (1, 13), 2.5)
    sharp = even + _SHARPENING * (even - around)
    return _without_blots((sharp < _DARK).astype(np.uint8), unit)


def _usual_grey(grey: Grey, level: list[Stroke]) -> int:
    """Return the grey that half of the length of level rules is darker than; 0 without any."""
    found: list[tuple[int, float]] = []
    for at, start, stop in level:
        band = grey[max(0, round(at) - 1) : round(at) + 2, int(start) : int(stop)].min(axis=0)
        found.append((int(np.median(band)), stop - start))
    half, passed = sum(length for _, length in found) / 2, 0.0
    for value, length in sorted(found):
        passed += length
        if passed >= half:
            return value
    return 0


def _without_blots(dark: Grey, unit: int) -> Grey:
    """Return the map without what is thicker than a rule: a seal's star, a black margin."""
    thickest = np.ones((max(6, unit // 140),) * 2, np.uint8)
    blots = cv2.morphologyEx(dark, cv2.MORPH_OPEN, thickest)
    return np.asarray(cv2.subtract(dark, blots), np.uint8)


def _trimmed(rule: Stroke, upright: list[Stroke], unit: int) -> Stroke:
    """Return a level rule cut back to the last upright one where something only touches its end."""
    at, start, stop = rule
    met = [x for x, a, b in upright if a - 4 <= at <= b + 4]
    left = [x for x in met if start < x < start + unit * _STUB]
    right = [x for x in met if stop - unit * _STUB < x < stop]
    return at, min(left, default=start), max(right, default=stop)


def frames(found: tuple[Ruling, ...], unit: int) -> tuple[Frame, ...]:
    """Return the tables that rules make; a single box is none."""
    return tuple(f for f in lattice(found, tolerance=unit / 240) if len(f.cells) > 1)


def erased(grey: Grey, drawn: Iterable[Ruling], found: Sequence[Frame], unit: int) -> Grey:
    """Return the page without the rules that are sides of cells, so that these can be cut freely."""
    clean = grey.copy()
    reach = max(2, unit // 500)
    for rule in drawn:
        if not any(bounds(rule, frame, unit) for frame in found):
            continue
        x0, y0, x1, y1 = (round(v) for v in rule)
        off, along = 3 * reach, reach
        if y0 == y1:
            rows, columns = (
                slice(max(0, y0 - off), y0 + off + 1),
                slice(max(0, x0 - along), x1 + along + 1),
            )
            _erase(clean[rows, columns], reach)
        else:
            rows, columns = (
                slice(max(0, y0 - along), y1 + along + 1),
                slice(max(0, x0 - off), x0 + off + 1),
            )
            _erase(clean[rows, columns].T, reach)
    return clean


def bounds(rule: Ruling, frame: Frame, unit: int) -> bool:
    """Tell whether a rule is one of the lines of a frame."""
    tolerance = unit / 240
    if not frame.holds((rule.x0 + rule.x1) / 2, (rule.y0 + rule.y1) / 2):
        left, top, right, bottom = frame.box
        if not (
            left - tolerance <= rule.x0 <= right + tolerance
            and top - tolerance <= rule.y0 <= bottom + tolerance
        ):
            return False
    if rule.y0 == rule.y1:
        return any(abs(y - rule.y0) <= tolerance for y in frame.ys)
    return any(abs(x - rule.x0) <= tolerance for x in frame.xs)


def _erase(band: Grey, reach: int) -> None:
    """Whiten the rule that runs along the middle of a band, and only as thick as it is.

    Where writing crosses the rule the column is dark beyond it too: those pixels stay.
    """
    height = band.shape[0]
    middle = height // 2
    inner = slice(max(0, middle - reach), middle + reach + 1)
    above = band[max(0, middle - 2 * reach - 1) : middle - reach].min(axis=0, initial=255)
    below = band[middle + reach + 1 : middle + 2 * reach + 2].min(axis=0, initial=255)
    writing = (above < 128) & (below < 128)
    band[inner, ~writing] = 255


def _closes(stroke: Stroke, level: list[Stroke], reach: float) -> bool:
    """Tell whether an upright stroke begins and ends at level rules."""
    at, start, stop = stroke
    met = [y for y, a, b in level if a - reach <= at <= b + reach]
    return any(abs(y - start) <= reach for y in met) and any(abs(y - stop) <= reach for y in met)


def _lines(dark: Grey, run: float, whole: float, unit: int) -> list[Stroke]:
    """Return level rules on a map of dark pixels; `run` and `whole` are shares of the unit.

    First come strokes that are hardly writing; along the height of each the line is looked at
    again, two pixels to either side, so that broken and slightly bent rules come whole.
    """
    shortest = round(unit * run)
    # closing makes dashes one stroke, and sometimes a row of characters: these are sorted out below
    closed = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, _PIXELS_OFF + 1), np.uint8))
    thick = cv2.dilate(closed, np.ones((2, 1), np.uint8))
    sure = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, shortest), np.uint8))
    count, _, stats, middles = cv2.connectedComponentsWithStats(sure)
    found: set[Stroke] = set()
    for i in range(1, count):
        left, _, width, thickness, _ = (int(v) for v in stats[i])
        if thickness >= shortest:
            continue
        height = float(middles[i][1])
        band = dark[max(0, round(height) - 2) : round(height) + 3].max(axis=0)
        for start, stop in _runs(band, round(unit * _GAP)):
            over = start < left + width and stop > left
            if (
                over
                and stop - start >= max(shortest, unit * whole)
                and _is_rule(dark[:, start:stop], round(height), unit)
            ):
                found.add((round(height, 1), float(start), float(stop)))
    return sorted(found)


def _is_rule(stretch: Grey, height: int, unit: int) -> bool:
    """Tell whether a dark stretch is a rule: solid, or in even dashes, or with nothing around it.

    In a row of characters whose strokes happen to lie at one height there are uneven holes, and
    ink above and below them.
    """
    far = max(5, unit // 240)
    sides = (stretch[max(0, height - far)], stretch[min(height + far, len(stretch) - 1)])
    crowd = [float(side.mean()) for side in sides]
    if max(crowd) <= _CROWDED:
        return True
    band = stretch[max(0, height - 1) : height + 2].max(axis=0)
    if band.mean() >= _SOLID and sum(crowd) / 2 <= 0.5:
        return True
    if band.mean() >= _BROKEN and _clearest(stretch, height, far) <= _BESIDE:
        return True
    starts = np.flatnonzero(np.diff(band.astype(np.int8)) == 1)
    steps = np.diff(starts)
    even = len(steps) >= _DASHES and float(steps.std()) <= 0.2 * float(steps.mean())
    return even and float(steps.mean()) <= unit / 80


def _clearest(stretch: Grey, height: int, far: int) -> float:
    """Return the share of dark pixels in the clearest line near a stretch, on its darker side."""
    above = stretch[max(0, height - far) : max(1, height - 2)]
    below = stretch[min(height + 3, len(stretch) - 1) : height + far + 1]
    return max(float(side.mean(axis=1).min()) for side in (above, below))


def _runs(band: NDArray[np.uint8], gap: int) -> list[tuple[int, int]]:
    """Return the dark stretches of a line, short gaps bridged."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], band, [0])).astype(np.int8)))
    found: list[tuple[int, int]] = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if stop - start < _SPECK:
            continue
        hole = start - found[-1][1] if found else 0
        # strokes of writing with the ground between them must not become a wall
        shorter = min(stop - start, found[-1][1] - found[-1][0]) if found else 0
        if found and (hole <= _PIXELS_OFF or (hole <= gap and shorter >= 4 * hole)):
            found[-1] = (found[-1][0], stop)
        else:
            found.append((start, stop))
    return found
