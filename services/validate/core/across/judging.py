"""Judge a report beside its neighbours."""

from dataclasses import dataclass

from services.validate.core.across.family import Family
from services.validate.core.rulebook import Rulebook, load
from shared.report.issue import Judgement


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found beside the neighbours, and the report whose text this one shares, if any."""

    judgement: Judgement
    copied_from: str | None = None


def judge_across(family: Family, rulebook: Rulebook | None = None) -> Compared:
    """Return issues and checks of the rules that look at other reports."""
    del family
    return Compared(Judgement((), (), (rulebook or load()).version))
