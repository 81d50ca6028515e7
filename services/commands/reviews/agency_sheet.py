"""A list of bodies as a CSV file: decoding, titles, rows; whatever is wrong is said row by row."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from services.commands.reviews.reviewing import Mistaken
from shared.language import spoken

Column = Literal["agency", "region_code", "region", "parent", "level", "kind", "since", "until"]

TITLES: Final[dict[Column, tuple[str, ...]]] = {
    "agency": ("agency", "机关名称", "行政机关", "机关", "单位名称"),
    "region_code": ("region_code", "区划代码", "行政区划代码"),
    "region": ("region", "地区", "行政区划"),
    "parent": ("parent", "上级汇总政府", "汇总政府"),
    "level": ("level", "级别", "层级"),
    "kind": ("kind", "类别", "机关类别"),
    "since": ("since", "起始年度"),
    "until": ("until", "截止年度"),
}
"""The titles by which a column is known, the English one first."""

_COLUMN_OF: Final = {title: column for column, titles in TITLES.items() for title in titles}
_SPACES: Final = re.compile(r"[\s\u3000\ufeff]+")
_LARGEST: Final = 16 << 20


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one row: where, what stands there, and what should.

    `row` counts as a spreadsheet does: the titles are row 1.
    """

    row: int
    column: str
    found: str
    expected_zh: str
    expected_en: str

    def __str__(self) -> str:
        row = spoken(f"第 {self.row} 行", f"row {self.row}", " ")
        wanted = spoken(f"应为 {self.expected_zh}", f"must be {self.expected_en}")
        return f"{row}  {self.column}: {self.found!r}  {wanted}"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the file as text; a column that is not there is empty."""

    row: int
    texts: dict[Column, str] = field(default_factory=dict)

    def __getitem__(self, column: Column) -> str:
        """Return the text of a column."""
        return self.texts.get(column, "")

    def fault(self, column: Column, expected_zh: str, expected_en: str) -> Fault:
        """Return what is wrong with one of its texts."""
        return Fault(self.row, column, self[column], expected_zh, expected_en)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a file, what is wrong with their form, and titles that mean nothing here."""

    rows: tuple[SheetRow, ...]
    faults: tuple[Fault, ...]
    ignored: tuple[str, ...]


def read_sheet(data: bytes) -> Sheet:
    """Return the rows of a CSV file; raises `Mistaken` for what is no such file at all."""
    lines = list(_lines(_decoded(data)))
    if not lines:
        raise Mistaken(spoken("文件是空的", "the file is empty"))
    (_, head), *rest = lines
    columns = [_COLUMN_OF.get(_tidy(title).lower()) for title in head]
    if "agency" not in columns:
        raise Mistaken(
            f"{spoken('首行须有列', 'the first row must have the column', ' ')} 机关名称 / agency; "
            f"{spoken('有', 'found', ' ')}: {', '.join(head)}"
        )
    named = [c for c in columns if c is not None]
    twice = sorted({c for c in named if named.count(c) > 1})
    if twice:
        what = spoken("列重复", "columns that stand twice", " ")
        raise Mistaken(f"{what}: {', '.join(twice)}")
    ignored = tuple(t for t, c in zip(head, columns, strict=True) if c is None and t.strip())
    rows, faults = [], []
    for number, texts in rest:
        tidy = [_tidy(text) for text in texts]
        if not any(tidy):
            continue
        if any(tidy[len(columns) :]):
            faults.append(_surplus(number, len(tidy), len(columns)))
            continue
        pairs = zip(columns, tidy, strict=False)
        rows.append(SheetRow(number, {c: text for c, text in pairs if c is not None}))
    return Sheet(tuple(rows), tuple(faults), ignored)


def _decoded(data: bytes) -> str:
    if len(data) > _LARGEST:
        raise Mistaken(spoken("文件过大", "too large for a list") + f": {len(data)} bytes")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Mistaken(spoken("应为 UTF-8 或 GB18030 的 CSV", "must be CSV in UTF-8 or GB18030"))


def _lines(text: str) -> Iterable[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    number = 0
    try:
        for number, texts in enumerate(reader, start=1):
            yield number, texts
    except csv.Error as error:
        raise Mistaken(
            spoken(f"第 {number + 1} 行不是 CSV", f"row {number + 1} is no CSV") + f": {error}"
        ) from error


def _tidy(text: str) -> str:
    return _SPACES.sub("", text)


def _surplus(row: int, found: int, columns: int) -> Fault:
    return Fault(row, "*", str(found), f"不超过 {columns} 列", f"at most {columns} columns")
