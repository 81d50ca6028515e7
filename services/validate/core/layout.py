"""Rules about the tables as a whole: edition, missing tables, rows and columns."""

import re
from collections.abc import Iterator
from functools import cache

from services.validate.core.facts import Facts, edition_addresses, passed
from services.validate.core.naming import (
    cell_name,
    listed,
    listed_en,
    row_name,
    split,
    table_name,
)
from services.validate.core.verdicts import Verdict
from shared import forms
from shared.report.document import Place
from shared.report.issue import Evidence, Origin, Severity
from shared.report.record import Cell, Edition

_SECTION_OF = {"active_disclosure": 2, "applications": 3, "review_litigation": 4}
_FOUR = "review_litigation"
_PROSE = {
    "active_disclosure": re.compile(
        r"(?:规章|规范性文件|行政许可|行政处罚|行政强制|收费)[^。]{0,30}\d"
    ),
    "applications": re.compile(
        r"(?:申请|予以公开|结转)[^。]{0,30}(?:\d|[零〇一二三四五六七八九十]+件)"
    ),
    "review_litigation": re.compile(
        r"(?:复议|诉讼)[^。]{0,30}(?:\d|[零〇一二三四五六七八九十]+[件宗起])"
    ),
}
_NOT_A_ROW = ("label without values", "value beyond the columns")
"""Reasons of leftovers that are told elsewhere: a label tail, a value that shifted (`e_cell_shift`)."""
_EMPTY_BUT_THERE = frozenset(("empty_in_damaged_source", "unsure_blank", "covered"))
"""Notes of cells that are printed, though they show no number of their own."""
_IN_A_SHORT_ROW = "column_lost"


def judge_editions(facts: Facts) -> Iterator[Verdict]:
    """Yield tables of the wrong edition for the year, and mixtures of editions."""
    year = facts.record.identity.year
    shown = {t: e for t, e in facts.record.templates.items() if t != _FOUR}
    kinds = set(shown.values())
    if len(kinds) > 1:
        yield _hybrid(facts, shown)
        yield passed("s_template_outdated")
        return
    yield passed("s_template_hybrid")
    form = forms.for_year(year) if year is not None else None
    if form is None or not kinds or kinds == {form.edition}:
        yield passed("s_template_outdated")
        return
    edition = kinds.pop()
    outdated = edition < form.edition
    word_zh, word_en = ("已停用的", "superseded") if outdated else ("当年尚未施行的", "later")
    yield Verdict(
        "s_template_outdated", "", "fail", expected=form.edition, observed=edition,
        message_zh=f"{year} 年度报告应使用 {form.edition} 年格式（{form.instrument}），"
        f"实际用了{word_zh} {edition} 年格式。",
        message_en=f"The report on {year} must use the {form.edition} form, but uses the {word_en} {edition} form.",
        severity="error" if outdated else "warning",
        origin="unknown" if facts.record.damaged else "source",
    )  # fmt: skip


def _hybrid(facts: Facts, shown: dict[str, Edition]) -> Verdict:
    zh = "，".join(f"{table_name(t).zh}为 {e} 年格式" for t, e in sorted(shown.items()))
    en = ", ".join(f"{table_name(t).en} is of {e}" for t, e in sorted(shown.items()))
    return Verdict(
        "s_template_hybrid", "", "fail", observed=zh,
        message_zh=f"同一报告混用两种格式：{zh}。",
        message_en=f"Two editions of the form are mixed: {en}.",
        origin="unknown" if facts.record.damaged else "source",
    )  # fmt: skip


def judge_tables(facts: Facts) -> Iterator[Verdict]:
    """Yield tables that are not there, and those replaced by sentences."""
    found_section = {s.number for s in facts.record.sections}
    prose, missing = [], []
    for table, number in _SECTION_OF.items():
        if facts.edition(table) is not None:
            continue
        text = facts.section_text(number) or ""
        if len(_PROSE[table].findall(text)) >= 1:
            prose.append(table)
        elif number in found_section:
            # without its section the missing section is the finding
            missing.append(table)
    for rule, tables in (("s_table_missing", missing), ("s_table_as_prose", prose)):
        if not tables:
            yield passed(rule)
        for table in tables:
            yield _table_gone(facts, rule, table)


def _table_gone(facts: Facts, rule: str, table: str) -> Verdict:
    name = table_name(table)
    how_zh, how_en = (
        ("没有找到", "was not found")
        if rule == "s_table_missing"
        else ("以文字代替", "is replaced by sentences")
    )
    lost = facts.page_lost or facts.record.damaged or facts.recognised
    text = (facts.section_text(_SECTION_OF[table]) or "")[:60]
    return Verdict(
        rule, table, "fail", evidence=(Evidence(text),) if text else (),
        message_zh=f"{name.zh}{how_zh}。", message_en=f"{name.en} {how_en}.".capitalize(),
        origin="extraction" if lost else "source",
    )  # fmt: skip


def judge_rows(facts: Facts) -> Iterator[Verdict]:
    """Yield missing rows per table, lost columns, and rows the form does not have."""
    absent = [c for c in facts.states.get("absent", ()) if _EMPTY_BUT_THERE.isdisjoint(c.notes)]
    by_table: dict[str, list[Cell]] = {}
    for cell in absent:
        by_table.setdefault(cell.address.partition(".")[0], []).append(cell)
    missing, short, group_missing = False, False, False
    for table, cells in by_table.items():
        edition = facts.edition(table)
        if edition is None:
            continue
        short_rows = frozenset(c.address for c in cells if _IN_A_SHORT_ROW in c.notes)
        gone, partly = _rows_gone(edition, table, frozenset(c.address for c in cells), short_rows)
        if gone:
            missing = True
            yield _rows_missing(facts, table, edition, gone)
        if partly and table == _FOUR:
            group_missing = True
            yield _group_missing(facts, partly, short_rows)
        elif partly and not _told(facts, partly):
            short = True
            yield _columns_short(facts, table, edition, partly)
    if not missing:
        yield passed("s_row_missing")
    if not missing and not group_missing:
        yield passed("t4_group_missing")
    if not short:
        yield passed("s_column_count")
    yield from _extra_rows(facts)


@cache
def _row_cells(edition: Edition, table: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    form = forms.table(edition, table)
    return tuple(
        (r.id, tuple(form.address(r.id, c.id) for c in b.columns))
        for b in form.blocks
        for r in b.rows
    )


def _rows_gone(
    edition: Edition, table: str, absent: frozenset[str], short: frozenset[str]
) -> tuple[list[str], list[str]]:
    """Return the rows that are wholly absent, and the absent cells of rows that are there.

    Rows whose numbers were too few to be placed (`short`) are there.
    """
    gone, partly = [], []
    for row, cells in _row_cells(edition, table):
        lost = [a for a in cells if a in absent]
        if len(lost) == len(cells) and short.isdisjoint(cells):
            gone.append(row)
        else:
            partly += lost
    return gone, partly


def _rows_missing(facts: Facts, table: str, edition: Edition, rows: list[str]) -> Verdict:
    cells = dict(_row_cells(edition, table))
    every = len(cells)
    addresses = tuple(a for r in rows for a in cells[r])
    name = table_name(table)
    zh = listed([row_name(edition, table, r).zh for r in rows], 25)
    en = listed_en([row_name(edition, table, r).en for r in rows], 25)
    rule = "t4_group_missing" if table == _FOUR else "s_row_missing"
    lost = facts.page_lost or facts.record.damaged or facts.recognised
    origin: Origin = "extraction" if lost else "source"
    if origin == "source" and len(rows) > every // 2:
        # so much is rarely left out by hand: the copy may be incomplete
        origin = "unknown"
    return Verdict(
        rule, table, "fail", addresses, expected=every, observed=every - len(rows),
        difference=-len(rows),
        message_zh=f"{name.zh}缺少 {len(rows)} 行（共 {every} 行）：{zh}。缺失的数值未知，不是 0。",
        message_en=f"{name.en} lacks {len(rows)} of {every} rows: {en}. The missing values are unknown, not zero.",
        origin=origin,
    )  # fmt: skip


def _group_missing(facts: Facts, cells: list[str], short: frozenset[str]) -> Verdict:
    """Say that table four holds fewer than fifteen numbers; which are lacking may be unknown."""
    every = len(edition_addresses("2021", _FOUR))
    placed = short.isdisjoint(cells)
    where_zh = listed([cell_name("2021", a).zh for a in cells], 5) if placed else ""
    where_en = listed_en([cell_name("2021", a).en for a in cells], 5) if placed else ""
    return Verdict(
        "t4_group_missing", "cells", "fail", tuple(cells), expected=every,
        evidence=facts.evidence(cells),
        message_zh=f"{table_name(_FOUR).zh}应有 {every} 个数，实际不足，"
        + (f"缺 {where_zh}。" if placed else "无法确定缺的是哪几个，未作任何推断。"),
        message_en=f"{table_name(_FOUR).en} should hold {every} numbers and holds fewer; "
        + (f"lacking {where_en}." if placed else "which are lacking cannot be told, none was placed."),
        origin="extraction" if facts.page_lost or facts.record.damaged else "unknown",
    )  # fmt: skip


def _told(facts: Facts, addresses: list[str]) -> bool:
    """Tell whether the reader itself reported these columns as lost."""
    told = {a for o in facts.record.observations if o.rule == "s_column_count" for a in o.addresses}
    return told.issuperset(addresses)


def _columns_short(facts: Facts, table: str, edition: Edition, cells: list[str]) -> Verdict:
    rows = list(dict.fromkeys(split(a)[1] for a in cells))
    zh = listed([row_name(edition, table, r).zh for r in rows])
    en = listed_en([row_name(edition, table, r).en for r in rows])
    lost = facts.page_lost or facts.record.damaged or facts.uncertain(cells)
    severity: Severity | None = None
    return Verdict(
        "s_column_count", table, "fail", tuple(cells), evidence=facts.evidence(cells),
        message_zh=f"{table_name(table).zh}有 {len(rows)} 行的数字个数少于栏数：{zh}。",
        message_en=f"{table_name(table).en}: {len(rows)} rows have fewer numbers than columns: {en}.",
        severity=severity, origin="extraction" if lost else "unknown",
    )  # fmt: skip


def _extra_rows(facts: Facts) -> Iterator[Verdict]:
    extra = [x for x in facts.record.leftovers if not x.reason.startswith(_NOT_A_ROW)]
    if not extra:
        yield passed("s_extra_row")
        return
    text = listed([f"“{x.text.strip()}”" for x in extra], 5)
    yield Verdict(
        "s_extra_row", "", "fail", observed=len(extra), expected=0,
        evidence=tuple(Evidence(x.text, None, Place(line=x.line)) for x in extra),
        message_zh=f"表格中有 {len(extra)} 处内容不属于规定的行或列：{text}。未计入任何数据。",
        message_en=f"{len(extra)} pieces in the tables fit no row or column of the form: {text}; not counted.",
        origin="extraction" if facts.record.damaged or facts.page_lost else "unknown",
    )  # fmt: skip
