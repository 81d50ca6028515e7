"""Rows on lines, cells parted by blanks, as `pdftotext -layout` prints them.

A figure belongs to the column it stands under, so that an empty cell in the middle stays empty
instead of pulling its neighbours to the left.
"""

from services.normalize.core.layouts.tokens import Line, Token
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import label_kind
from shared.report.document import GridCell, Row, Table

_NEAR = 2


def table(source: Source, lines: list[Line]) -> Table:
    """Return the table of a run; columns are found anew below each row of titles."""
    rows: list[Row] = []
    part: list[Line] = []
    first_figure = 0
    for line in lines:
        if part and first_figure and _is_title(line, first_figure):
            rows += _part(source, part)
            part, first_figure = [], 0
        part.append(line)
        if line.figures:
            begin = line.figures[0].spans[1][0] + 1
            first_figure = min(first_figure, begin) if first_figure else begin
    rows += _part(source, part)
    return Table(tuple(rows), "columns")


def _is_title(line: Line, first_figure: int) -> bool:
    """Tell whether a line without figures, below some, prints column titles again."""
    if line.figures or len(line.labels) < 2:
        return False
    return any(t.spans[1][1] >= first_figure for t in line.labels)


def _part(source: Source, lines: list[Line]) -> list[Row]:
    data = [line for line in lines if line.figures]
    if any(line.is_tight for line in data) or not _lined_up(data):
        return [_in_order(source, line) for line in lines]
    metric, columns = _columns(lines, data)
    labels = _label_starts(lines, columns, metric)
    rows: list[Row] = []
    for line in lines:
        cells: dict[int, GridCell] = {}
        if line.figures:
            _place_labels(source, line, metric, labels, cells)
            _place_figures(source, line, metric, columns, len(labels), cells)
            for column in range(len(labels) + len(columns)):
                if column not in cells:
                    cells[column] = source.cell(line.at, column, "")
        else:
            _place_titles(source, line, metric, (labels, columns), cells)
        rows.append(Row(tuple(cells[c] for c in sorted(cells)), source.numbers[line.at]))
    return rows


def _in_order(source: Source, line: Line) -> Row:
    """Return the cells one after the other: parted by single blanks they stand under nothing."""
    cells: dict[int, GridCell] = {}
    for column, token in enumerate((*line.labels, *line.figures)):
        cells[column] = source.cell(line.at, column, token.text, _raw(source, line, cells))
    return Row(tuple(cells.values()), source.numbers[line.at])


Columns = list[tuple[float, float]]


def _columns(lines: list[Line], data: list[Line]) -> tuple[int, Columns]:
    """Return the metric in which figures line up best, and the extent of each figure column."""
    counts = {len(line.figures) for line in data}
    full = [line for line in data if len(line.figures) == max(counts, default=0)]
    metric = min((1, 0), key=lambda m: _spread(full, m))
    if len(counts) < 2:
        columns = _extents(full, metric)
    else:
        columns = _clusters([f for line in data for f in line.figures], metric)
        if len(columns) < max(counts) or any(_collides(line, metric, columns) for line in data):
            columns = _extents(full, metric)
    return metric, _with_empty_titles(lines, metric, columns)


def _lined_up(data: list[Line]) -> bool:
    """Tell whether the figures of full rows stand below one another, by left, middle or right."""
    most = max((len(line.figures) for line in data), default=0)
    full = [line for line in data if len(line.figures) == most]
    off = 0
    for column in zip(*(line.figures for line in full), strict=True):
        off += min(
            max(edges) - min(edges)
            for metric in (0, 1)
            for edges in (
                [t.spans[metric][0] for t in column],
                [t.spans[metric][1] for t in column],
                [sum(t.spans[metric]) // 2 for t in column],
            )
        )
    return off <= _NEAR * most


def _spread(full: list[Line], metric: int) -> float:
    spread = 0.0
    for column in zip(*(line.figures for line in full), strict=True):
        centres = [token.centre(metric) for token in column]
        spread += max(centres) - min(centres)
    return spread


def _extents(full: list[Line], metric: int) -> Columns:
    by_column = zip(*(line.figures for line in full), strict=True)
    return [
        (min(t.spans[metric][0] for t in column), max(t.spans[metric][1] for t in column))
        for column in by_column
    ]


def _clusters(found: list[Token], metric: int) -> Columns:
    """Merge figures that overlap or nearly touch into columns."""
    columns: Columns = []
    for begin, end in sorted(t.spans[metric] for t in found):
        if columns and begin < columns[-1][1] + _NEAR:
            columns[-1] = (columns[-1][0], max(columns[-1][1], end))
        else:
            columns.append((begin, end))
    return columns


def _collides(line: Line, metric: int, columns: Columns) -> bool:
    places = [_nearest(t.centre(metric), columns) for t in line.figures]
    return len(set(places)) < len(places)


def _nearest(centre: float, columns: Columns) -> int:
    return min(range(len(columns)), key=lambda c: abs((columns[c][0] + columns[c][1]) / 2 - centre))


def _with_empty_titles(lines: list[Line], metric: int, columns: Columns) -> Columns:
    """Add columns in which no row has a figure but over which a title of the form stands."""
    if not columns or sum(1 for line in lines if line.figures) < 2:
        return columns
    titles = [
        t for line in lines if not line.figures for t in line.labels if label_kind(t.text) == "head"
    ]
    added = list(columns)
    for title in titles:
        begin, end = title.spans[metric]
        free = all(end <= b or e <= begin for b, e in added)
        # titles of applicants' groups span several columns and overlap one of them
        if free and begin >= columns[0][0] - _NEAR and title.text != "法人或其他组织":
            added.append((begin, end))
    return sorted(added)


def _label_starts(lines: list[Line], columns: Columns, metric: int) -> list[float]:
    """Return where label columns begin; label lines count once the figures have begun."""
    starts: set[float] = set()
    fewest = 0
    begun = False
    for line in lines:
        begun = begun or bool(line.figures)
        fewest = max(fewest, len(line.labels) if line.figures else 0)
        if begun:
            left = [
                t for t in line.labels if not columns or t.spans[metric][1] <= columns[0][0] + _NEAR
            ]
            starts.update(t.spans[metric][0] for t in left)
    found: list[float] = []
    for start in sorted(starts):
        if not found or start > found[-1] + _NEAR:
            found.append(start)
    while len(found) < fewest:
        found.append((found[-1] if found else 0) + _NEAR)
    return found


def _place_labels(
    source: Source, line: Line, metric: int, starts: list[float], cells: dict[int, GridCell]
) -> None:
    """Give each label the column it begins nearest to, in order."""
    left = len(line.labels)
    column = 0
    for token in line.labels:
        left -= 1
        last = len(starts) - left - 1
        begin = token.spans[metric][0]
        best = min(range(column, last + 1), key=lambda c: abs(starts[c] - begin))
        cells[best] = source.cell(line.at, best, token.text, _raw(source, line, cells))
        column = best + 1


def _place_figures(
    source: Source,
    line: Line,
    metric: int,
    columns: Columns,
    offset: int,
    cells: dict[int, GridCell],
) -> None:
    left = len(line.figures)
    column = 0
    for token in line.figures:
        left -= 1
        last = len(columns) - left - 1
        centre = token.centre(metric)
        near = (
            _nearest(centre, columns[column : last + 1]) + column
            if len(columns) != len(line.figures)
            else column
        )
        cells[offset + near] = source.cell(
            line.at, offset + near, token.text, _raw(source, line, cells)
        )
        column = near + 1


def _place_titles(
    source: Source,
    line: Line,
    metric: int,
    grid: tuple[list[float], Columns],
    cells: dict[int, GridCell],
) -> None:
    """Put the tokens of a line without figures where they stand: over figure columns or labels."""
    starts, columns = grid
    at = 0
    for token in line.labels:
        column = at
        begin, end = token.spans[metric]
        if columns and end > columns[0][0]:
            column = len(starts) + _nearest((begin + end) / 2, columns)
        elif starts:
            column = min(range(len(starts)), key=lambda c: abs(starts[c] - begin))
        column = max(column, at)
        cells[column] = source.cell(line.at, column, token.text, _raw(source, line, cells))
        at = column + 1


def _raw(source: Source, line: Line, cells: dict[int, GridCell]) -> str | None:
    # a line that cleaning changed is kept whole with its first cell
    return None if cells else source.raws.get(line.at)
