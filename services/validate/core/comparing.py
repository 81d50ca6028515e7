"""Rules that compare two sums of cells, or a cell with its bounds."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.validate.core.addressing import MONEY, may_be_negative
from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.kinds import Compare, Comparison, Parameters, Plausible, Relation
from services.validate.core.naming import (
    Name,
    cell_name,
    listed_en,
    number,
    split,
    table_name,
)
from services.validate.core.rule import Rule
from services.validate.core.verdicts import Verdict
from shared.report.issue import Origin
from shared.report.record import Number

_SIGNS: Final[dict[Relation, str]] = {"<=": "≤", ">=": "≥", "=": "=", "<": "<", ">": ">"}
_FACTORS: Final[dict[str | None, float]] = {"元": 1e-4, "万元": 1, "亿元": 1e4}
_FEES: Final = "active_disclosure.fees@amount_wanyuan"
_NOISE: Final = 1e-6
_SHOWN: Final = 8
UNKNOWN_BODY: Final = "the body is not known well enough"


def concerned(facts: Facts, told: Parameters) -> bool | None:
    """Tell whether a rule is meant for this agency; None where too little is known of it."""
    if not (told.levels or told.kinds or told.scopes):
        return True
    return told.concerns(facts.record.identity)


def amount(facts: Facts, address: str) -> Number | None:
    """Return what a cell counts: money in 万元, and None where its unit is not known."""
    value = facts.values.get(address)
    if value is None or address not in MONEY:
        return value
    # the column of fees says 万元 itself
    unit = facts.cells[address].unit or ("万元" if address == _FEES else None)
    factor = _FACTORS.get(unit)
    return None if factor is None else value if factor == 1 else round(value * factor, 6)


def judge_comparisons(facts: Facts, rules: Iterable[Rule]) -> Iterator[Verdict]:
    """Yield the verdicts of `compare` rules."""
    for rule in rules:
        told = rule.compiled
        assert isinstance(told, Compare)
        meant = concerned(facts, told)
        if meant is None:
            yield open_question(rule.id, note=UNKNOWN_BODY)
        if not meant:
            continue
        for comparison in told.comparisons:
            edition = facts.edition(comparison.table)
            if edition in rule.editions and edition in comparison.editions:
                verdict = _compare(facts, rule, told, comparison)
                if verdict is not None:
                    yield verdict


def _compare(facts: Facts, rule: Rule, told: Compare, comparison: Comparison) -> Verdict | None:
    values = facts.values
    if not comparison.plain:
        values = {a: v for a in comparison.addresses if (v := amount(facts, a)) is not None}
    try:
        left = sum([s * values[a] for a, s in comparison.left])
        right = sum([s * values[a] for a, s in comparison.right])
    except KeyError:
        return _partly_known(facts, rule, told, comparison, values)
    if told.unless_known and all(a in facts.values for a in told.unless_known):
        return None
    if _holds(told, left, right):
        return passed(rule.id, comparison.row)
    return _failed(facts, rule, told, comparison, (left, right))


def _partly_known(
    facts: Facts, rule: Rule, told: Compare, comparison: Comparison, values: Mapping[str, Number]
) -> Verdict:
    """Return an open question, unless the known cells break the rule whatever the others hold."""
    left = sum(s * values[a] for a, s in comparison.left if a in values)
    right = sum(s * values[a] for a, s in comparison.right if a in values)
    lost = tuple(a for a in comparison.addresses if a not in values)
    if not _broken_already(told, comparison, lost, right - left):
        return open_question(rule.id, comparison.row)
    return _failed(facts, rule, told, comparison, (left, right))


def _holds(told: Compare, left: Number, right: Number) -> bool:
    ahead, slack = right - left, _slack(told, right - left)
    match told.relation:
        case "<=":
            return ahead >= -slack
        case ">=":
            return ahead <= slack
        case "=":
            return abs(ahead) <= slack
        case "<":
            return ahead > 0
        case ">":
            return ahead < 0


def _slack(told: Compare, ahead: Number) -> float:
    return told.tolerance + (_NOISE if isinstance(ahead, float) else 0)


def _broken_already(
    told: Compare, comparison: Comparison, lost: tuple[str, ...], ahead: Number
) -> bool:
    """Tell whether nothing that the lost cells may hold would mend the comparison.

    `ahead` is how far the right side is ahead by the known cells. Counts are never negative, so
    lost ones move it one way only, unless they count in both.
    """
    if any(may_be_negative(a) for a in lost):
        return False
    moves = {-s for a, s in comparison.left if a in lost}
    moves |= {s for a, s in comparison.right if a in lost}
    if moves == {-1} and told.relation in ("<=", "<", "="):
        beyond = -ahead
    elif moves == {1} and told.relation in (">=", ">", "="):
        beyond = ahead
    else:
        return False
    return beyond >= 0 if told.relation in ("<", ">") else beyond > _slack(told, ahead)


def _failed(
    facts: Facts,
    rule: Rule,
    told: Compare,
    comparison: Comparison,
    sides: tuple[Number, Number],
) -> Verdict:
    addresses = comparison.addresses
    left, right = (_tidy(s) for s in sides)
    lost = [a for a in addresses if amount(facts, a) is None]
    zh, en = _sentence(facts, rule, addresses)
    if lost:
        zh += f"另有 {len(lost)} 个单元格没有数字，已知部分已经不符。"
        en += f" {len(lost)} cells hold no number; the known ones break the rule already."
    origin = _origin(facts, addresses, lost)
    doubt = bool(lost) and origin == "extraction" and rule.severity == "error"
    return Verdict(
        rule.id, comparison.row, "fail", addresses, right, left, _tidy(left - right),
        formula=f"{number(left)} {_SIGNS[told.relation]} {number(right)} ✗",
        evidence=facts.evidence(addresses),
        message_zh=zh, message_en=en,
        severity="warning" if doubt else None, origin=origin,
    )  # fmt: skip


def _sentence(facts: Facts, rule: Rule, addresses: Iterable[str]) -> tuple[str, str]:
    """Return the rule's sentence with the cells and what they hold."""
    named = [(_name(facts, a), value) for a in addresses if (value := amount(facts, a)) is not None]
    tables = [table_name(t) for t in dict.fromkeys(split(a)[0] for a in addresses)]
    zh = "，".join(f"{n.zh} {number(v)}" for n, v in named[:_SHOWN])
    zh += f" 等{len(named)}处" if len(named) > _SHOWN else ""
    en = listed_en([f"{n.en} {number(v)}" for n, v in named], _SHOWN)
    head_zh = "、".join(t.zh for t in tables)
    head_en = " and ".join(t.en for t in tables)
    return f"{head_zh}：{rule.says_zh}；{zh}。", f"{head_en}: {rule.says_en}; {en}."


def _name(facts: Facts, address: str) -> Name:
    edition = facts.edition(split(address)[0])
    return cell_name(edition, address) if edition is not None else Name(address, address)


def _origin(facts: Facts, addresses: Iterable[str], lost: Iterable[str]) -> Origin:
    """Doubt the reading first where cells of the comparison were not read."""
    unread = any(facts.cells[a].state in ("unreadable", "absent") for a in lost if a in facts.cells)
    return "extraction" if unread else facts.origin_of(addresses)


def judge_plausible(facts: Facts, rules: Iterable[Rule]) -> Iterator[Verdict]:
    """Yield the verdicts of `plausible` rules: one finding a table, whatever the number of cells."""
    for rule in rules:
        told = rule.compiled
        assert isinstance(told, Plausible)
        meant = concerned(facts, told)
        if meant is None:
            yield open_question(rule.id, note=UNKNOWN_BODY)
        if not meant:
            continue
        by_table: dict[str, list[str]] = {}
        for address in told.addresses:
            if address in facts.cells:
                by_table.setdefault(split(address)[0], []).append(address)
        for table, addresses in by_table.items():
            if facts.edition(table) in rule.editions:
                yield _bounded(facts, rule, told, table, addresses)


def _bounded(
    facts: Facts, rule: Rule, told: Plausible, table: str, addresses: list[str]
) -> Verdict:
    known = {a: v for a in addresses if (v := amount(facts, a)) is not None}
    outside = [
        a for a, v in known.items()
        if (told.min is not None and v < told.min) or (told.max is not None and v > told.max)
    ]  # fmt: skip
    if not outside:
        whole = len(known) == len(addresses)
        return passed(rule.id, table) if whole else open_question(rule.id, table)
    worst = known[outside[0]]
    below = told.min is not None and worst < told.min
    bound = told.min if below else told.max
    assert bound is not None
    bound = int(bound) if bound == int(bound) else bound
    zh, en = _sentence(facts, rule, outside)
    return Verdict(
        rule.id, table, "fail", tuple(outside), bound, worst, _tidy(worst - bound),
        formula=f"{number(worst)} {'≥' if below else '≤'} {number(bound)} ✗",
        evidence=facts.evidence(outside), message_zh=zh, message_en=en,
        origin=facts.origin_of(outside),
    )  # fmt: skip


def _tidy(value: Number) -> Number:
    return round(value, 6) if isinstance(value, float) else value
