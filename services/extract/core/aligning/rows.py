"""Found rows against declared rows: exact labels anchor, order and likeness fill the gaps between.

The hard cases: a label cut by a page break with an orphan row (reports 000, 003), one row read as
two and labels beyond recognition (report 004), a whole page gone (report 003).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from services.extract.core.aligning.labels import label_key, row_labels, similarity, vocabulary
from services.extract.core.aligning.lines import Line
from shared import forms
from shared.report.record import Edition
from shared.report.values import value

Matched = Literal["exact", "similar", "position"]

_SIMILAR = 0.6
_LEAST_ALIKE = 0.45
_MOST_MERGED = 4
_SKIP_DATA, _SKIP_TEXT, _SKIP_DECLARED = -0.30, -0.03, -0.10
_READABLE_LABEL = 4
_LARGEST_GAP = 12_000
"""Printed times declared rows between two exact labels; with more of them nothing is guessed."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One declared row with the keys of its labels and the number of its columns."""

    table: str
    block: int
    row: str
    labels: tuple[str, ...]
    width: int


@value
class RowMatch:
    """A declared row and the printed rows that make it up."""

    declared: Declared
    lines: tuple[Line, ...]
    matched: Matched
    likeness: float


@dataclass(frozen=True, slots=True)
class RowAlignment:
    """Which declared rows were found, and which printed rows fit none."""

    matches: tuple[RowMatch, ...]
    unplaced: tuple[Line, ...]


@cache
def declared_rows(editions: tuple[tuple[str, Edition], ...]) -> tuple[Declared, ...]:
    """Return the rows of tables two and three in the given editions, in printed order."""
    found: list[Declared] = []
    for table_id, edition in editions:
        labels = row_labels(table_id, edition)
        for number, block in enumerate(forms.table(edition, table_id).blocks):
            found += [
                Declared(table_id, number, r.id, labels[r.id], len(block.columns))
                for r in block.rows
            ]
    return tuple(found)


def align_rows(lines: Sequence[Line], declared: Sequence[Declared]) -> RowAlignment:
    """Lay the printed rows against the declared ones, keeping the order of both."""
    anchors = _anchors(lines, declared)
    matches: list[RowMatch] = [RowMatch(declared[d], (lines[i],), "exact", 1.0) for i, d in anchors]
    unplaced: list[Line] = []
    edges = [(-1, -1), *anchors, (len(lines), len(declared))]
    for (i, d), (next_i, next_d) in pairwise(edges):
        gap = [
            x
            for n, x in enumerate(lines[i + 1 : next_i], i + 1)
            if x.role in ("data", "label") or _names_next_row(x, lines[n + 1 : n + 2])
        ]
        if not gap:
            continue
        if 1 < next_d - d <= _LARGEST_GAP // len(gap):
            placed, rest = _fill(gap, declared[d + 1 : next_d])
        else:
            placed, rest = [], gap
        matches += placed
        unplaced += rest
    return _rejoin_tails(matches, unplaced)


def _names_next_row(line: Line, following: Sequence[Line]) -> bool:
    """Tell whether a lone title (总计, 其他) is the label of the unlabelled numbers that follow."""
    return (
        line.role == "header"
        and len(line.keys) == 1
        and line.keys[0] in vocabulary().columns
        and any(x.role == "data" and not x.keys for x in following)
    )


def _anchors(lines: Sequence[Line], declared: Sequence[Declared]) -> list[tuple[int, int]]:
    """Return pairs (line, declared row) of exact labels, strictly increasing in both."""
    position = {(d.table, d.row): i for i, d in enumerate(declared)}
    pairs: list[tuple[int, int]] = []
    for i, line in enumerate(lines):
        found = _exact(line, position, declared)
        if found is not None:
            pairs.append((i, found))
    if all(a[1] < b[1] for a, b in pairwise(pairs)):
        return pairs
    return _longest_rising(pairs)


def _exact(
    line: Line, position: dict[tuple[str, str], int], declared: Sequence[Declared]
) -> int | None:
    if line.role not in ("data", "label") or not line.keys:
        return None
    words = vocabulary().rows
    keys = [line.keys[-1]]
    if len(line.keys) > 1:
        keys += [line.keys[-2] + line.keys[-1], "".join(line.keys)]
    for key in keys:
        for row in words.get(key, ()):
            i = position.get((row.table, row.row))
            if i is not None and _holds_values(line, declared[i].width):
                return i
    return None


def _holds_values(line: Line, width: int) -> bool:
    """Tell whether the row has values, or empty cells enough to be a blank row of the table."""
    return line.role == "data" or len(line.cells) - 1 - line.last_label >= width


def _longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    best: list[tuple[int, int]] = []  # (length, previous) by pair
    ending: dict[int, int] = {}  # the pair that ends the longest chain at a declared row
    for k, (_, d) in enumerate(pairs):
        before = (p for row, p in ending.items() if row < d)
        previous = max(before, key=lambda p: (best[p][0], -p), default=-1)
        best.append((1 + (best[previous][0] if previous >= 0 else 0), previous))
        if d not in ending or best[k][0] > best[ending[d]][0]:
            ending[d] = k
    k = max(range(len(best)), key=lambda x: best[x][0])
    chain: list[tuple[int, int]] = []
    while k >= 0:
        chain.append(pairs[k])
        k = best[k][1]
    return chain[::-1]


def _fill(gap: Sequence[Line], declared: Sequence[Declared]) -> tuple[list[RowMatch], list[Line]]:
    """Align the rows of one gap by dynamic programming over likeness and order."""
    n, m = len(gap), len(declared)
    score = [[0.0] * (m + 1) for _ in range(n + 1)]
    step: list[list[tuple[int, int, float]]] = [[(0, 0, 0.0)] * (m + 1) for _ in range(n + 1)]
    for i in range(n, -1, -1):
        for j in range(m, -1, -1):
            if i == n and j == m:
                continue
            options: list[tuple[float, int, int, float]] = []
            if i < n:
                skip = _SKIP_DATA if gap[i].role == "data" else _SKIP_TEXT
                options.append((skip + score[i + 1][j], 1, 0, 0.0))
            if j < m:
                options.append((_SKIP_DECLARED + score[i][j + 1], 0, 1, 0.0))
            if i < n and j < m:
                for merged in range(1, min(_MOST_MERGED, n - i) + 1):
                    gain, likeness = _gain(gap[i : i + merged], declared[j])
                    if gain is not None:
                        options.append((gain + score[i + merged][j + 1], merged, 1, likeness))
            best = max(options, key=lambda o: o[0])
            score[i][j], step[i][j] = best[0], (best[1], best[2], best[3])
    return _trace(gap, declared, step)


def _gain(group: Sequence[Line], declared: Declared) -> tuple[float | None, float]:
    """Return what matching these rows to the declared one is worth, and how alike they are."""
    group = _without_page_number(group, declared.width)
    with_values = sum(1 for x in group if x.role == "data")
    if with_values == 0 and not any(_holds_values(x, declared.width) for x in group):
        return None, 0.0
    likeness = _likeness(group, declared)
    if likeness >= _LEAST_ALIKE:
        gain = likeness - _LEAST_ALIKE + 0.1 - 0.04 * (len(group) - 1)
        if with_values > 1 and likeness < 0.9:
            gain -= 0.35
        return gain, likeness
    if with_values == 1 and len(group) == 1 and _is_debris(group[0], likeness):
        return 0.02, likeness
    return None, 0.0


def _without_page_number(group: Sequence[Line], width: int) -> Sequence[Line]:
    """Leave out a lone number that stands between the pieces of an otherwise complete row."""
    counts = [_count_values(x) for x in group]
    if width in counts and 1 in counts and width > 1:
        return [x for x, n in zip(group, counts, strict=True) if n != 1 or x.keys]
    return group


def _count_values(line: Line) -> int:
    return sum(1 for c in line.cells[line.value_start :] if c.text)


def _likeness(group: Sequence[Line], declared: Declared) -> float:
    groups = vocabulary().groups
    last = "".join(x.keys[-1] for x in group if x.keys)
    whole = "".join(k for x in group for k in x.keys if k not in groups)
    best = similarity(last, declared.labels)
    return best if whole == last else max(best, similarity(whole, declared.labels))


def _is_debris(line: Line, likeness: float) -> bool:
    """Tell whether the label is unreadable; a readable foreign label is never placed by order."""
    return likeness >= 0.3 or all(len(k) < _READABLE_LABEL for k in line.keys)


def _trace(
    gap: Sequence[Line],
    declared: Sequence[Declared],
    step: list[list[tuple[int, int, float]]],
) -> tuple[list[RowMatch], list[Line]]:
    matches: list[RowMatch] = []
    rest: list[Line] = []
    i = j = 0
    run_lines: list[Line] = []
    run_rows: list[Declared] = []

    def settle() -> None:
        """Accept rows by order alone only when exactly as many were printed as are declared."""
        with_values = [x for x in run_lines if x.role == "data"]
        if with_values and len(with_values) == len(run_rows):
            matches.extend(
                RowMatch(d, (x,), "position", _likeness([x], d))
                for x, d in zip(with_values, run_rows, strict=True)
            )
            rest.extend(x for x in run_lines if x.role != "data")
        else:
            rest.extend(run_lines)
        run_lines.clear()
        run_rows.clear()

    while i < len(gap) or j < len(declared):
        lines_taken, rows_taken, likeness = step[i][j]
        if lines_taken and rows_taken and likeness >= _SIMILAR:
            settle()
            kind: Matched = "exact" if likeness > 0.999 and lines_taken == 1 else "similar"
            group = gap[i : i + lines_taken]
            kept = _without_page_number(group, declared[j].width)
            matches.append(RowMatch(declared[j], tuple(kept), kind, likeness))
            rest.extend(x for x in group if x not in kept)
        else:
            run_lines += gap[i : i + lines_taken]
            run_rows += declared[j : j + rows_taken]
        i, j = i + lines_taken, j + rows_taken
    settle()
    return matches, rest


def _rejoin_tails(matches: list[RowMatch], unplaced: list[Line]) -> RowAlignment:
    """Give label tails without values back to the row they complete (`申请` after a page break)."""
    rest: list[Line] = []
    for line in unplaced:
        owner = _owner_of_tail(line, matches) if line.role == "label" else None
        if owner is None:
            rest.append(line)
        else:
            k = matches.index(owner)
            matches[k] = RowMatch(
                owner.declared, (*owner.lines, line), owner.matched, owner.likeness
            )
    return RowAlignment(tuple(matches), tuple(rest))


def _owner_of_tail(line: Line, matches: list[RowMatch]) -> RowMatch | None:
    key = label_key("".join(line.texts))
    for match in matches:
        near = abs(match.lines[-1].index - line.index)
        if near <= 6 and key and any(key in x for x in match.declared.labels):
            return match
    return None
