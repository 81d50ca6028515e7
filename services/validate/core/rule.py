"""One rule as data, and what a deployment may change about it."""

from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.validate.core.faults import Impossible
from services.validate.core.kinds import Kind, compiled
from shared.forms import EDITIONS
from shared.report.issue import Origin, Severity
from shared.report.record import Edition


class Rule(BaseModel):
    """One rule. Ids are those of the field's catalogue; sentences are for clerks.

    `first_year` and `last_year` bound the fiscal years it holds for. `needs` marks rules that look
    at other reports and are not run on a single one. `forced_severity` is a deployment's own level
    and wins over whatever the rule would say.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    version: int = Field(default=1, ge=1)
    says_zh: str = Field(min_length=4)
    says_en: str = Field(min_length=4)
    legal_basis: str | None = None
    editions: tuple[Edition, ...] = EDITIONS
    first_year: int | None = None
    last_year: int | None = None
    severity: Severity
    origin: Origin = "source"
    kind: Kind
    parameters: dict[str, Any] = {}
    needs: Literal["other_reports"] | None = None
    enabled: bool = True
    forced_severity: Severity | None = None

    def number(self, name: str) -> float:
        """Return a numeric parameter; raises `Impossible` when it is none."""
        value = self.parameters.get(name)
        if not isinstance(value, int | float):
            raise Impossible(f"参数 {name} 须为数字", f"parameter {name} must be a number")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """Return a parameter that lists words; raises `Impossible` when it does not."""
        value = self.parameters.get(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(w, str) for w in value):
            raise Impossible(
                f"参数 {name} 须为词语列表", f"parameter {name} must be a list of words"
            )
        return tuple(value)

    @cached_property
    def compiled(self) -> BaseModel:
        """The parameters in the shape of the rule's kind; raises pydantic's ValidationError."""
        return compiled(self.kind, self.parameters)

    @property
    def level(self) -> Severity:
        """How serious a finding is here: the deployment's word before the rule's own."""
        return self.forced_severity or self.severity

    def applies_to(self, year: int | None) -> bool:
        """Tell whether the rule is switched on and holds for a fiscal year (unknown: it does)."""
        if not self.enabled or self.needs is not None:
            return False
        if year is None:
            return self.first_year is None
        return (self.first_year is None or self.first_year <= year) and (
            self.last_year is None or year <= self.last_year
        )


class Override(BaseModel):
    """What a deployment may change about a rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool | None = None
    severity: Severity | None = None
    parameters: dict[str, Any] = {}


class Refusal(BaseModel):
    """A comparison that looks like a rule and is none, with the reason; kept so that nobody adds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    says_zh: str
    says_en: str


def changed(rule: Rule, override: Override) -> Rule:
    """Return the rule with a deployment's changes, its new parameters unchecked."""
    # made anew: a copy would keep what was compiled from the old parameters
    return Rule.model_validate(
        rule.model_dump()
        | {
            "enabled": rule.enabled if override.enabled is None else override.enabled,
            "forced_severity": override.severity or rule.forced_severity,
            "parameters": {**rule.parameters, **override.parameters},
        }
    )
