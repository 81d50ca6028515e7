"""What is known about a report's neighbours, as values; whoever loads them decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from services.validate.core.across.wording import Wording, wording_of
from shared.report.record import Number, Record


@dataclass(frozen=True)
class Neighbour:
    """Another report beside the one that is judged: its current reading."""

    report_id: str
    record: Record

    @cached_property
    def wording(self) -> Wording:
        """What is compared of it where texts are alike."""
        return wording_of(self.report_id, self.record)


@dataclass(frozen=True, slots=True)
class Members:
    """What the members of a roll-up report together, in the same fiscal year.

    `largest` is the largest value of each address and the body that reports it; `sums` and `known`
    are the sum of the numbers and how many members give one. `count` members have filed. `complete`
    is True when an operator's list says who all the members are and each of them has filed;
    `lacking` names listed members that have not.
    """

    count: int
    largest: Mapping[str, tuple[Number, str]] = field(default_factory=dict)
    sums: Mapping[str, Number] = field(default_factory=dict)
    known: Mapping[str, int] = field(default_factory=dict)
    complete: bool = False
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """A report and what it is judged beside.

    `before` is the same body's report on the year before. `alike` lists, by section, reports that
    may share its text, in a fixed order: the year before, then bodies of the same year. `members`
    is there for a roll-up with at least one member on file. `own` is its own wording, made anew where
    it is not at hand.
    """

    report_id: str
    record: Record
    before: Neighbour | None = None
    alike: Mapping[int, tuple[Wording, ...]] = field(default_factory=dict)
    members: Members | None = None
    own: Wording | None = field(default=None, compare=False)


MEMBER_CELLS = (
    "applications.received_new@total", "applications.carried_over_in@total",
    "applications.granted@total", "applications.partially_granted@total",
    "applications.total@total", "applications.carried_over_out@total",
    "review_litigation.review@total", "review_litigation.litigation_direct@total",
    "review_litigation.litigation_after_review@total",
    "active_disclosure.licensing@decisions", "active_disclosure.penalty@decisions",
    "active_disclosure.coercion@decisions", "active_disclosure.fees@amount_wanyuan",
)  # fmt: skip
"""The cells that a roll-up is compared by with its members; both editions have all but the fees."""
