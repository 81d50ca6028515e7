"""The layout of the official form: which box of each table stands where, with its spans, as printed."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Final, Literal

from shared import forms
from shared.forms.model import Block, Column, FormTable, TableId
from shared.report.record import Edition

BoxKind = Literal["caption", "title", "label", "value"]
"""caption: spans a table or block · title: heads columns · label: heads rows · value: holds a cell."""

_LABEL_COLUMNS: Final = 3


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the printed form: `row` and `column` count from 0, `rows` and `columns` are its span.

    `address` is the cell's for a value, the row's (`applications.total`) for a label that heads one
    row of cells, else None. `text` is what the form prints, "" for a value. `unit` and `money` are the form's.
    """

    kind: BoxKind
    row: int
    column: int
    rows: int = 1
    columns: int = 1
    text: str = ""
    address: str | None = None
    unit: str | None = None
    money: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One table as printed: boxes row by row from left to right; the first `head_rows` rows are titles.

    A row lists only the boxes that begin in it, as rows of an HTML table do.
    """

    id: TableId
    title: str
    section: int
    edition: Edition
    rows: tuple[tuple[Box, ...], ...]
    head_rows: int
    label_columns: int
    width: int

    @property
    def boxes(self) -> Iterator[Box]:
        """Every box, in reading order."""
        return (box for row in self.rows for box in row)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every cell in the order in which it is printed."""
        return tuple(b.address for b in self.boxes if b.kind == "value" and b.address is not None)


@cache
def layout(edition: Edition, table_id: TableId) -> Layout:
    """Return how one table of one edition is printed."""
    table = forms.table(edition, table_id)
    if table.one_row:
        rows, head, labels = _side_by_side(table), 3, 0
    elif table.groups:
        rows, head, labels = _grouped(table), 3, _LABEL_COLUMNS
    else:
        rows, head, labels = _stacked(table), 0, 1
    width = max(b.column + b.columns for row in rows for b in row)
    return Layout(
        table_id, table.title, table.section, edition, tuple(map(tuple, rows)), head, labels, width
    )


def _stacked(table: FormTable) -> list[list[Box]]:
    """Blocks one below the other (table two): a caption, the titles, the rows of each."""
    widest = max(len(block.columns) for block in table.blocks)
    rows: list[list[Box]] = []
    for block in table.blocks:
        rows.append([Box("caption", len(rows), 0, 1, 1 + widest, block.caption or "")])
        spans = list(_spans(block.columns, widest))
        titles = [Box("title", len(rows), 0, text=block.title or "")]
        titles += [Box("title", len(rows), at, 1, n, c.label) for c, at, n in spans]
        rows.append(titles)
        for entry in block.rows:
            at_row = len(rows)
            label = Box("label", at_row, 0, text=entry.label, address=f"{table.id}.{entry.id}")
            values = [
                _value(table, entry.id, c, at_row, at, columns=n, titled=c.label)
                for c, at, n in spans
            ]
            rows.append([label, *values])
    return rows


def _spans(columns: tuple[Column, ...], widest: int) -> Iterator[tuple[Column, int, int]]:
    """Yield each column of a narrow block with its place: the last one takes what is left."""
    for n, column in enumerate(columns):
        last = n == len(columns) - 1
        yield column, 1 + n, widest - n if last else 1


def _grouped(table: FormTable) -> list[list[Box]]:
    """Rows under labels that span them (table three), three label columns deep."""
    (block,) = table.blocks
    rows = _grouped_titles(table, block)
    head = len(rows)
    paths = [_path(table, entry.group) for entry in block.rows]
    for n, entry in enumerate(block.rows):
        boxes = []
        for depth, group in enumerate(paths[n]):
            above = paths[n - 1] if n else ()
            if depth < len(above) and above[: depth + 1] == paths[n][: depth + 1]:
                continue
            same = sum(1 for p in paths[n:] if p[: depth + 1] == paths[n][: depth + 1])
            boxes.append(Box("label", head + n, depth, same, 1, _group_label(table, group)))
        depth = len(paths[n])
        boxes.append(
            Box("label", head + n, depth, 1, _LABEL_COLUMNS - depth, entry.label,
                f"{table.id}.{entry.id}")
        )  # fmt: skip
        boxes += [
            _value(table, entry.id, c, head + n, _LABEL_COLUMNS + at, titled=c.label)
            for at, c in enumerate(block.columns)
        ]
        rows.append(boxes)
    return rows


def _grouped_titles(table: FormTable, block: Block) -> list[list[Box]]:
    note, applicants = table.furniture
    first = [
        Box("caption", 0, 0, 3, _LABEL_COLUMNS, note),
        Box("title", 0, _LABEL_COLUMNS, 1, len(block.columns), applicants),
    ]
    second: list[Box] = []
    third: list[Box] = []
    at = _LABEL_COLUMNS
    for parent, grouped in groupby(block.columns, key=lambda c: c.parent):
        members = list(grouped)
        if parent is None:
            second += [Box("title", 1, at + n, 2, 1, c.label) for n, c in enumerate(members)]
        else:
            second.append(Box("title", 1, at, 1, len(members), parent))
            third += [Box("title", 2, at + n, text=c.label) for n, c in enumerate(members)]
        at += len(members)
    return [first, second, third]


def _side_by_side(table: FormTable) -> list[list[Box]]:
    """All rows of the data side by side in a single printed line (table four)."""
    (block,) = table.blocks
    review, litigation = table.furniture
    many = len(block.columns)
    first_row, *others = block.rows
    titles = [
        [Box("title", 0, 0, 1, many, review), Box("title", 0, many, 1, many * len(others), litigation)],
        [Box("title", 1, n, 2, 1, c.label) for n, c in enumerate(block.columns)]
        + [Box("title", 1, many * (n + 1), 1, many, r.label, f"{table.id}.{r.id}")
           for n, r in enumerate(others)],
        [Box("title", 2, many * (n + 1) + at, text=c.label)
         for n in range(len(others)) for at, c in enumerate(block.columns)],
    ]  # fmt: skip
    values = [
        _value(table, entry.id, c, 3, many * n + at, titled=c.label)
        for n, entry in enumerate((first_row, *others))
        for at, c in enumerate(block.columns)
    ]
    return [*titles, values]


def _value(  # noqa: PLR0913 - where it stands and what it holds
    table: FormTable, row: str, column: Column, at_row: int, at: int, *, columns: int = 1,
    titled: str,
) -> Box:  # fmt: skip
    # a unit that the title states is not printed again in the cell
    unit = None if column.unit is not None and column.unit in titled else column.unit
    return Box("value", at_row, at, 1, columns, "", table.address(row, column.id),
               unit, column.kind == "money")  # fmt: skip


def _path(table: FormTable, group: str | None) -> tuple[str, ...]:
    """Return the groups above a row, the outermost first."""
    found: list[str] = []
    by_id = {g.id: g for g in table.groups}
    while group is not None:
        found.insert(0, group)
        group = by_id[group].parent
    return tuple(found)


def _group_label(table: FormTable, group: str) -> str:
    return next(g.label for g in table.groups if g.id == group)
