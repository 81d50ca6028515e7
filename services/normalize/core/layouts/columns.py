"""Rows on lines, cells parted by blanks, as `pdftotext -layout` prints them.

A figure belongs to the column it stands under, so that an empty cell in the middle stays empty
instead of pulling its neighbours to the left.
"""

from services.normalize.core.layouts.tokens import Line, Token, in_print
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import label_kind
from shared.report.document import GridCell, Row, Table

_NEAR = 2


def table(source: Source, lines: list[Line]) -> Table:
    """Return the table of a run; columns are found anew below each row of titles."""
    rows: list[Row] = []
    part: list[_Placed] = []
    first_figure = 0
    for line in lines:
        printed = in_print(line)
        if part and first_figure and _is_title(printed, first_figure):
            rows += _part(source, part)
            part, first_figure = [], 0
        part.append((line, printed))
        if line.figures:
            begin = printed.figures[0].begin + 1
            first_figure = min(first_figure, begin) if first_figure else begin
    rows += _part(source, part)
    return Table(tuple(rows), "columns")


_Placed = tuple[Line, Line]
"""A line placed by characters, and by printed width."""


def _is_title(printed: Line, first_figure: int) -> bool:
    """Tell whether a line without figures, below some, prints column titles again."""
    if printed.figures or len(printed.labels) < 2:
        return False
    return any(t.end >= first_figure for t in printed.labels)


def _part(source: Source, placed: list[_Placed]) -> list[Row]:
    by_characters = [line for line, _ in placed]
    tight = any(line.is_tight for line in by_characters if line.figures)
    lines = None if tight else _lined_up(by_characters, [line for _, line in placed])
    if lines is None:
        return [_in_order(source, line) for line in by_characters]
    columns = _columns(lines)
    labels = _label_starts(lines, columns)
    rows: list[Row] = []
    for line in lines:
        cells: dict[int, GridCell] = {}
        if line.figures:
            _place_labels(source, line, labels, cells)
            _place_figures(source, line, columns, len(labels), cells)
            for column in range(len(labels) + len(columns)):
                if column not in cells:
                    cells[column] = source.cell(line.at, column, "")
        else:
            _place_titles(source, line, labels, columns, cells)
        rows.append(Row(tuple(cells[c] for c in sorted(cells)), source.numbers[line.at]))
    return rows


def _in_order(source: Source, line: Line) -> Row:
    """Return the cells one after the other: parted by single blanks they stand under nothing."""
    cells: dict[int, GridCell] = {}
    for column, token in enumerate((*line.labels, *line.figures)):
        cells[column] = source.cell(line.at, column, token.text, _raw(source, line, cells))
    return Row(tuple(cells.values()), source.numbers[line.at])


Columns = list[tuple[float, float]]


def _columns(lines: list[Line]) -> Columns:
    """Return the extent of each figure column."""
    data = [line for line in lines if line.figures]
    counts = {len(line.figures) for line in data}
    full = _full(data)
    if len(counts) < 2:
        columns = _extents(full)
    else:
        columns = _clusters([f for line in data for f in line.figures])
        if len(columns) < max(counts) or any(_collides(line, columns) for line in data):
            columns = _extents(full)
    return _with_empty_titles(lines, columns)


def _full(lines: list[Line]) -> list[Line]:
    """Return the lines with the most figures."""
    most = max((len(line.figures) for line in lines), default=0)
    return [line for line in lines if len(line.figures) == most]


def _lined_up(by_characters: list[Line], by_width: list[Line]) -> list[Line] | None:
    """Return the lines placed in the way in which figures stand below one another, else None.

    They may be lined up by left, middle or right.
    """
    narrow, wide = _figure_columns(by_characters), _figure_columns(by_width)
    if not any(map(_disorder, wide)):
        return by_width
    off = sum(min(_disorder(a), _disorder(b)) for a, b in zip(narrow, wide, strict=True))
    if off > _NEAR * len(narrow):
        return None
    return by_width if _spread(wide) <= _spread(narrow) else by_characters


def _figure_columns(lines: list[Line]) -> list[tuple[Token, ...]]:
    """Return the figures of full rows that stand below one another."""
    return list(zip(*(line.figures for line in _full(lines)), strict=True))


def _disorder(column: tuple[Token, ...]) -> int:
    lefts = [t.begin for t in column]
    rights = [t.end for t in column]
    middles = [(t.begin + t.end) // 2 for t in column]
    return min(max(edges) - min(edges) for edges in (lefts, rights, middles))


def _spread(columns: list[tuple[Token, ...]]) -> float:
    centres = [[t.centre for t in column] for column in columns]
    return sum(max(column) - min(column) for column in centres)


def _extents(full: list[Line]) -> Columns:
    by_column = zip(*(line.figures for line in full), strict=True)
    return [(min(t.begin for t in column), max(t.end for t in column)) for column in by_column]


def _clusters(found: list[Token]) -> Columns:
    """Merge figures that overlap or nearly touch into columns."""
    columns: Columns = []
    for begin, end in sorted((t.begin, t.end) for t in found):
        if columns and begin < columns[-1][1] + _NEAR:
            columns[-1] = (columns[-1][0], max(columns[-1][1], end))
        else:
            columns.append((begin, end))
    return columns


def _collides(line: Line, columns: Columns) -> bool:
    places = [_nearest(t.centre, columns) for t in line.figures]
    return len(set(places)) < len(places)


def _nearest(centre: float, columns: Columns) -> int:
    distances = [abs((begin + end) / 2 - centre) for begin, end in columns]
    return distances.index(min(distances))


def _with_empty_titles(lines: list[Line], columns: Columns) -> Columns:
    """Add columns in which no row has a figure but over which a title of the form stands."""
    if not columns or sum(1 for line in lines if line.figures) < 2:
        return columns
    titles = [
        t for line in lines if not line.figures for t in line.labels if label_kind(t.text) == "head"
    ]
    added = list(columns)
    for title in titles:
        begin, end = title.begin, title.end
        free = all(end <= b or e <= begin for b, e in added)
        # titles of applicants' groups span several columns and overlap one of them
        if free and begin >= columns[0][0] - _NEAR and title.text != "法人或其他组织":
            added.append((begin, end))
    return sorted(added)


def _label_starts(lines: list[Line], columns: Columns) -> list[float]:
    """Return where label columns begin; label lines count once the figures have begun."""
    starts: set[float] = set()
    fewest = 0
    begun = False
    for line in lines:
        begun = begun or bool(line.figures)
        fewest = max(fewest, len(line.labels) if line.figures else 0)
        if begun:
            left = [t for t in line.labels if not columns or t.end <= columns[0][0] + _NEAR]
            starts.update(t.begin for t in left)
    found: list[float] = []
    for start in sorted(starts):
        if not found or start > found[-1] + _NEAR:
            found.append(start)
    while len(found) < fewest:
        found.append((found[-1] if found else 0) + _NEAR)
    return found


def _place_labels(
    source: Source, line: Line, starts: list[float], cells: dict[int, GridCell]
) -> None:
    """Give each label the column it begins nearest to, in order."""
    left = len(line.labels)
    column = 0
    for token in line.labels:
        left -= 1
        last = len(starts) - left - 1
        begin = token.begin
        best = min(range(column, last + 1), key=lambda c: abs(starts[c] - begin))
        cells[best] = source.cell(line.at, best, token.text, _raw(source, line, cells))
        column = best + 1


def _place_figures(
    source: Source, line: Line, columns: Columns, offset: int, cells: dict[int, GridCell]
) -> None:
    """Give each figure the column it stands nearest to, in order."""
    left = len(line.figures)
    column = 0
    for token in line.figures:
        left -= 1
        if len(columns) != len(line.figures):
            last = len(columns) - left - 1
            column += _nearest(token.centre, columns[column : last + 1])
        at = offset + column
        cells[at] = source.cell(line.at, at, token.text, _raw(source, line, cells))
        column += 1


def _place_titles(
    source: Source,
    line: Line,
    starts: list[float],
    columns: Columns,
    cells: dict[int, GridCell],
) -> None:
    """Put the tokens of a line without figures where they stand: over figure columns or labels."""
    at = 0
    for token in line.labels:
        column = at
        begin, end = token.begin, token.end
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
