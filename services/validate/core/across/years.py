"""The tables of one year against those of the year before."""

from collections.abc import Iterator
from typing import Final

from services.validate.core.across.beside import DOUBT, LACKING, Line, Pair, Term, judge_lines
from services.validate.core.facts import open_question, passed
from services.validate.core.naming import Name, cell_name, column_name, number, row_name
from services.validate.core.narrative.view import APPLICANTS, T2, T3, T4, tidy
from services.validate.core.rulebook import Rule
from services.validate.core.verdicts import Verdict
from shared.report.record import Edition, Number

_ITEM_ROWS: Final = ("licensing", "other_services", "penalty", "coercion", "fees")
_STOCK_ROWS: Final = ("regulations", "normative_documents")
_SERIES: Final = (
    f"{T2}.licensing@decisions", f"{T2}.penalty@decisions", f"{T2}.coercion@decisions",
    f"{T3}.received_new@total",
)  # fmt: skip
"""What both editions count in the same way."""
_AFTER: Final = f"{T4}.litigation_after_review@total"
_DECIDED: Final = tuple(f"{T4}.review@{c}" for c in ("maintained", "corrected", "other"))


def judge_carry_over(pair: Pair) -> Iterator[Verdict]:
    """Yield whether what was carried in is what was carried out the year before, by column."""
    rule = "xy_carry_over"
    edition = _found(pair, T3)
    if edition is None:
        yield open_question(rule, note=LACKING)
        return
    lines = (
        Line(
            column,
            column_name(edition, T3, "carried_over_in", column),
            Term(pair.now, f"{T3}.carried_over_in@{column}"),
            (Term(pair.then, f"{T3}.carried_over_out@{column}"),),
        )
        for column in (*APPLICANTS, "total")
    )
    year = pair.then.record.identity.year
    yield from judge_lines(pair, rule, lines, Name(
        f"上年结转应等于{year}年报告的结转下年度继续办理",
        f"What is carried over from last year differs from what the report on {year} carries over",
    ))  # fmt: skip


def judge_stock(pair: Pair) -> Iterator[Verdict]:
    """Yield whether the documents in force follow from last year's, both in the form of 2021."""
    rule = "t2_2021_stock_rollforward"
    if pair.edition(T2) != ("2021", "2021"):
        yield open_question(rule, note="not both reports are in the form of 2021")
        return
    lines = (
        Line(
            row,
            row_name("2021", T2, row),
            Term(pair.now, f"{T2}.{row}@in_force"),
            (
                Term(pair.then, f"{T2}.{row}@in_force"),
                Term(pair.now, f"{T2}.{row}@issued"),
                Term(pair.now, f"{T2}.{row}@repealed", -1),
            ),
        )
        for row in _STOCK_ROWS
    )
    year = pair.then.record.identity.year
    yield from judge_lines(pair, rule, lines, Name(
        f"现行有效件数应等于{year}年报告的现行有效件数加本年制发减本年废止",
        f"Documents in force do not follow from those of {year}, plus issued, minus repealed",
    ))  # fmt: skip


def judge_items(pair: Pair) -> Iterator[Verdict]:
    """Yield whether the prior items are last year's items and change, both in the form of 2019."""
    rule = "t2_2019_items_rollforward"
    if pair.edition(T2) != ("2019", "2019"):
        yield open_question(rule, note="not both reports are in the form of 2019")
        return
    lines = (
        Line(
            row,
            row_name("2019", T2, row),
            Term(pair.now, f"{T2}.{row}@prior_items"),
            (Term(pair.then, f"{T2}.{row}@prior_items"), Term(pair.then, f"{T2}.{row}@change")),
        )
        for row in _ITEM_ROWS
    )
    year = pair.then.record.identity.year
    yield from judge_lines(pair, rule, lines, Name(
        f"上一年项目数量应等于{year}年报告的上一年项目数量加本年增/减",
        f"Items of last year differ from what the report on {year} ends with",
    ))  # fmt: skip


def judge_outliers(pair: Pair, rule: Rule) -> Iterator[Verdict]:
    """Yield which comparable counts changed manifold; all of them are one finding."""
    times, floor = rule.number("times"), rule.number("floor")
    wild: list[str] = []
    for address in _SERIES:
        now, then = Term(pair.now, address).value, Term(pair.then, address).value
        if now is None or then is None:
            yield open_question(rule.id, address, LACKING)
        elif max(now, then) <= times * max(min(now, then), floor):
            yield passed(rule.id, address)
        else:
            wild.append(address)
    if wild:
        yield _outliers(pair, rule.id, wild)


def _outliers(pair: Pair, rule: str, wild: list[str]) -> Verdict:
    values = {a: (pair.then.values[a], pair.now.values[a]) for a in wild}
    names = {a: _name(pair, a) for a in wild}
    first, (then, now) = next(iter(values.items()))
    origin = pair.origin(wild, wild)
    doubt = DOUBT if origin == "extraction" else Name("", "")
    year = pair.then.record.identity.year
    zh = "、".join(f"{names[a].zh}由 {number(b)} 变为 {number(n)}" for a, (b, n) in values.items())
    en = ", ".join(f"{names[a].en} {number(b)} → {number(n)}" for a, (b, n) in values.items())
    return Verdict(
        rule, "", "fail",
        addresses=tuple(wild),
        expected=then, observed=now, difference=tidy(now - then),
        formula=f"{names[first].zh}：{number(then)} → {number(now)}",
        evidence=pair.evidence(wild, wild),
        message_zh=f"与{year}年报告相比变化悬殊，请核对：{zh}。{doubt.zh}",
        message_en=f"Very unlike the report on {year}: {en}.{doubt.en}",
        origin=origin,
    )  # fmt: skip


def _name(pair: Pair, address: str) -> Name:
    edition = pair.now.edition(address.partition(".")[0])
    return Name(address, address) if edition is None else cell_name(edition, address)


def judge_after_review(pair: Pair) -> Iterator[Verdict]:
    """Yield whether suits after review are no more than the reviews decided in both years."""
    rule = "t4_after_le_review"
    suits = Term(pair.now, _AFTER).value
    decided = [Term(facts, a).value for facts in (pair.now, pair.then) for a in _DECIDED]
    known = [v for v in decided if v is not None]
    if suits is None or len(known) < len(decided):
        yield open_question(rule, note=LACKING)
        return
    bound = tidy(sum(known))
    if suits <= bound:
        yield passed(rule)
    else:
        yield _too_many_suits(pair, rule, suits, bound)


def _too_many_suits(pair: Pair, rule: str, suits: Number, bound: Number) -> Verdict:
    here = (_AFTER, *_DECIDED)
    return Verdict(
        rule, "", "fail",
        addresses=here,
        expected=bound, observed=suits, difference=tidy(suits - bound),
        formula=f"{number(suits)} > {number(bound)}",
        evidence=pair.evidence(here, _DECIDED),
        message_zh=f"复议后起诉 {number(suits)} 件，多于本年与上年审结的行政复议共 {number(bound)} 件"
        "（经其他机关复议或更早的复议除外）。",
        message_en=f"{number(suits)} suits after review, but only {number(bound)} reviews were decided this year"
        " and last (reviews by other organs or of earlier years apart).",
        origin=pair.origin(here, _DECIDED),
    )  # fmt: skip


def _found(pair: Pair, table: str) -> Edition | None:
    """Return this year's edition of a table, None where either report has none."""
    now, then = pair.edition(table)
    return now if then is not None else None
