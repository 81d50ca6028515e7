"""One example of a rule as data."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.report.issue import Origin, Severity, Status
from shared.report.record import Edition


class Example(BaseModel):
    """A clean report with changes, and whether the rule finds something in it.

    What the entries mean stands in `services.validate.core.examples.building`. `at`, `severity`,
    `origin` and `status` are what the finding, or a check of the rule, must say besides; `enable`
    switches the rule on first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str
    name: str = Field(min_length=1)
    finds: bool
    edition: Edition = "2021"
    base: Literal["clean", "zero"] = "clean"
    damaged: bool = False
    arbitrated: tuple[str, ...] = ()
    today: date | None = None
    enable: bool = False
    at: tuple[str, ...] = ()
    severity: Severity | None = None
    origin: Origin | None = None
    status: Status | None = None
    cells: dict[str, Any] = {}
    identity: dict[str, Any] = {}
    sections: dict[str, Any] = {}
    figures: tuple[dict[str, Any], ...] = ()
    claims: tuple[dict[str, Any], ...] = ()
    observations: tuple[dict[str, Any], ...] = ()
    leftovers: tuple[dict[str, Any], ...] = ()
    record: dict[str, Any] = {}
