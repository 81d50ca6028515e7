"""Changes against last year that the text states, against the numbers of both reports."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from services.validate.core.across.beside import Pair, shown, torn
from services.validate.core.facts import SURELY_RECOGNISED
from services.validate.core.naming import number, split
from services.validate.core.narrative.lists import apart, decimals
from services.validate.core.narrative.readings import quantity_of, readings
from services.validate.core.narrative.view import Operand, View, quiet, tidy, untested
from services.validate.core.verdicts import Verdict
from shared.report.record import NarrativeFigure

RULE: Final = "n_yoy"
_LAST: Final = r"(?:上年|去年|上一年度?)"
_SINCE: Final = rf"(?:同比|与?{_LAST}(?:同期)?相比|[较比](?:{_LAST}|(?P<year>20\d\d)年)(?:同期)?)"
_BY: Final = r"[了约为达]*(?:[\d.．]|百分之)"
_UP: Final = re.compile(_SINCE + r"[^，,。；;]{0,6}(?:增长|增加|上升|提高|上涨|多)" + _BY)
_DOWN: Final = re.compile(_SINCE + r"[^，,。；;]{0,6}(?:下降|减少|降低|下滑|少)" + _BY)
_LEAD: Final = re.compile(r"[（(]?(?:申请|办理|总|数|量|件|均|则|且)*")
"""What may stand before the comparison: another subject would make it another quantity."""
_BRACKET: Final = re.compile(r"[（(][^（()）]+[）)][，,]?(?P<after>.+)", re.DOTALL)
_LEAVES_BRACKET: Final = re.compile(r"[^（(]*[）)]")
"""What is said after a bracket is not said of the figures in it."""
_REACH: Final = 8
_SAME_MEANING: Final = ("applications.", "review_litigation.")
_DECISIONS: Final = "@decisions"


class Growth(NamedTuple):
    """A stated change: its sign, the figure that gives it in per cent, the quantity that changed."""

    sign: int
    percent: NarrativeFigure
    quantity: NarrativeFigure


def judge_growth(pair: Pair) -> Iterator[Verdict]:
    """Yield a verdict for each stated change of a quantity that both reports give."""
    for growth in _stated(pair):
        yield _verdict(pair, growth)


def _stated(pair: Pair) -> Iterator[Growth]:
    """Yield the changes that stand right after the quantity they speak of (收到12件，同比增长20%)."""
    figures = pair.now.record.figures
    for quantity, percent in _followed(pair.views[0], figures):
        same = quantity.sentence is not None and quantity.sentence == percent.sentence
        if not same or not percent.comparison or percent.unit != "%" or percent.bound != "exact":
            continue
        if quantity.key is None or quantity.comparison or quantity.bound != "exact":
            continue
        if min(quantity.confidence, percent.confidence) < SURELY_RECOGNISED:
            continue
        sign = _sign(percent.text, pair)
        if sign:
            yield Growth(sign, percent, quantity)


def _followed(
    view: View, figures: Sequence[NarrativeFigure]
) -> Iterator[tuple[NarrativeFigure, NarrativeFigure]]:
    """Yield each figure with the next one, and with the one after a bracket (12件（含结转2件），同比…)."""
    for index, figure in enumerate(figures[:-1]):
        if figure.key is None:
            continue
        rest = view.rest_of_sentence(figure)
        between = rest.partition(figures[index + 1].text)[0]
        if _LEAVES_BRACKET.match(between) is None:
            yield figure, figures[index + 1]
        bracket = _BRACKET.match(rest)
        if bracket is None:
            continue
        for later in figures[index + 2 : index + _REACH]:
            if bracket["after"].startswith(later.text) and later.sentence == figure.sentence:
                yield figure, later
                break


def _sign(text: str, pair: Pair) -> int:
    """Return 1 where a clause says that its quantity grew since last year, -1 that it shrank, else 0."""
    up, down = _UP.search(text), _DOWN.search(text)
    told = up or down
    if told is None or (up and down) or not _LEAD.fullmatch(text[: told.start()]):
        return 0
    if told["year"] is not None and int(told["year"]) != pair.then.record.identity.year:
        return 0
    return 1 if up else -1


def _verdict(pair: Pair, growth: Growth) -> Verdict:
    percent = growth.percent
    scope = f"{percent.section or 0}:{percent.text}"
    now, _ = pair.views
    both = (growth.quantity, percent)
    if any(now.comparable(f.subject, f.text) != "yes" for f in both):
        return untested(RULE, scope, "the text may speak of another unit")
    if quantity_of(growth.quantity.key or "", now) is None:
        return untested(RULE, scope, "the quantity stands in no table")
    meant = [o for o in readings(now, growth.quantity) if o.value == growth.quantity.value]
    meant = [o for o in meant if _lasting(o)]
    before = _before(pair, growth.quantity, meant)
    if not meant or any(b.value is None for b in before) or len(before) < len(meant):
        return untested(RULE, scope, "this year's or last year's number is not known")
    bases = [float(b.value) for b in before if b.value]
    if not bases:
        return untested(RULE, scope, "nothing to compare with: last year there were none")
    value = float(growth.quantity.value)
    changes = [100 * (value / base - 1) for base in (*bases, *_told(pair, growth.quantity))]
    unit = 10.0 ** -decimals(percent)
    if any(abs(growth.sign * c - float(percent.value)) < unit + 1e-9 for c in changes):
        return quiet(RULE, scope)
    return _failed(pair, growth, next(b for b in before if b.value), changes[0])


def _lasting(operand: Operand) -> bool:
    """Tell whether a sum of cells means the same in every edition of the form."""
    return all(a.startswith(_SAME_MEANING) or a.endswith(_DECISIONS) for a in operand.addresses)


def _before(pair: Pair, quantity: NarrativeFigure, meant: list[Operand]) -> list[Operand]:
    """Return what the same sums came to last year; fewer where last year's form lacks one."""
    said = {o.said for o in meant}
    found = [o for o in readings(pair.views[1], quantity) if o.said in said]
    return [o for o in found if not any(torn(pair.then, split(a)[0]) for a in o.addresses)]


def _told(pair: Pair, quantity: NarrativeFigure) -> list[float]:
    """Return what last year's text gave for the same quantity: agencies compare with that too."""
    return [
        float(f.value) for f in pair.then.record.figures
        if f.key == quantity.key and not f.comparison and f.value and f.unit == quantity.unit
    ]  # fmt: skip


def _failed(pair: Pair, growth: Growth, base: Operand, change: float) -> Verdict:
    percent, quantity = growth.percent, growth.quantity
    stated = tidy(growth.sign * percent.value)
    true = apart(change, stated, decimals(percent))
    year = pair.then.record.identity.year
    here = next(o for o in readings(pair.views[0], quantity) if o.value == quantity.value).addresses
    was = number(tidy(base.value or 0))
    return Verdict(
        RULE, f"{percent.section or 0}:{percent.text}", "fail",
        addresses=here,
        expected=true, observed=stated, difference=tidy(stated - true),
        formula=f"{number(quantity.value)} / {was} - 1 = {number(true)}% ≠ {number(stated)}%",
        evidence=(
            *pair.views[0].evidence((quantity, percent), here), *shown(pair.then, base.addresses),
        ),
        message_zh=f"正文称“{percent.text}”；{year}年报告为 {was}，本年为 {number(quantity.value)}，"
        f"变化应为 {number(true)}%。",
        message_en=f"The text states a change of {number(stated)}%; from {was} in the report on {year} to"
        f" {number(quantity.value)} it is {number(true)}%.",
        origin=pair.origin(here, base.addresses),
    )  # fmt: skip
