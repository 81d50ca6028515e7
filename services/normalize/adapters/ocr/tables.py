"""Frames on a page become grids: every cell read, every number looked at twice."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from services.normalize.adapters.ocr.cells import Inked, Line, cut, inked
from services.normalize.adapters.ocr.engine import Engine, Grey, Reading
from services.normalize.adapters.ocr.values import (
    DOUBTFUL,
    Value,
    as_figure,
    is_figure,
    look,
    look_again,
    may_be_value,
    not_adding_up,
    sharpened,
)
from services.normalize.core.composing import Grid, Slot
from services.normalize.core.pages.lattice import Frame

_PAD, _WIDE_PAD = 0.35, 0.6
"""Ground left around a line, in heights of its ink."""
_UNREAD = 0.3
_FLAT = frozenset("-—")
_HEIGHT_OF_DASH = 0.45
"""Most height of the ink of a dash, in heights of digits."""
_UNEVEN_BLACK = 60
"""Grey by which the darkest places of the digits of one figure may differ."""


@dataclass
class _Cell:
    """One cell while it is read."""

    ink: Inked
    readings: list[Reading]
    value: Value | None = None
    odd: bool = False

    @property
    def texts(self) -> list[str]:
        return [r.text.strip() for r in self.readings]


@dataclass
class Tables:
    """The tables of one page; `crops` are read by the caller together with the text around."""

    frames: Sequence[Frame]
    clean: Grey
    unit: int
    inks: list[list[Inked]] = field(init=False)

    def __post_init__(self) -> None:
        self.inks = [inked(frame, self.clean, self.unit) for frame in self.frames]

    def crops(self) -> list[Grey]:
        """Return every printed line of every cell, cut out."""
        return [
            self._cut(ink, line, _PAD) for table in self.inks for ink in table for line in ink.lines
        ]

    def grids(self, readings: Iterable[Reading], engine: Engine) -> list[Grid]:
        """Return the grids; `readings` are those of the crops, in order."""
        given = iter(readings)
        tables = [
            [_Cell(ink, [next(given) for _ in ink.lines]) for ink in table] for table in self.inks
        ]
        self._second_look_at_nothing(tables, engine)
        for cells in tables:
            self._take_values(cells)
        values = [c.value for cells in tables for c in cells if c.value]
        look(values, engine)
        odd = not_adding_up(row for cells in tables for row in _rows(cells))
        look_again([v for v in odd if len(v.looks) == 2], engine)
        for value in not_adding_up(row for cells in tables for row in _rows(cells)):
            value.adds_up = False
        return [Grid(tuple(_slot(c) for c in cells)) for cells in tables]

    def _cut(self, ink: Inked, line: Line, pad: float) -> Grey:
        return cut(self.clean, line, ink.cell, pad)

    def _second_look_at_nothing(self, tables: Sequence[Sequence[_Cell]], engine: Engine) -> None:
        """Read lines again of which nothing was read: there is ink."""
        missed = [(c, i) for cells in tables for c in cells for i, t in enumerate(c.texts) if not t]
        crops = [sharpened(self._cut(c.ink, c.ink.lines[i], _WIDE_PAD)) for c, i in missed]
        for (cell, i), reading in zip(missed, engine.read(crops), strict=True):
            cell.readings[i] = reading

    def _take_values(self, cells: Sequence[_Cell]) -> None:
        """Note which cells hold values: figures, and look-alikes where figures stand."""
        single = [c for c in cells if len(c.readings) == 1]
        columns = Counter(c.ink.cell.column for c in single if is_figure(_bare(c)))
        heights = [c.ink.lines[0].height for c in single if _bare(c).isdigit()]
        usual = median(heights) if heights else 0.0
        for cell in single:
            text, share = as_figure(cell.readings[0])
            if is_figure(_bare(cell)) or (
                may_be_value(text) and (columns[cell.ink.cell.column] > 1 or len(text) == 1)
            ):
                line = cell.ink.lines[0]
                crops = (self._cut(cell.ink, line, _PAD), self._cut(cell.ink, line, _WIDE_PAD))
                tidy = usual == 0 or self._is_tidy(text, line, usual)
                cell.value = Value(line, crops, tidy, [(text, share)])
        _doubt_odd_ones(cells)

    def _is_tidy(self, text: str, line: Line, usual: float) -> bool:
        """Tell whether the ink is what the characters that were read leave."""
        if text and set(text) <= _FLAT:
            # the rest of a faded 0 reads as a dash, too
            return line.height <= _HEIGHT_OF_DASH * usual
        # other marks and units are not as high as digits
        if not (is_figure(text) and text.isascii()):
            return True
        return line.is_tidy(usual, signed=text[0] in "+-") and self._evenly_black(line, usual)

    def _evenly_black(self, line: Line, usual: float) -> bool:
        """Tell whether all digits are printed in one black: a seal's or a pen's strokes are paler."""
        darkest = [
            int(self.clean[y0:y1, x0:x1].min())
            for x0, y0, x1, y1 in line.pieces
            if y1 - y0 > usual / 2
        ]
        return not darkest or max(darkest) - min(darkest) <= _UNEVEN_BLACK


def _doubt_odd_ones(cells: Sequence[_Cell]) -> None:
    """Mark cells that stand among figures and are none: nobody shall take them for certain."""
    figures = [c.ink.cell for c in cells if c.value is not None]
    columns, rows = Counter(f.column for f in figures), Counter(f.row for f in figures)
    for cell in cells:
        place = cell.ink.cell
        if (
            cell.value is None
            and cell.readings
            and columns[place.column] > 1
            and rows[place.row] > 1
        ):
            cell.odd = True


def _bare(cell: _Cell) -> str:
    return cell.texts[0].replace(" ", "")


def _rows(cells: Sequence[_Cell]) -> Iterable[list[Value]]:
    """Yield the values of each row of figures, left to right."""
    rows: dict[int, list[_Cell]] = {}
    for cell in cells:
        if cell.value is not None and cell.ink.cell.rows == 1:
            rows.setdefault(cell.ink.cell.row, []).append(cell)
    for row in rows.values():
        ordered = sorted(row, key=lambda c: c.ink.cell.column)
        yield [c.value for c in ordered if c.value is not None]


def _put_together(cell: _Cell) -> str:
    """Return the text of a cell among figures; a figure broken over two lines is whole again."""
    parts = [as_figure(r)[0] for r in cell.readings]
    texts = [t for t in cell.texts if t]
    ink = cell.ink.lines[0]
    room = cell.ink.cell.x1 - cell.ink.cell.x0 - (ink.x1 - ink.x0)
    full = len(parts[0]) > 1 and room < 2 * (ink.x1 - ink.x0) / len(parts[0])
    broken = len(parts) == 2 and full and all(may_be_value(p) for p in parts)
    return "".join(parts) if broken else "\n".join(texts)


def _slot(cell: _Cell) -> Slot:
    place = cell.ink.cell
    text, confidence, unread = "\n".join(t for t in cell.texts if t), cell.ink.emptiness, False
    alternatives: tuple[tuple[str, float], ...] = ()
    if cell.value is not None:
        text, confidence, alternatives = (
            cell.value.text,
            cell.value.confidence,
            cell.value.alternatives,
        )
    elif cell.readings:
        confidence = sum(r.score for r in cell.readings) / len(cell.readings)
        if cell.odd:
            text, confidence = _put_together(cell), min(confidence, DOUBTFUL)
    if cell.readings and not text:
        unread, confidence = True, _UNREAD
    return Slot(
        text, place.row, place.column, place.rows, place.columns, None, place[4:], round(confidence, 4),
        unread=unread, alternatives=alternatives,
    )  # fmt: skip
