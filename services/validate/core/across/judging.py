"""Judge a report beside its neighbours: every rule that looks at more than one report."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from services.validate.core.across import growth, rollup, texts, years
from services.validate.core.across.beside import Pair
from services.validate.core.across.family import Family
from services.validate.core.across.wording import wording_of
from services.validate.core.facts import Facts, gather, open_question
from services.validate.core.judging import concluded
from services.validate.core.rulebook import Rulebook, load
from services.validate.core.verdicts import Verdict
from shared.report.issue import Judgement
from shared.report.values import value

_OF_TWO_YEARS: Final = (
    "xy_carry_over", "t2_2021_stock_rollforward", "t2_2019_items_rollforward", "t2_outlier", "t4_after_le_review",
)  # fmt: skip
NO_YEAR_BEFORE: Final = "the year before is not on file"


@value
class Compared:
    """What looking at the neighbours gives.

    `copies` are the ids of the reports whose text this one shares, `copied_from` the first of them.
    `beside` names the reports that were looked at, each once, the year before first.
    """

    judgement: Judgement
    copies: tuple[str, ...]
    beside: tuple[str, ...]

    @property
    def copied_from(self) -> str | None:
        """The first report whose text this one shares, if any."""
        return self.copies[0] if self.copies else None


def compare(family: Family, rulebook: Rulebook | None = None) -> Compared:
    """Judge a report beside its neighbours; the same family and rulebook give the same result."""
    book = rulebook or load()
    active = across_rules(book, family.record.identity.year)
    facts = gather(family.record, book, None)
    verdicts = [v for v in _of_years(facts, family, book) if v.rule in active]
    found: tuple[str, ...] = ()
    if "xy_duplicate_text" in active:
        rule = book.rule("xy_duplicate_text")
        own = family.own or wording_of(family.report_id, family.record)
        copies = texts.find_copies(family, own, rule)
        found = tuple(dict.fromkeys(copy.other.report_id for copy in copies))
        verdicts.append(texts.judge_texts(facts, own, rule, texts.first_copies(copies)))
    verdicts += [v for v in _of_members(facts, family) if v.rule in active]
    judgement = concluded(family.report_id, family.record, book, verdicts)
    return Compared(judgement, found, _beside(family))


def judge_across(family: Family, rulebook: Rulebook | None = None) -> Judgement:
    """Return the issues and checks of every rule that looks at more than one report."""
    return compare(family, rulebook).judgement


@lru_cache(maxsize=64)
def across_rules(book: Rulebook, year: int | None) -> frozenset[str]:
    """Return the ids of the rules that are run on a report of this fiscal year beside others."""
    # a rule knows its years; asked as if it needed nothing else
    alone = (r.model_copy(update={"needs": None}) for r in book.rules if r.needs is not None)
    return frozenset(rule.id for rule in alone if rule.applies_to(year))


def _of_years(facts: Facts, family: Family, book: Rulebook) -> Iterator[Verdict]:
    pair = _pair(facts, family, book)
    if pair is None:
        yield from (open_question(rule, note=NO_YEAR_BEFORE) for rule in _OF_TWO_YEARS)
        return
    yield from years.judge_carry_over(pair)
    yield from years.judge_stock(pair)
    yield from years.judge_items(pair)
    outlier = book.get("t2_outlier")
    if outlier is not None:
        yield from years.judge_outliers(pair, outlier)
    yield from years.judge_after_review(pair)
    yield from growth.judge_growth(pair)


def _pair(facts: Facts, family: Family, book: Rulebook) -> Pair | None:
    """Return both years side by side; None unless the earlier one is the same body's year before."""
    if family.before is None:
        return None
    now, then = family.record.identity, family.before.record.identity
    if now.year is None or then.year != now.year - 1 or now.scope != then.scope:
        return None
    return Pair(facts, gather(family.before.record, book, None))


def _of_members(facts: Facts, family: Family) -> Iterator[Verdict]:
    members = family.members
    if family.record.identity.scope != "roll_up" or members is None or not members.count:
        return
    yield from rollup.judge_roll_up(facts, members)


def _beside(family: Family) -> tuple[str, ...]:
    before = [family.before.report_id] if family.before is not None else []
    alike = [other.report_id for n in sorted(family.alike) for other in family.alike[n]]
    return tuple(i for i in dict.fromkeys((*before, *alike)) if i != family.report_id)
