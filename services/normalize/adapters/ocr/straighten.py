"""A page as photographed or scanned becomes an upright one with straight, level rules.

Quarter turns and tilt come from the boxes of the lines of text; what then remains (shear, curled
paper) from the ruling lines themselves: each is traced, and one smooth surface is fitted to how far
all of them stray.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.normalize.adapters.ocr.engine import Engine, Grey, Quad
from services.normalize.adapters.ocr.paper import page_width

_LONG = 3.0
"""A box this many times as long as wide shows the direction of writing."""
_SURE = 0.93
"""Mean score above which nobody asks whether the page is upside down."""
_DARK = 160
_SEARCHED = 620
"""Pixels of the short side in which lines of text are looked for: 75 dots per inch are enough."""
_STEEPEST = 0.2
"""Rise over run of the steepest rule that still counts as level: eleven degrees."""
_STRAY = 1.0
"""Pixels; rules that stray less than this are straight."""

_TERMS = 6
"""Terms of the surface; with few rules only the first two, which are shear and fan, can be told."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Upright:
    """The page upright and straight, and the corners of its lines of text."""

    grey: Grey
    quads: tuple[Quad, ...]


def straighten(grey: Grey, engine: Engine) -> Upright:
    """Return the page as a reader would hold it."""
    quads = find_lines(grey, engine)
    turns = _quarter_turns(quads)
    grey, quads = _turned(grey, quads, turns)
    if _upside_down(grey, quads, engine):
        grey, quads = _turned(grey, quads, 2)
    angle = _tilt(grey, quads)
    if abs(angle) > 0.05:
        grey, quads = _rotated(grey, quads, angle)
    # a page seen from one side bends what a second look can still straighten
    once = _without_curl(grey, quads)
    return once if once.grey is grey else _without_curl(once.grey, once.quads)


def _unit(grey: Grey) -> int:
    return page_width(grey.shape[1], grey.shape[0])


def find_lines(grey: Grey, engine: Engine) -> list[Quad]:
    """Return the corners of the lines of text, looked for at half size: lines are large enough."""
    scale = min(1.0, _SEARCHED / _unit(grey))
    small = (
        grey
        if scale == 1.0
        else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    )
    return [q / scale for q in engine.find_lines(np.asarray(small, np.uint8))]


def crop(grey: Grey, quad: Quad, pad: float = 0.08) -> Grey:
    """Return one line of text cut out level, with a little of the ground around it."""
    width = max(float(np.hypot(*(quad[1] - quad[0]))), float(np.hypot(*(quad[2] - quad[3]))))
    height = max(float(np.hypot(*(quad[3] - quad[0]))), float(np.hypot(*(quad[2] - quad[1]))))
    more = height * pad
    target = np.array(
        [[more, more], [width + more, more], [width + more, height + more], [more, height + more]],
        np.float32,
    )
    size = (max(1, round(width + 2 * more)), max(1, round(height + 2 * more)))
    matrix = cv2.getPerspectiveTransform(quad, target)
    return np.asarray(
        cv2.warpPerspective(grey, matrix, size, flags=cv2.INTER_CUBIC, borderValue=255), np.uint8
    )


def _sides(quad: Quad) -> tuple[float, float]:
    return float(np.hypot(*(quad[1] - quad[0]))), float(np.hypot(*(quad[3] - quad[0])))


def _quarter_turns(quads: Sequence[Quad]) -> int:
    """Return 1 when the lines of text run from top to bottom, 0 when they are level."""
    upright = lying = 0.0
    for width, height in map(_sides, quads):
        if width > _LONG * height:
            lying += width
        elif height > _LONG * width:
            upright += height
    return 1 if upright > lying else 0


def _turned(grey: Grey, quads: Sequence[Quad], turns: int) -> tuple[Grey, list[Quad]]:
    """Return page and boxes after quarter turns against the clock."""
    found = list(quads)
    for _ in range(turns):
        width = grey.shape[1]
        grey = np.ascontiguousarray(np.rot90(grey))
        # x becomes y measured from the far side; the corner that is now left top comes first
        found = [np.stack([q[:, 1], width - q[:, 0]], axis=1)[[1, 2, 3, 0]] for q in found]
    return grey, found


def _upside_down(grey: Grey, quads: Sequence[Quad], engine: Engine) -> bool:
    """Tell whether the longest lines read better the other way up."""
    longest = sorted(quads, key=lambda q: -_sides(q)[0])[:12]
    sample = [q for q in longest if _sides(q)[0] < 14 * _sides(q)[1]][:4] or longest[:2]
    crops = [crop(grey, q) for q in sample]
    if not crops:
        return False
    score = _mean(r.score for r in engine.read(crops))
    if score >= _SURE:
        return False
    flipped = engine.read([np.ascontiguousarray(c[::-1, ::-1]) for c in crops])
    return _mean(r.score for r in flipped) > score + 0.02


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _tilt(grey: Grey, quads: Sequence[Quad]) -> float:
    """Return the angle in degrees by which the page leans, from its rules, else from its lines."""
    traces = _traces((grey < _DARK).astype(np.uint8), _unit(grey), 0.1)
    if len(traces) >= 3:
        slopes = np.array([np.polyfit(along, off, 1)[0] for along, off in traces])
        lengths = np.array([along[-1] - along[0] for along, _ in traces])
        return _weighted_median(np.degrees(np.arctan(slopes)), lengths)
    long = [q for q in quads if _sides(q)[0] > 5 * _sides(q)[1]]
    if not long:
        return 0.0
    angles = np.array([np.degrees(np.arctan2(*(q[1] - q[0])[::-1])) for q in long])
    return _weighted_median(angles, np.array([_sides(q)[0] for q in long]))


def _weighted_median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])


def _rotated(grey: Grey, quads: Sequence[Quad], angle: float) -> tuple[Grey, list[Quad]]:
    height, width = grey.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    level = cv2.warpAffine(grey, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
    moved = [(q @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32) for q in quads]
    return np.asarray(level, np.uint8), moved


def _without_curl(grey: Grey, quads: Sequence[Quad]) -> Upright:
    """Return the page with its rules made straight, when they are not."""
    height, width = grey.shape
    dark = (grey < _DARK).astype(np.uint8)
    unit = _unit(grey)
    down = _surface(_traces(dark, unit, 0.1), width, height)
    right = _surface(_traces(np.ascontiguousarray(dark.T), unit, 0.06), height, width)
    if down is None and right is None:
        return Upright(grey, tuple(quads))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    dy = _evaluate(down, x, y, width, height)
    dx = _evaluate(right, y, x, height, width)
    if max(np.abs(dx).max(), np.abs(dy).max()) < _STRAY:
        return Upright(grey, tuple(quads))
    straight = cv2.remap(grey, x + dx, y + dy, cv2.INTER_CUBIC, borderValue=255)
    moved = []
    for quad in quads:
        cx = np.clip(quad[:, 0].round().astype(int), 0, width - 1)
        cy = np.clip(quad[:, 1].round().astype(int), 0, height - 1)
        moved.append((quad - np.stack([dx[cy, cx], dy[cy, cx]], axis=1)).astype(np.float32))
    return Upright(np.asarray(straight, np.uint8), tuple(moved))


def _traces(dark: Grey, unit: int, least: float) -> list[tuple[Floats, Floats]]:
    """Return the course of every level rule of at least a share of the unit: places and heights."""
    thick = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, max(15, unit // 30)), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs)
    found = []
    for i in range(1, count):
        x, y, w, h, _ = (int(v) for v in stats[i])
        if w < least * unit or h > _STEEPEST * w:
            continue
        part = (labels[y : y + h, x : x + w] == i) & (dark[y : y + h, x : x + w] > 0)
        weight = part.sum(axis=0)
        filled = np.flatnonzero((weight > 0) & (weight < 0.01 * unit))
        if len(filled) < 0.8 * w:
            continue
        middles = (part * np.arange(h)[:, None]).sum(axis=0)[filled] / weight[filled]
        thinned = slice(None, None, 4)
        found.append(((x + filled)[thinned].astype(np.float64), (y + middles)[thinned]))
    return found


def _surface(traces: Sequence[tuple[Floats, Floats]], length: int, depth: int) -> Floats | None:
    """Return the surface by which the traced rules stray from straight, None without enough rules.

    Every rule has a height of its own, so only what varies along it counts: its own mean is
    taken off both sides of the equations.
    """
    if len(traces) < 2:
        return None
    kept = list(traces)
    terms = _TERMS if len(kept) > 5 else 2
    solution: Floats | None = None
    for _ in range(2):
        rows, values, owners = [], [], []
        for number, (along, off) in enumerate(kept):
            basis = _basis(along, np.full_like(along, off.mean()), length, depth)[:, :terms]
            rows.append(basis - basis.mean(axis=0))
            values.append(off - off.mean())
            owners.append(np.full(len(along), number))
        matrix, target = np.concatenate(rows), np.concatenate(values)
        damping = np.sqrt(len(target)) * 0.03 * np.eye(matrix.shape[1])
        padded = np.concatenate([target, np.zeros(matrix.shape[1])])
        solution = np.linalg.lstsq(np.concatenate([matrix, damping]), padded, rcond=None)[0]
        errors = np.abs(matrix @ solution - target)
        owner = np.concatenate(owners)
        worst = [float(errors[owner == n].max()) for n in range(len(kept))]
        limit = max(2.5, 3 * float(np.median(worst)))
        kept = [t for t, w in zip(kept, worst, strict=True) if w <= limit]
        if len(kept) < 2:
            return None
    return None if solution is None else np.pad(solution, (0, _TERMS - len(solution)))


def _basis(along: Floats, off: Floats, length: int, depth: int) -> Floats:
    u, v = along / length - 0.5, off / depth - 0.5
    return np.stack([u, u * v, u * u, u * u * v, u**3, u * v * v], axis=-1)


def _evaluate(
    solution: Floats | None,
    along: NDArray[np.float32],
    off: NDArray[np.float32],
    length: int,
    depth: int,
) -> NDArray[np.float32]:
    if solution is None:
        return np.zeros_like(along)
    a = [np.float32(s) for s in solution]
    u, v = along / np.float32(length) - np.float32(0.5), off / np.float32(depth) - np.float32(0.5)
    result: NDArray[np.float32] = u * (
        a[0] + v * (a[1] + a[5] * v) + u * (a[2] + a[3] * v + a[4] * u)
    )
    return result
