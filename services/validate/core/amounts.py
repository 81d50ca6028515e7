"""Cells with numbers that cannot be right as they are printed: signs, units, sizes."""

import re
from collections.abc import Iterator

from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.naming import (
    cell_name,
    listed,
    listed_en,
    number,
    split,
    table_name,
    text_of,
)
from services.validate.core.verdicts import Verdict
from shared.report.issue import Severity
from shared.report.record import Cell

_AMOUNT = "active_disclosure.procurement@amount"
_FEE = "active_disclosure.fees@amount_wanyuan"
_CHANGES = tuple(
    f"active_disclosure.{row}@change"
    for row in ("licensing", "other_services", "penalty", "coercion", "fees")
)
_MONEY = frozenset((_AMOUNT, _FEE))
_SIGN = re.compile(r"^\s*([+＋]|[-－−—–]\s*[-－−—–])")
_TITLE_UNIT = "header_unit:"
_UNITS = re.compile(r"亿元|万元|元")
_FACTORS = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


def judge_numbers(facts: Facts) -> Iterator[Verdict]:
    """Yield counts that are no whole non-negative numbers, and signs where none belong."""
    fractions, negatives, signs = [], [], []
    for cell in facts.odd:
        signed = cell.address.endswith("@change")
        money = cell.address in _MONEY
        value = facts.values[cell.address]
        if not money and value != int(value):
            fractions.append(cell)
        if value < 0 and not signed:
            negatives.append(cell)
        elif (
            (text := text_of(cell))
            and (match := _SIGN.match(text))
            and not (signed and match[1] in "+＋")
        ):
            signs.append(cell)
    yield from _findings(facts, "c_not_integer", fractions)
    yield from _findings(facts, "c_negative", negatives)
    yield from _findings(facts, "c_sign", signs)


def _findings(facts: Facts, rule: str, cells: list[Cell]) -> Iterator[Verdict]:
    """Yield one finding per table, so that a column of slips is one finding."""
    if not cells:
        yield passed(rule)
    by_table: dict[str, list[Cell]] = {}
    for cell in cells:
        by_table.setdefault(split(cell.address)[0], []).append(cell)
    entry = facts.rule(rule)
    for table, found in by_table.items():
        edition = facts.record.templates.get(table)
        if edition is None:
            continue
        addresses = tuple(c.address for c in found)
        names = [cell_name(edition, a) for a in addresses]
        name = table_name(table)
        shown = [text_of(c) or str(c.value) for c in found]
        zh = listed([f"{n.zh} “{s}”" for n, s in zip(names, shown, strict=True)])
        en = listed_en([f"{n.en} '{s}'" for n, s in zip(names, shown, strict=True)])
        uncertain = facts.uncertain(addresses)
        severity: Severity = "info" if entry.severity == "info" else "warning"
        yield Verdict(
            rule, table, "fail", addresses, observed=found[0].value,
            evidence=facts.evidence(addresses),
            message_zh=f"{name.zh}：{entry.says_zh}；{zh}。",
            message_en=f"{name.en}: {entry.says_en}; {en}.",
            severity=severity if uncertain else None,
            origin=facts.origin_of(addresses),
        )  # fmt: skip


def judge_units(facts: Facts) -> Iterator[Verdict]:
    """Yield money without a unit, and units that contradict the column title."""
    cell = facts.cells.get(_AMOUNT)
    if cell is not None:
        yield _unit_missing(facts, cell)
    for address in (_AMOUNT, _FEE):
        money = facts.cells.get(address)
        if money is not None and facts.values.get(address) is not None:
            yield _unit_conflict(facts, money)


def _unit_missing(facts: Facts, cell: Cell) -> Verdict:
    rule = "c_unit_missing"
    value = facts.values.get(cell.address)
    if value is None:
        return open_question(rule)
    if value == 0 or cell.unit is not None:
        return passed(rule)
    projects = facts.values.get("active_disclosure.procurement@projects")
    beside_zh = f"（{number(projects)} 个项目）" if projects else ""
    beside_en = f" for {number(projects)} projects" if projects else ""
    return Verdict(
        rule, "", "fail", (cell.address,), observed=value,
        evidence=facts.evidence((cell.address,)),
        message_zh=f"表二“采购总金额”{number(value)}{beside_zh}没有写明单位（元或万元），不能换算。",
        message_en=f"Table two: the procurement amount {number(value)}{beside_en} has no unit "
        "(yuan or 10,000 yuan) and cannot be converted.",
        origin=facts.origin_of((cell.address,)),
        suggestion="请注明单位：元或万元 / state the unit: yuan or 10,000 yuan",
    )  # fmt: skip


def _unit_conflict(facts: Facts, cell: Cell) -> Verdict:
    """Compare the unit in the cell with the title's; yuan in the fee column is `t2_fee_unit`."""
    rule = "c_unit_conflict"
    in_cell = _UNITS.search(text_of(cell) or "")
    named = (n.removeprefix(_TITLE_UNIT) for n in cell.notes if n.startswith(_TITLE_UNIT))
    title = "万元" if cell.address == _FEE else next(named, None)
    if in_cell is None or title is None or in_cell[0] == title:
        return passed(rule)
    if cell.address == _FEE and in_cell[0] == "元":
        return passed(rule)
    return Verdict(
        rule, cell.address, "fail", (cell.address,), title, in_cell[0],
        evidence=facts.evidence((cell.address,)),
        message_zh=f"表二：单元格写明“{in_cell[0]}”，表头单位为“{title}”，两者不一致。",
        message_en=f"Table two: the cell says {in_cell[0]} while the column title says {title}.",
        origin=facts.origin_of((cell.address,)),
    )  # fmt: skip


def judge_magnitude(facts: Facts) -> Iterator[Verdict]:
    """Yield sizes that are hard to believe for a small body."""
    rule = "c_magnitude"
    who = facts.record.identity
    small = who.scope == "own" and (
        who.level == "township" or (who.level == "county" and who.kind == "department")
    )
    edition = facts.edition("active_disclosure")
    if not small or edition is None:
        yield passed(rule)
        return
    entry = facts.rule(rule)
    if edition == "2021":
        yield _fees_of_a_township(facts, entry.number("township_yuan"))
        return
    found = [a for a in _CHANGES if _is_implausible(facts, a, entry.number("least_change"),
                                                    entry.number("times_prior"))]  # fmt: skip
    if found:
        yield _implausible_items(facts, found)
    cell = facts.cells.get(_AMOUNT)
    value = facts.values.get(_AMOUNT)
    yuan = value * _FACTORS[cell.unit] if cell and value is not None and cell.unit else None
    if who.level == "township" and yuan is not None and yuan >= entry.number("township_yuan"):
        yield Verdict(
            rule, "procurement", "fail", (_AMOUNT,), observed=yuan,
            evidence=facts.evidence((_AMOUNT,)),
            message_zh=f"表二“采购总金额”折合 {number(yuan)} 元，对乡镇街道偏大，请核对单位。",
            message_en=f"Table two: procurement of {number(yuan)} yuan is large for a township; check the unit.",
            severity="info", origin=facts.origin_of((_AMOUNT,)),
        )  # fmt: skip
    elif not found:
        yield passed(rule)


def _fees_of_a_township(facts: Facts, most: float) -> Verdict:
    """Fees beyond all measure were probably entered in yuan under a title of 万元."""
    cell, value = facts.cells.get(_FEE), facts.values.get(_FEE)
    township = facts.record.identity.level == "township"
    # printed yuan is t2_fee_unit
    if not township or cell is None or value is None or cell.unit == "元":
        return passed("c_magnitude")
    yuan = value * _FACTORS[cell.unit or "万元"]
    if yuan < most:
        return passed("c_magnitude")
    return Verdict(
        "c_magnitude", "fees", "fail", (_FEE,), observed=yuan,
        evidence=facts.evidence((_FEE,)),
        message_zh=f"表二“行政事业性收费”{number(value)} 万元，对乡镇街道偏大，疑以元填报，请核对单位。",
        message_en=f"Table two: fees of {number(value)} 万元 are large for a township; "
        "they may have been entered in yuan.",
        severity="info", origin=facts.origin_of((_FEE,)),
    )  # fmt: skip


def _is_implausible(facts: Facts, address: str, least: float, times: float) -> bool:
    change = facts.values.get(address)
    prior = facts.values.get(address.replace("@change", "@prior_items"))
    if change is None or prior is None:
        return False
    return change >= least and change > times * prior


def _implausible_items(facts: Facts, found: list[str]) -> Verdict:
    names = [cell_name("2019", a) for a in found]
    values = [f"+{number(facts.values[a])}" for a in found]
    zh = listed([f"{n.zh} {v}" for n, v in zip(names, values, strict=True)])
    en = listed_en([f"{n.en} {v}" for n, v in zip(names, values, strict=True)])
    return Verdict(
        "c_magnitude", "items", "fail", tuple(found),
        evidence=facts.evidence(found),
        message_zh=f"表二：一年新增的事项种类过多（{zh}），可能误填了办件量。",
        message_en=f"Table two: implausibly many new kinds of item in one year ({en}); "
        "decisions may have been entered as items.",
        severity="warning", origin=facts.origin_of(found),
    )  # fmt: skip
