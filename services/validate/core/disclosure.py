"""Rules about the figures of table two, and one on the applicants of table three."""

from collections.abc import Iterator

from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.naming import cell_name, listed, listed_en, number, row_name, text_of
from services.validate.core.verdicts import Verdict
from shared.report.quantities import FEES, PROCESSING_FEE
from shared.report.record import NarrativeFigure, Number

_TABLE = "active_disclosure"
_ITEM_ROWS = ("licensing", "other_services", "penalty", "coercion")
_FEE = f"{_TABLE}.fees@amount_wanyuan"
_FACTORS = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
_LEAST_SAME = 100
"""万元 in the table from which the same number of yuan in the text is no coincidence."""
_RULE_MAKERS = ("government", "government_office")


def judge_columns_as_sum(facts: Facts) -> Iterator[Verdict]:
    """Yield the suspicion that decisions were entered as items: the sum holds in every row."""
    rule = "t2_2019_columns_as_sum"
    if facts.edition(_TABLE) != "2019":
        return
    shown = []
    for row in _ITEM_ROWS:
        triple = [
            facts.values.get(f"{_TABLE}.{row}@{c}") for c in ("prior_items", "change", "decisions")
        ]
        known = [v for v in triple if v is not None]
        if len(known) < len(triple):
            yield open_question(rule)
            return
        if any(known):
            shown.append((row, known))
    if len(shown) < facts.rule(rule).number("least_rows") or any(
        a + b != c for _, (a, b, c) in shown
    ):
        yield passed(rule)
        return
    addresses = tuple(
        f"{_TABLE}.{row}@{c}" for row, _ in shown for c in ("prior_items", "change", "decisions")
    )
    formula = "; ".join(f"{number(a)} + {number(b)} = {number(c)}" for _, (a, b, c) in shown)
    yield Verdict(
        rule, "", "fail", addresses, formula=formula, evidence=facts.evidence(addresses),
        message_zh=f"表二：每个有数的行都恰好“上一年项目数量＋本年增/减＝处理决定数量”（{formula}），"
        "疑把办件量当作项目数填报；项目数与办件量是两回事。",
        message_en=f"Table two: in every row with figures prior items + change = decisions ({formula}); "
        "decisions seem to have been entered as items, which are different things.",
        origin=facts.origin_of(addresses),
    )  # fmt: skip


def judge_decisions_without_items(facts: Facts) -> Iterator[Verdict]:
    """Yield rows with decisions though no item stands on the list."""
    rule = "t2_2019_decisions_no_items"
    if facts.edition(_TABLE) != "2019":
        return
    for row in _ITEM_ROWS:
        addresses = tuple(f"{_TABLE}.{row}@{c}" for c in ("prior_items", "change", "decisions"))
        prior, change, decisions = (facts.values.get(a) for a in addresses)
        if prior is None or change is None or decisions is None:
            yield open_question(rule, row)
        elif decisions <= 0 or prior + change != 0:
            yield passed(rule, row)
        else:
            name = row_name("2019", _TABLE, row)
            yield Verdict(
                rule, row, "fail", addresses, 0, decisions, decisions,
                formula=f"{number(prior)} + {number(change)} = 0, {number(decisions)} > 0",
                evidence=facts.evidence(addresses),
                message_zh=f"表二“{name.zh}”：年末项目数为 0，却有处理决定 {number(decisions)} 件。",
                message_en=f"Table two, {name.en}: no item on the list, yet {number(decisions)} decisions.",
                origin=facts.origin_of(addresses),
            )  # fmt: skip


def judge_rule_making(facts: Facts) -> Iterator[Verdict]:
    """Yield figures under 规章 of a body that has no power to make them."""
    rule = "t2_rulemaking_authority"
    edition = facts.edition(_TABLE)
    who = facts.record.identity
    if edition is None:
        return
    prefix = f"{_TABLE}.regulations@"
    shown = [a for a, v in facts.values.items() if v > 0 and a.startswith(prefix)]
    if not shown:
        yield passed(rule)
        return
    powerful = who.level in ("central", "province") and who.kind in (*_RULE_MAKERS, None)
    powerful = powerful or who.level == "central"
    powerful = powerful or (who.level == "prefecture" and who.kind in _RULE_MAKERS)
    if powerful:
        yield passed(rule)
    elif who.level is None or who.kind in (None, "other"):
        yield open_question(rule, note="the body is not known well enough")
    else:
        values = [facts.values[a] for a in shown]
        names = [cell_name(edition, a) for a in shown]
        zh = listed([f"{n.zh} {number(v)}" for n, v in zip(names, values, strict=True)])
        en = listed_en([f"{n.en} {number(v)}" for n, v in zip(names, values, strict=True)])
        yield Verdict(
            rule, "", "fail", tuple(shown), 0, max(values), max(values),
            evidence=facts.evidence(shown),
            message_zh=f"表二：该机关无权制定规章，却填报了 {zh}；可能把规范性文件或适用的规章计入。",
            message_en=f"Table two: this body cannot make regulations, yet reports {en}; "
            "normative documents or applied regulations may have been counted.",
            origin=facts.origin_of(shown),
        )  # fmt: skip


def judge_fee_amount(facts: Facts) -> Iterator[Verdict]:
    """Yield the fee cell printed in yuan, or repeating the sentence's yuan figure."""
    rule = "t2_fee_unit"
    if facts.edition(_TABLE) != "2021":
        return
    cell, value = facts.cells.get(_FEE), facts.values.get(_FEE)
    if cell is None or value is None:
        yield open_question(rule)
        return
    same = [f for f in facts.record.figures if not f.comparison and _gives_yuan(f, value)]
    if cell.unit != "元" and not same:
        yield passed(rule)
        return
    said = same[0].text if same else (text_of(cell) or f"{number(value)}{cell.unit or ''}")
    yield Verdict(
        rule, "", "fail", (_FEE,), observed=f"{number(value)}元", expected="万元",
        evidence=facts.evidence((_FEE,)),
        message_zh=f"表二“行政事业性收费”应以万元填报，实填似以元为单位（{said}）。",
        message_en=f"Table two, fees: the column is in 万元 (10,000 yuan), the figure seems to be in yuan ({said}).",
        origin=facts.origin_of((_FEE,)),
    )  # fmt: skip


def _gives_yuan(figure: NarrativeFigure, value: Number) -> bool:
    """Tell whether a figure of the text shows that the table gives the same amount in yuan."""
    if value <= 0 or figure.bound != "exact":
        return False
    if figure.key == FEES:
        return figure.unit in ("元", "万元") and figure.value * _FACTORS[figure.unit] == value
    # small amounts may be alike by chance
    large = value >= _LEAST_SAME
    return large and figure.key == PROCESSING_FEE and figure.unit == "元" and figure.value == value


def judge_fee_covers_processing(facts: Facts) -> Iterator[Verdict]:
    """Yield a fee total smaller than the processing fee that belongs to it."""
    rule = "t2_fee_vs_processing_fee"
    if facts.edition(_TABLE) != "2021":
        return
    value = facts.values.get(_FEE)
    stated = [f for f in facts.record.figures if f.key == PROCESSING_FEE and f.unit in _FACTORS
              and f.bound == "exact" and not f.comparison and f.role != "part"]  # fmt: skip
    if value is None or not stated:
        yield open_question(rule)
        return
    fee = stated[0].value * _FACTORS[stated[0].unit or "元"] / _FACTORS["万元"]
    if value >= fee - 1e-6:
        yield passed(rule)
        return
    yield Verdict(
        rule, "", "fail", (_FEE,), fee, value, round(value - fee, 6),
        formula=f"{number(value)} ≥ {number(fee)} ✗", evidence=facts.evidence((_FEE,)),
        message_zh=f"表二行政事业性收费 {number(value)} 万元，少于文中信息处理费 {number(fee)} 万元；"
        "信息处理费本身属于行政事业性收费。",
        message_en=f"Table two reports fees of {number(value)} 万元, less than the processing fee "
        f"of {number(fee)} 万元 in the text, which is itself such a fee.",
    )  # fmt: skip


def judge_applicants(facts: Facts) -> Iterator[Verdict]:
    """Yield an unusual mix of applicants (a statistic, off by default)."""
    rule = "t3_unlikely_applicant"
    prefix = "applications.received_new@"
    shown = {
        c: facts.values.get(prefix + c) for c in ("natural_person", "research", "other", "total")
    }
    if facts.edition("applications") is None or None in shown.values():
        return
    people, research, other, total = (v or 0 for v in shown.values())
    if research > people or (total > 0 and other == total):
        addresses = tuple(prefix + c for c in shown)
        yield Verdict(
            rule, "", "fail", addresses, evidence=facts.evidence(addresses),
            message_zh=f"表三新收申请的申请人构成少见：自然人 {people}，科研机构 {research}，其他 {other}。",
            message_en=f"Table three: an unusual mix of applicants: {people} natural persons, "
            f"{research} research bodies, {other} others.",
        )  # fmt: skip
    else:
        yield passed(rule)
