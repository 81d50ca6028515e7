"""What a workbook's own XML says beyond values: errors, formulas never calculated, hidden lines.

The library that reads the values shows all three as nothing or as ordinary cells.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from services.normalize.core.ooxml import Package, R
from shared.errors import BadInput

_S: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DRAWING: Final = re.compile(r"xl/drawings/[^/]+\.xml")
_ADDRESS: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_LAST_COLUMN: Final = 16_384
_MOST_EMPTY: Final = 100
_TRUE: Final = frozenset({"1", "true"})
MOST_CELLS: Final = 200_000
"""Cells of one sheet's used area; a report laid out in a sheet has some 2,000."""

Position = tuple[int, int]
"""Row and column of a sheet, from 0."""


@dataclass(slots=True)
class Audit:
    """Peculiar cells and lines of one sheet, rows and columns from 0.

    `empty` are cells that are there (with a border, say) and hold nothing, below the last value:
    the library ends a sheet at its last value.
    """

    errors: dict[Position, str] = field(default_factory=dict)
    uncalculated: set[Position] = field(default_factory=set)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    empty: set[Position] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Workbook:
    """What a workbook holds besides values: its sheets' peculiarities by order, and what is drawn.

    `drawn` are the texts of boxes over the sheets, `pictures` the names of the pictures.
    """

    sheets: dict[int, Audit]
    drawn: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


def audit(data: bytes, name: str) -> Workbook:
    """Return what is peculiar in an .xlsx file.

    Raises `BadInput` for bombs, for broken XML, and for sheets no report comes near in size.
    """
    package = Package(data, name)
    main = package.main("xl/workbook.xml", "main")
    if not main.lower().endswith(".xml"):
        _weigh(package)
        return Workbook({}, pictures=_pictures(package))
    relations = package.relations(main)
    root = package.xml(main)
    _weigh(package)
    found: dict[int, Audit] = {}
    for order, sheet in enumerate(() if root is None else root.iter(f"{_S}sheet")):
        relation = relations.get(str(sheet.get(f"{R}id", "")))
        if relation is None or relation.external or relation.kind != "worksheet":
            continue
        tree = package.xml(relation.target)
        title = str(sheet.get("name", ""))
        found[order] = Audit() if tree is None else _sheet(tree, title, name)
    return Workbook(found, tuple(_drawn(package)), _pictures(package))


def _pictures(package: Package) -> tuple[str, ...]:
    return tuple(part for part in package.names() if part.lower().startswith("xl/media/"))


def _drawn(package: Package) -> Iterator[str]:
    """Yield the paragraphs of text boxes and shapes, which lie over the cells."""
    for part in package.names():
        if _DRAWING.fullmatch(part.lower()):
            root = package.xml(part)
            for paragraph in () if root is None else root.iter(f"{_A}p"):
                text = "".join(t.text or "" for t in paragraph.iter(f"{_A}t"))
                if text.strip():
                    yield text


def _weigh(package: Package) -> None:
    """Inflate what the library will inflate, under the limits of the package."""
    for part in package.names():
        if part.lower().startswith("xl/") and part.lower().endswith(("strings.xml", "styles.xml",
                                                                     ".bin")):  # fmt: skip
            package.part(part)


def _sheet(root: etree._Element, title: str, name: str) -> Audit:
    found = Audit()
    for column in root.iter(f"{_S}col"):
        if column.get("hidden") in _TRUE:
            first, last = _number(column.get("min")), _number(column.get("max"))
            found.hidden_columns.update(range(first - 1, min(last, _LAST_COLUMN)))
    box = [_LAST_COLUMN, 1 << 20, 0, 0]
    row_number = -1
    for row in root.iter(f"{_S}row"):
        row_number = _number(row.get("r")) - 1 if row.get("r") else row_number + 1
        if row.get("hidden") in _TRUE:
            found.hidden_rows.add(row_number)
        column_number = -1
        for cell in row.iterchildren(f"{_S}c"):
            column_number = _column(cell.get("r"), column_number + 1)
            if len(cell):
                _widen(box, row_number, column_number)
                _look(cell, (row_number, column_number), found)
                found.empty.clear()
            elif len(found.empty) < _MOST_EMPTY:
                found.empty.add((row_number, column_number))
    _check_area(box, title, name)
    return found


def _look(cell: etree._Element, at: Position, found: Audit) -> None:
    value = cell.find(f"{_S}v")
    text = "" if value is None or value.text is None else str(value.text)
    if cell.get("t") == "e":
        found.errors[at] = text or "#"
    elif not text and cell.find(f"{_S}f") is not None and cell.get("t") != "str":
        found.uncalculated.add(at)


def _widen(box: list[int], row: int, column: int) -> None:
    box[0], box[1] = min(box[0], column), min(box[1], row)
    box[2], box[3] = max(box[2], column + 1), max(box[3], row + 1)


def _check_area(box: list[int], title: str, name: str) -> None:
    check_area(box[3] - box[1], box[2] - box[0], title, name)


def check_area(rows: int, columns: int, title: str, name: str) -> None:
    """Refuse a sheet whose used area no report comes near."""
    if rows > 0 and columns > 0 and rows * columns > MOST_CELLS:
        raise BadInput(
            "too_large",
            f"“{name}”的工作表“{title}”有 {rows} 行、{columns} 列，超出 {MOST_CELLS} 格，不可能是年度报告。",
            f"Sheet {title!r} of {name!r} has {rows} rows and {columns} columns, more than "
            f"{MOST_CELLS} cells; no report has.",
        )


def _column(address: str | None, default: int) -> int:
    match = _ADDRESS.fullmatch(address or "")
    if match is None:
        return default
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def _number(value: str | None) -> int:
    text = value or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
