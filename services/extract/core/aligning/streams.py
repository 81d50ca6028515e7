"""Numbers that came loose from their labels: pdf text in column order, one number a line.

A run of loose numbers next to a run of row labels is laid out as rows again when their count fits
the form. Row by row or column by column is decided by the empty lines that part the numbers evenly,
else by the row sums; where both orders give different tables and neither adds up better, the numbers
keep a low confidence.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from services.extract.core.aligning.labels import label_key, similarity, vocabulary
from services.extract.core.aligning.lines import Line, make_line
from services.extract.core.aligning.readings import read_cell
from services.extract.core.aligning.rows import Declared, declared_rows
from shared import forms
from shared.report.document import GridCell
from shared.report.record import Edition

_FEWEST_LOOSE = 10
_UNDECIDED = 0.6
_ALIKE = 0.75
_MOST_MERGED = 4
_FAR = 6

Named = list[tuple[Line, ...]]
"""The label lines of each row, in order; a long label takes several lines."""


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
        end = _run_end(loose, i, value=True)
        run = lines[i:end]
        stacked = _stack(labels, run)
        if stacked is None:
            # numbers behind a label that cannot be read belong to it, not to the label after them
            own = any(x.role == "label" for x in labels)
            after = [] if own else lines[end : _run_end(loose, end, value=False)]
            stacked = _stack(after, run)
            if stacked is not None:
                end += len(after)
            else:
                stacked = run
            stacked = [*labels, *stacked]
        out += stacked
        labels = []
        i = end
    out += labels
    for number, line in enumerate(out):
        line.index = number
    return out


def _is_loose(line: Line) -> bool:
    return line.role == "data" and not line.keys and sum(1 for c in line.cells if c.text) == 1


def _run_end(loose: Sequence[bool], start: int, *, value: bool) -> int:
    end = start
    while end < len(loose) and loose[end] is value:
        end += 1
    return end


def _stack(labels: Sequence[Line], run: Sequence[Line]) -> list[Line] | None:
    """Return the label lines with their numbers in place, None when the counts do not fit."""
    for width, named in _ways_to_name(labels):
        if named and len(named) * width == len(run):
            numbers = [next(c for c in x.cells if c.text) for x in run]
            return _rows_of(labels, named, numbers, width)
    return None


def _ways_to_name(labels: Sequence[Line]) -> Iterator[tuple[int, Named]]:
    """Yield the rows that the labels name: a block of table two, or table three by edition."""
    if not labels:
        return
    width = next((w for x in reversed(labels) if (w := _width(x))), 0)
    if width:
        yield width, [(x,) for x in labels if _width(x) == width]
    for edition in reversed(forms.EDITIONS):
        yield 7, _rows_of_three(labels, edition)


def _width(line: Line) -> int:
    """Return how many columns the row named exactly by this label has, 0 when it names none."""
    if not line.keys:
        return 0
    for row in vocabulary().rows.get(line.keys[-1], ()):
        if row.table == "active_disclosure":
            return len(forms.table(row.edition, row.table).blocks[row.block].columns)
    return 0


def _rows_of_three(labels: Sequence[Line], edition: Edition) -> Named:
    """Return the label lines of table three row by row, joining labels broken over lines."""
    declared = declared_rows((("applications", edition),))
    named: Named = []
    position = i = 0
    while i < len(labels):
        best = _best_name(labels[i : i + _MOST_MERGED], declared, position)
        if best is None:
            i += 1
            continue
        count, position = best[0], best[1] + 1
        named.append(tuple(labels[i : i + count]))
        i += count
    return named


def _best_name(
    lines: Sequence[Line], declared: Sequence[Declared], position: int
) -> tuple[int, int] | None:
    """Return how many of the lines make up a label, and which of the next rows it names."""
    exact = _exact_name(lines[0], declared, position)
    if exact is not None:
        return 1, exact
    found: list[tuple[float, int, int]] = []
    for count in range(1, len(lines) + 1):
        if count > 1 and any(_is_whole(x) for x in lines[:count]):
            break
        key = label_key("".join(t for x in lines[:count] for t in x.texts))
        title = key in vocabulary().columns
        reach = 2 if title else _FAR
        for number in range(position, min(position + reach, len(declared))):
            alike = similarity(key, declared[number].labels)
            if alike >= _ALIKE and not (title and position == 0):
                found.append((alike - 0.01 * (number - position), count, number))
    return max(found)[1:] if found else None


def _exact_name(line: Line, declared: Sequence[Declared], position: int) -> int | None:
    if len(line.keys) != 1 or line.keys[0] in vocabulary().columns:
        return None
    key = line.keys[0]
    last = min(position + _FAR, len(declared))
    return next((n for n in range(position, last) if key in declared[n].labels), None)


def _is_whole(line: Line) -> bool:
    """Tell whether the line is a label, title or spanning label by itself, no piece of one."""
    words = vocabulary()
    return any(k in words.rows or k in words.columns or k in words.groups for k in line.keys)


def _rows_of(
    labels: Sequence[Line], named: Named, numbers: Sequence[GridCell], width: int
) -> list[Line]:
    across = [list(numbers[k * width : (k + 1) * width]) for k in range(len(named))]
    down = [list(numbers[k :: len(named)]) for k in range(len(named))]
    parted = _length_between_gaps(numbers)
    if parted == width != len(named):
        chosen, certain = across, True
    elif parted == len(named) != width:
        chosen, certain = down, True
    else:
        chosen, certain = _better(across, down)
    rows = {
        group[0].index: _row(group, values, certain=certain)
        for group, values in zip(named, chosen, strict=True)
    }
    taken = {x.index for group in named for x in group[1:]}
    return [rows.get(x.index, x) for x in labels if x.index not in taken]


def _length_between_gaps(numbers: Sequence[GridCell]) -> int | None:
    """Return how many numbers stand together where empty lines part them evenly, else None."""
    lines = [n.line for n in numbers]
    steps = [b - a if a is not None and b is not None else 0 for a, b in pairwise(lines)]
    usual = min(steps, default=0)
    gaps = [at for at, step in enumerate(steps, 1) if step > usual]
    if usual < 1 or not gaps:
        return None
    length = gaps[0]
    return length if gaps == list(range(length, len(numbers), length)) else None


def _row(group: tuple[Line, ...], values: Sequence[GridCell], *, certain: bool) -> Line:
    text = "".join(t for x in group for t in x.texts)
    cells = [GridCell(text, 0, group[0].line)]
    for n, value in enumerate(values, 1):
        sure = value.confidence if certain else _UNDECIDED
        cells.append(GridCell(value.text, n, value.line, value.raw, value.page, None, sure))
    return make_line(group[0].index, group[0].fragment, tuple(cells), group[0].line)


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
