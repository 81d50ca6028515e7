"""Table rows as the aligner sees them: label cells, then value cells, with what the labels may mean."""

import re
from dataclasses import dataclass, field, replace
from typing import Literal

from services.extract.core.aligning.labels import is_row_label, label_key, leaf_key, vocabulary
from services.extract.core.aligning.readings import is_plain_number, is_value, split_number
from shared.errors import BadInput
from shared.report.document import Document, GridCell, Table

MOST_ROWS = 5_000
"""Table rows; a report has some 70, and some 600 where every cell is printed as a row."""
_LONGEST_LABEL = 60
_WIDEST_ROW = 7
"""Value cells of a row of table three, the only one whose labels are titles as well."""
_NOTED = re.compile(r"\d[\d,.]*\s*[*＊※†¹²³⁰-⁹₀-₉①-⑳]+$")
"""A figure with the mark of a footnote: no rest of a label, and no number anybody can be sure of."""
_NONE: frozenset[str] = frozenset()

Role = Literal["data", "header", "label", "empty"]
"""data: has values · header: titles, captions and group labels only · label: other text · empty."""


@dataclass(slots=True)
class Line:
    """One table row. `values` are the cells from the first value on, `labels` the text cells before.

    `value_start` is the index of the first value cell (len(cells) when there is none).
    `fragment` is the number of the Table block it came from.
    """

    index: int
    fragment: int
    cells: tuple[GridCell, ...]
    line: int | None
    role: Role
    value_start: int
    texts: tuple[str, ...]
    keys: tuple[str, ...]
    split: bool = False
    titles: frozenset[str] = field(default_factory=frozenset)

    @property
    def last_label(self) -> int:
        """Index of the last label cell, -1 when there is none."""
        for i in range(self.value_start - 1, -1, -1):
            if self.cells[i].text:
                return i
        return -1

    @property
    def printed(self) -> str:
        """The row as one readable string."""
        return " | ".join(c.text for c in self.cells).strip()


def read_lines(document: Document) -> list[Line]:
    """Return every row of every table of the document in order.

    A paragraph between tables that reads like a row label is a row that lost its cells. Raises
    `BadInput` when there are more rows than any report has.
    """
    rows = sum(len(b.rows) for b in document.blocks if isinstance(b, Table))
    if rows > MOST_ROWS:
        raise BadInput(
            "too_large",
            f"表格共 {rows} 行，超出上限 {MOST_ROWS} 行，不可能是年度报告。",
            f"The tables have {rows} rows, more than the limit of {MOST_ROWS}.",
        )
    lines: list[Line] = []
    fragment = 0
    for block in document.blocks:
        if isinstance(block, Table):
            for row in block.rows:
                lines.append(make_line(len(lines), fragment, row.cells, row.line))
            fragment += 1
        elif fragment and len(block.text) <= _LONGEST_LABEL and is_row_label(leaf_key(block.text)):
            cell = GridCell(block.text, 0, block.line, block.raw, block.page)
            lines.append(make_line(len(lines), fragment, (cell,), block.line))
    return lines


def make_line(index: int, fragment: int, cells: tuple[GridCell, ...], line: int | None) -> Line:
    """Classify the cells of one row."""
    words = vocabulary()
    cells, split = _split_shared_cells(cells)
    first = _first_value(cells)
    texts = tuple([c.text for c in cells[:first] if c.text])
    keys = tuple(map(leaf_key, texts))
    role: Role
    if first < len(cells):
        role = "data"
    elif not texts:
        role = "empty"
    elif _is_header(keys):
        role = "label" if _is_blank_row(keys, cells) else "header"
    else:
        role = "label"
    titles = words.columns.keys() & keys if keys else _NONE
    return Line(index, fragment, cells, line, role, first, texts, keys, split, frozenset(titles))


def _is_header(keys: tuple[str, ...]) -> bool:
    """Tell whether titles, captions and spanning labels are all there is, with debris at most.

    What stands behind a spanning label is the beginning of a row's own label (1.信访举报投诉).
    """
    words = vocabulary()
    if words.headers.isdisjoint(keys) or not all(
        k in words.headers or k not in words.rows for k in keys
    ):
        return False
    return not (len(keys) > 1 and keys[-2] in words.groups and keys[-1] not in words.headers)


def _is_blank_row(keys: tuple[str, ...], cells: tuple[GridCell, ...]) -> bool:
    """Tell whether a lone title (总计, 其他) is the label of a row of table three left blank.

    Among the titles themselves nothing but a few empty cells follows it.
    """
    if len(keys) != 1 or keys[0] not in vocabulary().columns:
        return False
    following = cells[next(i for i, c in enumerate(cells) if c.text) + 1 :]
    return sum(not c.covered for c in following) >= _WIDEST_ROW


def _first_value(cells: tuple[GridCell, ...]) -> int:
    """Return where the values begin: at the first value that no further label follows."""
    words = vocabulary()
    label = ""
    for i, cell in enumerate(cells):
        text = cell.text
        if not text:
            continue
        if is_value(text):
            # `7.12` among labels is debris when a declared label follows it
            if not _label_follows(cells, i + 1):
                return i
            continue
        key = label_key(text)
        if key in words.headers:
            label = ""
        elif key in words.rows:
            label = key
        elif label and (_NOTED.match(text) or not _completes(label, key)):
            # a word where a number belongs: unreadable, but a value cell all the same
            return i
        else:
            label = ""
    return len(cells)


def _completes(label: str, key: str) -> bool:
    """Tell whether `key` is the rest of a longer spelling of the row labelled `label`."""
    words = vocabulary()
    same_row = set(words.rows[label])
    return any(key in other for other, rows in words.rows.items() if same_row & set(rows))


def _label_follows(cells: tuple[GridCell, ...], start: int) -> bool:
    words = vocabulary()
    for cell in cells[start:]:
        text = cell.text
        if text and not is_value(text):
            key = label_key(text)
            if key in words.rows or key in words.headers:
                return True
    return False


def _split_shared_cells(cells: tuple[GridCell, ...]) -> tuple[tuple[GridCell, ...], bool]:
    """Part a cell that holds the end of the label and the first number (`费 0`)."""
    words = vocabulary()
    for i, cell in enumerate(cells):
        if not cell.text or not cell.text[-1].isdecimal():
            continue
        if is_value(cell.text):
            break
        parts = split_number(cell.text)
        if parts is None or label_key(cell.text) in words.rows or not is_plain_number(parts[1]):
            continue
        before = "".join(c.text for c in cells[:i])
        whole = label_key(before + parts[0])
        if whole in words.rows or label_key(parts[0]) in words.rows:
            raw = cell.raw or cell.text
            label = replace(cell, text=parts[0], raw=raw, alternatives=())
            number = replace(label, text=parts[1])
            return (*cells[:i], label, number, *cells[i + 1 :]), True
    return cells, False
