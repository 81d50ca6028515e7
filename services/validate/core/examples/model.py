"""Examples of a rule as data: of one report, or of a report and what stands beside it."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.report.issue import Origin, Severity, Status
from shared.report.record import Edition, Number

_STRICT = ConfigDict(frozen=True, extra="forbid")


class Told(BaseModel):
    """One made-up report: the clean one with changes.

    What the entries mean stands in `services.validate.core.examples.building`.
    """

    model_config = _STRICT

    edition: Edition = "2021"
    base: Literal["clean", "zero"] = "clean"
    damaged: bool = False
    arbitrated: tuple[str, ...] = ()
    cells: dict[str, Any] = {}
    identity: dict[str, Any] = {}
    sections: dict[str, Any] = {}
    figures: tuple[dict[str, Any], ...] = ()
    claims: tuple[dict[str, Any], ...] = ()
    observations: tuple[dict[str, Any], ...] = ()
    leftovers: tuple[dict[str, Any], ...] = ()
    record: dict[str, Any] = {}


class Shown(BaseModel):
    """What an example shows: its rule, and whether the rule finds something.

    `at`, `severity`, `origin` and `status` are what the finding, or a check of the rule, must say
    besides; `enable` switches the rule on first.
    """

    model_config = _STRICT

    rule: str
    name: str = Field(min_length=1)
    finds: bool
    enable: bool = False
    at: tuple[str, ...] = ()
    severity: Severity | None = None
    origin: Origin | None = None
    status: Status | None = None


class Example(Told, Shown):
    """A clean report with changes, and whether the rule finds something in it."""

    today: date | None = None


class ToldBefore(Told):
    """The same body's report on the year before; `shares` are the sections in which it may be copied."""

    shares: tuple[int, ...] = ()


class ToldAlike(Told):
    """Another report whose text may be alike in the sections of `shares`."""

    id: str = Field(min_length=1)
    shares: tuple[int, ...] = (1, 5)


class ToldMembers(BaseModel):
    """What the members of a roll-up report together, as in `Members` of `core.across.family`."""

    model_config = _STRICT

    count: int = Field(ge=0)
    largest: dict[str, tuple[Number, str]] = {}
    sums: dict[str, Number] = {}
    known: dict[str, int] = {}
    complete: bool = False
    lacking: tuple[str, ...] = ()


class FamilyExample(Shown):
    """A report beside others, and whether the rule finds something in it.

    `copied_from` is the id of the report whose text must be named as the original: `before`, or
    that of one of `alike`.
    """

    report: Told = Told()
    before: ToldBefore | None = None
    alike: tuple[ToldAlike, ...] = ()
    members: ToldMembers | None = None
    copied_from: str | None = None


AnyExample = Example | FamilyExample


class Unshown(BaseModel):
    """A rule that no example can show, and why: it is judged without a report."""

    model_config = _STRICT

    rule: str
    why_zh: str = Field(min_length=4)
    why_en: str = Field(min_length=4)
