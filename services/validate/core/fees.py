"""Rules about the information processing fee (信息处理费) and outdated legal bases."""

import re
from collections.abc import Iterator

from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.naming import number
from services.validate.core.verdicts import Verdict
from shared.report.characters import fold
from shared.report.document import Place
from shared.report.issue import Evidence
from shared.report.quantities import PROCESSING_FEE
from shared.report.record import NarrativeFigure

_STATED = re.compile(r"处理费|收费|收取|费用")
_OTHER_CHARGES = re.compile(
    r"(?:收取)?行政事业性收费|涉企收费|教育收费|收费(?:标准|目录|清单|公示|项目|事项|管理|票据|站)"
)
_FACTORS = {"元": 1, "万元": 10_000}
_OLD_BASIS = re.compile(r"公开办函\s*[〔\[(（【]?\s*2019\s*[〕\])）】]?\s*60\s*号")
_NEW_BASIS = re.compile(r"公开办函\s*[〔\[(（【]?\s*2021\s*[〕\])）】]?\s*30\s*号")
_LAST_OF_OLD = 2020


def judge_fee(facts: Facts) -> Iterator[Verdict]:
    """Yield the missing statement on the fee, amounts off the tariff, parts that do not add up."""
    yield from _stated(facts)
    fees = [f for f in facts.record.figures if f.key == PROCESSING_FEE and f.unit in _FACTORS
            and f.bound == "exact" and not f.comparison]  # fmt: skip
    yield from _grid(facts, fees)
    yield from _breakdown(facts)


def _stated(facts: Facts) -> Iterator[Verdict]:
    rule = "f_fee_not_stated"
    if facts.section_text(6) is None:
        yield open_question(rule, note="section six is missing")
        return
    named = any(f.key == PROCESSING_FEE for f in facts.record.figures)
    # scans print spaces inside words
    if named or _speaks_of_it(facts.text) or _speaks_of_it(fold(facts.text)):
        yield passed(rule)
        return
    government = facts.record.identity.kind == "government"
    yield Verdict(
        rule, "", "fail",
        message_zh="全文没有说明信息处理费收取情况（2021 年度起应予说明，没有收取也应写明）。",
        message_en="The report says nothing about the information processing fee (due since FY2021, even if none).",
        severity="warning" if government else "info",
        origin="extraction" if facts.page_lost else "source",
    )  # fmt: skip


def _speaks_of_it(text: str) -> bool:
    """Tell whether a text names the fee, or charges of which it is not said that they are others."""
    return "处理费" in text or _STATED.search(_OTHER_CHARGES.sub("", text)) is not None


def _yuan(figure: NarrativeFigure) -> float:
    return round(figure.value * _FACTORS[figure.unit or "元"], 4)


def _grid(facts: Facts, fees: list[NarrativeFigure]) -> Iterator[Verdict]:
    """Both tariffs go in steps of ten yuan."""
    rule = "f_fee_grid"
    step = facts.rule(rule).number("step_yuan")
    off = [f for f in fees if _yuan(f) % step]
    if not off:
        yield passed(rule)
    for figure in off[:1]:
        yield Verdict(
            rule, "", "fail", observed=_yuan(figure), formula=f"{number(_yuan(figure))} / {number(step)}",
            evidence=(Evidence(figure.text, None, Place(line=figure.line)),),
            message_zh=f"信息处理费 {number(_yuan(figure))} 元不是 {number(step)} 元的整数倍，与收费标准不符。",
            message_en=f"The processing fee of {number(_yuan(figure))} yuan is no multiple of "
            f"{number(step)} yuan, as both tariffs are.",
        )  # fmt: skip


def _breakdown(facts: Facts) -> Iterator[Verdict]:
    rule = "f_fee_breakdown"
    groups: dict[int, list[NarrativeFigure]] = {}
    for figure in facts.record.figures:
        if figure.group is not None:
            groups.setdefault(figure.group, []).append(figure)
    found = False
    for group, members in groups.items():
        whole = next((f for f in members if f.role == "whole" and f.key == PROCESSING_FEE), None)
        if whole is None or whole.unit not in _FACTORS:
            continue
        parts = [f for f in members if f.role == "part" and f.unit in _FACTORS]
        complete = all(f.complete and f.bound == "exact" for f in (whole, *parts))
        if len(parts) < 2 or not complete:
            continue
        found = True
        total = round(sum(_yuan(f) for f in parts), 4)
        if total == _yuan(whole):
            yield Verdict(rule, str(group), "pass")
            continue
        formula = (
            " + ".join(number(_yuan(f)) for f in parts)
            + f" = {number(total)} ≠ {number(_yuan(whole))}"
        )
        yield Verdict(
            rule, str(group), "fail", expected=total, observed=_yuan(whole),
            difference=round(_yuan(whole) - total, 4), formula=formula,
            evidence=tuple(Evidence(f.text, None, Place(line=f.line)) for f in (whole, *parts)),
            message_zh=f"信息处理费共 {number(_yuan(whole))} 元，分项相加为 {number(total)} 元。",
            message_en=f"Processing fees of {number(_yuan(whole))} yuan are stated, "
            f"but the parts add to {number(total)}.",
        )  # fmt: skip
    for sentence in _SENTENCE.findall(facts.text) if "信息处理费" in facts.text else ():
        said = _cases_and_amounts(sentence)
        if said is not None:
            found = True
            yield _added_up(sentence, *said)
    if not found:
        yield passed(rule)


_SENTENCE = re.compile(r"[^。\n]{1,600}")
_CASES = re.compile(r"(\d{1,6})\s*件[^\d，,；;、。]{0,6}(\d{1,9}(?:\.\d{1,4})?)\s*(万?元)")
_MONEY = re.compile(r"\d\s*万?元")
_OPEN = re.compile(r"等(?:单位|部门)?|主要|余|多|左右|约")
Pair = tuple[float, float]
"""Number of cases and yuan."""


def _cases_and_amounts(sentence: str) -> tuple[Pair, list[Pair]] | None:
    """Read `信息处理费25件2950元，其中甲局5件420元，乙局…`; None where it is no such complete list."""
    head, marker, tail = sentence.partition("其中")
    wholes, parts = _CASES.findall(head), _CASES.findall(tail)
    if not marker or "信息处理费" not in head or not wholes or len(parts) < 2:
        return None
    if len(_MONEY.findall(tail)) != len(parts) or _OPEN.search(tail):
        return None
    pairs = [(float(n), round(float(a) * _FACTORS[u], 4)) for n, a, u in (wholes[-1], *parts)]
    return pairs[0], pairs[1:]


def _added_up(sentence: str, whole: Pair, parts: list[Pair]) -> Verdict:
    sums = sum(n for n, _ in parts), round(sum(a for _, a in parts), 4)
    if sums == whole:
        return Verdict("f_fee_breakdown", "cases", "pass")
    formula = "；".join(
        f"{' + '.join(number(p[i]) for p in parts)} = {number(sums[i])} ≠ {number(whole[i])}"
        for i in (0, 1)
        if sums[i] != whole[i]
    )
    return Verdict(
        "f_fee_breakdown", "cases", "fail", expected=sums[1], observed=whole[1],
        difference=round(whole[1] - sums[1], 4), formula=formula,
        evidence=(Evidence(sentence[:200].strip()),),
        message_zh=f"信息处理费共 {number(whole[0])} 件 {number(whole[1])} 元，"
        f"分项相加为 {number(sums[0])} 件 {number(sums[1])} 元。",
        message_en=f"Processing fees of {number(whole[1])} yuan for {number(whole[0])} cases are stated, "
        f"but the parts add to {number(sums[1])} yuan for {number(sums[0])}.",
    )  # fmt: skip


def judge_legal_basis(facts: Facts) -> Iterator[Verdict]:
    """Yield instruments that were not in force for the year reported on."""
    rule = "s_legal_basis_outdated"
    year = facts.record.identity.year
    if year is None:
        yield open_question(rule)
        return
    pattern = _OLD_BASIS if year > _LAST_OF_OLD else _NEW_BASIS
    cited = pattern.search(facts.text) if "号" in facts.text else None
    if cited and pattern is _OLD_BASIS and _NEW_BASIS.search(facts.text):
        # the old one is history where the one in force is cited too
        cited = None
    if cited is None:
        yield passed(rule)
        return
    yield Verdict(
        rule, "", "fail", observed=cited[0], evidence=(Evidence(cited[0]),),
        message_zh=f"{year} 年度报告引用了“{cited[0]}”，该文件不适用于这一年度。",
        message_en=f"The report on {year} cites {cited[0]}, which does not govern that year.",
    )  # fmt: skip
