"""Rules about the date of publication, the statistical period and the years a report names."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from services.validate.core.facts import Facts, open_question, passed
from services.validate.core.verdicts import Verdict
from shared.report.characters import fold
from shared.report.document import Place
from shared.report.issue import Evidence, Severity
from shared.report.record import Identity, YearMention

_SOURCES_ZH = {"signature": "落款", "header": "页眉", "text": "正文", None: "文中"}
_SOURCES_EN = {"signature": "signature", "header": "page header", "text": "text", None: "text"}
_CONFLICT_SEVERITY: dict[str, Severity] = {
    "title": "warning", "period": "error", "signature": "warning", "file_name": "info"
}  # fmt: skip
_OPENING = re.compile(r"\s*(20\d\d)\s*年度?\s*(?:[，,]|(?=[我本全]))")
_OLDEST = 3
"""A text so many years old is taken over; an older year is history."""
_SOON = 150
"""Characters within which the year reported on follows where the opening only looks back."""
_SPRING = 3
"""Reports on the year before are published in January to March."""


class Deadline(NamedTuple):
    """The last day of publication; `soft` where the law itself does not name the body."""

    day: date
    soft: bool


def deadline_of(who: Identity, year: int) -> Deadline | None:
    """Return the deadline of a body for a fiscal year; None when the body is not known."""
    if who.scope == "roll_up" or who.kind == "government":
        return Deadline(date(year + 1, 3, 31), soft=False)
    if who.kind in ("department", "government_office"):
        return Deadline(date(year + 1, 1, 31), soft=False)
    if who.kind is None and who.level is None:
        return None
    return Deadline(date(year + 1, 1, 31), soft=True)


def judge_dates(facts: Facts) -> Iterator[Verdict]:
    """Yield verdicts on the date of publication against the year reported on."""
    who = facts.record.identity
    day, year = who.published_on, who.year
    if day is None or year is None:
        for rule in ("d_deadline", "d_before_period_end", "d_future_date"):
            yield open_question(rule, note="no date or no year")
        return
    too_early = _before_period_end(facts, day, year)
    yield too_early
    future = facts.today is not None and day > facts.today
    yield _future(facts, day) if future else passed("d_future_date")
    if future or (too_early.status == "fail" and too_early.severity != "info"):
        yield open_question("d_deadline", note="the printed date is impossible")
    else:
        yield _deadline(facts, day, year)


def _printed(facts: Facts, day: date) -> tuple[Evidence, ...]:
    who = facts.record.identity
    return (Evidence(who.published_raw or day.isoformat(), None, Place(line=who.published_line)),)


def _before_period_end(facts: Facts, day: date, year: int) -> Verdict:
    rule = "d_before_period_end"
    if day >= date(year, 12, 31):
        # dated on the very last day: possible, worth a look
        if day > date(year, 12, 31):
            return passed(rule)
        severity: Severity = "info"
    elif day >= date(year, 12, 20):
        severity = "info"
    else:
        sure = facts.record.identity.published_source != "text"
        severity = "error" if sure and day < date(year, 12, 1) else "warning"
    likely = _likely_date(day, year)
    advice = f"疑为 {likely.isoformat()} / probably {likely.isoformat()}" if likely else None
    return Verdict(
        rule, "", "fail", expected=f">= {year}-12-31", observed=day.isoformat(),
        formula=f"{day.isoformat()} < {year + 1}-01-01", evidence=_printed(facts, day),
        message_zh=f"{year} 年度报告的日期为 {day.isoformat()}，当时统计年度尚未结束"
        f"{'，年份很可能写错' if severity == 'error' else ''}。",
        message_en=f"The report on {year} is dated {day.isoformat()}, before the year had ended"
        f"{'; the year is probably mistyped' if severity == 'error' else ''}.",
        severity=severity, suggestion=advice,
    )  # fmt: skip


def _likely_date(day: date, year: int) -> date | None:
    """Return the same day of the following spring: the usual slip in January."""
    if day.year != year or day.month > _SPRING or (day.month, day.day) == (2, 29):
        return None
    return day.replace(year=year + 1)


def _future(facts: Facts, day: date) -> Verdict:
    assert facts.today is not None
    return Verdict(
        "d_future_date", "", "fail", expected=f"<= {facts.today.isoformat()}",
        observed=day.isoformat(), evidence=_printed(facts, day),
        message_zh=f"报告日期 {day.isoformat()} 晚于今天（{facts.today.isoformat()}）。",
        message_en=f"The report is dated {day.isoformat()}, after today ({facts.today.isoformat()}).",
    )  # fmt: skip


def _deadline(facts: Facts, day: date, year: int) -> Verdict:
    rule = "d_deadline"
    who = facts.record.identity
    deadline = deadline_of(who, year)
    if deadline is None:
        return open_question(rule, note="the body is not known")
    if day <= deadline.day:
        return passed(rule)
    late = (day - deadline.day).days
    # a page's own date is often that of a later migration of the site
    migrated = who.published_source != "signature" and day.year > year + 1
    severity: Severity | None = "info" if deadline.soft or migrated else None
    source_zh, source_en = _SOURCES_ZH[who.published_source], _SOURCES_EN[who.published_source]
    return Verdict(
        rule, "", "fail", expected=deadline.day.isoformat(), observed=day.isoformat(),
        difference=late, formula=f"{day.isoformat()} > {deadline.day.isoformat()}",
        evidence=_printed(facts, day),
        message_zh=f"报告日期 {day.isoformat()}（取自{source_zh}）比期限 {deadline.day.isoformat()} 晚 {late} 天"
        f"{'；也可能是网页迁移日期' if migrated else ''}。",
        message_en=f"Dated {day.isoformat()} (from the {source_en}), {late} days after the deadline "
        f"{deadline.day.isoformat()}{'; maybe the date of a site migration' if migrated else ''}.",
        severity=severity,
    )  # fmt: skip


def judge_years(facts: Facts) -> Iterator[Verdict]:
    """Yield years in title, period, signature and file name that cannot all be right."""
    who = facts.record.identity
    rule = "d_year_conflict"
    titles = [m for m in who.years if m.source == "title"]
    base = titles[0].year if titles else who.year
    if base is None:
        yield open_question(rule)
        return
    found = [m for m in who.years if _conflicts(m, base, who)]
    if not found:
        yield passed(rule)
    for mention in found:
        yield _year_conflict(mention, base)
    yield from _stale(facts, base)


def _conflicts(mention: YearMention, base: int, who: Identity) -> bool:
    if mention.source in ("title", "period"):
        return mention.year != base
    if mention.source == "file_name":
        # files are named after the year reported on or the year of publication
        return mention.year not in (base, base + 1)
    # a signature within the year is an impossible date; a later one is late, unless it falls into
    # the season of another year's reports
    in_season = who.published_on is not None and who.published_on.month <= _SPRING
    return mention.source == "signature" and mention.year >= base + 2 and in_season


def _year_conflict(mention: YearMention, base: int) -> Verdict:
    names = {
        "title": ("标题另一处", "elsewhere in the title"),
        "period": ("统计期限", "the statistical period"),
        "signature": ("落款", "the signature"),
        "file_name": ("文件名", "the file name"),
    }
    zh, en = names[mention.source]
    severity = _CONFLICT_SEVERITY[mention.source]
    return Verdict(
        "d_year_conflict", mention.source, "fail", expected=base, observed=mention.year,
        difference=mention.year - base,
        evidence=(Evidence(mention.text, None, Place(line=mention.line)),),
        message_zh=f"标题为 {base} 年度，{zh}却是 {mention.year} 年（“{mention.text}”）。",
        message_en=f"The title says {base}, but {en} says {mention.year} ({mention.text}).",
        severity=severity,
    )  # fmt: skip


def _stale(facts: Facts, base: int) -> Iterator[Verdict]:
    """Section one that opens with the year before was probably copied from last year's report."""
    rule = "xy_stale_year"
    openings = [m for m in facts.record.identity.years if m.source == "opening"]
    text = facts.section_text(1)
    if not openings or text is None:
        return
    # 2019年修订的 or 2019年以来 is history: only "2019年，" speaks of the year reported on
    opens = _OPENING.match(text)
    told = 0 if opens is None else int(opens[1])
    if not base - _OLDEST <= told < base:
        yield passed(rule)
        return
    mention = openings[0]
    looks_back = f"{base}年" in fold(text[: 2 * _SOON])[:_SOON]
    yield Verdict(
        rule, "", "fail", expected=base, observed=told, difference=told - base,
        evidence=(Evidence(mention.text, None, Place(line=mention.line)),),
        message_zh=f"{base} 年度报告的总体情况以“{told}年”开头，疑沿用往年文本。",
        message_en=f"The report on {base} opens section one with {told}: "
        "text of an earlier year seems to have been reused.",
        severity="info" if looks_back else None,
    )  # fmt: skip


def judge_period(facts: Facts) -> Iterator[Verdict]:
    """Yield a stated period that is not the whole fiscal year."""
    who = facts.record.identity
    period, rule = who.period, "d_period_wrong"
    if period is None:
        return
    if period.start is None or period.end is None or who.year is None:
        yield open_question(rule, note="the period cannot be read in full")
        return
    whole = date(who.year, 1, 1), date(who.year, 12, 31)
    other_year = period.start.year == period.end.year != who.year
    if (period.start, period.end) == whole or other_year:
        # a whole other year is a conflict of years, not a wrong period
        yield passed(rule)
        return
    yield Verdict(
        rule, "", "fail", expected=f"{whole[0].isoformat()} – {whole[1].isoformat()}",
        observed=f"{period.start.isoformat()} – {period.end.isoformat()}",
        evidence=(Evidence(period.text, None, Place(line=period.line)),),
        message_zh=f"统计期限应为 {who.year} 年 1 月 1 日至 12 月 31 日，文中为“{period.text}”。",
        message_en=f"The period should be 1 January to 31 December {who.year}; the report says {period.text}.",
    )  # fmt: skip
