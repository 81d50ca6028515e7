"""The reader of spreadsheets (.xlsx, .xls, .et): values and merged ranges become text and grids."""

import io
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from services.normalize.core.composing import Block, Grid, Slot, Text, compose
from services.normalize.core.outcomes import Aids
from services.normalize.core.readers.sheet.audit import (
    MOST_CELLS,
    Audit,
    Workbook,
    audit,
    check_area,
)
from services.normalize.core.readers.sheet.audit_old import audit_old
from services.normalize.core.squeezing import squeeze
from services.normalize.core.vocabulary import (
    is_running_text,
    is_section_heading,
    is_value,
    label_kind,
)
from shared.errors import BadInput
from shared.report.document import Document, Observation

_ZIP: Final = b"PK\x03\x04"
_EXACT: Final = 15
"""Significant digits a spreadsheet keeps; more are noise of binary fractions."""
_ERROR: Final = "#"
"""How the words of a formula error begin."""
_ENUMERATED: Final = re.compile(r"\s*[(（]?[一二三四五六七八九十\d]{1,3}[)）、.．,，]")
_MOST_MERGED: Final = 4 * MOST_CELLS
"""Cells under merges that are followed; merges that overlap without end are an attack."""
_LONGEST_EVIDENCE: Final = 120

_Value = int | float | str | bool | time | date | datetime | timedelta


def read(data: bytes, name: str, _: Aids) -> Document:
    """Return the document in a spreadsheet: every visible sheet in order."""
    observations: list[Observation] = []
    blocks = _blocks(data, name, observations)
    return compose(blocks, name, reader="sheet", observations=observations)


def embedded_blocks(data: bytes, name: str) -> list[Block]:
    """Return what a workbook inside another document shows; nothing when it is no workbook."""
    try:
        return _blocks(data, name, [])
    except BadInput:
        return []


def _blocks(data: bytes, name: str, observations: list[Observation]) -> list[Block]:
    about = audit(data, name) if data.startswith(_ZIP) else Workbook(audit_old(data))
    blocks: list[Block] = []
    hidden: list[str] = []
    unseen: list[str] = []
    with _refusing(name):
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for index, listed in enumerate(book.sheets_metadata):
            if listed.typ != SheetTypeEnum.WorkSheet:
                continue
            if listed.visible != SheetVisibleEnum.Visible:
                hidden.append(listed.name)
                continue
            peculiar = about.sheets.get(index, Audit())
            slots = _slots(book.get_sheet_by_index(index), peculiar, name)
            shown, dropped = _without_hidden(slots, peculiar)
            unseen += [s.text for s in dropped if s.text.strip()]
            blocks += _laid_out(shown)
    blocks += (Text(text, aside=True) for text in about.drawn)
    seen = (
        ("e_hidden_sheet", hidden), ("e_hidden_text", unseen), ("e_picture_skipped", about.pictures)
    )  # fmt: skip
    for rule, texts in seen:
        if texts:
            evidence = "; ".join(texts[:5])[:_LONGEST_EVIDENCE]
            observations.append(Observation(rule, f"{evidence} ×{len(texts)}"))
    return blocks


@contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn what the library raises into a refusal with the reason."""
    try:
        yield
    except PasswordError as error:
        raise BadInput(
            "encrypted",
            f"“{name}”有密码，请去掉密码后重新传送。",
            f"{name!r} is locked with a password. Remove the password and send it again.",
        ) from error
    except CalamineError as error:
        raise _broken(name, error) from error
    except BaseException as error:
        # the library's own crash is no ordinary exception, but it is the file's doing
        if type(error).__name__ == "PanicException":
            raise _broken(name, error) from error
        raise


def _broken(name: str, error: BaseException) -> BadInput:
    return BadInput(
        "broken",
        f"“{name}”作为工作簿无法打开（{error}），请另存原文件后重新传送。",
        f"{name!r} cannot be opened as a workbook ({error}). Save the original again and send it.",
    )


def _slots(sheet: CalamineSheet, about: Audit, name: str) -> list[Slot]:
    """Return every cell of the used area of a sheet; those under a merged cell are part of it."""
    start, end = sheet.start, sheet.end
    if start is None or end is None:
        return []
    check_area(end[0] - start[0] + 1, end[1] - start[1] + 1, sheet.name, name)
    values = sheet.to_python(skip_empty_area=True)
    merged, covered = _merges(sheet, start, end)
    slots: list[Slot] = []
    for r, row in enumerate(values, start[0]):
        for c, value in enumerate(row, start[1]):
            if (r, c) in covered:
                continue
            rows, columns = merged.get((r, c), (1, 1))
            text = about.errors.get((r, c)) or _printed(value)
            unread = not text and (r, c) in about.uncalculated
            slots.append(Slot(text, r, c, rows, columns, unread=unread))
    return slots + [Slot("", r, c) for r, c in sorted(about.empty) if r == end[0] + 1]


def _merges(
    sheet: CalamineSheet, start: tuple[int, int], end: tuple[int, int]
) -> tuple[dict[tuple[int, int], tuple[int, int]], set[tuple[int, int]]]:
    """Return the spans of merged cells by their first cell, and the cells that they cover."""
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    covered: set[tuple[int, int]] = set()
    spent = 0
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        last_row, last_column = min(bottom, end[0]), min(right, end[1])
        first = (max(top, start[0]), max(left, start[1]))
        if last_row < first[0] or last_column < first[1] or first in covered:
            continue
        spent += (last_row - first[0] + 1) * (last_column - first[1] + 1)
        if spent > _MOST_MERGED:
            break
        spans[first] = (last_row - first[0] + 1, last_column - first[1] + 1)
        covered.update(
            (r, c)
            for r in range(first[0], last_row + 1)
            for c in range(first[1], last_column + 1)
            if (r, c) != first
        )
    return spans, covered


def _printed(value: _Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        text = f"{Decimal(format(value, f'.{_EXACT}g')):f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text == "-0" else text
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    return str(value)


def _without_hidden(slots: list[Slot], about: Audit) -> tuple[list[Slot], list[Slot]]:
    """Take hidden rows and columns out; return what is shown, and what is not."""
    if not about.hidden_rows and not about.hidden_columns:
        return slots, []
    hidden_rows, hidden_columns = sorted(about.hidden_rows), sorted(about.hidden_columns)
    shown: list[Slot] = []
    dropped: list[Slot] = []
    for slot in slots:
        row, rows = _kept(slot.row, slot.rows, hidden_rows)
        column, columns = _kept(slot.column, slot.columns, hidden_columns)
        if rows and columns:
            shown.append(replace(slot, row=row, column=column, rows=rows, columns=columns))
        else:
            dropped.append(slot)
    return shown, dropped


def _kept(first: int, count: int, hidden: list[int]) -> tuple[int, int]:
    before = bisect_left(hidden, first)
    inside = bisect_left(hidden, first + count) - before
    return first - before, count - inside


def _laid_out(slots: Sequence[Slot]) -> Iterable[Block]:
    """Part a sheet into text (rows of one text that is no cell of a table) and grids."""
    width = max((s.column + s.columns for s in slots), default=0)
    first = min((s.column for s in slots), default=0)
    own: dict[int, list[Slot]] = {}
    for slot in slots:
        own.setdefault(slot.row, []).append(slot)
    band: list[Slot] = []
    covered_to = -1
    for row in sorted(own):
        filled = [s for s in own[row] if s.text.strip() or s.unread]
        inside = row <= covered_to
        alone = (
            len(filled) == 1
            and not inside
            and _stands_alone(filled[0], first, width, below_text=not band)
        )
        if alone or not (filled or inside or _awaits_values(band)):
            yield from _grid(band)
            band = []
            yield from (Text(s.text) for s in filled)
            continue
        covered_to = max(covered_to, *(s.row + s.rows - 1 for s in own[row]))
        band += own[row]
    yield from _grid(band)


def _stands_alone(slot: Slot, first: int, width: int, *, below_text: bool) -> bool:
    """Tell whether the only text of a row is a title, a heading, a sentence, a signature."""
    parts = [p.strip() for p in slot.text.split("\n") if p.strip()]
    whole = "".join(parts)
    is_wide = slot.columns * 5 >= (width - first) * 4
    is_cell = slot.unread or slot.rows > 1 or whole.startswith(_ERROR)
    if is_cell or label_kind(whole) is not None:
        return False
    if is_value(whole):
        # 无 under a heading, not the only figure of a row
        return below_text and (is_wide or slot.column == first)
    if any(is_section_heading(p) or is_running_text(p) for p in parts):
        return True
    return is_wide or not _ENUMERATED.match(whole)


def _awaits_values(band: Sequence[Slot]) -> bool:
    """Tell whether a table ends in titles: an empty row below them is its row of values."""
    last = [s.text for s in band if band and s.row == band[-1].row and s.text.strip()]
    return len(last) > 1 and not any(is_value(text) for text in last)


def _grid(band: list[Slot]) -> Iterable[Grid]:
    """Return the table of some rows without the empty columns at its sides."""
    filled = [s for s in band if s.text.strip() or s.unread]
    if not filled:
        return
    first = min(s.column for s in filled)
    last = max(s.column + s.columns for s in filled)
    yield Grid(squeeze([s for s in band if first <= s.column < last]))
