"""Tables without tabs or pipes: blank-parted columns, or nothing but one cell on each line."""

from services.normalize.core.furniture import is_furniture
from services.normalize.core.layouts import columns
from services.normalize.core.layouts.run import Group, Run, evidence, rows_of_groups
from services.normalize.core.layouts.tokens import Line, line_of
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import (
    is_running_text,
    is_section_heading,
    is_value,
    label_kind,
)  # fmt: skip
from shared.report.document import Table

_LONGEST_LINE = 300
_WIDEST_GAP = 6
_LONGEST_PAGE_NUMBER = 3


def opens(text: str) -> bool:
    """Tell whether a trimmed line can be the first of a table: a label, a figure, a row."""
    if len(text) > _LONGEST_LINE:
        return False
    if is_value(text) or label_kind(text) is not None:
        return True
    words = text.split()
    if len(words) < 2:
        return False
    if is_value(words[-1]):
        return (len(words) > 2 and is_value(words[-2])) or label_kind(
            "".join(words[:-1])
        ) is not None
    if all(label_kind(word) for word in words):
        return True
    return "  " in text and any(label_kind(part.strip()) for part in text.split("  "))


def read(source: Source, kinds: str, start: int, limit: int) -> Run | int:
    """Read the table that begins at `start`.

    Without a table it returns how far it looked, so that nobody looks there again.
    """
    furniture, members, stop = _members(source, kinds, start, limit)
    rows = [line_of(source, index) for index, _ in members]
    while rows and not _belongs(rows[-1]):
        rows.pop()
    if not rows or not evidence(t.text for row in rows for t in (*row.labels, *row.figures)):
        return stop
    end = rows[-1].at + 1
    beside = sum(1 for row in rows if row.figures and len(row.labels) + len(row.figures) > 1)
    figures = sum(1 for row in rows if row.figures)
    in_columns = beside > 0 and beside * 4 >= figures
    if in_columns:
        pages = [row for row in rows if _is_page_number(source, kinds, row)]
        furniture += [row.at for row in pages]
        rows = [row for row in rows if row not in pages]
    table = columns.table(source, rows) if in_columns else _stream(source, rows, dict(members))
    return Run((table,), end, tuple(i for i in furniture if i < end))


def _members(
    source: Source, kinds: str, start: int, limit: int
) -> tuple[list[int], list[tuple[int, int]], int]:
    """Collect the lines that can be rows, each with the number of empty lines above it."""
    furniture: list[int] = []
    members: list[tuple[int, int]] = []
    gap = 0
    index = start
    while index < limit and gap <= _WIDEST_GAP:
        kind = kinds[index]
        if kind == "b":
            gap += 1
        elif kind != "x":
            break
        else:
            text = source.texts[index].strip()
            if ("  " not in text and is_section_heading(text)) or (
                is_running_text(text) and not opens(text)
            ):
                break
            if is_furniture(text) and not is_value(text):
                furniture.append(index)
            else:
                members.append((index, gap))
                gap = 0
        index += 1
    return furniture, members, index


def _is_page_number(source: Source, kinds: str, row: Line) -> bool:
    """Tell whether a bare number stands apart from the rows, as the foot of a page does."""
    text = source.texts[row.at].strip()
    around = kinds[row.at - 1 : row.at] + kinds[row.at + 1 : row.at + 2]
    return text.isdigit() and len(text) <= _LONGEST_PAGE_NUMBER and not around.strip("b")


def _belongs(row: Line) -> bool:
    """Tell whether a line proves by itself to be part of the table."""
    if row.figures:
        return True
    return any(label_kind(t.text) is not None for t in row.labels)


def _stream(source: Source, rows: list[Line], gaps: dict[int, int]) -> Table:
    groups: list[Group] = [[]]
    for row in rows:
        if gaps[row.at] and groups[-1]:
            groups.append([])
        groups[-1] += [
            source.cell(row.at, 0, t.text, source.raws.get(row.at))
            for t in (*row.labels, *row.figures)
        ]
    found, layout = rows_of_groups(groups)
    return Table(tuple(found), layout)
