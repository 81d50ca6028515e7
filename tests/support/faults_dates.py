"""Faults of dates, years and the statistical period."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from tests.support.planting import replaced, touching
from tests.support.truth import Expected, Truth

TODAY = date(2026, 6, 30)
"""The day on which the reports of a measurement are judged."""


@touching("date", "who")
def late(truth: Truth, rng: Random) -> Truth | None:
    """Publish after the deadline of the kind of agency."""
    month = 4 if truth.scope == "roll_up" else 3
    day = date(truth.year + 1, month, rng.randint(4, 28))
    return replace(truth, published_on=day).expecting(Expected("d_deadline"))


@touching("date", "year")
def wrong_year(truth: Truth, rng: Random) -> Truth | None:
    """Sign in January of the year reported on, as clerks do after New Year."""
    day = date(truth.year, 1, rng.randint(5, 28))
    return replace(truth, published_on=day).expecting(Expected("d_before_period_end"))


@touching("date", "year")
def signed_in_december(truth: Truth, rng: Random) -> Truth | None:
    """Date the report on one of the last days of the year it reports on."""
    day = date(truth.year, 12, rng.randint(20, 31))
    return replace(truth, published_on=day).expecting(Expected("d_before_period_end"))


@touching("date", "year")
def future_date(truth: Truth, rng: Random) -> Truth | None:
    """Sign on a day that has not come yet."""
    day = TODAY + timedelta(days=rng.randint(10, 150))
    return replace(truth, published_on=day).expecting(Expected("d_future_date"))


@touching("date", "signature")
def no_date(truth: Truth, rng: Random) -> Truth | None:
    """Leave out signature and date."""
    return replace(truth, published_on=None, signature=None).expecting(Expected("d_date_missing"))


@touching("preamble", "year")
def year_conflict(truth: Truth, rng: Random) -> Truth | None:
    """State a statistical period of another year than the title."""
    wrong = truth.year - 1
    text = f"本报告所列数据的统计期限为{wrong}年1月1日至{wrong}年12月31日。"
    return replace(truth, preamble=(text,)).expecting(Expected("d_year_conflict"))


@touching("preamble", "year")
def short_period(truth: Truth, rng: Random) -> Truth | None:
    """State a period that is not the whole year."""
    end = rng.choice(("11月30日", "12月25日", "10月31日"))
    text = f"本报告所列数据的统计期限为{truth.year}年1月1日至{truth.year}年{end}。"
    return replace(truth, preamble=(text,)).expecting(Expected("d_period_wrong"))


@touching("preamble")
def no_period(truth: Truth, rng: Random) -> Truth | None:
    """Say nothing on the statistical period."""
    kept = tuple(
        t
        for p in truth.preamble
        for t in (p.partition("本报告所列")[0].partition("报告中")[0],)
        if t
    )
    return replace(truth, preamble=kept).expecting(Expected("d_period_statement_missing"))


@touching("opening", "year")
def stale_year(truth: Truth, rng: Random) -> Truth | None:
    """Open section one with the year before, as a text that was copied does."""
    opening = truth.parts[0].before[0]
    changed = replaced(
        truth, opening, opening.replace(f"{truth.year}年，", f"{truth.year - 1}年，", 1)
    )
    return changed and changed.expecting(Expected("xy_stale_year"))
