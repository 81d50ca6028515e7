"""Reports as an Excel workbook: what is in it, an index, the findings, each report in the official layout.

Up to `SHEETS` reports each have a sheet of their own. More become one wide sheet, a row a report, written
row by row. Everything is written as text or number, never as a formula.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from services.commands.outputs.extra import needed
from services.commands.outputs.sheets import Book, draw_report, on_paper, put, sheet_name
from services.commands.outputs.wide import WideSheets
from services.commands.outputs.wordings import (
    LEVELS,
    SEVERITIES,
    STATES,
    VERDICTS,
    severity_counts,
)
from services.commands.talking.labels import printed

SHEETS: Final = 300
"""Reports that each get a sheet; a workbook with more can no longer be leafed through."""
LAST_ROW: Final = 1_000_000
"""The last row that is filled of a sheet; Excel shows 1,048,576."""
_CELLS_NAMED: Final = 12
_MADE: Final = datetime(2019, 5, 15)  # noqa: DTZ001 - fixed, so that the same reports give the same bytes

_INDEX: Final = (
    ("机关 Agency", 34), ("年度 Year", 8), ("省 Province", 12), ("市 City", 12), ("县 County", 12),
    ("层级 Level", 11), ("发布日期 Published", 12), ("错误 Errors", 8), ("警告 Warnings", 8),
    ("提示 Notes", 8), ("文件 File", 40), ("表 Sheet", 30),
)  # fmt: skip
_ISSUES: Final = (
    ("机关 Agency", 30), ("年度 Year", 8), ("级别 Severity", 14), ("规则 Rule", 22),
    ("归因 Origin", 10), ("位置 Cells", 40), ("说明", 60), ("Message", 60), ("公式 Formula", 40),
    ("应为 Expected", 14), ("实为 Observed", 14), ("差 Difference", 12), ("建议 Suggestion", 50),
    ("依据 Legal basis", 20), ("决定 Decision", 10), ("文件 File", 36), ("编号 Id", 20),
)  # fmt: skip
_FEW: Final = ("其后每份报告一张表，按国家格式 · then one sheet a report, as the form prints it",)
_MANY: Final = (
    f"报告多于 {SHEETS} 份，不再逐份画表：“单元格 Cells” 每份报告一行、每格一列，无一遗漏",
    f"more than {SHEETS} reports are not drawn one by one: “Cells” has every report, one a row",
    "缩小范围可得逐份的表 · for sheets in the official layout narrow it: --year, --region, --agency",
)
_LEGEND: Final = (
    "有问题的格带批注：规则、说明、公式、差额",
    "a failing cell has a comment: rule, message, formula, difference",
    "下划线：识读存疑，请人工核对 · underlined: a doubtful reading, please look",
)
Line = Mapping[str, Any]


def write_workbook(path: Path, lines: Iterable[Line], reports: int) -> int:
    """Write the reports among some neutral lines and return how many they are.

    `reports` says beforehand how many come, and so which kind of workbook is made. Raises `NeedsExtra`.
    """
    many = reports > SHEETS
    made = needed("xlsxwriter").Workbook(
        str(path),
        {"constant_memory": many, "strings_to_formulas": False, "strings_to_urls": False},
    )
    book = Book(made)
    about = made.add_worksheet("说明 About")
    index, findings = _Listing(book, "目录 Index", _INDEX), _Listing(book, "问题 Issues", _ISSUES)
    wide = WideSheets(book, LAST_ROW) if many else None
    count = 0
    for line in lines:
        count += 1
        name = None if many else sheet_name(count, line)
        index.add(_index_values(line), link=name)
        for issue in line["issues"]:
            findings.add(_issue_values(line, issue), fill=issue["severity"])
        if wide is not None:
            wide.add(line)
        elif name is not None:
            draw_report(book, name, line)
    for listing in (index, findings):
        listing.finish()
    _tell(book, about, _about(count, many=many))
    made.set_properties({"title": "勾稽 gouji", "created": _MADE})
    made.close()
    return count


class _Listing:
    """A sheet with a title row that takes one row after the other; a full one is followed by the next."""

    def __init__(self, book: Book, name: str, columns: tuple[tuple[str, int], ...]) -> None:
        self._book, self._name, self._columns = book, name, columns
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._count += 1
        number = f" {self._count}" if self._count > 1 else ""
        self._sheet = self._book.made.add_worksheet(f"{self._name}{number}")
        on_paper(self._sheet)
        self._sheet.freeze_panes(1, 1)
        for column, (title, width) in enumerate(self._columns):
            self._sheet.set_column(column, column, width)
            put(self._sheet, 0, column, title, self._book.style("head"))
        self._row = 0

    def add(
        self, values: Iterable[Any], *, link: str | None = None, fill: str | None = None
    ) -> None:
        if self._row >= LAST_ROW:
            self.finish()
            self._begin()
        self._row += 1
        plain = self._book.style("plain")
        for column, value in enumerate(values):
            filled = fill is not None and self._columns[column][0].startswith("级别")
            put(
                self._sheet,
                self._row,
                column,
                value,
                self._book.style("plain", fill) if filled else plain,
            )
        if link is not None:
            at = len(self._columns) - 1
            self._sheet.write_url(
                self._row, at, f"internal:'{link}'!A1", self._book.style("link"), link
            )

    def finish(self) -> None:
        self._sheet.autofilter(0, 0, max(self._row, 1), len(self._columns) - 1)


def _index_values(line: Line) -> list[Any]:
    region, counts = line["region"], severity_counts(line)
    level = LEVELS.get(line["agency_level"])
    return [
        line["agency"], line["year"], region["province"], region["city"], region["county"],
        str(level) if level else None, line["published_on"], *counts.values(), line["file"],
    ]  # fmt: skip


def _issue_values(line: Line, issue: Mapping[str, Any]) -> list[Any]:
    named = [printed(address, line["template"]) for address in issue["addresses"]]
    cells = "\n".join(named[:_CELLS_NAMED])
    if len(named) > _CELLS_NAMED:
        cells += f"\n… 共 {len(named)} 格 · {len(named)} cells in all"
    decision = issue.get("decision")
    return [
        line["agency"], line["year"], str(SEVERITIES[issue["severity"]]), issue["rule"],
        issue["origin"], cells, issue["message_zh"], issue["message_en"], issue["formula"],
        issue["expected"], issue["observed"], issue["difference"], issue["suggestion"],
        issue["legal_basis"], str(VERDICTS[decision["verdict"]]) if decision else None,
        line["file"], issue["id"],
    ]  # fmt: skip


def _about(count: int, *, many: bool) -> list[tuple[str, str | None]]:
    """Return the lines that say what the workbook holds, each with the look of what it explains."""
    told: list[tuple[str, str | None]] = [
        (f"勾稽 gouji：{count} 份报告 · {count} reports", None),
        ("目录 Index：每份报告一行 · one row a report", None),
        ("问题 Issues：每个问题一行 · one row a finding", None),
    ]
    told += [(text, None) for text in (_MANY if many else _FEW)]
    told += [(str(word), f"number:{level}") for level, word in SEVERITIES.items()]
    told += [
        (f"{word}（不是 0 · not 0）", f"{state}:")
        for state, word in STATES.items()
        if state != "number"
    ]
    told += [(text, None) for text in _LEGEND]
    return told


def _tell(book: Book, sheet: Any, lines: Iterable[tuple[str, str | None]]) -> None:
    sheet.set_column(0, 0, 80)
    on_paper(sheet)
    for row, (text, look) in enumerate(lines):
        style = book.style("wrapped")
        if look is not None:
            name, _, level = look.partition(":")
            style = book.style(name, level or None)
        put(sheet, row, 0, text, style)
