"""What people decide: about issues, about cells, and who is expected to report."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from shared.contracts.edge import Moment, check_numbers
from shared.contracts.events import Event
from shared.report.identity import fingerprint
from shared.report.record import CellState, Number

Verdict = Literal["confirm", "dismiss", "reopen"]
"""confirm: the issue is right · dismiss: it is not, or does not matter · reopen: undecided again."""


class _Reviewed(Event):
    """One act of a reviewer: who, when, and why."""

    by: str
    at: Moment
    note: str | None = None


class IssueDecided(_Reviewed):
    """A reviewer's decision on an issue; the latest one by `at` stands, earlier ones stay on record."""

    type: ClassVar[str] = "gouji.review.decided.v1"
    subject: ClassVar[str] = "gouji.v1.review.decided"

    issue_id: str
    report_id: str
    verdict: Verdict

    @property
    def id(self) -> str:
        """The decision's own id: the same act told twice is one."""
        return fingerprint("decision", self.issue_id, self.verdict, self.by, self.at.isoformat())

    def message_id(self) -> str:
        """Return an id per decision."""
        return f"{self.id}:{self.type}"


class CellCorrected(_Reviewed):
    """A reviewer's reading of one cell of a document, in place of ours; both stay on record."""

    type: ClassVar[str] = "gouji.review.corrected.v1"
    subject: ClassVar[str] = "gouji.v1.review.corrected"

    report_id: str
    address: str
    state: CellState
    value: Number | None = None
    unit: str | None = None
    was_state: CellState | None = None
    was_value: Number | None = None

    @model_validator(mode="after")
    def _value_fits_state(self) -> "CellCorrected":
        if (self.state == "number") != (self.value is not None):
            raise ValueError("a value belongs to the state number, and to no other")
        check_numbers((self.value, self.was_value))
        return self

    @property
    def id(self) -> str:
        """The correction's own id: the same act told twice is one."""
        return fingerprint(
            "correction", self.document_id, self.address, self.state, self.value, self.unit,
            self.by, self.at.isoformat(),
        )  # fmt: skip

    def message_id(self) -> str:
        """Return an id per correction."""
        return f"{self.id}:{self.type}"


class ListedAgency(BaseModel):
    """One body that is expected to report.

    `series` joins it with its reports (`shared.report.series`); `parent` is the series of the
    government whose roll-up contains it. `since` and `until` are fiscal years, both included.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    series: str
    agency: str
    region_code: str | None = None
    region: str = ""
    level: str | None = None
    kind: str | None = None
    scope: Literal["own", "roll_up"] = "own"
    parent: str | None = None
    since: int | None = None
    until: int | None = None


class AgenciesListed(_Reviewed):
    """An operator's list of the bodies that must report; a list of the same name replaces the earlier.

    `document_id` is the sha256 of the file it came from. `complete`: nobody else reports below the
    parents it names, so that a roll-up must equal the sum of its members.
    """

    type: ClassVar[str] = "gouji.review.agencies.v1"
    subject: ClassVar[str] = "gouji.v1.review.agencies"

    name: str
    complete: bool = False
    agencies: tuple[ListedAgency, ...]

    def message_id(self) -> str:
        """Return an id per list and act."""
        return f"{self.name}:{self.document_id}:{self.type}:{self.at.isoformat()}"


REVIEW_EVENTS: tuple[type[Event], ...] = (IssueDecided, CellCorrected, AgenciesListed)
"""Events of the REVIEWS stream."""
