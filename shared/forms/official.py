"""The official form as it is printed: which box stands where, and what one report shows in it.

Pure data for whoever draws it (web pages, workbooks): boxes with rows, columns and spans as the
national form has them, and for each address the state of the cell and the issues that name it. The
input is the neutral line (`shared.report.neutral`), or any mapping with its keys.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any, Final, Literal, get_args

from shared import forms
from shared.forms.model import Block, Column, FormTable, TableId
from shared.report.issue import Severity
from shared.report.record import Edition, Number

BoxKind = Literal["caption", "title", "label", "value"]
"""caption: spans a table or block · title: heads columns · label: heads rows · value: holds a cell."""

UNSURE_BELOW: Final = 0.8
"""A reading that is less sure than this a person should look at."""

_SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
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


@dataclass(frozen=True, slots=True)
class Face:
    """What one cell shows. `text` is what to print: the figure as printed, the mark, or nothing.

    `state` is one of number, blank, mark, unreadable, absent: only a number is one, 0 included.
    `issues` are positions in the line's list of issues, `level` the gravest among them that no reviewer
    dismissed. `suggested` is what the likeliest repair would put here, `derived` what the equations
    give where nothing is shown. `unsure`: a person should look at the reading.
    """

    address: str
    state: str
    text: str
    value: Number | None = None
    unit: str | None = None
    raw: str | None = None
    confidence: float = 1.0
    derived: Number | None = None
    notes: tuple[str, ...] = ()
    line: int | None = None
    page: int | None = None
    issues: tuple[int, ...] = ()
    level: Severity | None = None
    suggested: Number | None = None

    @property
    def unsure(self) -> bool:
        """Whether something is shown and its reading is doubtful."""
        return self.state in ("number", "unreadable") and self.confidence < UNSURE_BELOW


@dataclass(frozen=True, slots=True)
class Mark:
    """What concerns a whole row or table: the issues that name it, and the gravest one that stands."""

    issues: tuple[int, ...]
    level: Severity | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of one report: the layout, a face for each of its cells, and marks by address.

    `found` is False where the document shows no such table. `marks` has the addresses of rows and of the table
    itself that issues name. `strangers` are faces of cells that this
    layout has no box for (a table that mixes two editions).
    """

    layout: Layout
    faces: Mapping[str, Face]
    marks: Mapping[str, Mark]
    strangers: tuple[Face, ...]
    found: bool

    @property
    def level(self) -> Severity | None:
        """The gravest issue in the table, None where all is well."""
        levels = [f.level for f in (*self.faces.values(), *self.strangers)]
        return gravest((*levels, *(m.level for m in self.marks.values())))


def official(line: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """Return the three tables of one neutral line as the form prints them.

    A table that the report does not show is drawn in the edition of its other tables, else of its year,
    else the latest one, with every cell absent.
    """
    return tuple(sheet(line, table_id) for table_id in forms.TABLE_IDS)


def sheet(line: Mapping[str, Any], table_id: TableId) -> Sheet:
    """Return one table of one neutral line as the form prints it."""
    printed = layout(_edition(line, table_id), table_id)
    named = _named(line.get("issues") or ())
    repairs = _suggestions(line.get("issues") or ())
    cells: Mapping[str, Any] = line.get("cells") or {}
    own = [a for a in cells if a.startswith(f"{table_id}.")]

    def face(address: str) -> Face:
        return _face(address, cells.get(address), named.get(address), repairs.get(address))

    known = frozenset(printed.addresses)
    rest = {
        address: mark
        for address, mark in named.items()
        if "@" not in address and (address == table_id or address.startswith(f"{table_id}."))
    }
    strangers = tuple(face(address) for address in own if address not in known)
    faces = {address: face(address) for address in printed.addresses}
    found = table_id in (line.get("templates") or {}) or bool(own)
    return Sheet(printed, faces, rest, strangers, found)


def elsewhere(line: Mapping[str, Any]) -> tuple[int, ...]:
    """Return positions of the issues that name nothing in the tables: sections, dates, the agency."""
    return tuple(
        n
        for n, issue in enumerate(line.get("issues") or ())
        if not any(a.partition(".")[0] in forms.TABLE_IDS for a in issue["addresses"])
    )


def gravest(levels: Iterable[Severity | None]) -> Severity | None:
    """Return the gravest of some severities, None when there is none."""
    return min((lv for lv in levels if lv is not None), key=_SEVERITIES.index, default=None)


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


def _edition(line: Mapping[str, Any], table_id: TableId) -> Edition:
    known = (line.get("templates") or {}).get(table_id) or line.get("template")
    if known in forms.EDITIONS:
        return known  # type: ignore[no-any-return] # one of the editions, as just seen
    form = forms.for_year(line["year"]) if line.get("year") else None
    return form.edition if form is not None else forms.EDITIONS[-1]


def _named(issues: Iterable[Mapping[str, Any]]) -> dict[str, Mark]:
    """Return what each address is named by."""
    found: dict[str, list[tuple[int, Severity | None]]] = {}
    for n, issue in enumerate(issues):
        dismissed = (issue.get("decision") or {}).get("verdict") == "dismiss"
        level = None if dismissed else issue["severity"]
        for address in issue["addresses"]:
            found.setdefault(address, []).append((n, level))
    return {
        address: Mark(tuple(n for n, _ in named), gravest(level for _, level in named))
        for address, named in found.items()
    }


def _suggestions(issues: Iterable[Mapping[str, Any]]) -> dict[str, Number]:
    """Return the new figure of each cell that the likeliest repair of an issue would change."""
    found: dict[str, Number] = {}
    for issue in issues:
        if (issue.get("decision") or {}).get("verdict") == "dismiss":
            continue
        for repair in list(issue.get("repairs") or ())[:1]:
            for change in repair["changes"]:
                found.setdefault(change["address"], change["new"])
    return found


def _face(
    address: str, cell: Mapping[str, Any] | None, mark: Mark | None, suggested: Number | None
) -> Face:
    told = cell or {"state": "absent", "value": None, "unit": None, "raw": None, "confidence": 1.0}
    return Face(
        address,
        told["state"],
        _shown(told),
        told["value"],
        told["unit"],
        told["raw"],
        told["confidence"],
        told.get("derived"),
        tuple(told.get("notes") or ()),
        told.get("line"),
        told.get("page"),
        mark.issues if mark else (),
        mark.level if mark else None,
        suggested,
    )


def _shown(cell: Mapping[str, Any]) -> str:
    if cell["state"] == "number":
        return str(cell["value"])
    return (cell["raw"] or "").strip() if cell["state"] in ("mark", "unreadable") else ""
