"""Numbers that came loose from their labels: pdf text in column order, one number a line.

A run of loose numbers next to a run of row labels is laid out as rows again when their count fits
the form. Row by row or column by column is decided by the row sums; where both orders give
different tables and neither adds up better, the numbers keep a low confidence.
"""

from collections.abc import Sequence

from services.extract.core.labels import vocabulary
from services.extract.core.lines import Line, make_line
from services.extract.core.readings import read_cell
from shared import forms
from shared.report.document import GridCell

_FEWEST_LOOSE = 10
_UNDECIDED = 0.6


def restack(lines: list[Line]) -> list[Line]:
    """Return the lines with loose numbers put behind their labels, where that is possible."""
    loose = [_is_loose(x) for x in lines]
    if sum(loose) < _FEWEST_LOOSE:
        return lines
    out: list[Line] = []
    labels: list[Line] = []
    i = 0
    while i < len(lines):
        if not loose[i]:
            labels.append(lines[i])
            i += 1
            continue
        end = i
        while end < len(lines) and loose[end]:
            end += 1
        run = lines[i:end]
        after = _labels_after(lines, loose, end)
        stacked = _stack(labels, run) or _stack(after, run)
        if stacked is None:
            out += [*labels, *run]
        elif stacked[0] in labels:
            out += _replaced(labels, stacked[1])
        else:
            out += [*labels, *_replaced(after, stacked[1])]
            end += len(after)
        labels = []
        i = end
    out += labels
    return [make_line(n, x.fragment, x.cells, x.line) for n, x in enumerate(out)]


def _is_loose(line: Line) -> bool:
    return line.role == "data" and not line.keys and sum(1 for c in line.cells if c.text) == 1


def _labels_after(lines: Sequence[Line], loose: Sequence[bool], start: int) -> list[Line]:
    end = start
    while end < len(lines) and not loose[end]:
        end += 1
    return list(lines[start:end])


def _stack(labels: Sequence[Line], run: Sequence[Line]) -> tuple[Line, dict[int, Line]] | None:
    """Return the labelled lines with their numbers, by line index; None when counts do not fit."""
    named = [x for x in labels if _width(x)]
    if not named:
        return None
    width = _width(named[-1])
    named = [x for x in named if _width(x) == width]
    numbers = [next(c for c in x.cells if c.text) for x in run]
    # （六）其他处理 is a row in one edition and a spanning label in the other
    for rows in (named, [x for x in named if x.role == "label"]):
        if rows and len(rows) * width == len(numbers):
            return rows[0], _rows_of(rows, numbers, width)
    return None


def _rows_of(rows: Sequence[Line], numbers: Sequence[GridCell], width: int) -> dict[int, Line]:
    across = [list(numbers[k * width : (k + 1) * width]) for k in range(len(rows))]
    down = [list(numbers[k :: len(rows)]) for k in range(len(rows))]
    chosen, certain = _better(across, down)
    stacked: dict[int, Line] = {}
    for line, values in zip(rows, chosen, strict=True):
        last = line.last_label
        cells = list(line.cells[: last + 1])
        for n, value in enumerate(values):
            cells.append(
                GridCell(value.text, last + 1 + n, value.line, value.raw, value.page,
                         confidence=value.confidence if certain else _UNDECIDED)
            )  # fmt: skip
        stacked[line.index] = make_line(line.index, line.fragment, tuple(cells), line.line)
    return stacked


def _width(line: Line) -> int:
    """Return how many columns the row named by this label has, 0 when it names none."""
    if not line.keys:
        return 0
    for row in vocabulary().rows.get(line.keys[-1], ()):
        if row.table != "review_litigation":
            return len(forms.table(row.edition, row.table).blocks[row.block].columns)
    return 0


def _better(
    across: list[list[GridCell]], down: list[list[GridCell]]
) -> tuple[list[list[GridCell]], bool]:
    texts_across = [[c.text for c in row] for row in across]
    texts_down = [[c.text for c in row] for row in down]
    if texts_across == texts_down:
        return across, True
    right, left = _sums(across), _sums(down)
    if right == left:
        return across, False
    return (across, True) if right > left else (down, True)


def _sums(rows: list[list[GridCell]]) -> int:
    kept = 0
    for row in rows:
        values = [read_cell(c.text).value or 0 for c in row]
        if len(values) > 3:
            kept += sum(values[:-1]) == values[-1]
    return kept


def _replaced(labels: Sequence[Line], stacked: dict[int, Line]) -> list[Line]:
    return [stacked.get(x.index, x) for x in labels]
