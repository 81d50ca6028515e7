"""Families for examples of the rules that look at more than one report.

An example, in rulebook/examples/across.toml, reads:

    [[cases]]
    rule, name, finds                   # the rule, what the case shows, whether the rule fails
    at, severity, origin, status        # as for one report (see `building`)
    copied_from = "sister"              # the report whose text was taken over (optional)
    [cases.report]                      # the report that is judged: cells, identity, sections … as in `building`
    [cases.before]                      # the same body on the year before: the year is set unless told;
                                        # shares = [1] puts it first among the texts alike, by section
    [[cases.alike]]                     # other reports: id, shares (sections, 1 and 5 unless told), the rest as there
    [cases.members]                     # fields of Members; largest as address = [number, body]

A text of a section that begins with @ is one of the file's [texts].
"""

from typing import Final

from services.validate.core.across.family import Family, Members, Neighbour
from services.validate.core.across.wording import Wording
from services.validate.core.examples.building import build, sound
from services.validate.core.examples.model import FamilyExample, Told, ToldBefore, ToldMembers
from shared.report.record import Record

REPORT: Final = "report"
BEFORE: Final = "before"
"""Report ids of the report that is judged and of the one on the year before."""
_NOT_OF_A_REPORT: Final = ("id", "shares")


def family(example: FamilyExample) -> Family:
    """Return the report of an example with what it is judged beside.

    Raises `Impossible` for a cell, a section or a field that there is not.
    """
    record = _report(example.report)
    alike: dict[int, list[Wording]] = {}
    before = None
    if example.before is not None:
        before = Neighbour(BEFORE, _report(_dated(example.before, record.identity.year)))
        for section in example.before.shares:
            alike.setdefault(section, []).append(before.wording)
    for other in example.alike:
        wording = Neighbour(other.id, _report(other)).wording
        for section in other.shares:
            alike.setdefault(section, []).append(wording)
    return Family(
        REPORT,
        record,
        before,
        {section: tuple(found) for section, found in alike.items()},
        None if example.members is None else _members(example.members),
    )


def _dated(told: ToldBefore, year: int | None) -> ToldBefore:
    """Return last year's report with its year, unless it is told."""
    identity = {"year": (year or 0) - 1, **told.identity}
    return told.model_copy(update={"identity": identity})


def _report(told: Told) -> Record:
    return sound(build(told.model_dump(exclude=set(_NOT_OF_A_REPORT), exclude_unset=True)))


def _members(told: ToldMembers) -> Members:
    return Members(
        told.count, told.largest, told.sums, told.known, told.complete, told.lacking
    )  # fmt: skip
