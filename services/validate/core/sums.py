"""Findings about sums: tables three and four, with one finding for one cause."""

from collections.abc import Iterable
from dataclasses import replace

from services.validate.core.advice import advice, see_also
from services.validate.core.culprits import Cause, causes
from services.validate.core.equations import (
    Outcome,
    Relation,
    assess_table,
    relations,
    scopes_of,
)
from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.naming import (
    column_name,
    listed,
    listed_en,
    number,
    row_name,
    split,
    table_name,
)
from services.validate.core.verdicts import Verdict
from shared.report.issue import Origin, Repair, Severity
from shared.report.record import Number

TABLES = ("applications", "review_litigation")
FLOOD = 3
"""More broken equations of one family than this are one finding that lists them."""


def judge_sums(facts: Facts) -> list[Verdict]:
    """Return the verdicts of all equations that follow from the form."""
    verdicts: list[Verdict] = []
    for table in TABLES:
        outcomes = assess_table(facts, table)
        if outcomes is None:
            verdicts += _all_passed(facts, table)
        else:
            verdicts += _verdicts(facts, table, outcomes)
    return verdicts


def _all_passed(facts: Facts, table: str) -> list[Verdict]:
    edition = facts.edition(table)
    assert edition is not None
    return [passed(r.rule, r.scope) for r in relations(edition, table)]


def _verdicts(facts: Facts, table: str, outcomes: list[Outcome]) -> list[Verdict]:
    verdicts: list[Verdict] = []
    families: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        rule, scope = outcome.relation.rule, outcome.relation.scope
        if outcome.status == "fail":
            families.setdefault(rule, []).append(outcome)
        elif outcome.status == "not_assessable":
            verdicts.append(open_question(rule, scope, outcome.note))
        elif outcome.note:
            verdicts.append(Verdict(rule, scope, "pass", note=outcome.note))
        else:
            verdicts.append(passed(rule, scope))
    if not families:
        return verdicts
    edition = outcomes[0].relation.edition
    found = causes(facts, edition, table, outcomes)
    for failed in families.values():
        single = [_failure(facts, o, found.get(o.relation.key)) for o in failed]
        grouped = _grouped(facts, table, failed, single)
        verdicts += _with_causes(found, failed, grouped)
    return verdicts


def _with_causes(
    found: dict[str, Cause], failed: list[Outcome], grouped: list[Verdict]
) -> list[Verdict]:
    """Name with every finding what else the same cause breaks.

    The other equations keep findings of their own: who listens to one rule alone must not miss it.
    """
    if not found:
        return grouped
    by_scope = {o.relation.scope: o.relation for o in failed}
    told = [[by_scope[s] for s in v.scope.split("+")] for v in grouped]
    return [_linked(found, r, v) for r, v in zip(told, grouped, strict=True)]


def _linked(found: dict[str, Cause], told: list[Relation], verdict: Verdict) -> Verdict:
    named = tuple(dict.fromkeys(cause for r in told if (cause := found.get(r.key))))
    note = see_also(named, told, relations(told[0].edition, told[0].table))
    if not note.zh:
        return verdict
    return replace(
        verdict,
        message_zh=verdict.message_zh + note.zh,
        message_en=verdict.message_en + note.en,
    )


def _failure(facts: Facts, outcome: Outcome, cause: Cause | None) -> Verdict:
    relation = outcome.relation
    severity, origin = _weight(facts, outcome, cause)
    zh, en = _messages(facts, outcome, origin)
    return Verdict(
        relation.rule, relation.scope, "fail",
        addresses=relation.addresses,
        expected=outcome.left, observed=outcome.right,
        difference=_tidy(outcome.right - outcome.left),
        formula=_formula(facts, outcome),
        evidence=facts.evidence(relation.addresses),
        message_zh=zh, message_en=en,
        severity=severity, origin=origin,
        suggestion=_suggestion(outcome, cause),
        repairs=cause.repairs if cause else (),
    )  # fmt: skip


def _suggestion(outcome: Outcome, cause: Cause | None) -> str | None:
    """Without a culprit only the total that the printed parts would need can be named."""
    if cause and (cause.repairs or len(cause.equations) > 1):
        return advice(cause, outcome.relation.edition)
    if not outcome.certain or outcome.lost or len(outcome.relation.right) != 1:
        return None
    wanted = number(outcome.left)
    return f"若各分项无误，总计应为 {wanted} / if the parts are right the total must be {wanted}"


def _weight(facts: Facts, outcome: Outcome, cause: Cause | None) -> tuple[Severity | None, Origin]:
    if outcome.lost or facts.uncertain(outcome.relation.addresses):
        return "warning", "extraction"
    if cause and cause.is_misplacement and (facts.record.damaged or facts.recognised):
        # figures that stand in the wrong places of a page hard to read may have been put there by us
        return "warning", "extraction"
    return (None if outcome.certain else "warning"), "source"


def _messages(facts: Facts, outcome: Outcome, origin: Origin) -> tuple[str, str]:
    relation = outcome.relation
    says_zh, says_en = _says(facts, relation.rule)
    where_zh, where_en = _where(relation)
    left, right = number(outcome.left), number(outcome.right)
    zh = f"{table_name(relation.table).zh}{where_zh}：{says_zh}，实为 {left} 对 {right}。"
    en = (
        f"{table_name(relation.table).en}, {where_en}: {says_en}, but it is {left} against {right}."
    )
    if outcome.lost:
        zh += f"有 {len(outcome.lost)} 个单元格未能读出，已知部分已经超出。"
        en += f" {len(outcome.lost)} cells could not be read; the known part is already too large."
    elif not outcome.certain:
        zh += "空白单元格按无数据处理，请核对是否漏填。"
        en += " Blank cells were read as nothing; a figure may be missing."
    if origin == "extraction":
        zh += "部分单元格的识读不确定，请先对照原件。"
        en += " The reading of some cells is uncertain; compare the source first."
    elif facts.recognised:
        zh += "数字由文字识别读出（把握较大），处理前请对照原件。"
        en += " The numbers were recognised from a picture, with confidence; compare the source."
    return zh, en


def _says(facts: Facts, rule: str) -> tuple[str, str]:
    entry = facts.rule(rule)
    return entry.says_zh, entry.says_en


def _where(relation: Relation) -> tuple[str, str]:
    table, scope = relation.table, relation.scope
    if relation.rule in ("t3_row_total", "t4_sum"):
        name = row_name(relation.edition, table, scope)
        return f"“{name.zh}”行", f"row {name.en}"
    name = column_name(relation.edition, table, "", scope)
    return f"“{name.zh}”列", f"column {name.en}"


def _formula(facts: Facts, outcome: Outcome) -> str:
    relation = outcome.relation
    larger = ">" if outcome.left > outcome.right else "<"
    sign = larger if outcome.lost else "≠"
    left = _side(facts, relation, relation.left, outcome.left)
    right = _side(facts, relation, relation.right, outcome.right)
    return f"{left} {sign} {right}"


def _side(facts: Facts, relation: Relation, addresses: tuple[str, ...], total: Number) -> str:
    """Write one side with its numbers; zeros are left out where the sum is long."""
    by_column = relation.rule in ("t3_row_total", "t4_sum")
    terms = []
    for address in addresses:
        value = facts.values.get(address)
        if value is None or (value == 0 and len(addresses) > 2):
            continue
        _, row, column = split(address)
        name = (
            column_name(relation.edition, relation.table, row, column)
            if by_column
            else row_name(relation.edition, relation.table, row)
        )
        terms.append(f"{name.zh} {number(value)}")
    if len(terms) == 1 and len(addresses) == 1:
        return terms[0]
    return f"{' + '.join(terms) or '0'} = {number(total)}"


def _grouped(
    facts: Facts, table: str, failed: list[Outcome], single: list[Verdict]
) -> list[Verdict]:
    if _is_shift(failed):
        return [_shift(failed, single)]
    if len(failed) > FLOOD:
        return [_summary(facts, table, failed, single)]
    return single


def _is_shift(failed: list[Outcome]) -> bool:
    """Tell whether two columns miss by opposite amounts: a number stands in the wrong one."""
    if len(failed) != 2 or failed[0].relation.rule not in ("t3_balance", "t3_outcome_total"):
        return False
    first, second = failed
    if first.lost or second.lost or not (first.certain and second.certain):
        return False
    return first.right - first.left == second.left - second.right and "total" not in (
        first.relation.scope, second.relation.scope,
    )  # fmt: skip


def _shift(failed: list[Outcome], single: list[Verdict]) -> Verdict:
    names = [_where(o.relation) for o in failed]
    amount = number(abs(failed[0].right - failed[0].left))
    return replace(
        _joined(single),
        message_zh=f"{single[0].message_zh}{names[0][0]}与{names[1][0]}的差额正好相反"
        f"（{amount}），疑为同一数字填错列或识读串列。",
        message_en=f"{single[0].message_en} {names[0][1]} and {names[1][1]} miss by opposite amounts"
        f" ({amount}): probably one number stands in the wrong column.",
    )


def _summary(facts: Facts, table: str, failed: list[Outcome], single: list[Verdict]) -> Verdict:
    rule = failed[0].relation.rule
    edition = failed[0].relation.edition
    every = len(scopes_of(edition, table, rule))
    says_zh, says_en = _says(facts, rule)
    zh = listed([f"{_where(o.relation)[0]} {_pair(o)}" for o in failed], 25)
    en = listed_en([f"{_where(o.relation)[1]} {_pair(o)}" for o in failed], 25)
    made = _joined(single)
    doubt_zh = "部分单元格的识读不确定，请先对照原件。" if made.origin == "extraction" else ""
    doubt_en = " The reading is uncertain; compare the source." if doubt_zh else ""
    return replace(
        made,
        message_zh=f"{table_name(table).zh}有 {len(failed)}/{every} 处不平：{says_zh}；{zh}。{doubt_zh}",
        message_en=f"{table_name(table).en}: {len(failed)} of {every} sums fail: {says_en}; {en}.{doubt_en}",
        expected=None, observed=None, difference=None,
    )  # fmt: skip


def _pair(outcome: Outcome) -> str:
    return f"{number(outcome.left)}≠{number(outcome.right)}"


def _joined(single: list[Verdict]) -> Verdict:
    """Join the failures of one family: all addresses, formulas and suggestions, each once."""
    first = single[0]
    origins = {v.origin for v in single}
    order: tuple[Origin, ...] = ("extraction", "unknown", "source")
    origin = next(o for o in order if o in origins)
    return replace(
        first,
        scope="+".join(v.scope for v in single),
        addresses=_once(a for v in single for a in v.addresses),
        formula="; ".join(v.formula for v in single if v.formula),
        evidence=tuple({e.address: e for v in single for e in v.evidence}.values()),
        severity=None if any(v.severity is None for v in single) else first.severity,
        origin=origin,
        suggestion="; ".join(_once(v.suggestion for v in single if v.suggestion)) or None,
        repairs=_best_repairs(single),
    )


def _best_repairs(single: list[Verdict]) -> tuple[Repair, ...]:
    """Return the alternatives where all failures have one cause, else the best repair of each cause."""
    sets = tuple(dict.fromkeys(v.repairs for v in single if v.repairs))
    return sets[0] if len(sets) == 1 else tuple(s[0] for s in sets)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def _tidy(value: Number) -> Number:
    return round(value, 6) if isinstance(value, float) else value
