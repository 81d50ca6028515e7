"""Rows on lines, cells parted by commas or semicolons: a spreadsheet saved as CSV."""

import csv
import re

from services.normalize.core.layouts.run import Group, Run, evidence, row_of
from services.normalize.core.source import Source
from services.normalize.core.vocabulary import is_running_text, is_section_heading
from shared.report.document import Table

_PROOF = re.compile(
    r'(?m)^[,;]{0,3}"?(?:规章|(?:行政)?规范性文件|行政许可|行政处罚|行政强制)"?\s?[,;]"?\s?[\d/-]'
)
_LONGEST = 2000


def mark(source: Source, kinds: list[str], text: str) -> None:
    """Mark the lines of separated values with `s`, if the rows of table two show them."""
    if "," not in text and ";" not in text:
        return
    if not _PROOF.search("\n".join(source.texts) if source.traditional else text):
        return
    for index, line in enumerate(source.texts):
        if kinds[index] == "x" and _is_row(line):
            kinds[index] = "s"


def _is_row(line: str) -> bool:
    if len(line) > _LONGEST or line.count(",") + line.count(";") < 1 or "。" in line:
        return False
    text = line.strip()
    return not is_section_heading(text) and (not is_running_text(text) or text.count(",") >= 7)


def read(source: Source, kinds: str, start: int) -> tuple[Run | None, int]:
    """Read the rows from `start`; also tells where they end."""
    end = start
    while end < len(kinds) and kinds[end] == "s":
        end += 1
    lines = source.texts[start:end]
    semicolons = sum(line.count(";") for line in lines)
    separator = ";" if semicolons > sum(line.count(",") for line in lines) else ","
    rows: list[Group] = []
    for index, fields in _fields(lines, start, separator):
        raw = source.raws.get(index)
        cells = [source.cell(index, c, f, raw if not c else None) for c, f in enumerate(fields)]
        if cells:
            rows.append(cells)
    if not evidence([c.text for cells in rows for c in cells]):
        return None, end
    return Run((Table(tuple(row_of(r) for r in rows), "tabs"),), end), end


def _fields(lines: list[str], start: int, separator: str) -> list[tuple[int, list[str]]]:
    """Split each line by itself: a stray quote never swallows the lines below."""
    return [
        (start + offset, next(csv.reader([line], delimiter=separator), []))
        for offset, line in enumerate(lines)
    ]
