"""Cells that hold no number: blank, marked, unreadable; summarised per table."""

from collections.abc import Iterator
from functools import cache

from services.validate.core.comparing import UNKNOWN_BODY, concerned
from services.validate.core.facts import (
    Facts,
    edition_addresses,
    is_doubtful,
    open_question,
    passed,
)
from services.validate.core.kinds import InState
from services.validate.core.naming import (
    cell_name,
    column_name,
    listed,
    listed_en,
    row_name,
    split,
    table_name,
)
from services.validate.core.rule import Rule
from services.validate.core.verdicts import Verdict
from shared import forms
from shared.report.issue import Origin, Severity
from shared.report.record import Cell, CellState, Edition

KEY_ROWS = ("received_new", "carried_over_in", "total", "carried_over_out")
"""Rows of table three that the printed balance is made of."""
_WORDS: dict[CellState, tuple[str, str]] = {
    "blank": ("为空白", "are blank"),
    "mark": ("填写符号而非数字", "hold a mark instead of a number"),
    "unreadable": ("无法辨认为数字", "cannot be read as a number"),
    "absent": ("没有出现", "are not there"),
}
_CELLS_OF_FOUR = 5


def judge_states(facts: Facts) -> Iterator[Verdict]:
    """Yield one finding per state and table; a rule may name the cells it is about."""
    for rule in facts.rulebook.of_kind("cell_state", facts.active):
        told = rule.compiled
        assert isinstance(told, InState)
        meant = concerned(facts, told)
        if meant is None:
            yield open_question(rule.id, note=UNKNOWN_BODY)
        elif meant:
            yield from _of_rule(facts, rule, told)


def _of_rule(facts: Facts, rule: Rule, told: InState) -> Iterator[Verdict]:
    cells = facts.states.get(told.state, [])
    if told.cells:
        cells = [c for c in cells if c.address in told.addresses]
    by_table: dict[str, list[Cell]] = {}
    for cell in cells:
        by_table.setdefault(cell.address.partition(".")[0], []).append(cell)
    if not by_table:
        yield passed(rule.id)
    for table, found in by_table.items():
        edition = facts.edition(table)
        if edition is not None and told.cells and edition in rule.editions:
            yield _named(facts, rule, table, edition, found)
        elif edition is not None and not told.cells:
            yield _finding(facts, rule.id, told.state, edition, found)


def _named(facts: Facts, rule: Rule, table: str, edition: Edition, cells: list[Cell]) -> Verdict:
    """Return the finding of a rule about some cells: as serious as the rule says."""
    addresses = tuple(c.address for c in cells)
    names = [cell_name(edition, a) for a in addresses]
    lost = facts.record.damaged or facts.page_lost or any(c.state == "absent" for c in cells)
    doubt = lost or facts.uncertain(addresses) or any(map(_ink_in_doubt, cells))
    return Verdict(
        rule.id, table, "fail", addresses,
        evidence=facts.evidence(addresses),
        message_zh=f"{table_name(table).zh}：{rule.says_zh}；{listed([n.zh for n in names])}。",
        message_en=f"{table_name(table).en}: {rule.says_en}; {listed_en([n.en for n in names])}.",
        origin="extraction" if doubt else None,
    )  # fmt: skip


def _finding(
    facts: Facts, rule: str, state: CellState, edition: Edition, cells: list[Cell]
) -> Verdict:
    table = cells[0].address.partition(".")[0]
    addresses = tuple(c.address for c in cells)
    every = len(edition_addresses(edition, table))
    groups = _whole_rows(table, edition, frozenset(addresses))
    where_zh = listed([row_name(edition, table, r).zh + "整行" for r in groups], 4)
    where_en = listed_en([f"row {row_name(edition, table, r).en}" for r in groups], 4)
    rest = [a for a in addresses if split(a)[1] not in groups]
    zh = "、".join(x for x in (where_zh, listed(_by_row(edition, table, rest), 6)) if x)
    en = ", ".join(
        x for x in (where_en, listed_en([cell_name(edition, a).en for a in rest], 6)) if x
    )
    says_zh, says_en = _WORDS[state]
    name = table_name(table)
    return Verdict(
        rule, table, "fail", addresses,
        evidence=facts.evidence(addresses),
        message_zh=f"{name.zh}有 {len(cells)}/{every} 个单元格{says_zh}：{zh}。没有数据时应填 0。",
        message_en=f"{name.en}: {len(cells)} of {every} cells {says_en}: {en}. Where there is none, print 0.",
        severity=_severity(facts, rule, table, edition, addresses),
        origin="extraction"
        if all(map(_ink_in_doubt, cells))
        else _origin(facts, rule, table, groups, every, len(cells)),
    )  # fmt: skip


def _by_row(edition: Edition, table: str, addresses: list[str]) -> list[str]:
    """Return the cells as a clerk looks for them: row·column, several of one row as row（column、column）."""
    rows: dict[str, list[str]] = {}
    for address in addresses:
        _, row, column = split(address)
        rows.setdefault(row, []).append(column_name(edition, table, row, column).zh)
    return [
        f"{name}·{columns[0]}" if len(columns) == 1 else f"{name}（{'、'.join(columns)}）"
        for name, columns in ((row_name(edition, table, r).zh, c) for r, c in rows.items())
    ]


def _ink_in_doubt(cell: Cell) -> bool:
    """Tell whether there is ink that recognition did not make out, or not with certainty."""
    if cell.state != "unreadable":
        return False
    return "unread" in cell.notes or ("recognised" in cell.notes and is_doubtful(cell))


def _whole_rows(table: str, edition: Edition, addresses: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        row for row, cells in _rows(edition, table) if len(cells) > 1 and addresses >= cells
    )


@cache
def _rows(edition: Edition, table: str) -> tuple[tuple[str, frozenset[str]], ...]:
    form = forms.table(edition, table)
    return tuple(
        (r.id, frozenset(form.address(r.id, c.id) for c in b.columns))
        for b in form.blocks
        for r in b.rows
    )


def _severity(
    facts: Facts, rule: str, table: str, edition: Edition, addresses: tuple[str, ...]
) -> Severity:
    counted = [a for a in addresses if rule != "c_mark" or ".regulations@" not in a]
    if 2 * len(counted) > len(edition_addresses(edition, table)):
        return "warning"
    if table == "review_litigation":
        whole = bool(_whole_rows(table, edition, frozenset(addresses)))
        return "warning" if rule != "c_mark" and whole else _missing_totals(facts, addresses)
    if table == "applications":
        gone = frozenset(addresses)
        key_row_empty = any(r in KEY_ROWS for r in _whole_rows(table, edition, gone))
        return "warning" if key_row_empty else _missing_totals(facts, addresses)
    return "info"


def _missing_totals(facts: Facts, addresses: tuple[str, ...]) -> Severity:
    """Return `warning` where a blank hides a figure: a key total, or all parts of a printed total."""
    for address in addresses:
        table, row, column = split(address)
        prefix = f"{table}.{row}@"
        if column == "total":
            key = row in KEY_ROWS or table == "review_litigation"
            if key and any(v for a, v in facts.values.items() if a.startswith(prefix)):
                return "warning"
        elif facts.values.get(f"{prefix}total"):
            others = [v for a, v in facts.values.items() if a.startswith(prefix)]
            if len(others) == 1:
                return "warning"
    return "info"


def _origin(
    facts: Facts, rule: str, table: str, groups: tuple[str, ...], every: int, count: int
) -> Origin:
    if facts.record.damaged:
        return "extraction"
    if rule == "c_unreadable":
        return "unknown"
    # a lost span looks just like five cells that nobody filled in
    partly = table == "review_litigation" and bool(groups) and count < every
    return "unknown" if partly else "source"
