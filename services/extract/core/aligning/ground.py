"""Where the columns of a form stand in a grid: what the rows and titles of one fragment agree on."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from services.extract.core.aligning.labels import label_key
from services.extract.core.aligning.lines import Line
from services.extract.core.aligning.rows import RowMatch
from services.extract.core.aligning.spans import (
    Columns,
    ghost_columns,
    is_shown,
    own_cells,
    without_repeats,
)
from shared import forms
from shared.report.document import GridCell
from shared.report.values import value

Key = tuple[int, str, int]
"""Fragment, table and block: rows that stand under the same titles."""

_THREE = "applications"


def zone_of(line: Line, label_end: int | None = None) -> tuple[GridCell, ...]:
    """Return the cells after the label: those that may hold values."""
    return line.cells[(line.last_label if label_end is None else label_end) + 1 :]


@value
class Ground:
    """What the rows of one fragment and block agree on: where its columns are in the grid.

    `columns` are the grid columns of complete rows, `ghosts` those that cells only span, `start`
    the grid column at which most rows begin their values. `lost` is the column of the form that
    titles and rows alike leave out; `columns` are then those of the others. `repeats` are grid
    columns in which a spanning title is printed once more, `holes` those in which nothing stands.
    """

    columns: Columns | None = None
    ghosts: frozenset[int] = frozenset()
    start: int | None = None
    lost: int | None = None
    repeats: frozenset[int] = frozenset()
    holes: frozenset[int] = frozenset()


NOWHERE = Ground()


def grounds(matches: Sequence[RowMatch], lines: Sequence[Line]) -> dict[Key, Ground]:
    """Return the ground of every fragment and block; `lines` are all lines, titles included."""
    repeats = _repeats_by_key(matches, lines)
    complete, built = reference_columns(matches, repeats)
    starts = first_columns(matches)
    titles = title_columns(lines)
    ghosts = _ghosts_by_fragment(lines)
    rows: defaultdict[Key, list[Line]] = defaultdict(list)
    for match in matches:
        for line in match.lines:
            rows[line.fragment, match.declared.table, match.declared.block].append(line)
    found: dict[Key, Ground] = {}
    for match in matches:
        for line in match.lines:
            key = (line.fragment, match.declared.table, match.declared.block)
            if key in found:
                continue
            columns, lost = complete.get(key), None
            if columns is None and line.fragment in ghosts:
                columns = _under_block_titles(lines, line, match) or built.get(key)
            if columns is None and match.declared.table == _THREE:
                columns, lost = _by_titles(titles.get(key[0]), matches, key)
            unseen = ghosts.get(key[0], frozenset())
            holes = _holes(rows[key], _titles_above(lines, line))
            found[key] = Ground(columns, unseen, starts.get(key), lost, repeats[key], holes)
    return found


def _holes(rows: Sequence[Line], titles: Line | None) -> frozenset[int]:
    """Return the columns in which nothing stands, neither in these rows nor in their titles."""
    every = [*rows, *([titles] if titles else [])]
    if len(every) < 2:
        return frozenset()
    shown = {c.column for x in every for c in x.cells if is_shown(c)}
    return frozenset(c.column for x in rows for c in x.cells).difference(shown)


def _by_titles(
    titles: dict[int, int] | None, matches: Sequence[RowMatch], key: Key
) -> tuple[Columns | None, int | None]:
    """Return the columns under the titles, where all are printed or one is missing in every row.

    Spans that got lost make titles unreliable: all of them only tell which of too many columns to
    leave out (a local 小计 among the applicants).
    """
    if not titles:
        return None, None
    columns = tuple(titles[c] for c in sorted(titles))
    if list(columns) != sorted(set(columns)):
        return None, None
    rows = [x for m in matches for x in m.lines if (x.fragment, m.declared.table) == key[:2]]
    width = _width_of_three()
    if len(columns) == width:
        shown = sum(1 for c in rows[0].cells[rows[0].value_start :] if c.text)
        return (columns, None) if shown > width else (None, None)
    own = [tuple([c.column for c in own_cells(zone_of(x))]) for x in rows]
    if len(columns) == width - 1 and 2 * own.count(columns) > len(own):
        return columns, next(c for c in range(width) if c not in titles)
    return None, None


def _repeats_by_key(
    matches: Sequence[RowMatch], lines: Sequence[Line]
) -> dict[Key, frozenset[int]]:
    found: dict[Key, frozenset[int]] = {}
    for match in matches:
        for line in match.lines:
            key = (line.fragment, match.declared.table, match.declared.block)
            if key not in found:
                found[key] = _repeats(lines, line)
    return found


def _repeats(lines: Sequence[Line], row: Line) -> frozenset[int]:
    """Return the columns in which the titles above a row say the same as the column before."""
    titles = _titles_above(lines, row)
    if titles is None:
        return frozenset()
    # the first half of two titles (本年新) repeats nothing
    return frozenset(
        b.column
        for a, b in pairwise(titles.cells)
        if b.text and a.text == b.text and label_key(b.text) in titles.titles
    )


def _width_of_three() -> int:
    return len(forms.table("2021", _THREE).blocks[0].columns)


def _under_block_titles(lines: Sequence[Line], row: Line, match: RowMatch) -> Columns | None:
    """Return the columns of the titles right above a row whose grid knows its spans.

    They are told by the block: table two prints each block under titles of its own.
    """
    titles = _titles_above(lines, row)
    if titles is None:
        return None
    keys = _block_keys(match.declared.table, match.declared.block)
    by_key = {label_key(c.text): c.column for c in reversed(titles.cells) if c.text}
    return next(
        (tuple([by_key[k] for k in wanted]) for wanted in keys if all(k in by_key for k in wanted)),
        None,
    )


@cache
def _block_keys(table_id: str, block: int) -> tuple[tuple[str, ...], ...]:
    """Return the title keys of a block as each edition prints them."""
    return tuple(
        tuple(label_key(c.label) for c in form.table(table_id).blocks[block].columns)
        for form in forms.editions()
        if block < len(form.table(table_id).blocks)
    )


def _titles_above(lines: Sequence[Line], row: Line) -> Line | None:
    above = (x for x in reversed(lines[: row.index]) if x.fragment == row.fragment)
    return next((x for x in above if x.role == "header" and x.titles), None)


def _ghosts_by_fragment(lines: Sequence[Line]) -> dict[int, frozenset[int]]:
    rows: defaultdict[int, list[Sequence[GridCell]]] = defaultdict(list)
    merged: set[int] = set()
    for line in lines:
        rows[line.fragment].append(line.cells)
        if any(c.covered for c in line.cells):
            merged.add(line.fragment)
    return {fragment: ghost_columns(rows[fragment]) for fragment in merged}


def reference_columns(
    matches: Sequence[RowMatch], repeats: dict[Key, frozenset[int]]
) -> tuple[dict[Key, Columns], dict[Key, Columns]]:
    """Return for each fragment and block the grid columns that complete rows agree on.

    The second answer is weaker: what rows with as many own cells as columns agree on, empty ones
    included, where merged cells are known.
    """
    seen: defaultdict[Key, Counter[Columns]] = defaultdict(Counter)
    built: defaultdict[Key, Counter[Columns]] = defaultdict(Counter)
    for match in matches:
        for line in match.lines:
            key = (line.fragment, match.declared.table, match.declared.block)
            zone = without_repeats(zone_of(line), repeats[key])
            values = [c.column for c in zone if is_shown(c)]
            if len(values) == match.declared.width:
                seen[key][tuple(values)] += 1
            own = own_cells(zone)
            if len(own) == match.declared.width and len(own) < len(line.cells) - 1:
                built[key][tuple([c.column for c in own])] += 1
    return _agreed(seen), _agreed(built)


def _agreed(seen: dict[Key, Counter[Columns]]) -> dict[Key, Columns]:
    found: dict[Key, Columns] = {}
    for key, counts in seen.items():
        (columns, count), *others = counts.most_common()
        if not others or count > 2 * others[0][1]:
            found[key] = columns
    return found


def title_columns(lines: Sequence[Line]) -> dict[int, dict[int, int]]:
    """Return for each fragment where table three's titles stand: grid column by column of the form."""
    columns = forms.table("2021", _THREE).blocks[0].columns
    keys = {label_key(c.label): i for i, c in enumerate(columns)}
    found: dict[int, dict[int, int]] = {}
    for line in lines:
        if line.role == "header" and line.titles:
            for cell in line.cells:
                number = keys.get(label_key(cell.text))
                if number is not None:
                    found.setdefault(line.fragment, {}).setdefault(number, cell.column)
    return found


def first_columns(matches: Sequence[RowMatch]) -> dict[Key, int]:
    """Return for each fragment and block the grid column at which most rows begin their values."""
    seen: defaultdict[Key, Counter[int]] = defaultdict(Counter)
    for match in matches:
        for line in match.lines:
            if line.role == "data":
                key = (line.fragment, match.declared.table, match.declared.block)
                seen[key][line.cells[line.value_start].column] += 1
    return {key: count.most_common(1)[0][0] for key, count in seen.items() if count.total() > 1}
