"""The equations of one table as a net of numbered cells, with the lines in which cells are printed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from shared import forms
from shared.forms.model import Equation, FormTable
from shared.report.record import Edition


@dataclass(frozen=True, slots=True)
class System:
    """One table. Cells are numbered in form order, equations as declared.

    `sides` gives the cells of every equation, left and right, `members` both with +1 for the left and
    -1 for the right side, `touching` the equations of every cell with the same sign. `families` numbers
    the rule of every equation: a cell takes part in at most one equation of a family. `parts`
    numbers the groups of equations that share no cell. `lines` are the cells printed side by side,
    `along` the line of every equation that lies within one, `stacks` the cells printed below each
    other. `totals` are the cells that stand alone on the right of some equation.
    """

    addresses: tuple[str, ...]
    numbers: dict[str, int]
    keys: tuple[str, ...]
    sides: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    members: tuple[tuple[tuple[int, int], ...], ...]
    touching: tuple[tuple[tuple[int, int], ...], ...]
    families: tuple[int, ...]
    parts: tuple[int, ...]
    lines: tuple[tuple[int, ...], ...]
    line_of: dict[int, tuple[int, int]]
    along: tuple[int | None, ...]
    stacks: dict[int, tuple[int, ...]]
    totals: frozenset[int]


@cache
def system(edition: Edition, table_id: str) -> System:
    """Return the equations of one table of one edition."""
    table = forms.table(edition, table_id)
    addresses = table.addresses
    numbers = {a: n for n, a in enumerate(addresses)}
    equations = table.expanded
    members = tuple(_members(e, numbers) for e in equations)
    touching: list[list[tuple[int, int]]] = [[] for _ in addresses]
    for number, cells in enumerate(members):
        for cell, sign in cells:
            touching[cell].append((number, sign))
    rules = list(dict.fromkeys(e.rule for e in equations))
    lines = tuple(_lines(table, numbers))
    line_of = {c: (n, at) for n, line in enumerate(lines) for at, c in enumerate(line)}
    return System(
        addresses=addresses,
        numbers=numbers,
        keys=tuple(e.key for e in equations),
        sides=tuple(
            (tuple(numbers[a] for a in e.left), tuple(numbers[a] for a in e.right))
            for e in equations
        ),
        members=members,
        touching=tuple(map(tuple, touching)),
        families=tuple(rules.index(e.rule) for e in equations),
        parts=_parts(members),
        lines=lines,
        line_of=line_of,
        along=tuple(_along(cells, line_of) for cells in members),
        stacks=_stacks(table, numbers),
        totals=frozenset(numbers[e.right[0]] for e in equations if len(e.right) == 1),
    )


def _along(cells: tuple[tuple[int, int], ...], line_of: dict[int, tuple[int, int]]) -> int | None:
    """Return the line in which all cells of an equation stand, None when there is none."""
    lines = {line_of[c][0] for c, _ in cells}
    return lines.pop() if len(lines) == 1 else None


def _members(equation: Equation, numbers: dict[str, int]) -> tuple[tuple[int, int], ...]:
    return (
        *((numbers[a], 1) for a in equation.left),
        *((numbers[a], -1) for a in equation.right),
    )


def _lines(table: FormTable, numbers: dict[str, int]) -> Iterable[tuple[int, ...]]:
    """Yield the rows of cells as printed: all in one where the table is a single line."""
    rows = [
        tuple(numbers[table.address(r.id, c.id)] for c in b.columns)
        for b in table.blocks
        for r in b.rows
    ]
    return [tuple(c for row in rows for c in row)] if table.one_row else rows


def _stacks(table: FormTable, numbers: dict[str, int]) -> dict[int, tuple[int, ...]]:
    """Return for every cell the column it stands in; a table of one line has none."""
    found: dict[int, tuple[int, ...]] = {}
    for block in table.blocks if not table.one_row else ():
        for column in block.columns:
            stack = tuple(numbers[table.address(r.id, column.id)] for r in block.rows)
            found |= dict.fromkeys(stack, stack)
    return found


def _parts(members: tuple[tuple[tuple[int, int], ...], ...]) -> tuple[int, ...]:
    """Return for every equation the number of its group, joined by shared cells."""
    parts = list(range(len(members)))
    owner: dict[int, int] = {}
    for number, cells in enumerate(members):
        for cell, _ in cells:
            other = parts[owner.setdefault(cell, number)]
            mine = parts[number]
            if other != mine:
                parts = [other if p == mine else p for p in parts]
    return tuple(parts)
